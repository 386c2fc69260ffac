package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/spl"
	"escutcheon/search"
	"escutcheon/views"
)

func lookupURL(name string) string {
	return openSearch("| inputlookup "+spl.QuoteName(name), search.Asked{})
}

// lookups are the tables that searches can read, for the page of the search.
func (h *Handlers) lookups() (out []views.SearchLookup) {
	for _, l := range search.Lookups(h.Book.Content().Env()) {
		out = append(out, views.SearchLookup{Name: l.Name, Columns: l.Columns, Rows: int64(l.Rows), URL: lookupURL(l.Name)})
	}
	return out
}

type lookupJSON struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int      `json:"rows"`
	URL     string   `json:"url"`
}

// Lookups are the tables that searches can read: the page of the search shows them.
func (h *Handlers) Lookups(c echo.Context) error {
	if !WantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/search?on=page#lookups")
	}
	out := []lookupJSON{}
	for _, l := range search.Lookups(h.Book.Content().Env()) {
		out = append(out, lookupJSON{l.Name, append([]string{}, l.Columns...), l.Rows, lookupURL(l.Name)})
	}
	return c.JSON(http.StatusOK, map[string]any{"lookups": out})
}
