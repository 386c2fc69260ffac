package handlers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

func echoQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return address(path, q)
}

// Host is the review page of one host.
func (h *Handlers) Host(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := typedOf(c)
	if err != nil {
		return err
	}
	filter, err := h.hostFilter(c)
	if err != nil {
		return err
	}
	filter.Text, filter.Dest = "", destParam(c)
	if filter.Dest == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	names, main, err := h.Ask.Hosts.HostAliases(ctx, filter.Dest)
	if err != nil {
		return err
	}
	if to := leadsTo(c, main); to != "" {
		return c.Redirect(http.StatusSeeOther, to)
	}
	host, err := h.Ask.Hosts.HostByDest(ctx, filter)
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return h.sendHost(c, host, filter)
	}
	if part(c) {
		return h.hostPart(c, host, filter, t)
	}
	p, err := h.hostPage(c, host, filter, t)
	if err != nil {
		return err
	}
	p.Names = aliasView(names)
	return render(c, statusOf(p.Timeline.Range), views.Host(p))
}

func (h *Handlers) hostPage(c echo.Context, host store.Host, filter store.HostFilter, t typed) (p views.HostPage,
	err error) {
	ctx := c.Request().Context()
	if p.Frame, err = h.frame(c, host.Spelling); err != nil {
		return p, err
	}
	if filter.AsOf != nil {
		p.AsOf = second(*filter.AsOf)
	}
	p.Dest, p.Spelling = host.Dest, host.Spelling
	p.At, p.AtKind, p.AsOfText = second(host.AsOf), views.AsOfKind(host.AsOfKind), t.asOf
	p.Exports = hostExports(c, host)
	r, err := h.objectRisk(ctx, store.RiskOf{Rule: filter.Rule, AsOf: filter.AsOf, Now: filter.Now}, host.Dest)
	if err != nil {
		return p, err
	}
	j, err := h.verdictOf(ctx, host.Dest, filter.AsOf)
	if err != nil {
		return p, err
	}
	p.Drilldown = drilldownRow(r)
	names, err := h.namesOf(ctx, host.Dest)
	if err != nil {
		return p, err
	}
	p.SearchURL = hostSearch(host, names)
	if p.Cases, err = h.caseMenu(c, "dest", host.Dest, host.Spelling); err != nil {
		return p, err
	}
	for i := range p.Drilldown {
		p.Drilldown[i].SearchURL = h.riskSearch(host, names)
	}
	if p.Timeline, err = h.timelineOf(c, hostPictured(host, filter, r, j, t)); err != nil {
		return p, err
	}
	if p.Verdict, err = h.verdictPanel(ctx, host, filter.Rule, r, j, r.marksOf(p.Timeline)); err != nil {
		return p, err
	}
	p.RiskRules = h.riskRules(r, r.marksOf(p.Timeline))
	for i := range p.RiskRules {
		p.RiskRules[i].URL = echoQuery("/findings", "rule", p.RiskRules[i].ID, "dest", host.Dest)
	}
	if err := h.hostFindings(c, &p, host, filter.Rule); err != nil {
		return p, err
	}
	if err := h.filesBehind(ctx, &p); err != nil {
		return p, err
	}
	if p.Notes, p.NotesPager, err = h.notesOf(c, host.Dest, ""); err != nil {
		return p, err
	}
	p.NewNote, err = h.noteForm(c, host)
	return p, err
}

func hostExports(c echo.Context, host store.Host) []views.Export {
	base := func(name string, keep ...string) string {
		u := csvURL(c, views.HostURL(host.Dest), keep...)
		path, query, found := strings.Cut(u, "?")
		if strings.HasSuffix(path, "/") { // a host that no path can hold
			return echoQuery("/"+name, "dest", host.Dest)
		}
		if found {
			query = "?" + query
		}
		return path + "/" + name + query
	}
	return append([]views.Export{
		{Label: "report.html", URL: base("report.html", "rule", "as-of"), Rows: -1},
		{Label: "report.md", URL: base("report.md", "rule", "as-of"), Rows: -1},
		{Label: "report.json", URL: base("report.json", "rule", "as-of"), Rows: -1},
		{Label: "findings.csv", URL: base("findings.csv", "rule", "suppressed", "status"), Rows: -1},
		{Label: "risk.csv", URL: base("risk.csv", "rule", "as-of"), Rows: -1},
		{Label: "notes.csv", URL: base("notes.csv"), Rows: host.Notes},
	}, outFiles(func(path string) string { return echoQuery(path, "dest", host.Dest) })...)
}

// hostSearch is the search for what a host did in its 7 days, under all its names, in
// which it is now at the as-of.
func hostSearch(host store.Host, names []string) string {
	if host.Dest == "" {
		return ""
	}
	at := search.Asked{Earliest: second(host.AsOf - riskSpan + 1).Format(time.RFC3339),
		Latest: second(host.AsOf + 1).Format(time.RFC3339), Now: second(host.AsOf).Format(time.RFC3339)}
	if len(names) < 2 {
		names = []string{host.Spelling}
	}
	return openSearch(hostIs(names), at)
}

// riskSpan is the 7 days of a risk view, in seconds.
const riskSpan = 168 * 3600

// riskSearch is the seed's second drilldown for a host, at its as-of.
func (h *Handlers) riskSearch(host store.Host, names []string) string {
	r := h.Book.Find(detection.SeedID)
	if r == nil {
		return ""
	}
	for _, d := range r.Drilldowns {
		if strings.Contains(d.Search, "datamodel Risk") {
			d = r.FillDrilldown(d.OfHosts(names), spl.Row{{Name: "dest", Value: host.Dest}})
			return openSearch(d.Search, search.Asked{Now: second(host.AsOf).Format(time.RFC3339)})
		}
	}
	return ""
}

func quotedValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// mostMessages is how many risk messages a page shows; risk.csv has all.
const mostMessages = 30

// firstOf are the first texts of a list, each cut, and how many there are besides.
func firstOf(list []string, most int) []string {
	out := make([]string, 0, min(len(list), most+1))
	for i, s := range list {
		if i == most {
			return append(out, fmt.Sprintf("and %d more: risk.csv has all", len(list)-most))
		}
		out = append(out, cut(s, 500))
	}
	return out
}

// drilldownRow is the row of the second drilldown; none when there is no risk.
func drilldownRow(s scored) []views.DrilldownRow {
	d, ok := s.Row()
	if !ok {
		return nil
	}
	return []views.DrilldownRow{{Object: d.RiskObject, Score: int64(d.Score), Count: int64(d.Count),
		First: second(d.FirstTime), Last: second(d.LastTime), SearchNames: d.SearchNames,
		RiskMessages: firstOf(d.RiskMessages, mostMessages),
		Stories:      d.AnalyticStories, Annotations: d.Annotations, ATTCKTactics: d.Tactics}}
}

// mostGrouped is how many findings of a host are shown by change, all on one
// page. The module that was planted stands first then, whatever its time.
const mostGrouped = 40

// hostRows is how many findings of its chief rule the page of a host has where
// there are more than are shown by change.
const hostRows = 25

// hostFindings fills the table of a host's findings, whole or by change.
func (h *Handlers) hostFindings(c echo.Context, p *views.HostPage, host store.Host, rule string) error {
	ctx := c.Request().Context()
	hidden := c.QueryParam("suppressed") == "1"
	p.Suppressed = host.Suppressed
	p.ShowURL, p.HideURL = with(c, "suppressed", "1"), with(c, "suppressed", "")
	if hidden {
		p.ShowURL = ""
	} else {
		p.HideURL = ""
	}
	status, err := hostStatus(c)
	if err != nil {
		return err
	}
	r, err := h.hostRules(c, p, host, rule, store.FindingFilter{Suppressed: hidden, Status: status})
	if err != nil {
		return err
	}
	if err := h.hostTriageForms(c, p, host, status); err != nil {
		return err
	}
	where := page(c)
	where.Limit = hostRows
	filter := store.FindingFilter{Rule: r.ID, Dest: host.Dest, Suppressed: hidden, Status: status}
	all, suppressed, err := h.Ask.Hosts.CountFindings(ctx, filter)
	if err != nil {
		return err
	}
	grouped := r.ID == detection.SeedID && c.QueryParam("group") != "none" && all <= mostGrouped &&
		c.QueryParam("sort")+where.After+where.Before == ""
	if grouped {
		where = store.Page{Sort: "row", Asc: true, Limit: mostGrouped}
	}
	found, cursors, err := h.Ask.Hosts.Findings(ctx, filter, where)
	if err != nil {
		return err
	}
	p.Findings = views.FindingsTable{Columns: r.Plan().Columns(), Form: views.TriageFormID}
	rows := make([]views.FindingRow, len(found))
	for i, f := range found {
		rows[i] = h.findingRow(f)
	}
	if grouped {
		p.UngroupURL = with(c, "group", "none")
		p.Findings.Groups = h.groups(found)
	} else {
		if r.ID == detection.SeedID && all <= mostGrouped {
			p.GroupURL = with(c, "group", "", "sort", "")
		}
		p.Findings.Rows, p.Findings.Sorts = rows, findingSorts(c)
	}
	total := all
	if !hidden {
		total -= suppressed
	}
	p.FindingsPager = pager(c, cursors, len(rows), total)
	return h.unattributed(ctx, p, r)
}

// hostStatus are the statuses whose findings a host's page shows: the open ones.
func hostStatus(c echo.Context) (triage.Set, error) {
	s, wrong := triage.ParseSet(cmp.Or(c.QueryParam("status"), triage.Open.String()))
	if wrong != "" {
		return s, fault.New(fault.Invalid, "There is no status %q. Choose open or all.", cut(wrong, 80))
	}
	return s, nil
}

// hostTriageForms fills in the triage of a host, and the form for its findings.
func (h *Handlers) hostTriageForms(c echo.Context, p *views.HostPage, host store.Host, status triage.Set) (err error) {
	p.Told = told(c)
	if p.Triage, err = h.triagePanel(c, store.OfHost, host.Dest, triage.Medium); err != nil {
		return err
	}
	if status == triage.Open {
		p.Hidden, p.AllURL = host.Closed, with(c, "status", triage.All.String())
	}
	if p.Bulk, err = h.triageForm(c); err != nil {
		return err
	}
	p.Bulk.Action = "/triage"
	p.Bulk.Filter = url.Values{"rule": {cmp.Or(c.QueryParam("rule"), allRules)}, "dest": {host.Dest},
		"status": {status.String()}}.Encode()
	p.Bulk.All = host.Findings - host.Suppressed
	if status == triage.Open {
		p.Bulk.All -= host.Closed
	}
	if status != triage.Open && status != triage.All {
		p.Bulk.Filter = ""
	}
	return nil
}

// groups puts the findings of one module together, and those of one other
// change, the gravest first.
func (h *Handlers) groups(found []store.Finding) []views.FindingGroup {
	changes := make([]detection.Change, len(found))
	for i, f := range found {
		changes[i], _ = h.change(f)
	}
	var out []views.FindingGroup
	for _, g := range detection.GroupChanges(changes) {
		v := views.FindingGroup{Words: cmp.Or(g.Words(), "neither modules nor logging"), Kind: string(g.Kind.Class())}
		for _, i := range g.Of {
			v.Rows = append(v.Rows, h.findingRow(found[i]))
		}
		out = append(out, v)
	}
	return out
}

func (h *Handlers) unattributed(ctx context.Context, p *views.HostPage, r *detection.Rule) error {
	lost, err := h.Ask.Hosts.UnattributedOf(ctx, r.ID, p.Dest)
	for _, u := range lost {
		p.Unattributed = append(p.Unattributed, views.Unattributed{Rule: r.Name, Missing: u.Missing, Count: u.Count,
			URL: unattributedURL(r.ID, p.Dest, u.Missing)})
	}
	return err
}

// unattributedURL is where the events are listed that lack some fields; those that
// lack none are not decided.
func unattributedURL(rule, dest, missing string) string {
	if missing == "" {
		return echoQuery("/events", "rule", rule, "dest", dest, "undecided", "1")
	}
	return echoQuery("/events", "rule", rule, "dest", dest, "missing", missing)
}

// findingRow is a finding as a table shows it.
func (h *Handlers) findingRow(f store.Finding) views.FindingRow {
	v := views.FindingRow{ID: f.Key, RuleID: f.RuleID, RuleName: f.RuleID, Dest: f.Dest, Cells: cutCells(f.Row),
		Count: f.Count,
		First: second(f.First), Last: second(f.Last), Suppressed: f.Suppressed, Pending: f.Pending,
		Undecided: f.Undecided, Damaged: f.Damaged}
	v.Status, v.Open, v.Reopened, v.Owner = f.Triage.Status.String(), f.Triage.Status.Open(), f.Triage.Reopened,
		f.Triage.Owner
	if f.Triage.Damaged {
		v.Status = "damaged"
	}
	v.Urgency = cmp.Or(f.Triage.Urgency, urgencyOf(h.Book.Find(f.RuleID))).String()
	if r := h.Book.Find(f.RuleID); r != nil {
		v.RuleName, v.What = r.Name, r.Label(f.Row, f.Change)
	}
	if by, ok := h.Book.Filter(f.RuleID); ok && f.Suppressed {
		filter := h.filterView(by)
		v.By = &filter
	}
	if c, ok := h.change(f); ok {
		v.Change, v.ChangeKind = c.Words(), string(c.Kind.Class())
		if labels := (c.Kind &^ detection.Qualifiers).Labels(); len(labels) > 0 {
			v.ChangeBy = labels[0]
		}
	}
	return v
}
