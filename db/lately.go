package db

import (
	"context"
	"sync"
	"time"

	"escutcheon/store"
)

// lately remembers for rankedFor what lists showed of hosts that a large import
// goes on changing: at a hundred hosts a list, what is yet to be stored of them
// would be made again for every reader.
type lately struct {
	mu    sync.Mutex
	brief map[latelyKey]latelyMade[store.Brief]
	risk  map[latelyKey]latelyMade[store.Risk]
}

type latelyKey struct{ rule, name string }

type latelyMade[V any] struct {
	v    V
	made time.Time
}

// mostLately is how many hosts are remembered.
const mostLately = 5_000

// forget is called when an analyst changed what is remembered: it shows at once.
func (l *lately) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brief, l.risk = nil, nil
}

// lateOf is what was made lately, or else is made now.
func lateOf[V any](l *lately, of *map[latelyKey]latelyMade[V], k latelyKey, makeIt func() (V, error)) (V, error) {
	l.mu.Lock()
	old, ok := (*of)[k]
	l.mu.Unlock()
	if ok && time.Since(old.made) < rankedFor {
		return old.v, nil
	}
	v, err := makeIt()
	if err != nil {
		return v, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if *of == nil || len(*of) >= mostLately {
		*of = map[latelyKey]latelyMade[V]{}
	}
	(*of)[k] = latelyMade[V]{v, time.Now()}
	return v, nil
}

// changing says that a large import goes on changing many hosts.
func changing(ctx context.Context, q conn) (bool, error) {
	due := 0
	err := one(ctx, q, `SELECT count(*) FROM (`+dueVerdicts+` LIMIT ?)`, []any{mostDue + 1}, &due)
	return due > mostDue, err
}
