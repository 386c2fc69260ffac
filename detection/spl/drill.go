package spl

import (
	"slices"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// Drill says which events a row of a search was made of: by a search for them, and by
// their time where the rows are spans of it.
type Drill struct {
	Keys []string // the columns whose values tell them, without Time
	Time string   // the column that is a span of time; "" for none
	Span value.Span

	before string // the search up to where rows are made of events
	terms  bool   // which is nothing but terms
}

// Drill is how the events of a row are found; nil where no search finds exactly those.
func (q *Query) Drill() *Drill {
	stages := q.root.stages
	at := slices.IndexFunc(stages, func(st stage) bool { return st.late || st.step.one == nil && st.step.many == nil })
	if at <= 0 || stages[at].late {
		return nil
	}
	d := &Drill{}
	if !d.of(stages[at].cmd) || slices.ContainsFunc(stages[at+1:], func(st stage) bool { return !d.keeps(st.cmd) }) {
		return nil
	}
	end := at
	if slices.Contains(d.Keys, timeField) && !d.binned(stages, &end) || d.Time != "" && bounded(stages[:at]) {
		return nil
	}
	from := stages[end].cmd.From()
	if from.Pos.Offset > len(q.search) || slices.ContainsFunc(stages[:end+1], func(st stage) bool {
		return st.cmd.From().Macros != nil
	}) {
		var before Pipeline
		for _, st := range stages[:end] {
			before = append(before, st.cmd)
		}
		d.before = before.String()
	} else {
		d.before = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(q.search[:from.Pos.Offset]), "|"))
	}
	_, d.terms = stages[0].cmd.(*Search)
	d.terms = d.terms && end == 1 && !strings.Contains(d.before, "OR") && !strings.HasPrefix(d.before, "|")
	return d
}

// of takes the keys of a command that makes rows of events.
func (d *Drill) of(cmd Command) bool {
	switch c := cmd.(type) {
	case *Stats:
		d.Keys = c.By
	case *Top:
		d.Keys = slices.Concat(c.By, c.Fields)
	case *Rare:
		d.Keys = slices.Concat(c.By, c.Fields)
	case *Chart:
		if c.Row == timeField && c.Span != (value.Span{}) {
			d.Time, d.Span = timeField, c.Span
		} else if c.Row != "" && c.Span == (value.Span{}) && c.Number == 0 {
			d.Keys = []string{c.Row}
		} else {
			return false
		}
		return c.whole()
	case *Timechart:
		d.Time, d.Span = timeField, c.Span
		return c.whole()
	default:
		return false
	}
	return !slices.ContainsFunc(d.Keys, func(k string) bool { return strings.ContainsAny(k, "*'") })
}

// whole says whether the cells of a row come of all events of the row.
func (x *pivot) whole() bool { return x.Col == "" || x.Nulls && x.Other }

// keeps says whether a command leaves rows and their keys as they are, or leaves rows
// out.
func (d *Drill) keeps(cmd Command) bool {
	switch cmd.(type) {
	case *Sort, *Head, *Tail, *Reverse, *Where, *Search, *Columns, *Fields:
		return true
	case *Eval, *Convert, *Fieldformat, *Rename, *Eventstats, *Streamstats:
	default:
		return false
	}
	touched := cmd.Sets()
	if _, ok := cmd.(*Rename); ok {
		touched = append(touched, cmd.Reads()...)
	}
	return !slices.ContainsFunc(touched, func(f string) bool {
		return strings.Contains(f, "*") || slices.Contains(d.Keys, f) || f == d.Time
	})
}

// binned takes the span of the bin that stands right before the rows are made.
func (d *Drill) binned(stages []stage, end *int) bool {
	b, ok := stages[*end-1].cmd.(*Bin)
	if !ok || b.Field != timeField || b.As != timeField || b.Time == (value.Span{}) || *end < 2 ||
		bounded(stages[:*end]) {
		return false
	}
	*end--
	d.Keys = slices.DeleteFunc(slices.Clone(d.Keys), func(k string) bool { return k == timeField })
	d.Time, d.Span = timeField, b.Time
	return true
}

// bounded says whether a search says itself which time it is of.
func bounded(stages []stage) bool {
	return slices.ContainsFunc(stages, func(st stage) bool {
		s, ok := st.cmd.(*Search)
		if !ok {
			return false
		}
		_, in := settleTimes(s.Expr, time.Unix(0, 0), true)
		return in != nil
	})
}

// End is where the span of time that starts at t ends; false where the search does not
// say.
func (d *Drill) End(t time.Time) (time.Time, bool) {
	if d.Span == (value.Span{}) {
		return t, false
	}
	return next(d.Span, t), true
}

// Search is the search for the events of a row, whose keys have some values; false
// where no search tells them from others.
func (d *Drill) Search(values []string) (string, bool) {
	if len(values) != len(d.Keys) {
		return "", false
	}
	var terms, exact []string
	for i, v := range values {
		_, number := value.ParseFloat(v)
		plain := isPlainNumber(v) && !strings.Contains(v, ".") && (v == "0" || v[0] != '0')
		if v == "" || number && !plain || len(v) > 1000 {
			return "", false
		}
		terms = append(terms, nameText(d.Keys[i])+"="+valueText(v))
		if !plain { // a term looks at no case, and a * is any text
			exact = append(exact, "'"+d.Keys[i]+"'="+quoteText(v))
		}
	}
	out := d.before
	switch all := strings.Join(terms, " "); {
	case all == "":
	case d.terms && (out == "" || out == "*"):
		out = all
	case d.terms:
		out += " " + all
	default:
		out += " | search " + all
	}
	if exact != nil {
		out += " | where " + strings.Join(exact, " AND ")
	}
	return out, true
}
