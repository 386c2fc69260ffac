package spl

import "time"

// timed is a command whose bounds of time count. With cut it chooses the events that
// a scan gives, which is bounded by in.
func (x *exec) timed(cmd Command, cut bool) (out Command, in *timeRange) {
	switch c := cmd.(type) {
	case *Search:
		y := *c
		y.Expr, in = settleTimes(c.Expr, x.opt.Now, cut)
		out = &y
	case *Tstats:
		y := *c
		y.Where, in = settleTimes(c.Where, x.opt.Now, cut)
		out = &y
	default:
		return cmd, nil
	}
	if !cut {
		in = nil
	}
	return out, in
}

// rangeOf is the time of the events that some stages start from.
func (x *exec) rangeOf(stages []stage) (from, to time.Time) {
	var in *timeRange
	for _, st := range stages {
		in = narrowed(in, st.times)
	}
	if in != nil {
		return in.from, in.to
	}
	return x.opt.Earliest, x.opt.Latest
}

func narrowed(a, b *timeRange) *timeRange {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	both := a.and(*b)
	return &both
}

// Range is the time of the events that a scan is about when its query is run with
// some options: what the search says itself goes before these.
func (q *Query) Range(s Scan, o Options) (earliest, latest time.Time) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	var in *timeRange
	if q.timed {
		for _, first := range [][]Expr{s.First, s.whens} {
			for _, cond := range first {
				_, r := settleTimes(cond, o.Now, true)
				in = narrowed(in, r)
			}
		}
	}
	if in == nil {
		return o.Earliest, o.Latest
	}
	return in.from, in.to
}
