package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection/risk"
	"escutcheon/fault"
)

// window is what a timeline shows: everything in (from, upTo], in seconds.
type window struct {
	from, upTo int64
	chosen     bool  // from or to is in the address
	latest     int64 // where it may end at the latest
	later      bool  // there are notes or changes of status behind the as-of
	typed      typed
}

// typed is what stands in the boxes of a page of risk, and what is wrong with it:
// the page is shown as if nothing stood there.
type typed struct {
	asOf, from, to          string
	asOfWrong, wrong        string
	fromSecond, untilSecond *int64
}

// typedOf reads as-of, from and to. What is no time is taken out of the request, so
// that the page and its links do without. A program gets the error.
func typedOf(c echo.Context) (t typed, err error) {
	t = typed{asOf: c.QueryParam("as-of"), from: c.QueryParam("from"), to: c.QueryParam("to")}
	if _, err := asof.Parse(t.asOf); err != nil {
		t.asOfWrong = fault.Sentence(err)
	}
	t.fromSecond, err = asof.Parse(t.from)
	if err == nil {
		t.untilSecond, err = asof.Parse(t.to)
	}
	if err != nil {
		t.wrong, t.fromSecond, t.untilSecond = fault.Sentence(err), nil, nil
	} else if t.fromSecond != nil && t.untilSecond != nil && *t.fromSecond >= *t.untilSecond {
		t.wrong, t.fromSecond, t.untilSecond = "This range ends before it begins.", nil, nil
	}
	if t.bad() && WantsJSON(c) {
		return t, fault.New(fault.Invalid, "%s", t.asOfWrong+t.wrong)
	}
	if t.asOfWrong != "" {
		forgetParams(c, "as-of")
	}
	if t.wrong != "" {
		forgetParams(c, "from", "to")
	}
	return t, nil
}

// typedAsOf is the as-of that stands in the box of a list, and what is wrong with
// it: the list is shown as if nothing stood there, with the status of what is wrong.
// A program gets the error, of who reads the as-of next.
func typedAsOf(c echo.Context) (text, wrong string, status int) {
	text, status = c.QueryParam("as-of"), http.StatusOK
	if _, err := asof.Parse(text); err != nil && !WantsJSON(c) {
		wrong, status = fault.Sentence(err), http.StatusBadRequest
		forgetParams(c, "as-of")
	}
	return text, wrong, status
}

func (t typed) bad() bool { return t.asOfWrong != "" || t.wrong != "" }

// forgetParams takes values out of a request's query.
func forgetParams(c echo.Context, names ...string) {
	q := c.QueryParams() // what c.QueryParam looks into
	for _, name := range names {
		q.Del(name)
	}
	c.Request().URL.RawQuery = q.Encode()
}

// window is the one that was asked for, else the period of a score. A range that
// goes on behind what the page shows ends there.
func (t typed) window(asOf, now int64, asked bool) window {
	w := window{from: asOf - risk.Period, upTo: asOf, latest: asOf, typed: t}
	if !asked {
		w.latest = max(asOf, now)
	}
	from, upTo := t.fromSecond, t.untilSecond
	switch {
	case from == nil && upTo == nil:
		return w
	case from != nil && *from >= w.latest:
		w.typed.wrong = "This range begins after " + second(w.latest).Format(rangeLayout) +
			", up to which this page goes."
		return w
	case from == nil:
		w.upTo = min(*upTo, w.latest)
		w.from = w.upTo - risk.Period
	case upTo == nil:
		w.from, w.upTo = *from, min(*from+risk.Period, w.latest)
	default:
		w.from, w.upTo = *from, min(*upTo, w.latest)
	}
	w.chosen = true
	return w
}
