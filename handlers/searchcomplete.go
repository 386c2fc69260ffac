package handlers

import (
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/search"
)

// seenAge is how old what completion knows of the events may be, seenWait how long one
// is kept waiting for it.
const (
	seenAge  = 30 * time.Second
	seenWait = 300 * time.Millisecond
)

// CompleteSearch is what may be written at a place of a search.
func (h *Handlers) CompleteSearch(c echo.Context) error {
	text := c.QueryParam("q")
	if len(text) > maxSPL {
		return fault.New(fault.Invalid, "The search is longer than %d bytes.", maxSPL)
	}
	at := utf8.RuneCountInString(text)
	if n := c.QueryParam("at"); n != "" {
		var err error
		if at, err = strconv.Atoi(n); err != nil || at < 0 {
			return fault.New(fault.Invalid, "at is %q; it is a number of characters, from 0.", n)
		}
	}
	seen := h.Searches.Seen(c.Request().Context(), seenAge, seenWait)
	return c.JSON(http.StatusOK, search.Complete(h.Searches.Engine().Env(), text, at, seen))
}
