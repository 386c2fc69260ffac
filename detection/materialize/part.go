package materialize

import (
	"math"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// Part is what some events of a finding come to. An event of which a rule makes
// several rows of one key counts as often.
type Part struct {
	State       *spl.State
	Count       int64
	First, Last int64          // second of the first and last event; no sense when Count is 0
	Change      detection.Kind // kinds of configuration change among them
}

// NewPart is what no event comes to.
func NewPart(r *detection.Rule) *Part {
	return &Part{State: r.Plan().New(), First: math.MaxInt64, Last: math.MinInt64}
}

// share is what one event adds to a finding.
type share struct {
	event  int64
	second int64
	part   spl.Part
	change detection.Kind
}

func (s *share) start() int64 { return detection.WindowOf(s.second).Start }

func (p *Part) add(s *share) {
	p.Count++
	p.First, p.Last = min(p.First, s.second), max(p.Last, s.second)
	p.State.Add(&s.part)
	p.Change |= s.change
}

func (p *Part) merge(o *Part) error {
	p.Count, p.Change = p.Count+o.Count, p.Change|o.Change
	p.First, p.Last = min(p.First, o.First), max(p.Last, o.Last)
	return p.State.Merge(o.State)
}

// show makes a finding's row of what it comes to.
func (f *Finding) show(row spl.Row, verdict spl.Verdict) {
	columns := f.Rule.Plan().Columns()
	f.Row, f.Dest, f.Verdict = make([]string, len(columns)), f.Rule.DestOf(row), verdict
	for i, c := range columns {
		f.Row[i], _ = row.Get(c)
	}
}
