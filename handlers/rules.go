package handlers

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/views"
)

// short is what an analyst needs of a rule beside a finding.
func short(r *detection.Rule) views.RuleShort {
	s := views.RuleShort{ID: r.ID, Name: r.Name, Type: r.Type, Status: r.Status, Description: r.Description, HowToImplement: r.HowToImplement,
		FalsePositives: r.KnownFalsePositives, References: r.References, Stories: r.Tags.AnalyticStory}
	for _, t := range r.Techniques() {
		tactic := ""
		if len(t.Tactics) > 0 {
			tactic = t.Tactics[0]
		}
		s.ATTCK = append(s.ATTCK, views.ATTCK{ID: t.ID, Tactic: tactic})
	}
	return s
}

// RuleList lists the rules.
func (h *Handlers) RuleList(c echo.Context) error {
	ctx := c.Request().Context()
	var p views.RulesPage
	var err error
	if p.Frame, err = h.frame(c, "Rules"); err != nil {
		return err
	}
	for _, r := range h.Book.Rules() {
		s, err := h.Store.SummarizeFindings(ctx, db.FindingFilter{Rule: r.ID})
		if err != nil {
			return err
		}
		row := views.RuleRow{RuleShort: short(r), Score: score(r), Findings: s.Findings, Hosts: s.Hosts}
		if s.Findings > 0 {
			row.Last = second(s.Last)
		}
		p.Rows = append(p.Rows, row)
	}
	return render(c, http.StatusOK, views.Rules(p))
}

func score(r *detection.Rule) int64 {
	top := 0
	for _, o := range r.RBA.RiskObjects {
		top = max(top, o.Score)
	}
	return int64(top)
}

// Rule is one rule: what its authors say of it, and its search.
func (h *Handlers) Rule(c echo.Context) error {
	r, err := h.rule(c.Param("id"))
	if err != nil || r == nil {
		return fault.New(fault.NotFound, "There is no rule %q.", c.Param("id"))
	}
	s, err := h.Store.SummarizeFindings(c.Request().Context(), db.FindingFilter{Rule: r.ID})
	if err != nil {
		return err
	}
	sched := detection.ScheduleOf(r.Type)
	p := views.RulePage{Rule: short(r), Version: fmt.Sprint(r.Version), Date: r.Date, Author: r.Author, Source: "built in", Message: r.RBA.Message,
		Schedule: fmt.Sprintf("cron %s, over %s to %s", sched.Cron, sched.Earliest, sched.Latest),
		SPL:      r.Search, Expanded: r.Plan.Expanded(), YAML: string(r.Raw), Findings: s.Findings}
	if p.Frame, err = h.frame(c, r.Name); err != nil {
		return err
	}
	for _, o := range r.RBA.RiskObjects {
		p.Risk = append(p.Risk, views.RiskObject{Field: o.Field, Type: o.Type, Score: int64(o.Score)})
	}
	p.Macros = macrosOf(r)
	for _, d := range r.Drilldowns {
		p.Drilldowns = append(p.Drilldowns, views.Drilldown{Name: d.Name, SPL: d.Search})
	}
	return render(c, http.StatusOK, views.Rule(p))
}

// macroCall finds the names of the macros in a search.
var macroCall = regexp.MustCompile("`([A-Za-z0-9_]+)[(`]")

// macrosOf are the macros that a rule's search calls, in the order it does.
func macrosOf(r *detection.Rule) []views.Macro {
	var out []views.Macro
	known := spl.BuiltIn()
	for _, call := range macroCall.FindAllStringSubmatch(r.Search, -1) {
		m := views.Macro{Name: call[1], Definition: "search *", Source: "the filter, not edited"}
		for key, d := range known {
			if base, _, _ := strings.Cut(key, "("); base == call[1] {
				m = views.Macro{Name: key, Definition: d.Definition, Source: "built in"}
			}
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// sentence is what an error tells a person.
func sentence(err error) string {
	if f := fault.Find(err); f != nil {
		return f.Sentence
	}
	return err.Error()
}
