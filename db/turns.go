package db

import (
	"container/heap"
	"context"
	"time"

	"escutcheon/store"
)

// turn is somebody who waits for a reader.
type turn struct {
	came time.Time // of the request
	ours chan struct{}
	at   int // in turns; -1: it is its turn
}

// turns is a heap, the request that came first on top.
type turns []*turn

func (t turns) Len() int           { return len(t) }
func (t turns) Less(i, j int) bool { return t[i].came.Before(t[j].came) }
func (t turns) Swap(i, j int)      { t[i], t[j] = t[j], t[i]; t[i].at, t[j].at = i, j }

// Push is heap.Interface's.
func (t *turns) Push(x any) {
	one := x.(*turn)
	one.at = len(*t)
	*t = append(*t, one)
}

// Pop is heap.Interface's.
func (t *turns) Pop() any {
	last := len(*t) - 1
	one := (*t)[last]
	(*t)[last], *t = nil, (*t)[:last]
	one.at = -1
	return one
}

// turn waits until a reader may be used, which leave ends.
func (p *pageReaders) turn(ctx context.Context) error {
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return nil
	}
	one := &turn{came: store.Came(ctx), ours: make(chan struct{})}
	heap.Push(&p.turns, one)
	p.mu.Unlock()
	select {
	case <-one.ours:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	gone := one.at >= 0
	if gone {
		heap.Remove(&p.turns, one.at)
	}
	p.mu.Unlock()
	if !gone { // it became its turn meanwhile
		p.leave()
	}
	return ctx.Err()
}

func (p *pageReaders) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.turns) == 0 {
		p.free++
		return
	}
	close(heap.Pop(&p.turns).(*turn).ours)
}
