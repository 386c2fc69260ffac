package spl

import (
	"fmt"
	"runtime/debug"
)

// Panic is what a plan threw while it worked: a fault of ours, whatever it worked on.
// What that was is not decided (Part.Undecided, Result.Doubt), as what takes more than
// it may is not.
type Panic struct {
	At    string // what it worked on
	Value any
	Stack string
}

// Panic is the first panic of the plan; nil where there was none.
func (p *Plan) Panic() *Panic { return p.panicked.Load() }

// Failed notes a panic, whose value was recovered.
func (p *Plan) Failed(v any, at string) {
	if p.panicked.Load() == nil {
		p.panicked.CompareAndSwap(nil, &Panic{at, v, string(debug.Stack())})
	}
}

// eventAt says which event it is, so that it can be found.
func eventAt(e Event) string {
	name := func(field string) string {
		v, _ := e.Get(field)
		return v[:min(len(v), 100)]
	}
	return fmt.Sprintf("the event %s of %q on %q", name("RecordNumber"), name("LogName"), name("ComputerName"))
}

// keyAt says which row it is.
func keyAt(key []string) string {
	text := fmt.Sprintf("the row of %q", key)
	return text[:min(len(text), 300)]
}
