package handlers

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/search"
	"escutcheon/views"
)

// What an event shows that is opened within a list, in bytes: of one value, of all
// fields, of the original. Its own page shows more.
const (
	openValue  = 8 << 10
	openFields = 32 << 10
	openRaw    = 16 << 10
)

// searchOf is the search whose key an event's address has; nil for none that is known.
func (h *Handlers) searchOf(c echo.Context) *views.SearchRun {
	if h.Searches == nil {
		return nil
	}
	job := h.Searches.Kept(c.QueryParam("search"), func(*search.Job) bool { return true })
	if job == nil {
		return nil
	}
	columns, err := columnsOf(c.QueryParam("columns"))
	if err != nil {
		columns = nil // they only go along
	}
	return &views.SearchRun{Key: job.Key, Text: job.Search.Text(), Earliest: job.Asked.Earliest, Latest: job.Asked.Latest,
		NowIs: job.Asked.Now, SearchLook: views.SearchLook{Chosen: columns}}
}

// around is how much time before and after an event its surroundings are.
const aroundTime = 5 * time.Minute

// aroundURL is a search for the events of an event's host around it, that marks it.
func aroundURL(id int64, e *event.Event) string {
	if e.Computer == "" || !e.HasTime {
		return ""
	}
	at := e.Time().UTC().Truncate(time.Second)
	t := search.Asked{Earliest: at.Add(-aroundTime).Format(time.RFC3339),
		Latest: at.Add(aroundTime + time.Second).Format(time.RFC3339)}
	return searchAt("host="+quotedValue(e.Computer), t, "on", "page", "mark", fmt.Sprint(id),
		"around", search.Place{Nanos: e.Nanos, Number: id}.String())
}
