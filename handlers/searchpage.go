package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// running is a search, or a look at requests, that a page shows while it runs.
type running interface {
	Stop()
	Wait(ctx context.Context, most time.Duration)
}

// StopSearch ends a search that runs, or a look at requests: what it found by then stays.
func (h *Handlers) StopSearch(c echo.Context) error {
	var r running
	var to string
	if job := h.Searches.Job(c.Param("id")); job != nil {
		r, to = job, jobURL(job)
	} else if l := h.Searches.Look(c.Param("id")); l != nil {
		r, to = l, lookURL(l)
	} else {
		return fault.New(fault.NotFound, "There is no search %q.", c.Param("id"))
	}
	r.Stop()
	r.Wait(c.Request().Context(), time.Second)
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, to)
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

// runFor is the job of a page: the one that it names, one before it that has its rows
// too, or a new one, which has some time for its first rows.
func (h *Handlers) runFor(c echo.Context, a asked, l look) (job *search.Job, gone bool, err error) {
	if id := c.QueryParam("job"); id != "" {
		job = h.Searches.Job(id)
		if job == nil || job.Search.Text() != a.text || !job.Shows(l.window) {
			return nil, true, nil
		}
		return job, false, nil
	}
	if l.kept != "" && l.kept == a.time.Key(a.text) {
		if job = h.Searches.Kept(l.kept, func(j *search.Job) bool { return j.Has(l.window) }); job != nil {
			return job, false, nil
		}
	}
	job, err = h.Searches.Start(a.search, a.in, l.window, a.time)
	if err == nil {
		job.Wait(c.Request().Context(), h.Searches.First)
	}
	return job, false, err
}

// eventsFound is what a search comes to so far, for the page.
func (h *Handlers) eventsFound(c echo.Context, a asked) (*views.SearchRun, error) {
	l, err := lookOf(c, a.limit)
	if err != nil {
		return nil, err
	}
	r := runOf(c, l)
	r.Since, r.Until = a.in.Earliest, a.in.Latest
	if a.wrong != nil {
		h.wrong(r, a)
		return r, nil
	}
	if a.search == nil {
		return r, nil
	}
	began := h.Now()
	job, gone, err := h.runFor(c, a, l)
	if err != nil || gone {
		r.Gone = gone
		return r, err
	}
	v, err := job.View(l.window)
	if err != nil {
		return nil, err
	}
	if v.Ended && c.QueryParam("job") == "" {
		v.Took = h.Now().Sub(began)
	}
	if !v.Events {
		v.Rows = v.Rows[:min(len(v.Rows), rowsOfTable(len(v.Columns)))]
	}
	fillRun(r, job, v)
	if v.Ended {
		for _, m := range h.Searches.Misses(c.Request().Context(), job.Search, v.Fields) {
			r.Messages = append(r.Messages, views.SearchMessage{Level: "info", Text: m.String(), Mended: m.Mended, Near: m.Near})
		}
	}
	r.Pager = rowsPager(c, r, v)
	return r, nil
}

func fillRun(r *views.SearchRun, job *search.Job, v search.View) {
	r.Ran, r.Job, r.Key, r.Events, r.Total = true, job.ID, job.Key, v.Events, v.Total
	r.Ended, r.Stopped, r.Complete = v.Ended, v.Stopped, v.Complete
	r.Waits, r.Ahead = v.Waits, v.Ahead
	r.Done, r.Of, r.Looked, r.Sampled, r.Took = v.Done, v.Of, v.Looked, v.Sampled, v.Took
	for _, m := range v.Messages {
		r.Messages = append(r.Messages, views.SearchMessage{Level: m.Level, Text: m.Text})
	}
	for _, b := range v.Histogram {
		r.Bars = append(r.Bars, views.SearchBar{From: b.From, To: b.To, Count: b.Count})
	}
	r.Fields = fieldsOf(r.Text, v.Fields)
	r.Before = v.Before
	if v.Events {
		r.Rows = eventsOf(v.Rows, r.Chosen, v.Columns)
	} else {
		fillTable(r, job.Search, v)
	}
}
