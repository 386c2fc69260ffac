package handlers

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// FindingStore is what the pages of findings ask.
type FindingStore interface {
	// Findings returns one page of findings, by last, first, count, dest or
	// row.
	Findings(ctx context.Context, f store.FindingFilter, p store.Page) ([]store.Finding, store.Cursors, error)
	// CountFindings counts those a filter chooses, and the suppressed of them.
	CountFindings(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error)
	// FindingPage is both, of one look through all findings.
	FindingPage(ctx context.Context, f store.FindingFilter, p store.Page) (list []store.Finding, c store.Cursors,
		n, suppressed int64, err error)
	// FindingByKey returns one finding, suppressed or not.
	FindingByKey(ctx context.Context, key string) (store.Finding, error)
	HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error)
	// Events returns one page of a finding's events, newest first.
	Events(ctx context.Context, f store.EventFilter, p store.Page) ([]store.EventRef, store.Cursors, error)
}

// findingFilter reads a list of findings' filter. Without rule= it is the
// seed's rule: other rules have other columns.
func (h *Handlers) findingFilter(c echo.Context) (store.FindingFilter, *detection.Rule, error) {
	f := store.FindingFilter{Dest: destParam(c), Suppressed: c.QueryParam("suppressed") == "1"}
	var err error
	if f.Text, err = textParam(c); err != nil {
		return f, nil, err
	}
	if d := c.QueryParam("dest"); d != "" {
		f.Dest = event.NormalizeHost(d)
	}
	name := c.QueryParam("rule")
	if name == "" {
		name = detection.SeedID
	}
	r, err := h.rule(name)
	if err != nil {
		return f, nil, err
	}
	f.Rule = r.ID
	for _, end := range []struct {
		name string
		to   **int64
	}{{"from", &f.From}, {"to", &f.To}} {
		if *end.to, err = asof.Parse(c.QueryParam(end.name)); err != nil {
			return f, nil, err
		}
	}
	return f, r, nil
}

func findingSorts(c echo.Context) map[string]views.Sort {
	s := sorts(c, "-last", "last", "first", "count", "dest", "row")
	return map[string]views.Sort{"lastTime": s["last"], "firstTime": s["first"], "count": s["count"],
		"dest": s["dest"], "Message": s["row"]}
}

// Findings is the list of findings.
func (h *Handlers) Findings(c echo.Context) error {
	ctx := c.Request().Context()
	filter, r, err := h.findingFilter(c)
	if err != nil {
		return err
	}
	found, cursors, total, suppressed, err := h.findings(ctx, filter, page(c))
	if err != nil {
		return err
	}
	shown := total
	if !filter.Suppressed {
		shown -= suppressed
	}
	q := c.QueryParam
	p := views.FindingsPage{Total: shown, Suppressed: suppressed, Pager: pager(c, cursors, len(found), shown),
		Filter: views.FindingsFilter{Dest: q("dest"), Text: q("q"), From: q("from"), To: q("to"),
			Suppressed: filter.Suppressed, Sort: q("sort")},
		Chips: h.chips(c, "rule", "rule", "dest", "dest", "q", "text", "from", "from", "to", "to"),
		Table: views.FindingsTable{Columns: r.Plan.Columns(), Sorts: findingSorts(c)},
		Export: []views.Export{{Label: "findings.csv", URL: csvURL(c, "/findings.csv", "rule", "dest", "q", "from", "to",
			"suppressed"), Rows: shown}},
	}
	if q("rule") == "" { // the filter that the list opens with
		p.Chips = append([]views.Chip{{Label: "rule", Value: r.Name}}, p.Chips...)
	}
	if p.Frame, err = h.frame(c, "Findings of "+r.Name); err != nil {
		return err
	}
	if p.Filter.Rules, err = h.ruleOptions(ctx, filter.Rule, ""); err != nil {
		return err
	}
	for _, f := range found {
		p.Table.Rows = append(p.Table.Rows, h.findingRow(f))
	}
	return render(c, http.StatusOK, views.Findings(p))
}

// findings is a page of findings, and how many there are.
func (h *Handlers) findings(ctx context.Context, f store.FindingFilter, p store.Page) (found []store.Finding,
	c store.Cursors, n, suppressed int64, err error) {
	if f.Text != "" {
		return h.Ask.Findings.FindingPage(ctx, f, p)
	}
	if found, c, err = h.Ask.Findings.Findings(ctx, f, p); err == nil {
		n, suppressed, err = h.Ask.Findings.CountFindings(ctx, f)
	}
	return found, c, n, suppressed, err
}

// Finding is one finding, its events and its rule in short.
func (h *Handlers) Finding(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := h.Ask.Findings.FindingByKey(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	r, err := h.rule(f.RuleID)
	if err != nil {
		return err
	}
	host, err := h.Ask.Findings.HostByDest(ctx, store.HostFilter{Dest: f.Dest, Now: h.Now().Unix()})
	if err != nil {
		return err
	}
	shown := h.findingRow(f)
	shown.Cells = f.Row // whole: this is its own page
	for i, cell := range f.Row {
		shown.Cells[i] = cut(cell, eventValue)
	}
	p := views.FindingPage{Columns: r.Plan.Columns(), Row: shown, Spelling: host.Spelling, Rule: short(r)}
	if err := h.findingObjects(ctx, &p, f); err != nil {
		return err
	}
	if r.FilterMacro() != "" && !f.Suppressed {
		p.LikeURL = echoQuery(views.RuleURL(r.ID), "like", f.Key) + "#filter"
	}
	if p.Frame, err = h.frame(c, "Finding on "+host.Spelling); err != nil {
		return err
	}
	refs, cursors, err := h.Ask.Findings.Events(ctx, store.EventFilter{Finding: f.Key}, page(c))
	if err != nil {
		return err
	}
	if p.Events, err = h.eventRows(ctx, refs); err != nil {
		return err
	}
	p.Pager = pager(c, cursors, len(refs), f.Count)
	for _, d := range r.Drilldowns {
		p.Drilldowns = append(p.Drilldowns, h.filled(r, d, f))
	}
	if p.Notes, p.NotesPager, err = h.notesOf(c, f.Dest, f.Key); err != nil {
		return err
	}
	p.NewNote = views.NoteForm{Author: author(c), Finding: f.Key}
	return render(c, http.StatusOK, views.Finding(p))
}

// filled is a drilldown filled in for a finding, with the page that shows the
// same here: the first kind is the rule's own search for the dest, the second
// the dest's risk.
func (h *Handlers) filled(r *detection.Rule, d detection.Drilldown, f store.Finding) views.Drilldown {
	risk := strings.Contains(d.Search, "datamodel Risk")
	d = r.FillDrilldown(d, r.NewRow(f.Row))
	v := views.Drilldown{Name: d.Name, SPL: d.Search, URL: echoQuery("/findings", "rule", r.ID, "dest", f.Dest),
		Here: "the rule's findings of this host"}
	if risk {
		at := second(f.Last).Format(time.RFC3339)
		v.URL, v.Here = echoQuery("/", "q", f.Dest), "the host's risk of its last 7 days"
		if u := views.HostURL(f.Dest); !strings.Contains(u, "?") {
			v.URL = u + "?" + strings.TrimPrefix(echoQuery("", "as-of", at), "?")
			v.Here = "the host's risk of the 7 days up to this finding's last event"
		}
	}
	return v
}
