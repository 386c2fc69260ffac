package handlers

import (
	"context"
	"io"
	"maps"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/export"
	"escutcheon/store"
	"escutcheon/views"
)

// outWriter writes the findings of some rules that a filter chooses.
type outWriter func(ctx context.Context, w io.Writer, from export.Store, rules []*detection.Rule,
	f store.FindingFilter) error

// Navigator is the current filter of a list of findings as an ATT&CK Navigator layer.
func (h *Handlers) Navigator(c echo.Context) error {
	return h.sendOut(c, "application/json", "navigator", "json", export.Navigator)
}

// TimesketchCSV is the current filter as a timeline for Timesketch.
func (h *Handlers) TimesketchCSV(c echo.Context) error {
	return h.sendOut(c, "text/csv; charset=utf-8", "timesketch", "csv", export.TimesketchCSV)
}

// TimesketchJSONLines is the same as JSON lines.
func (h *Handlers) TimesketchJSONLines(c echo.Context) error {
	return h.sendOut(c, "application/x-ndjson", "timesketch", "jsonl", export.TimesketchJSONL)
}

// STIX is the current filter as a bundle of STIX 2.1.
func (h *Handlers) STIX(c echo.Context) error {
	return h.sendOut(c, "application/stix+json;version=2.1", "stix", "json", export.STIX)
}

// sendOut sends the findings of a filter: without a rule of all rules, without a status
// of every one.
func (h *Handlers) sendOut(c echo.Context, kind, name, ext string, write outWriter) error {
	q := maps.Clone(c.QueryParams())
	if q.Get("rule") == "" {
		q.Set("rule", allRules)
	}
	f, r, err := h.findingFilter(c, q)
	if err != nil {
		return err
	}
	rules := h.Book.Content().Rules
	if r != nil {
		rules = []*detection.Rule{r}
	}
	return h.stream(c, kind, fileName(name, f.Dest)+"."+ext, func(w io.Writer) error {
		return write(c.Request().Context(), w, h.Ask.Export, rules, f)
	})
}

// outFiles are the files for other programs, each at its address.
func outFiles(address func(path string) string) (out []views.Export) {
	for _, name := range []string{"navigator.json", "timesketch.csv", "timesketch.jsonl", "stix.json"} {
		out = append(out, views.Export{Label: name, URL: address("/" + name), Rows: -1})
	}
	return out
}
