package spl

import "fmt"

// compileAggs compiles the aggregates of a pivot; out is the shape of its table, whose
// rows are named by some columns.
func (x *pivot) compileAggs(c *compiler, cmd Command, in shape, rows ...string) (aggs []aggPlan, out shape,
	err *Error) {
	a := Aggregation{Aggs: x.Aggs}
	if aggs, err = c.aggs(cmd, &a, in); err == nil {
		err = sameColumns(cmd, aggs)
	}
	if err != nil {
		return nil, in, err
	}
	out = shape{open: true, rows: true}.with(rows...)
	if x.Col == "" {
		out.open, out.rows = false, false
		out = withAggs(out, aggs)
	}
	return aggs, out, nil
}

// pivotAgg reads one more aggregate.
func (p *parser) pivotAgg(x *pivot) *Error {
	a := Aggregation{Aggs: x.Aggs}
	err := p.addAgg(&a)
	x.Aggs = a.Aggs
	return err
}

func sameColumns(cmd Command, aggs []aggPlan) *Error {
	seen := map[string]bool{}
	for _, a := range aggs {
		if seen[a.As] {
			return refuse(cmd, fmt.Sprintf("column %q", a.As), "is there twice")
		}
		seen[a.As] = true
	}
	return nil
}
