package importer

import (
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/intake"
)

// Rules are the rules that run, as the store asks them. They are read-only.
type Rules struct{ set *detection.Set }

// NewRules are the rules of a set.
func NewRules(set *detection.Set) *Rules { return &Rules{set} }

// Rules are all of them.
func (r *Rules) Rules() []*detection.Rule { return r.set.Rules }

// Match appends what the rules make of e.
func (r *Rules) Match(dst []intake.Match, at int, e *event.Event) []intake.Match {
	var room [16]int
	var parts [4]spl.Part
	for _, i := range r.set.Candidates(e, room[:0]) {
		for _, p := range r.set.Rules[i].Plan.Feed(e, parts[:0]) {
			dst = append(dst, intake.Match{Event: at, Rule: r.set.Rules[i], Part: p, Change: kindOf(e)})
		}
	}
	return dst
}

// kindOf is what a change to the IIS configuration is about; 0 for any other
// event.
func kindOf(e *event.Event) detection.Kind {
	c, ok := detection.ChangeOf(e)
	if !ok {
		return 0
	}
	return c.Kind
}
