package rulebook

import (
	"sync"

	"escutcheon/detection/spl"
	"escutcheon/fault"
)

// mostTries is how often rules are run over the stored events when that panics: until
// the rules change, or the next start, it is left alone then.
const mostTries = 2

// fails knows what was thrown.
type fails struct {
	mu    sync.Mutex
	tries int                 // that panicked
	told  map[*spl.Panic]bool // of rules
}

func (f *fails) stuck() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tries >= mostTries
}

// note notes an error where it is a panic.
func (f *fails) note(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.PanicOf(err) != nil {
		f.tries++
	}
	return err
}

func (f *fails) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries = 0
}

// tellPanics logs which rules panicked, each once.
func (b *Book) tellPanics() {
	b.fails.mu.Lock()
	defer b.fails.mu.Unlock()
	for _, r := range b.Rules().All() {
		p := r.Panic()
		if p == nil || b.fails.told[p] {
			continue
		}
		if b.fails.told == nil {
			b.fails.told = map[*spl.Panic]bool{}
		}
		b.fails.told[p] = true
		b.log.Error("a rule panicked", "rule", r.ID, "name", r.Name, "at", p.At, "err", p.Value, "stack", p.Stack)
	}
}

func (b *Book) logError(what string, err error) {
	if p := fault.PanicOf(err); p != nil {
		b.log.Error(what, "err", err, "stack", p.Stack)
		return
	}
	b.log.Error(what, "err", err)
}
