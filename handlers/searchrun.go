package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// maxSPL is the longest search in bytes, usualRows how many rows one gives programs
// where it does not say, mostRows at most, pageRows how many a page has.
const (
	maxSPL    = 20_000
	usualRows = 1000
	mostRows  = 10_000
	pageRows  = 100
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
	a = asked{text: param("q"), limit: rows,
		time: search.Asked{Earliest: param("earliest"), Latest: param("latest"), Now: param("now")}}
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
	Scanned  int64            `json:"events_scanned"`
	Complete bool             `json:"complete"`
	Messages []search.Message `json:"messages"`
}

// rowsOf runs a search for its first rows.
func (h *Handlers) rowsOf(c echo.Context, a asked) (out rowsJSON, err error) {
	out = rowsJSON{Columns: []string{}, Rows: [][]any{}, Messages: []search.Message{}}
	if a.wrong != nil {
		out.Messages = append(out.Messages, search.Message{Level: "error", Text: a.wrong.Error(), Line: a.wrong.Pos.Line,
			Column: a.wrong.Pos.Column})
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
	}
	out.Scanned, out.Complete, out.Messages = p.Looked.Load(), answer.Complete && !more, search.Messages(answer.Messages)
	if more {
		out.Messages = append(out.Messages, search.Message{Level: "info",
			Text: fmt.Sprintf("The first %d rows are given; limit= gives up to %d, /search.csv and /search.jsonl all.",
				a.limit, mostRows)})
	}
	return out, nil
}

// SearchCSV is what a search gives, whole.
func (h *Handlers) SearchCSV(c echo.Context) error {
	return h.whole(c, "text/csv; charset=utf-8", "csv", func(w io.Writer, columns []string) (
		func(spl.Found) error, func() error, error) {
		out, err := search.NewCSV(w, columns)
		return func(f spl.Found) error { return out.Row(f.Row, columns) }, out.End, err
	})
}

// SearchJSONLines is what a search gives, whole, an object a line.
func (h *Handlers) SearchJSONLines(c echo.Context) error {
	return h.whole(c, "application/x-ndjson", "jsonl", func(w io.Writer, columns []string) (
		func(spl.Found) error, func() error, error) {
		return func(f spl.Found) error {
			line, err := search.JSONLine(f.Row, columns)
			if err == nil {
				_, err = w.Write(line)
			}
			return err
		}, func() error { return nil }, nil
	})
}

// errCut ends a download that is not whole, so that it does not look it.
var errCut = errors.New("the answer was cut")

// whole streams all rows of a search.
func (h *Handlers) whole(c echo.Context, kind, ending string, open func(io.Writer, []string) (
	row func(spl.Found) error, end func() error, err error)) error {
	a, err := h.asked(c, mostRows)
	if err == nil {
		err = a.refused()
	}
	if err != nil {
		return err
	}
	return h.stream(c, kind, "search."+ending, func(w io.Writer) error {
		var row func(spl.Found) error
		var end func() error
		var failed error
		put := func(f spl.Found) bool {
			if f.Verdict == spl.Kept {
				failed = row(f)
			}
			return failed == nil
		}
		var each func(spl.Found) bool
		if a.search.Lists() {
			if row, end, failed = open(w, a.search.Columns()); failed != nil {
				return failed
			}
			each = put
		}
		answer, err := h.Searches.Run(c.Request().Context(), a.search, a.in, &search.Progress{}, each)
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		if each == nil {
			if row, end, err = open(w, answer.Columns); err != nil {
				return err
			}
			for _, f := range answer.Rows {
				if !put(f) {
					return failed
				}
			}
		}
		if err := end(); err != nil {
			return err
		}
		if !answer.Complete {
			text, _ := json.Marshal(search.Messages(answer.Messages))
			return fmt.Errorf("%w: %s", errCut, text)
		}
		return nil
	})
}

// StopSearch ends a search that runs: what it found by then stays.
func (h *Handlers) StopSearch(c echo.Context) error {
	job := h.Searches.Job(c.Param("id"))
	if job == nil {
		return fault.New(fault.NotFound, "There is no search %q.", c.Param("id"))
	}
	job.Stop()
	job.Wait(c.Request().Context(), time.Second)
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, jobURL(job))
}

func jobURL(job *search.Job) string {
	return searchAt(job.Search.Text(), job.Asked, "job", job.ID)
}

// searchAt is the address of a search.
func searchAt(text string, at search.Asked, more ...string) string {
	return views.WithQuery("/search", append([]string{"q", text, "earliest", at.Earliest, "latest", at.Latest,
		"now", at.Now}, more...)...)
}

// openSearch is the page of a search, which no host's name leads away from.
func openSearch(text string, at search.Asked) string { return searchAt(text, at, "on", "page") }

// runFor is the job of a page: the one that it names, or a new one, which has some
// time for its first rows.
func (h *Handlers) runFor(c echo.Context, a asked) (job *search.Job, gone bool, err error) {
	if id := c.QueryParam("job"); id != "" {
		job = h.Searches.Job(id)
		if job == nil || job.Search.Text() != a.text {
			return nil, true, nil
		}
		return job, false, nil
	}
	job, err = h.Searches.Start(a.search, a.in, a.limit, a.time)
	if err == nil {
		job.Wait(c.Request().Context(), h.Searches.First)
	}
	return job, false, err
}

// eventsFound is what a search comes to so far, for the page.
func (h *Handlers) eventsFound(c echo.Context, a asked) (*views.SearchRun, error) {
	r := &views.SearchRun{Text: a.text, Earliest: a.time.Earliest, Latest: a.time.Latest, NowIs: a.time.Now}
	if a.wrong != nil {
		r.Wrong, r.Line, r.Column = a.wrong.Error(), a.wrong.Pos.Line, a.wrong.Pos.Column
		return r, nil
	}
	if a.search == nil {
		return r, nil
	}
	began := h.Now()
	job, gone, err := h.runFor(c, a)
	if err != nil || gone {
		r.Gone = gone
		return r, err
	}
	v, err := job.View()
	if err != nil {
		return nil, err
	}
	if v.Ended && c.QueryParam("job") == "" {
		v.Took = h.Now().Sub(began)
	}
	fillRun(r, job, v)
	return r, nil
}

func fillRun(r *views.SearchRun, job *search.Job, v search.View) {
	r.Ran, r.Job, r.Events, r.Total, r.Ended, r.Stopped, r.Complete = true, job.ID, v.Events, v.Total, v.Ended, v.Stopped,
		v.Complete
	r.Done, r.Of, r.Looked, r.Sampled, r.Took = v.Done, v.Of, v.Looked, v.Sampled, v.Took
	for _, m := range v.Messages {
		r.Messages = append(r.Messages, views.SearchMessage{Level: m.Level, Text: m.Text})
	}
	for _, b := range v.Histogram {
		r.Bars = append(r.Bars, views.SearchBar{From: b.From, To: b.To, Count: b.Count})
	}
	for _, f := range v.Fields[:min(len(v.Fields), 40)] {
		r.Fields = append(r.Fields, fieldOf(f))
	}
	if !v.Events {
		r.Columns = v.Columns
	}
	for _, f := range v.Rows {
		r.Rows = append(r.Rows, rowOf(f, r.Columns))
	}
}

func fieldOf(f search.FieldCount) views.SearchField {
	out := views.SearchField{Name: f.Name, Events: f.Events, Values: f.Values, More: f.More}
	for _, v := range f.Often {
		out.Often = append(out.Often, views.SearchValue{Value: v.Value, Count: v.Count})
	}
	for _, v := range f.Rare {
		out.Rare = append(out.Rare, views.SearchValue{Value: v.Value, Count: v.Count})
	}
	return out
}

// oneEvent is what an event tells in one line: its command, else its message, else what
// tells it from its neighbours.
func oneEvent(e *event.Event) string {
	for _, name := range []string{"CommandLine", "ScriptBlockText", "Message", "NewProcessName", "Image"} {
		if v, ok := e.Get(name); ok {
			first, _, _ := strings.Cut(v, "\n")
			return first
		}
	}
	return brief(e)
}

func rowOf(f spl.Found, columns []string) (out views.SearchRow) {
	if e, ok := f.Event.(search.Event); ok {
		out.ID, out.Time, out.Dest, out.Channel, out.Code = e.Number, e.Time(), e.Computer, e.Channel, e.EventCode
		out.Brief = cut(oneEvent(e.Event), 300)
	} else if f.Event != nil && columns == nil {
		out.Time = f.Event.Time()
		out.Dest, _ = f.Event.Get("dest")
		out.Channel, _ = f.Event.Get("search_name")
		out.Brief, _ = f.Event.Get("_raw")
		out.Brief = cut(out.Brief, 300)
	}
	for _, c := range columns {
		v, ok := search.Cell(f.Row, c)
		out.Cells = append(out.Cells, views.SearchCell{Text: cut(v, 500), Missing: !ok})
	}
	return out
}
