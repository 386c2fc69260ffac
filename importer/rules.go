package importer

import (
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/intake"
)

// Rules are the rules that run, with an index that finds those an event may
// concern. They are read-only.
type Rules struct {
	list  []*detection.Rule
	index *spl.Index
}

// NewRules makes the index of rules.
func NewRules(list []*detection.Rule) *Rules {
	plans := make([]*spl.Plan, len(list))
	for i, r := range list {
		plans[i] = r.Plan
	}
	return &Rules{list, spl.NewIndex(plans)}
}

// Rules are all of them.
func (r *Rules) Rules() []*detection.Rule { return r.list }

// Match appends what the rules make of e.
func (r *Rules) Match(dst []intake.Match, at int, e *event.Event) []intake.Match {
	var room [16]int
	var parts [4]spl.Part
	for _, i := range r.index.Candidates(e, room[:0]) {
		for _, p := range r.list[i].Plan.Feed(e, parts[:0]) {
			dst = append(dst, intake.Match{Event: at, Rule: r.list[i], Part: p, Change: kindOf(e)})
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
