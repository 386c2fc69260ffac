package handlers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/search"
)

// maxSPL is the longest search in bytes, usualRows how many rows one gives programs
// where it does not say, mostRows at most, pageRows how many a page has.
const (
	maxSPL    = 20_000
	usualRows = 1000
	mostRows  = 10_000
	pageRows  = 50
)

// asked is a search as an address has it.
type asked struct {
	text   string
	time   search.Asked
	limit  int
	in     search.Range
	search *search.Search // nil where the text is no search
	wrong  *spl.Error     // why
}

func (h *Handlers) asked(c echo.Context, rows int) (a asked, err error) {
	param := func(name string) string { return strings.TrimSpace(c.QueryParam(name)) }
	// A form sends its lines with \r\n.
	a = asked{text: strings.ReplaceAll(param("q"), "\r\n", "\n"), limit: rows,
		time: search.Asked{Earliest: param("earliest"), Latest: param("latest"), Now: param("now"), Who: author(c)}}
	var now time.Time
	at, err := asof.Parse(a.time.Now)
	if err != nil {
		return a, err
	}
	if at != nil {
		now = time.Unix(*at, 0).UTC()
	}
	if len(a.text) > maxSPL {
		return a, fault.New(fault.Invalid, "The search is longer than %d bytes.", maxSPL)
	}
	if n := c.QueryParam("limit"); n != "" {
		if a.limit, err = strconv.Atoi(n); err != nil || a.limit < 1 || a.limit > mostRows {
			return a, fault.New(fault.Invalid, "limit is %q; it is a number from 1 to %d.", n, mostRows)
		}
	}
	e := h.Searches.Engine()
	if a.in, err = e.ParseRange(c.Request().Context(), a.time.Earliest, a.time.Latest, now); err != nil {
		return a, err
	}
	if a.text == "" {
		return a, nil
	}
	a.search, err = e.Prepare(a.text, now)
	if errors.As(err, &a.wrong) {
		return a, nil
	}
	return a, err
}

// refused is a text that is no search, to programs.
func (a asked) refused() error {
	switch {
	case a.wrong != nil:
		return fault.New(fault.Invalid, "The search cannot be read: %v.", a.wrong)
	case a.search == nil:
		return fault.New(fault.Invalid, "There is no search: q is empty.")
	}
	return nil
}

// rowsJSON is what a search gives, as programs read it.
type rowsJSON struct {
	Columns  []string         `json:"columns"`
	Rows     [][]any          `json:"rows"`
	Events   []int64          `json:"events"` // of each row the number of the event that it is; 0: it is none
	Scanned  int64            `json:"events_scanned"`
	Complete bool             `json:"complete"`
	Messages []search.Message `json:"messages"`
}

// rowsOf runs a search for its first rows.
func (h *Handlers) rowsOf(c echo.Context, a asked) (out rowsJSON, err error) {
	out = rowsJSON{Columns: []string{}, Rows: [][]any{}, Events: []int64{}, Messages: []search.Message{}}
	if a.wrong != nil {
		out.Messages = append(out.Messages, search.Message{Level: "error", Text: a.wrong.Error(), Line: a.wrong.Pos.Line,
			Column: a.wrong.Pos.Column, Mended: h.mended(a)})
		return out, nil
	}
	if a.search == nil {
		return out, nil
	}
	var p search.Progress
	var rows []spl.Found
	more := false
	take := func(f spl.Found) bool {
		if f.Verdict == spl.Kept {
			if len(rows) == a.limit {
				more = true
				return false
			}
			rows = append(rows, f)
		}
		return true
	}
	var each func(spl.Found) bool
	if a.search.Lists() {
		each = take
	}
	answer, err := h.Searches.Run(c.Request().Context(), a.search, a.in, &p, each)
	if err != nil {
		return out, err
	}
	for _, f := range answer.Rows {
		if !take(f) {
			break
		}
	}
	out.Columns = append(out.Columns, answer.Columns...)
	for _, f := range rows {
		out.Rows = append(out.Rows, search.JSONCells(f.Row, out.Columns))
		out.Events = append(out.Events, search.StoredNumber(f))
	}
	out.Scanned, out.Complete, out.Messages = p.Looked.Load(), answer.Complete && !more, search.Messages(answer.Messages)
	for _, m := range h.Searches.Misses(c.Request().Context(), a.search, nil) {
		out.Messages = append(out.Messages, search.Message{Level: "info", Text: m.String(), Mended: m.Mended})
	}
	if more {
		out.Messages = append(out.Messages, search.Message{Level: "info",
			Text: fmt.Sprintf("The first %d rows are given; limit= gives up to %d, /search.csv and /search.jsonl all.",
				a.limit, mostRows)})
	}
	return out, nil
}
