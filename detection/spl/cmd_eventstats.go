package spl

// Eventstats gives each row the aggregates of its tuple of By fields.
type Eventstats struct {
	Origin
	Aggregation
}

var _ = register("eventstats", parseEventstats)

func parseEventstats(p *parser, o Origin) (*Eventstats, *Error) {
	x := &Eventstats{Origin: o}
	return x, p.aggregation(&x.Aggregation, nil, nil)
}

func (x *Eventstats) String() string { return "eventstats " + x.Aggregation.String() }

// Place is all rows.
func (x *Eventstats) Place() Place { return AllRows }

func (x *Eventstats) compile(c *compiler, in shape) (step, shape, *Error) {
	aggs, err := c.aggs(x, &x.Aggregation, in)
	run := &statsRun{Aggregation: &x.Aggregation, aggs: aggs}
	return step{all: run.eventstats}, withAggs(in, aggs), err
}

// withAggs is a shape with the columns of aggregates.
func withAggs(in shape, aggs []aggPlan) shape {
	for _, a := range aggs {
		in = in.with(a.As)
	}
	return in
}

// eventstats leaves a row as it is that lacks a BY field.
func (x *statsRun) eventstats(rows []*rec) []*rec {
	tallies := map[string]*tally{}
	left := maxRows
	for i, r := range rows {
		if r.over() {
			return rows
		}
		for k, key := range x.keys(r) {
			if left--; left < 0 && k > 0 {
				break // the first is asked for below
			}
			id := KeyText(key)
			if tallies[id] == nil {
				tallies[id] = x.newTally(key)
			}
			x.add(tallies[id], r, int64(i))
		}
	}
	for _, r := range rows {
		if r.over() {
			break
		}
		if keys := x.keys(r); len(keys) > 0 {
			x.put(r, tallies[KeyText(keys[0])])
		}
	}
	return rows
}
