package handlers

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// HostStore is what the pages of hosts ask.
type HostStore interface {
	// Hosts returns one page of hosts with their risk, by score, last, dest or
	// findings.
	Hosts(ctx context.Context, f store.HostFilter, p store.Page) ([]store.Host, store.Cursors, error)
	SummarizeHosts(ctx context.Context, f store.HostFilter) (store.HostSummary, error)
	// ListHosts returns one page of hosts by gravity, score, last, dest, findings,
	// severity, rarity, status or owner, what its list comes to, and the list's
	// facets: most values of each, of one that is named all.
	ListHosts(ctx context.Context, f store.HostFilter, p store.Page, most int, all string) (store.HostList, error)
	// HoldsAnything says whether there is any host or import.
	HoldsAnything(ctx context.Context) (bool, error)
	// HostByDest returns one host with its risk.
	HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error)
	// RulesOf counts a dest's findings by rule, suppressed ones too.
	RulesOf(ctx context.Context, dest string) ([]store.RuleCount, error)
	// UnattributedOf counts the matching events of a dest that are in no row
	// of a rule, by the fields they lack.
	UnattributedOf(ctx context.Context, rule, dest string) ([]store.Unattributed, error)
	// HostAliases are the names merged with a dest; main is the host that dest
	// itself is shown with, "" when it stands for itself.
	HostAliases(ctx context.Context, dest string) (names []store.HostAlias, main string, err error)
	// MergeHosts shows a name with another host, PartHosts takes that back.
	MergeHosts(ctx context.Context, a store.HostAlias) error
	PartHosts(ctx context.Context, a store.HostAlias) error
	// FilesOfHost are the files that brought new events of a dest, the newest
	// first, up to limit, and how many there are.
	FilesOfHost(ctx context.Context, dest string, limit int) ([]store.HostFile, int64, error)
	Findings(ctx context.Context, f store.FindingFilter, p store.Page) ([]store.Finding, store.Cursors, error)
	CountFindings(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error)
}

// hostProps are the properties of hosts that a query names as such; their severity
// it names as the incident's, and their status as the findings' one.
var hostProps = []string{store.ByGravity, store.ByChange, store.ByModule, store.ByFired, store.ByChannel, store.ByOwner}

// listFilter reads the filter of the list of hosts: without a status those that are
// open.
func (h *Handlers) listFilter(c echo.Context, status string) (f store.HostFilter, err error) {
	if f, err = h.hostFilter(c); err != nil {
		return f, err
	}
	wrong := ""
	if f.Status, wrong = triage.ParseSet(status); wrong != "" {
		return f, fault.New(fault.Invalid, "There is no status %q. Choose open, all, New, In Progress, Pending, "+
			"Resolved, Closed, or several with commas between them.", cut(wrong, 80))
	}
	f.Severity = c.QueryParam("severity")
	f.By, err = h.choices(c.QueryParams(), hostProps, store.ByStatus, store.BySeverity, store.ByDest)
	return f, err
}

// Hosts is the console's start: hosts by their risk.
func (h *Handlers) Hosts(c echo.Context) error {
	ctx := c.Request().Context()
	asOfText, asOfWrong, status := typedAsOf(c)
	filter, err := h.listFilter(c, cmp.Or(strings.Join(c.QueryParams()["status"], ","), triage.Open.String()))
	if err != nil {
		return err
	}
	saved, to, err := h.savedViews(c, "hosts")
	if err != nil || to != "" {
		return leadTo(c, to, err)
	}
	holds, err := h.Ask.Hosts.HoldsAnything(ctx)
	if err != nil {
		return err
	}
	list, err := h.Ask.Hosts.ListHosts(ctx, filter, page(c), fewFacets, c.QueryParam("facet"))
	if err != nil {
		return err
	}
	hosts, sum := list.Hosts, list.Sum
	p := views.HostsPage{Total: sum.Hosts, Risky: sum.Risky, Top: sum.Top, Any: holds, Views: saved,
		Sorts: sorts(c, "-gravity", "gravity", "dest", "score", "findings", "last", "severity", "rarity", "status", "owner"),
		Pager: pager(c, list.Cursors, len(hosts), sum.Hosts),
		Chips: append(h.chips(c, "q", "host", "severity", "severity", "rule", "rule", "import", "import", "as-of",
			"as of", "status", "status"),
			h.choiceChips(c, hostProps...)...),
		Filter: views.HostsFilter{Text: filter.Text, AsOf: asOfText, AsOfWrong: asOfWrong, Sort: c.QueryParam("sort"),
			Import: c.QueryParam("import"), Severities: severities(c.QueryParam("severity")), Kept: keptHosts(c)},
		Export: []views.Export{{Label: "risk.csv", URL: csvURL(c, "/risk.csv", hostParams()...), Rows: sum.Risky}},
		Facets: views.Facets{Groups: h.facetGroups(c, list.Facets, c.QueryParam("facet"))},
		Hidden: list.Hidden, AllURL: with(c, "status", triage.All.String()),
	}
	for i := range p.Facets.Groups {
		if g := &p.Facets.Groups[i]; g.Name == store.BySeverity {
			g.Label = "worst incident"
		}
	}
	if p.Frame, err = h.frame(c, hostsTitle(sum)); err != nil {
		return err
	}
	if p.Filter.Rules, err = h.ruleOptions(ctx, filter.Rule, ""); err != nil {
		return err
	}
	if filter.AsOf != nil {
		p.AsOf = second(*filter.AsOf)
	}
	if p.Rows, err = h.hostRows(ctx, hosts, filter); err != nil {
		return err
	}
	return render(c, status, views.Hosts(p))
}

// hostParams are the parameters that filter hosts.
func hostParams() []string {
	out := []string{"q", "severity", "rule", "import", "as-of", "status", not + store.ByStatus, not + store.BySeverity,
		not + store.ByDest}
	for _, name := range hostProps {
		out = append(out, name, not+name)
	}
	return out
}

// keptHosts are the filters that the form has no field for.
func keptHosts(c echo.Context) []views.Option {
	out := keptChoices(c, hostProps...)
	for _, v := range c.QueryParams()[not+store.BySeverity] {
		out = append(out, views.Option{Label: not + store.BySeverity, Value: v})
	}
	for _, v := range c.QueryParams()["status"] {
		out = append(out, views.Option{Label: "status", Value: v})
	}
	return out
}

func hostsTitle(s store.HostSummary) string {
	if s.Risky == 1 {
		return "1 host with risk in its last 7 days"
	}
	return fmt.Sprintf("%d hosts with risk in their last 7 days", s.Risky)
}

func severities(chosen string) []views.Option {
	return options(chosen, "", "any", "critical", "critical", "high", "high", "medium", "medium", "low", "low", "none",
		"no risk")
}

// mostRules is how many rules a select offers whether they have findings or
// not; where there are more, only those that have any are in it.
const mostRules = 30

func (h *Handlers) ruleOptions(ctx context.Context, chosen, all string) ([]views.Option, error) {
	out := []string{}
	if all != "" {
		out = append(out, "", all)
	}
	rules := h.Book.Rules().All()
	var fired map[string]bool
	if len(rules) > mostRules {
		var err error
		if fired, err = h.Ask.Rules.RulesWithFindings(ctx); err != nil {
			return nil, err
		}
	}
	for _, r := range rules {
		if fired == nil || fired[r.ID] || r.ID == chosen {
			out = append(out, r.ID, r.Name)
		}
	}
	if r := h.Book.Find(chosen); chosen != "" && r != nil && h.Book.Disabled(r.ID) {
		out = append(out, r.ID, r.Name+" (switched off)")
	}
	return options(chosen, out...), nil
}

// chips are the filters in force; a rule goes by its name.
func (h *Handlers) chips(c echo.Context, pairs ...string) []views.Chip {
	out := chips(c, pairs...)
	for i, chip := range out {
		if r := h.Book.Find(chip.Value); r != nil && chip.Label == "rule" {
			out[i].Value = r.Name
		}
	}
	return out
}

// csvURL is the address of an export with the page's own filter.
func csvURL(c echo.Context, path string, keep ...string) string {
	q := c.Request().URL.Query()
	for k := range q {
		found := false
		for _, name := range keep {
			found = found || name == k
		}
		if !found {
			q.Del(k)
		}
	}
	return address(path, q)
}

func (h *Handlers) hostRows(ctx context.Context, hosts []store.Host, f store.HostFilter) ([]views.HostRow, error) {
	names := make([]string, len(hosts))
	for i, host := range hosts {
		names[i] = host.Dest
	}
	risks, err := h.Ask.Risk.RisksOf(ctx, store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now}, names)
	if err != nil {
		return nil, err
	}
	briefs, err := h.Ask.Verdicts.Briefs(ctx, hosts, f.AsOf)
	if err != nil {
		return nil, err
	}
	out := make([]views.HostRow, len(hosts))
	for i, host := range hosts {
		r := scored{Risk: risks[i]}
		out[i] = views.HostRow{Dest: host.Dest, Spelling: host.Spelling, Score: host.Score, Findings: host.Findings,
			Open: host.Findings - host.Suppressed - host.Closed, AsOf: second(host.AsOf),
			Status: host.Status.String(), StatusOpen: host.Status.Open(), Owner: host.Owner,
			AsOfKind: views.AsOfKind(host.AsOfKind),
			Notes:    host.Notes, Incident: r.incident(briefs[i].At), Severity: r.severity(), Strip: r.strip(),
			Gravity: briefs[i].Gravity.String(),
			Verdict: briefs[i].Sentence, Settled: briefs[i].Settled(), Rare: briefs[i].Hosts}
		if failed := briefs[i].Failed; failed != nil {
			text, at := h.failure(failed, f.AsOf)
			out[i].Verdict = text + ", " + at.Format(gapLayout) + " UTC. " + out[i].Verdict // a list cuts its end
		}
		if host.HasTime {
			out[i].Last = second(host.Last)
		}
	}
	return out, nil
}
