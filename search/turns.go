package search

import (
	"context"
	"slices"
	"sync"
)

// turns has few searches run at a time. Others stand in a line.
type turns struct {
	mu   sync.Mutex
	free int
	line []*stand
}

// stand is one in the line; it may run when come is closed.
type stand struct{ come chan struct{} }

func newTurns(n int) *turns { return &turns{free: n} }

// enter takes a place, at the end of the line where none is free.
func (t *turns) enter() *stand {
	p := &stand{make(chan struct{})}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free > 0 {
		t.free--
		close(p.come)
	} else {
		t.line = append(t.line, p)
	}
	return p
}

// leave gives a place back, whether its turn has come or not.
func (t *turns) leave(p *stand) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at := slices.Index(t.line, p); at >= 0 {
		t.line = slices.Delete(t.line, at, at+1)
		return
	}
	if len(t.line) == 0 {
		t.free++
		return
	}
	close(t.line[0].come)
	t.line = slices.Delete(t.line, 0, 1)
}

// wait waits for the turn of a place; false when the context ends before.
func (t *turns) wait(ctx context.Context, p *stand) bool {
	select {
	case <-p.come:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// ahead is how many stand in the line before a place; -1 when its turn has come.
func (t *turns) ahead(p *stand) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Index(t.line, p)
}

// waiting is how many stand in the line.
func (t *turns) waiting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.line)
}
