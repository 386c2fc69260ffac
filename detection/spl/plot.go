package spl

import "slices"

// Plot says how the rows of a search are drawn: over one column, with all others that
// are numbers, or with Value alone, where By names the series that each is of.
type Plot struct {
	X         string
	By, Value string
}

// Plot is how the rows are drawn; nil for a search that asks for no picture.
func (q *Query) Plot() *Plot {
	for i, st := range slices.Backward(q.root.stages) {
		switch c := st.cmd.(type) {
		case *Chart:
			if c.Row == "" {
				return nil
			}
			return &Plot{X: c.Row}
		case *Timechart:
			return &Plot{X: timeField}
		case *Stats:
			return c.plot(q.root.stages[:i])
		case *Sort, *Head, *Tail, *Reverse, *Where, *Search, *Columns, *Fields, *Eval, *Convert, *Fieldformat, *Rename,
			*Eventstats, *Streamstats, *Fillnull, *Addtotals:
		default:
			return nil
		}
	}
	return nil
}

// plot is that of rows by spans of time, which a bin before them makes.
func (x *Stats) plot(before []stage) *Plot {
	binned := slices.ContainsFunc(before, func(st stage) bool {
		b, ok := st.cmd.(*Bin)
		return ok && b.As == timeField
	})
	others := slices.DeleteFunc(slices.Clone(x.By), func(f string) bool { return f == timeField })
	switch {
	case !binned || len(others) == len(x.By) || len(others) > 1 || len(x.Aggs) == 0:
		return nil
	case len(others) == 1:
		return &Plot{X: timeField, By: others[0], Value: x.Aggs[0].As}
	}
	return &Plot{X: timeField}
}
