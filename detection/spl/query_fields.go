package spl

import (
	"slices"
	"strings"
)

// fieldsAt are all fields that some stages ask of an event, of which the last
// aggregates; nil where that is not known. The time is among them unless no
// aggregate looks at it.
func (env *Env) fieldsAt(stages []stage, s Scan) []string {
	if s.Model != nil {
		return nil
	}
	out := []string{}
	for i := range stages {
		names, known := env.asksOf(&stages[i])
		if !known {
			return nil
		}
		out = append(out, names...)
	}
	if slices.ContainsFunc(out, func(n string) bool { return strings.Contains(n, "*") }) {
		return nil
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// asksOf are the fields that a stage asks of an event.
func (env *Env) asksOf(st *stage) (names []string, known bool) {
	words := func(x Ex) (any bool) {
		walkEx(x, func(x Ex) { any = any || asksWords(x) })
		return any
	}
	switch cmd := st.cmd.(type) {
	case *Search:
		return env.fieldsOf(st.step.asks), true
	case *Where:
		return cmd.Reads(), len(st.subs) == 0 && !words(cmd.Cond)
	case *Eval:
		return cmd.Reads(), len(st.subs) == 0 &&
			!slices.ContainsFunc(cmd.Fields, func(f EvalField) bool { return words(f.X) })
	case *Rex, *Regex, *Bin, *Fields, *Fillnull, *Rename, *Lookup, *Noop:
		return cmd.Reads(), true
	case *Chart, *Timechart, *Top, *Rare:
		if st.step.digest == nil {
			return nil, false
		}
		return st.step.digest.fields, true
	case *Stats:
		names = cmd.Reads()
		for _, a := range cmd.Aggs {
			if a.Expr != nil && words(a.Expr) {
				return nil, false
			}
			if !slices.Contains(timeless, a.Func) {
				names = append(names, timeField)
			}
		}
		return names, true
	}
	return nil, false
}

// timeless are the aggregates that do not look at the time of a row.
var timeless = []string{"count", "dc", "distinct_count", "values", "sum", "avg", "mean", "min", "max", "range"}
