package search

import (
	"time"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// Drill is how the events of the rows of a table are found; nil where they are not.
func (s *Search) Drill() *spl.Drill { return s.query.Drill() }

// Lead is where a row leads: the values of its keys, and its time where it is a span.
type Lead struct {
	Values         []string
	Earliest, Till time.Time // zero: any
}

// Settle finds the span of the rows of a table where its search does not say it: what
// is between any two that follow each other, if that is always the same.
func Settle(d *spl.Drill, table []spl.Found) {
	if d.Time == "" || d.Span != (value.Span{}) {
		return
	}
	for i := 1; i < len(table); i++ {
		a, ok1 := timeOf(table[i-1], d.Time)
		b, ok2 := timeOf(table[i], d.Time)
		every := b.Sub(a)
		if !ok1 || !ok2 || every <= 0 || i > 1 && every != d.Span.Every {
			d.Span = value.Span{}
			return
		}
		d.Span = value.Span{Every: every}
	}
}

// LeadOf is where a row leads; nil for one whose events no search tells from others.
func LeadOf(d *spl.Drill, row spl.Found) *Lead {
	l := &Lead{Values: []string{}}
	for _, k := range d.Keys {
		v, ok := row.Row.Get(k)
		if !ok || len(row.Row.List(k)) != 1 {
			return nil
		}
		l.Values = append(l.Values, v)
	}
	if _, ok := d.Search(l.Values); !ok {
		return nil
	}
	if d.Time == "" {
		return l
	}
	var ok bool
	if l.Earliest, ok = timeOf(row, d.Time); ok {
		l.Till, ok = d.End(l.Earliest)
	}
	if !ok {
		return nil
	}
	return l
}

func timeOf(f spl.Found, column string) (time.Time, bool) {
	v, ok := f.Row.Get(column)
	if !ok {
		return time.Time{}, false
	}
	return value.ParseEpoch(v)
}
