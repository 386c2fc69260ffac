package handlers

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/search"
	"escutcheon/store"
	"escutcheon/views"
)

// Rule is one rule: what its authors say of it, its search, and its filter,
// which is edited here. With expression= or like= it shows what that filter
// would do.
func (h *Handlers) Rule(c echo.Context) error {
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		stats, err := h.Ask.Rules.RuleStats(c.Request().Context())
		if err != nil {
			return err
		}
		out := oneRuleJSON(h.ruleRow(r, stats[r.ID]))
		out.Silent, _, err = h.silence(c.Request().Context(), r, stats[r.ID])
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, out)
	}
	p, err := h.rulePage(c, r)
	if err != nil {
		return err
	}
	if err := h.propose(c, r, &p.Editor); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Rule(p))
}

func (h *Handlers) rulePage(c echo.Context, r *detection.Rule) (p views.RulePage, err error) {
	ctx := c.Request().Context()
	stats, err := h.Ask.Rules.RuleStats(ctx)
	if err != nil {
		return p, err
	}
	row := h.ruleRow(r, stats[r.ID])
	sched := detection.ScheduleOf(r.Type)
	p = views.RulePage{Rule: row.RuleShort, Version: fmt.Sprint(r.Version), Date: r.Date, Author: r.Author,
		Source: row.Source, Disabled: row.Disabled,
		Running: row.Running, UnderWay: row.UnderWay, Undecided: row.Undecided, Message: r.RBA.Message, Warnings: r.Warnings,
		Schedule: fmt.Sprintf("cron %s, over %s to %s", sched.Cron, sched.Earliest, sched.Latest),
		SPL:      r.Search, Expanded: r.Plan().Expanded(), YAML: string(r.Raw), Macros: h.macrosOf(r),
		Findings: row.Findings, Suppressed: row.Suppressed, RiskEvents: row.RiskEvents, Hosts: row.Hosts}
	if s := r.Sigma; s != nil {
		p.Version, p.Sigma = "", &views.SigmaFacts{License: s.License, LogSource: s.LogSource, Modified: s.Modified,
			Tags: s.Tags}
	}
	if row.Disabled && !h.Book.Switched(r.ID) {
		p.Off = r.Off
	}
	if row.Failed != "" {
		p.Warnings = append(slices.Clone(p.Warnings), row.Failed)
	}
	if p.Frame, err = h.frame(c, r.Name); err != nil {
		return p, err
	}
	if p.Silent, p.Looking, err = h.silence(ctx, r, stats[r.ID]); err != nil {
		return p, err
	}
	if p.Running >= 0 || p.UnderWay != "" || p.Looking {
		p.Refresh = 5
	}
	if sched.Risk && len(r.RBA.RiskObjects) > 0 {
		p.ReplayURL = views.RuleURL(r.ID) + "/replay"
	}
	for _, o := range r.RBA.RiskObjects {
		p.Risk = append(p.Risk, views.RiskObject{Field: o.Field, Type: o.Type, Score: int64(o.Score)})
	}
	for _, o := range r.RBA.ThreatObjects {
		p.Threats = append(p.Threats, views.RiskObject{Field: o.Field, Type: o.Type})
	}
	p.SearchURL = openSearch(r.Search, search.Asked{})
	for _, d := range r.Drilldowns {
		p.Drilldowns = append(p.Drilldowns, views.Drilldown{Name: d.Name, SPL: d.Search})
	}
	p.Editor, err = h.filterEditor(ctx, r)
	p.Editor.Author = p.Frame.Author
	return p, err
}

// silentWait is how long a page waits until it is known why a rule does not fire.
const silentWait = 250 * time.Millisecond

// silence says why a rule that is in force and has found nothing cannot fire on
// the logs at hand; looking: that is being found out.
func (h *Handlers) silence(ctx context.Context, r *detection.Rule, s store.RuleStats) (why []string, looking bool,
	err error) {
	if s.Findings > 0 || s.Behind || s.Windows > 0 || s.Undecided.Any() || h.Book.Disabled(r.ID) {
		return nil, false, nil
	}
	why, known, err := h.Book.Silence(ctx, r, silentWait)
	return why, !known, err
}

// filterEditor is the editor of a rule's filter as it opens.
func (h *Handlers) filterEditor(ctx context.Context, r *detection.Rule) (e views.FilterEditor, err error) {
	e.Macro = r.FilterMacro()
	history, err := h.Ask.Rules.FiltersOf(ctx, r.ID)
	if err != nil {
		return e, err
	}
	current, ok := h.Book.Filter(r.ID)
	for _, f := range history {
		v := h.filterView(f)
		v.Current = ok && f.ID == current.ID
		e.History = append(e.History, v)
	}
	if ok {
		v := h.filterView(current)
		e.Current, e.Expression = &v, current.Expression
	}
	return e, nil
}

// macroCall finds the names of the macros in a search.
var macroCall = regexp.MustCompile("`([A-Za-z0-9_.:-]+)[(`]")

// macrosOf are the macros that a rule's search calls, in the order it does,
// and those that these call.
func (h *Handlers) macrosOf(r *detection.Rule) []views.Macro {
	var out []views.Macro
	for queue := macroNames(r.Search); len(queue) > 0 && len(out) < 100; queue = queue[1:] {
		if slices.ContainsFunc(out, func(m views.Macro) bool { return macroName(m.Name) == queue[0] }) {
			continue
		}
		m := h.macro(r, queue[0])
		out = append(out, m)
		queue = append(queue, macroNames(m.Definition)...)
	}
	return out
}

func macroNames(search string) (out []string) {
	for _, call := range macroCall.FindAllStringSubmatch(search, -1) {
		out = append(out, call[1])
	}
	return out
}

// macroName is a macro's name without how many arguments it takes.
func macroName(key string) string {
	base, _, _ := strings.Cut(key, "(")
	return base
}

func (h *Handlers) macro(r *detection.Rule, name string) views.Macro {
	if name == r.FilterMacro() {
		if f, ok := h.Book.Filter(r.ID); ok {
			return views.Macro{Name: name, Definition: f.Expression, Source: "the filter, edited here"}
		}
	}
	builtIn := detection.BuiltInMacros()
	for key, d := range h.Book.Content().Env().Macros {
		if macroName(key) != name {
			continue
		}
		source := "loaded from a file"
		if b, ok := builtIn[key]; ok && b.Definition == d.Definition {
			source = "built in"
		}
		return views.Macro{Name: key, Definition: d.Definition, Source: source}
	}
	return views.Macro{Name: name, Definition: detection.NoFilter, Source: "the filter, not edited"}
}
