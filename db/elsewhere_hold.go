package db

import (
	"context"
	"sync/atomic"
	"time"

	"escutcheon/fault"
)

// holdsFor is how long a write that has the turn waits for another store, less than others
// wait for the turn (see writer.begin). slowFor is when it is told that it waits.
const (
	holdsFor = 8 * time.Second
	slowFor  = 2 * time.Second
)

// hold bounds how long writes wait for a store that hangs while others wait for them.
type hold struct {
	most time.Duration
	hung atomic.Int64 // nanoseconds since 1970: until then it is not asked again
}

// during asks a store something while a write has the turn. After one that hung is waited
// for, nobody else is for as long: who writes what needs no event gets the turn meanwhile.
func (e *elsewhere) during(t *tx, ask func(ctx context.Context) error) error {
	if time.Now().UnixNano() < e.hold.hung.Load() {
		return fault.New(fault.Busy, "%s took longer than %v to answer, and is asked again in a moment. What was stored "+
			"before is whole; imports and feeds go on then.", e.address, e.hold.most)
	}
	ctx, cancel := context.WithTimeout(t.ctx, e.hold.most)
	defer cancel()
	slow := time.AfterFunc(slowFor, func() {
		if tell := t.w.onWait.Load(); tell != nil {
			(*tell)("Writes wait for " + e.address + ", which takes long to answer.")
		}
	})
	defer slow.Stop()
	err := ask(ctx)
	if err != nil && ctx.Err() != nil && t.ctx.Err() == nil {
		e.hold.hung.Store(time.Now().Add(e.hold.most).UnixNano())
	}
	return err
}
