package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/search"
	"escutcheon/store"
	"escutcheon/views"
)

// SearchJobStore has the searches that took long, those of processes that ended too.
type SearchJobStore interface {
	SearchJobs(ctx context.Context, limit int) ([]store.SearchJob, error)
	SearchJob(ctx context.Context, id string) (store.SearchJob, error)
}

// jobsShown is how many of them the page of the search has.
const jobsShown = 20

// newestJobs are the newest searches that took long, for the page.
func (h *Handlers) newestJobs(c echo.Context) (out []views.SearchJob, err error) {
	if h.Ask.Jobs == nil {
		return nil, nil
	}
	list, err := h.Ask.Jobs.SearchJobs(c.Request().Context(), jobsShown)
	for _, j := range list {
		out = append(out, h.jobView(j))
	}
	return out, err
}

// jobNow is a job as it is, where it is in this process.
func (h *Handlers) jobNow(j store.SearchJob) (store.SearchJob, *search.Job) {
	if live := h.Searches.Known(j.ID); live != nil {
		return live.Record(), live
	}
	return j, nil
}

func (h *Handlers) jobView(kept store.SearchJob) views.SearchJob {
	j, live := h.jobNow(kept)
	at := search.Asked{Earliest: j.Earliest, Latest: j.Latest, Now: j.Now}
	v := views.SearchJob{URL: searchAt(j.Text, at, "job", j.ID), Again: openSearch(j.Text, at), Text: j.Text,
		Times: views.SearchTimes(j.Earliest, j.Latest), Who: j.Who, Began: j.Began, Ended: j.Ended,
		State: string(j.State), Live: live != nil, Rows: j.Rows, Looked: j.Looked, Complete: j.Complete,
		Message: j.Message, Percent: -1}
	if live != nil {
		if of := live.Progress.Of.Load(); of > 0 {
			v.Percent = 100 * live.Progress.Done.Load() / of
		}
	}
	return v
}

// pastJob is what is recorded of the job that an address names; nil where nothing is.
func (h *Handlers) pastJob(c echo.Context) *views.SearchJob {
	if h.Ask.Jobs == nil {
		return nil
	}
	j, err := h.Ask.Jobs.SearchJob(c.Request().Context(), c.QueryParam("job"))
	if err != nil || j.Text != c.QueryParam("q") {
		return nil
	}
	v := h.jobView(j)
	return &v
}

type jobJSON struct {
	ID       string  `json:"id"`
	Text     string  `json:"q"`
	Earliest string  `json:"earliest"`
	Latest   string  `json:"latest"`
	Now      string  `json:"now"`
	Who      string  `json:"who"`
	Began    string  `json:"began"`
	Ended    *string `json:"ended"`
	State    string  `json:"state"`
	Rows     int64   `json:"rows"`
	Looked   int64   `json:"events_scanned"`
	Complete bool    `json:"complete"`
	Message  string  `json:"message"`
	URL      string  `json:"url"`
}

func (h *Handlers) jobJSON(kept store.SearchJob) jobJSON {
	j, _ := h.jobNow(kept)
	out := jobJSON{j.ID, j.Text, j.Earliest, j.Latest, j.Now, j.Who, j.Began.UTC().Format(time.RFC3339Nano), nil,
		string(j.State), j.Rows, j.Looked, j.Complete, j.Message, h.jobView(j).URL}
	if !j.Ended.IsZero() {
		at := j.Ended.UTC().Format(time.RFC3339Nano)
		out.Ended = &at
	}
	return out
}

// SearchJobs are the searches that took long: the page of the search shows them.
func (h *Handlers) SearchJobs(c echo.Context) error {
	if !WantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/search?on=page")
	}
	list, err := h.Ask.Jobs.SearchJobs(c.Request().Context(), store.MaxSearchJobs)
	if err != nil {
		return err
	}
	out := []jobJSON{}
	for _, j := range list {
		out = append(out, h.jobJSON(j))
	}
	return c.JSON(http.StatusOK, map[string]any{"jobs": out})
}

// SearchJob is one search, running, ended, or recorded alone: its page.
func (h *Handlers) SearchJob(c echo.Context) error {
	id := c.Param("id")
	var j store.SearchJob
	if live := h.Searches.Known(id); live != nil {
		j = live.Record()
	} else {
		var err error
		if j, err = h.Ask.Jobs.SearchJob(c.Request().Context(), id); err != nil {
			return err
		}
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, h.jobJSON(j))
	}
	return c.Redirect(http.StatusSeeOther, h.jobView(j).URL)
}
