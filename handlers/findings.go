package handlers

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// FindingStore is what the pages of findings ask.
type FindingStore interface {
	// Findings returns one page of findings, by last, first, count, dest, row,
	// status, severity, owner, rule or what.
	Findings(ctx context.Context, f store.FindingFilter, p store.Page) ([]store.Finding, store.Cursors, error)
	// CountFindings counts those a filter chooses, and the suppressed of them.
	CountFindings(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error)
	// FindingPage is both, of one look through all findings.
	FindingPage(ctx context.Context, f store.FindingFilter, p store.Page) (list []store.Finding, c store.Cursors,
		n, suppressed int64, err error)
	// FindingFacets counts them by each property: most values of each, of one that
	// is named all.
	FindingFacets(ctx context.Context, f store.FindingFilter, most int, all string) ([]store.Facet, error)
	// FindingByKey returns one finding, suppressed or not.
	FindingByKey(ctx context.Context, key string) (store.Finding, error)
	HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error)
	// Events returns one page of a finding's events, newest first.
	Events(ctx context.Context, f store.EventFilter, p store.Page) ([]store.EventRef, store.Cursors, error)
}

// allRules is the rule= of findings of all rules.
const allRules = "all"

// findingFilter reads a list of findings' filter, of the host that the path names,
// if it does.
func (h *Handlers) findingFilter(c echo.Context, q url.Values) (store.FindingFilter, *detection.Rule, error) {
	f, r, err := h.findingFilterOf(q)
	if q.Get("dest") == "" {
		f.Dest = destParam(c)
	}
	return f, r, err
}

// findingProps are the properties of findings that a query names as such; it names
// status, rule and dest in ways of their own.
var findingProps = []string{store.BySeverity, store.ByChange, store.ByModule, store.ByChannel, store.ByOwner,
	byLanguage}

// findingFilterOf reads the filter of a list of findings. Without a rule it is the
// seed's, as other rules have other columns; without a status it is every one. The
// rule is nil where it is all of them.
func (h *Handlers) findingFilterOf(q url.Values) (f store.FindingFilter, r *detection.Rule, err error) {
	f.Suppressed = q.Get("suppressed") == "1"
	if f.Text, err = plainSearch(q.Get("q")); err != nil {
		return f, nil, err
	}
	if d := q.Get("dest"); d != "" {
		f.Dest = event.NormalizeHost(d)
	}
	wrong := ""
	if f.Status, wrong = triage.ParseSet(strings.Join(q["status"], ",")); wrong != "" {
		return f, nil, fault.New(fault.Invalid, "There is no status %q. Choose open, all, New, In Progress, Pending, "+
			"Resolved, Closed, or several with commas between them.", cut(wrong, 80))
	}
	usual := detection.SeedID
	if q.Get(byLanguage) != "" || q.Get(not+byLanguage) != "" {
		usual = allRules
	}
	if name := cmp.Or(q.Get("rule"), usual); !strings.EqualFold(name, allRules) {
		if r, err = h.rule(name); err != nil {
			return f, nil, err
		}
		f.Rule = r.ID
	}
	if f.By, err = h.choices(q, findingProps, store.ByStatus, store.ByRule, store.ByDest); err != nil {
		return f, nil, err
	}
	h.byLanguage(&f, r)
	for _, end := range []struct {
		name string
		to   **int64
	}{{"from", &f.From}, {"to", &f.To}} {
		if *end.to, err = asof.Parse(q.Get(end.name)); err != nil {
			return f, nil, err
		}
	}
	return f, r, nil
}

// listQuery is the query of the page of findings with what it opens with: what is
// open, of all rules; where one rule alone has any findings, in its own columns.
func (h *Handlers) listQuery(c echo.Context) (url.Values, error) {
	q := ofView(maps.Clone(c.QueryParams()))
	if q.Get("status") == "" {
		q.Set("status", triage.Open.String())
	}
	if q.Get("rule") != "" || strings.TrimPrefix(q.Get("sort"), "-") == "row" {
		return q, nil
	}
	rules, err := h.Ask.Rules.RulesWithFindings(c.Request().Context())
	if len(rules) > 1 {
		q.Set("rule", allRules)
	}
	for r := range rules {
		if len(rules) == 1 && h.Book.Find(r) != nil {
			q.Set("rule", r)
		}
	}
	return q, err
}

func findingSorts(c echo.Context) map[string]views.Sort {
	s := sorts(c, "-last", "last", "first", "count", "dest", "row", "rule", "what", "status", "owner", "severity")
	return map[string]views.Sort{"lastTime": s["last"], "firstTime": s["first"], "count": s["count"],
		"dest": s["dest"], "Message": s["row"], "rule": s["rule"], "what": s["what"],
		"status": s["status"], "owner": s["owner"], "severity": s["severity"]}
}

// Findings is the list of findings.
func (h *Handlers) Findings(c echo.Context) error {
	if WantsJSON(c) {
		return h.findingsJSON(c)
	}
	ctx := c.Request().Context()
	saved, to, err := h.savedViews(c, "findings")
	if err != nil || to != "" {
		return leadTo(c, to, err)
	}
	q, err := h.listQuery(c)
	if err != nil {
		return err
	}
	filter, r, err := h.findingFilter(c, q)
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
	p := views.FindingsPage{Total: shown, Suppressed: suppressed, Pager: pager(c, cursors, len(found), shown),
		ManyRules: r == nil, Told: told(c), Views: saved,
		Filter: views.FindingsFilter{Dest: q.Get("dest"), Text: q.Get("q"), From: q.Get("from"), To: q.Get("to"),
			Suppressed: filter.Suppressed, Sort: q.Get("sort"), Statuses: statusOptions(filter.Status),
			Kept: keptChoices(c, findingProps...)},
		Chips: append(h.chips(c, "rule", "rule", "dest", "dest", "q", "text", "from", "from", "to", "to"),
			h.choiceChips(c, findingProps...)...),
		Table:  views.FindingsTable{Columns: allColumns, Sorts: findingSorts(c), Form: views.TriageFormID},
		Export: []views.Export{{Label: "findings.csv", URL: filterURL("/findings.csv", q), Rows: shown}},
		Others: outFiles(func(path string) string { return filterURL(path, q) }),
	}
	if r != nil {
		p.Table.Columns = r.Plan().Columns()
	}
	list, err := h.Ask.Findings.FindingFacets(ctx, filter, fewFacets, c.QueryParam("facet"))
	if err != nil && fault.CodeOf(err) != fault.Invalid { // where there are too many, there are none
		return err
	}
	if list, err = h.languageFacet(ctx, list, filter); err != nil {
		return err
	}
	p.Facets = views.Facets{Groups: h.facetGroups(c, list, c.QueryParam("facet")), Besides: filter.Text != ""}
	if err := h.hiddenByStatus(c, &p, filter, q); err != nil {
		return err
	}
	title := "Findings"
	if r != nil {
		title = "Findings of " + r.Name
	}
	if c.QueryParam("rule") == "" && r != nil { // the filter that the list opens with
		p.Chips = append([]views.Chip{{Label: "rule", Value: r.Name}}, p.Chips...)
	}
	if p.Frame, err = h.frame(c, title); err != nil {
		return err
	}
	if p.Filter.Rules, err = h.ruleOptions(ctx, filter.Rule, "all rules"); err != nil {
		return err
	}
	for _, f := range found {
		p.Table.Rows = append(p.Table.Rows, h.findingRow(f))
	}
	if p.Triage, err = h.triageForm(c); err != nil {
		return err
	}
	p.Triage.Action, p.Triage.Filter, p.Triage.All = "/triage", q.Encode(), shown
	return render(c, http.StatusOK, views.Findings(p))
}

// allColumns are the columns of a list of findings of all rules.
var allColumns = []string{"lastTime", "dest", "rule", "what", "count"}

// hiddenByStatus says how many findings the status of a list's filter hides.
func (h *Handlers) hiddenByStatus(c echo.Context, p *views.FindingsPage, f store.FindingFilter, q url.Values) error {
	if f.Status == triage.All {
		return nil
	}
	f.Status = triage.All
	all, suppressed, err := h.Ask.Findings.CountFindings(c.Request().Context(), f)
	if !f.Suppressed {
		all -= suppressed
	}
	p.Hidden, p.AllURL = all-p.Total, with(c, "status", triage.All.String())
	return err
}

func statusOptions(s triage.Set) (out []views.Option) {
	for _, of := range []triage.Set{triage.Open, triage.All, triage.Done} {
		label := map[triage.Set]string{triage.Open: "open", triage.All: "every status",
			triage.Done: "resolved or closed"}[of]
		out = append(out, views.Option{Value: of.String(), Label: label, Selected: of == s})
	}
	for _, of := range triage.Statuses() {
		out = append(out, views.Option{Value: of.String(), Label: of.String(), Selected: s == 1<<of})
	}
	return out
}

// filterURL is an address with what a query says of a filter.
func filterURL(path string, q url.Values) string {
	out := url.Values{}
	names := append([]string{"rule", "dest", "q", "from", "to", "suppressed", "status"}, findingProps...)
	for _, name := range append(names, not+store.ByStatus, not+store.ByRule, not+store.ByDest) {
		if q.Get(name) != "" {
			out[name] = q[name]
		}
		if q.Get(not+name) != "" {
			out[not+name] = q[not+name]
		}
	}
	return address(path, out)
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
		return h.orEvidence(c, store.PinFinding, c.Param("id"), err)
	}
	r, err := h.rule(f.RuleID)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return h.findingJSON(c, f, r)
	}
	p, err := h.findingPage(c, f, r)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Finding(p))
}

// findingPage is the page of a finding of a rule.
func (h *Handlers) findingPage(c echo.Context, f store.Finding, r *detection.Rule) (p views.FindingPage, err error) {
	ctx := c.Request().Context()
	host, err := h.Ask.Findings.HostByDest(ctx, store.HostFilter{Dest: f.Dest, Now: h.Now().Unix()})
	if err != nil {
		return p, err
	}
	shown := h.findingRow(f)
	shown.Cells = f.Row // whole: this is its own page
	for i, cell := range f.Row {
		shown.Cells[i] = cut(cell, eventValue)
	}
	p = views.FindingPage{Columns: r.Plan().Columns(), Row: shown, Spelling: host.Spelling, Rule: short(r), Told: told(c)}
	if p.Triage, err = h.triagePanel(c, store.OfFinding, f.Key, urgencyOf(r)); err != nil {
		return p, err
	}
	if err := h.findingObjects(ctx, &p, f); err != nil {
		return p, err
	}
	if r.FilterMacro() != "" && !f.Suppressed {
		p.LikeURL = echoQuery(views.RuleURL(r.ID), "like", f.Key) + "#filter"
	}
	if p.Frame, err = h.frame(c, "Finding on "+host.Spelling); err != nil {
		return p, err
	}
	if p.Cases, err = h.caseMenu(c, "finding", f.Key, h.labelOf(f)+" on "+host.Spelling); err != nil {
		return p, err
	}
	refs, cursors, err := h.Ask.Findings.Events(ctx, store.EventFilter{Finding: f.Key}, page(c))
	if err != nil {
		return p, err
	}
	if p.Events, err = h.eventRows(ctx, refs); err != nil {
		return p, err
	}
	p.Pager = pager(c, cursors, len(refs), f.Count)
	names, err := h.namesOf(ctx, f.Dest)
	if err != nil {
		return p, err
	}
	for _, d := range r.Drilldowns {
		p.Drilldowns = append(p.Drilldowns, h.filled(r, d.OfHosts(names), f))
	}
	if p.Notes, p.NotesPager, err = h.notesOf(c, f.Dest, f.Key); err != nil {
		return p, err
	}
	p.NewNote = views.NoteForm{Author: author(c), Finding: f.Key}
	p.NewNote.Templates, err = h.templateOptions(c)
	return p, err
}

// filled is a drilldown filled in for a finding, with the page that shows the
// same here: the first kind is the rule's own search for the dest, the second
// the dest's risk.
func (h *Handlers) filled(r *detection.Rule, d detection.Drilldown, f store.Finding) views.Drilldown {
	risk := strings.Contains(d.Search, "datamodel Risk")
	d = r.FillDrilldown(d, r.NewRow(f.Row))
	v := views.Drilldown{Name: d.Name, SPL: d.Search, URL: echoQuery("/findings", "rule", r.ID, "dest", f.Dest),
		Here: "the rule's findings of this host", SearchURL: openSearch(d.Search, search.Asked{
			Now: second(f.Last).Format(time.RFC3339)})}
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
