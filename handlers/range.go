package handlers

import (
	"maps"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/risk"
	"escutcheon/detection/verdict"
	"escutcheon/views"
)

// rangeLayout is how the ends of a range stand in words, instantLayout in an address.
const (
	rangeLayout   = "2006-01-02 15:04:05 UTC"
	instantLayout = "2006-01-02T15:04:05Z"
)

// shortest is how long a range is at least that is offered, yearOne the first
// second that can be asked for.
const (
	shortest = 10
	yearOne  = -62135596800
)

// rangeOf is the form and the links that choose the range of a timeline: first is
// when there is anything to see, moment that of the gravest change, if any.
func rangeOf(c echo.Context, w window, asOf, first int64, moment views.Span) views.Range {
	r := views.Range{Chosen: w.chosen, FromText: second(w.from).Format(instantLayout),
		ToText: second(w.upTo).Format(instantLayout), Wrong: w.typed.wrong, AsOfWrong: w.typed.asOfWrong, Kept: keptFields(c),
		Path: c.Request().URL.EscapedPath(), Latest: second(w.latest),
		First: second(min(first, w.from))}
	if w.typed.wrong != "" {
		r.FromText, r.ToText = w.typed.from, w.typed.to
	}
	r.Whole = rangeURL(c, "", "")
	r.Presets = []views.RangeLink{{Label: "7 days", Name: "week", URL: r.Whole,
		On: w.from == asOf-risk.Period && w.upTo == asOf}}
	link := func(label, name string, from, upTo int64) {
		on := w.from == from && w.upTo == upTo
		r.Presets = append(r.Presets, views.RangeLink{Label: label, Name: name, URL: rangeFor(c, from, upTo), On: on})
	}
	link("24 hours", "", asOf-risk.Day, asOf)
	if !moment.From.IsZero() {
		link("Gravest change", "", moment.From.Unix(), min(moment.To.Unix(), w.latest))
	}
	if first <= asOf {
		link("All logs", "all", first-1, asOf)
	}
	if w.later {
		link("To now", "", asOf-risk.Period, w.latest)
	}
	w.moves(c, &r)
	return r
}

// moves are the links to what lies beside a range and within it.
func (w window) moves(c echo.Context, r *views.Range) {
	span := w.upTo - w.from
	step := max(1, span/2)
	if w.from-step > yearOne {
		r.Earlier = rangeFor(c, w.from-step, w.upTo-step)
	}
	if by := min(step, w.latest-w.upTo); by > 0 {
		r.Later = rangeFor(c, w.from+by, w.upTo+by)
	}
	if span > shortest {
		half := max(shortest, span/2)
		from := w.from + (span-half)/2
		r.Closer = rangeFor(c, from, from+half)
	}
	if upTo := min(w.latest, w.upTo+span/2); upTo-2*span > yearOne {
		r.Wider = rangeFor(c, upTo-2*span, upTo)
	}
}

func rangeFor(c echo.Context, from, upTo int64) string {
	return rangeURL(c, second(from).Format(instantLayout), second(upTo).Format(instantLayout))
}

// rangeURL is the page with another range, at its timeline.
func rangeURL(c echo.Context, from, to string) string {
	pairs := []string{"from", from, "to", to}
	return with(c, pairs...) + "#timeline"
}

// keptFields are the values of a page's query that its form of the range keeps.
func keptFields(c echo.Context) (out []views.Field) {
	q := anew(c.Request().URL.Query(), "from", "to")
	for _, name := range slices.Sorted(maps.Keys(q)) {
		for _, v := range q[name] {
			out = append(out, views.Field{Name: name, Value: v})
		}
	}
	return out
}

// momentOf is what there is around the gravest change: the chain that led to it.
func momentOf(j judged) (m views.Span) {
	at := j.When()
	if at.IsZero() {
		return m
	}
	m = views.Span{From: at, To: at}
	for _, l := range j.chain {
		if !l.At.IsZero() && l.At.Before(m.From) && at.Sub(l.At) <= verdict.Before {
			m.From = l.At
		}
		if l.At.After(m.To) {
			m.To = l.At
		}
	}
	room := max(10*time.Minute, m.To.Sub(m.From)/2).Truncate(time.Minute)
	return views.Span{From: m.From.Add(-room).Truncate(time.Minute),
		To: m.To.Add(room + time.Minute).Truncate(time.Minute)}
}
