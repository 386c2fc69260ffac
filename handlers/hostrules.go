package handlers

import (
	"cmp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// perRule is how many findings of each further rule a host's page shows, and
// otherRules how many of all: where there are many rules, each has fewer.
const (
	perRule    = 10
	otherRules = 20
)

// hostRules fills in which rules have findings on a host, and says which of
// them the page's table is of: the one asked for, else the seed, else the one
// with the newest finding. The others have tables of their own, as their
// columns differ.
func (h *Handlers) hostRules(c echo.Context, p *views.HostPage, host store.Host, rule string,
	f store.FindingFilter) (*detection.Rule, error) {
	ctx := c.Request().Context()
	counts, err := h.Ask.Hosts.RulesOf(ctx, host.Dest)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(counts, func(a, b store.RuleCount) int {
		first := func(n store.RuleCount) int {
			if n.Rule == detection.SeedID {
				return 0
			}
			return 1
		}
		return cmp.Or(first(a)-first(b), cmp.Compare(b.Last, a.Last), strings.Compare(a.Rule, b.Rule))
	})
	r := h.Book.Find(cmp.Or(rule, detection.SeedID))
	shown := func(n store.RuleCount) int64 {
		return countOf(n, f)
	}
	for _, n := range counts {
		if found := h.Book.Find(n.Rule); rule == "" && found != nil && shown(n) > 0 {
			r = found
			break
		}
	}
	h.ruleChips(c, p, counts, rule, shown)
	each := max(1, min(perRule, otherRules/max(1, len(counts)-1)))
	if r == nil { // never: the seed is built in
		r = h.Book.Content().Rules[0]
	}
	p.RuleName = r.Name
	if detection.ScheduleOf(r.Type).Risk {
		p.ReplayURL = replayURL(r.ID, host.Dest)
	}
	for _, n := range counts {
		other := h.Book.Find(n.Rule)
		if rule != "" || other == nil || other.ID == r.ID || shown(n) == 0 || len(p.Others) == otherRules {
			continue
		}
		v := views.RuleFindings{RuleID: other.ID, RuleName: other.Name, Count: shown(n),
			Table: views.FindingsTable{Columns: other.Plan().Columns(), Form: views.TriageFormID},
			URL:   with(c, "rule", other.ID, "sort", "")}
		f.Rule, f.Dest = other.ID, host.Dest
		found, _, err := h.Ask.Hosts.Findings(ctx, f, store.Page{Limit: each})
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			v.Table.Rows = append(v.Table.Rows, h.findingRow(f))
		}
		p.Others = append(p.Others, v)
	}
	p.Threats, err = h.threats(ctx, store.ThreatFilter{Dest: host.Dest})
	return r, err
}

// countOf is how many findings of a rule a host's page shows. Of statuses that are
// not counted it is those of all.
func countOf(n store.RuleCount, f store.FindingFilter) int64 {
	all, closed := n.Findings-n.Suppressed, n.Closed
	if f.Suppressed {
		all, closed = n.Findings, n.Closed+n.ClosedSuppressed
	}
	switch f.Status {
	case triage.Open:
		return all - closed
	case triage.Done:
		return closed
	}
	return all
}

// ruleChips are the rules with findings on the host, to choose one.
func (h *Handlers) ruleChips(c echo.Context, p *views.HostPage, counts []store.RuleCount, rule string,
	shown func(store.RuleCount) int64) {
	if len(counts) < 2 && rule == "" {
		return
	}
	all := views.Facet{Label: "all rules", URL: with(c, "rule", "", "sort", ""), On: rule == ""}
	p.Rules = []views.Facet{all}
	for _, n := range counts {
		name := n.Rule
		if r := h.Book.Find(n.Rule); r != nil {
			name = r.Name
		}
		p.Rules[0].Count += shown(n)
		p.Rules = append(p.Rules, views.Facet{Label: name, Count: shown(n), URL: with(c, "rule", n.Rule, "sort", ""),
			On: rule == n.Rule})
	}
}

func replayURL(rule, dest string) string {
	return echoQuery(views.RuleURL(rule)+"/replay", "dest", dest)
}
