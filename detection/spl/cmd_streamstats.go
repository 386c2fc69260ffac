package spl

import (
	"strconv"
	"time"

	"escutcheon/detection/spl/value"
)

// Streamstats gives each row the aggregates of the rows of its tuple of By
// fields up to it.
type Streamstats struct {
	Origin
	Aggregation
	Window  int           // of the last so many rows; 0 for all
	Time    time.Duration // of the rows so long before; 0 for all
	Current bool          // the row itself counts
}

var _ = register("streamstats", parseStreamstats)

// maxWindow bounds window=.
const maxWindow = 10_000

func parseStreamstats(p *parser, o Origin) (*Streamstats, *Error) {
	x := &Streamstats{Origin: o, Current: true}
	err := p.aggregation(&x.Aggregation, func(opt option) *Error { return x.option(p, opt) }, nil)
	if err == nil && x.Time > 0 && (x.Window > 0 || !x.Current) {
		err = refuse(x, "time_window", "is not supported together with window or current=f")
	}
	return x, err
}

// option reads current, window, time_window and global; a window over the rows of all
// tuples together (global) is not supported.
func (x *Streamstats) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "current":
		x.Current, err = p.truth(opt)
	case "window":
		n, e := strconv.Atoi(opt.value)
		if e != nil || n < 0 || n > maxWindow {
			return p.badOption(opt)
		}
		x.Window = n
	case "time_window":
		span, ok := value.ParseSpan(opt.value)
		if !ok || span.Every <= 0 {
			return p.badOption(opt)
		}
		x.Time = span.Every
	case "global":
		yes, err := p.truth(opt)
		if err != nil || yes && x.Window > 0 {
			return p.badOption(opt)
		}
	}
	return err
}

func (x *Streamstats) String() string {
	l := newLine(x.Origin).flag("current", x.Current, true).number("window", x.Window, 0)
	if x.Time > 0 {
		l.add("time_window=" + spanText(value.Span{Every: x.Time}))
	}
	return l.add(x.Aggregation.String()).String()
}

// Place is all rows.
func (x *Streamstats) Place() Place { return AllRows }

func (x *Streamstats) compile(c *compiler, in shape) (step, shape, *Error) {
	aggs, err := c.aggs(x, &x.Aggregation, in)
	run := &streamRun{statsRun{Aggregation: &x.Aggregation, aggs: aggs}, x.Window, x.Current}
	if x.Time > 0 {
		return step{all: newTimeRun(run, x.Time).all}, withAggs(in, aggs), err
	}
	return step{all: run.all}, withAggs(in, aggs), err
}

// streamRun is a streamstats that runs.
type streamRun struct {
	statsRun
	window  int
	current bool
}

func (x *streamRun) all(rows []*rec) []*rec {
	tallies := map[string]*tally{}
	last := map[string][]*rec{}
	for i, r := range rows {
		if r.over() {
			break
		}
		keys := x.keys(r)
		if len(keys) == 0 {
			continue
		}
		id := KeyText(keys[0])
		if x.window > 0 {
			last[id] = x.within(last[id], r)
			continue
		}
		t := tallies[id]
		if t == nil {
			t = x.newTally(nil)
			tallies[id] = t
		}
		if !x.current {
			x.put(r, t)
		}
		x.add(t, r, int64(i))
		if x.current {
			x.put(r, t)
		}
	}
	return rows
}

// within aggregates the last rows anew for each row, and returns those that
// the next row may need.
func (x *streamRun) within(before []*rec, r *rec) []*rec {
	if x.current {
		before = append(before, r)
	}
	before = before[max(len(before)-x.window, 0):]
	t := x.newTally(nil)
	for i, b := range before {
		x.add(t, b, int64(i))
	}
	x.put(r, t)
	if !x.current {
		before = append(before, r)
	}
	return before
}
