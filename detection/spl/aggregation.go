package spl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// Aggregation is what stats and its kin have in common: aggregates for each
// distinct tuple of the By fields.
type Aggregation struct {
	Aggs []Agg
	By   []string
	Span time.Duration // of _time among the By fields; 0 for none
}

// Agg is one aggregate.
type Agg struct {
	Func  string  // count, min, max, values …
	Arg   float64 // of percN, N
	Field string  // "" for a plain count, or for one of an expression
	Expr  Ex      // count(eval(…)): what is aggregated instead of a field
	As    string  // the column's name
}

// Reads are the BY fields and what is aggregated.
func (x *Aggregation) Reads() []string {
	out := slices.Clone(x.By)
	for _, a := range x.Aggs {
		if a.Expr != nil {
			out = append(out, refsOf(a.Expr)...)
		} else if a.Field != "" {
			out = append(out, a.Field)
		}
	}
	return out
}

// Sets are the columns of the aggregates.
func (x *Aggregation) Sets() (out []string) {
	for _, a := range x.Aggs {
		out = append(out, a.As)
	}
	return out
}

func (x *Aggregation) keyFields() []string { return x.By }

// later says whether wildcards stand for columns that are not known yet.
func (x *Aggregation) later(shape) bool {
	return slices.ContainsFunc(x.Aggs, func(a Agg) bool { return a.Expr == nil && strings.Contains(a.Field, "*") })
}

// names are the fields of the rows that are aggregated: the columns are of
// other rows, or known only when all rows are.
func (x *Aggregation) names() []string { return x.Reads() }

// String is the aggregates and BY fields as a search has them.
func (x *Aggregation) String() string {
	l := &line{x.aggText()}
	if x.By != nil {
		l.add("by", nameList(x.By), x.spanText())
	}
	return l.String()
}

func (x *Aggregation) spanText() string {
	if x.Span == 0 {
		return ""
	}
	return "span=" + spanText(value.Span{Every: x.Span})
}

func (x *Aggregation) aggText() string {
	out := make([]string, len(x.Aggs))
	for i, a := range x.Aggs {
		out[i] = a.String()
	}
	return strings.Join(out, ", ")
}

func (a Agg) String() string {
	fn := a.Func
	if fn == "perc" {
		fn += strconv.FormatFloat(a.Arg, 'f', -1, 64)
	}
	switch {
	case a.Expr != nil:
		return fn + "(eval(" + expressionText(a.Expr) + ")) as " + nameText(a.As)
	case a.Field != "":
		return fn + "(" + nameText(a.Field) + ")" + asText(fn+"("+a.Field+")", a.As)
	}
	return fn + asText(fn, a.As)
}
