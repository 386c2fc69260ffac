package handlers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// RuleStore is what the pages of rules ask.
type RuleStore interface {
	// RuleStats counts what each rule found, by its id.
	RuleStats(ctx context.Context) (map[string]store.RuleStats, error)
	// RulesWithFindings returns the ids of the rules that have any finding.
	RulesWithFindings(ctx context.Context) (map[string]bool, error)
	// FiltersOf returns all filters that a rule had, the newest first.
	FiltersOf(ctx context.Context, rule string) ([]store.RuleFilter, error)
	FindingByKey(ctx context.Context, key string) (store.Finding, error)
}

// short is what an analyst needs of a rule beside a finding.
func short(r *detection.Rule) views.RuleShort {
	s := views.RuleShort{Language: r.Language(), ID: r.ID, Name: r.Name, Type: r.Type, Status: r.Status,
		Description: r.Description, HowToImplement: r.HowToImplement,
		FalsePositives: r.KnownFalsePositives, References: r.References, Stories: r.Tags.AnalyticStory}
	if r.Sigma != nil {
		s.Level = r.Sigma.Level
	}
	for _, t := range r.Techniques() {
		tactic := ""
		if len(t.Tactics) > 0 {
			tactic = t.Tactics[0]
		}
		s.ATTCK = append(s.ATTCK, views.ATTCK{ID: t.ID, Tactic: tactic})
	}
	return s
}

func score(r *detection.Rule) int64 {
	top := 0
	for _, o := range r.RBA.RiskObjects {
		top = max(top, o.Score)
	}
	return int64(top)
}

// rulePageSize is how many rules a page of the list has, mostRefused how many
// refused ones stand below it.
const (
	rulePageSize = 200
	mostRefused  = 500
)

// RuleList lists the rules: those that run, those switched off, and those that
// were refused.
func (h *Handlers) RuleList(c echo.Context) error {
	l, err := h.listRules(c)
	if err != nil {
		return err
	}
	saved, to, err := h.savedViews(c, "rules")
	if (err != nil || to != "") && !WantsJSON(c) {
		return leadTo(c, to, err)
	}
	if WantsJSON(c) {
		out := rulesJSONOf(l.fits, h.behind(l.stats))
		if l.refused {
			out.Refused = refusedJSONOf(h.Book.Content(), l.text)
		}
		return c.JSON(http.StatusOK, out)
	}
	p, err := h.rulesPage(c, l)
	if err != nil {
		return err
	}
	p.Views = saved
	return render(c, http.StatusOK, views.Rules(p))
}

// ruleList is what a list of rules is made of.
type ruleList struct {
	text      string
	stats     map[string]store.RuleStats
	all, fits []views.RuleRow
	refused   bool // these are chosen, too
}

func (h *Handlers) listRules(c echo.Context) (l ruleList, err error) {
	if l.text, err = textParam(c); err != nil {
		return l, err
	}
	if l.stats, err = h.Ask.Rules.RuleStats(c.Request().Context()); err != nil {
		return l, err
	}
	for _, r := range h.Book.Content().Rules {
		l.all = append(l.all, h.ruleRow(r, l.stats[r.ID]))
	}
	l.fits, l.refused = chosenRules(c, l.all, l.text)
	return l, nil
}

func (h *Handlers) rulesPage(c echo.Context, l ruleList) (p views.RulesPage, err error) {
	content, text, all, fits := h.Book.Content(), l.text, l.all, l.fits
	p = views.RulesPage{Total: int64(len(all) + len(content.Refused)), Text: text,
		Sorts: sorts(c, "-last", "name", "type", "state", "technique", "score", "findings", "suppressed", "hosts", "events",
			"last", "source"),
		Facets: ruleFacets(c, all, len(content.Refused)), Chips: append(chips(c, "q", "text"), notChips(c, ruleProps...)...),
		Kept: keptAll(c, append(slices.Clone(ruleProps), "sort")...)}
	if p.Frame, err = h.frame(c, "Rules"); err != nil {
		return p, err
	}
	p.Post.Author = p.Frame.Author
	if b := h.behind(l.stats); b.Rules > 0 || b.Tidied > 0 || b.Windows > 0 {
		p.Behind, p.Refresh = &b, 5
	}
	sortRules(fits, cmp.Or(c.QueryParam("sort"), "-last"))
	p.Fits = int64(len(fits))
	p.Rows, p.Pager = pageOfRules(c, fits)
	if l.refused && c.QueryParam("after") == "" {
		p.Refused, p.More = refusedRules(content, text)
		for _, one := range content.Problems {
			p.Problems = append(p.Problems, views.Problem{File: one.File, Reason: one.Reason})
		}
		for _, d := range content.Duplicates {
			p.Problems = append(p.Problems, views.Problem{File: d.File,
				Reason: fmt.Sprintf("the rule %q gives way to the one with the same id in %s", d.Name, d.By)})
		}
	}
	return p, nil
}

// ruleProps are what rules are chosen by: what their list has of each, and what a
// query may say in words of its own.
var ruleProps = []string{"state", "type", "source", "language"}

// chosenRules are the rules that q, state, type, source and language choose, sorted when the
// address says by what. refused says whether the refused ones are chosen too.
func chosenRules(c echo.Context, all []views.RuleRow, text string) (fits []views.RuleRow, refused bool) {
	q := c.QueryParams()
	for _, r := range all {
		if ruleFits(r, text, q) {
			fits = append(fits, r)
		}
	}
	if by := q.Get("sort"); by != "" {
		sortRules(fits, by)
	}
	state, source := q.Get("state"), q.Get("source")
	return fits, (state == "" || state == "refused") && source != "built-in" && source != "replaced" &&
		q.Get("type") == "" && q.Get("language") == "" && !slices.Contains(q[not+"state"], "refused") &&
		!slices.Contains(q[not+"source"], "loaded")
}

func (h *Handlers) ruleRow(r *detection.Rule, s store.RuleStats) views.RuleRow {
	row := views.RuleRow{RuleShort: short(r), Source: views.RuleSource{File: r.File, Replaces: r.Replaces, By: r.SentBy},
		Disabled: h.Book.Disabled(r.ID), Running: h.running(s), UnderWay: underWay(s),
		Undecided: undecided(r, s.Undecided),
		Score:     score(r), Findings: s.Findings - s.Suppressed, Suppressed: s.Suppressed, Hosts: s.Hosts,
		RiskEvents: s.RiskEvents}
	if p := r.Panic(); p != nil {
		row.Failed = "It met a fault of Escutcheon's own at " + p.At + ": what it finds there is not decided. The log has " +
			"the details."
	}
	if s.Findings > 0 {
		row.Last = second(s.Last)
	}
	if f, ok := h.Book.Filter(r.ID); ok {
		v := h.filterView(f)
		row.Filter = &v
	}
	return row
}

func undecided(r *detection.Rule, u store.Undecided) views.Undecided {
	return views.Undecided{Events: u.Events, Rows: u.Rows, Filter: u.Filter, Windows: u.Windows, Pending: u.Pending,
		Cut: u.Cut, Damaged: u.Damaged, EventsURL: echoQuery("/events", "rule", r.ID, "undecided", "1")}
}

// underWay says what a change of a rule, or an import, has left to do with what
// it found.
func underWay(s store.RuleStats) string {
	switch {
	case s.Leaving:
		return "what it found before is being forgotten"
	case s.Filtering:
		return "its filter is pending: it is being run over its findings"
	case s.Making || s.Undecided.Pending > 0:
		return "rows of it are pending"
	case s.Windows > 0:
		return views.Plural(s.Windows, "window of it is pending", "windows of it are pending")
	}
	return ""
}

// running is how many percent of the stored events a rule was run over, -1
// when all.
func (h *Handlers) running(s store.RuleStats) int {
	if !s.Behind || s.Leaving {
		return -1
	}
	if all := h.Book.Behind().Events; all > 0 {
		return int(min(99, 100*s.Cursor/all))
	}
	return 0
}

// behind says how many rules are yet to be run over stored events, and how far
// the last of them is.
func (h *Handlers) behind(stats map[string]store.RuleStats) (b views.Behind) {
	for _, s := range stats {
		if s.Leaving || s.Filtering || s.Undecided.Pending > 0 {
			b.Tidied++
		}
		b.Windows += s.Windows
		if !s.Behind || s.Leaving {
			continue
		}
		if b.Rules++; b.Rules == 1 || s.Cursor < b.Done {
			b.Done = s.Cursor
		}
	}
	b.Events = max(b.Done, h.Book.Behind().Events)
	return b
}

// states and sources say by what a rule is chosen.
var states = map[string]func(views.RuleRow) bool{
	"":         func(views.RuleRow) bool { return true },
	"enabled":  func(r views.RuleRow) bool { return !r.Disabled },
	"disabled": func(r views.RuleRow) bool { return r.Disabled },
	"refused":  func(views.RuleRow) bool { return false },
	"running":  func(r views.RuleRow) bool { return r.Running >= 0 },
	"fired":    func(r views.RuleRow) bool { return r.Findings > 0 },
	"filtered": func(r views.RuleRow) bool { return r.Filter != nil },
}

var sources = map[string]func(views.RuleRow) bool{
	"":         func(views.RuleRow) bool { return true },
	"built-in": func(r views.RuleRow) bool { return r.Source.File == "" },
	"loaded":   func(r views.RuleRow) bool { return r.Source.File != "" },
	"replaced": func(r views.RuleRow) bool { return r.Source.Replaces != "" },
}

// ruleIs says whether a rule has a value of a property; ok is false where there is no
// such value.
func ruleIs(r views.RuleRow, prop, value string) (is, ok bool) {
	var in func(views.RuleRow) bool
	switch prop {
	case "state":
		in, ok = states[value]
	case "source":
		in, ok = sources[value]
	case "language":
		return value == "" || r.Language == value, true
	default:
		return value == "" || strings.EqualFold(r.Type, value), true
	}
	return ok && in(r), ok
}

func ruleFits(r views.RuleRow, text string, q url.Values) bool {
	for _, prop := range ruleProps {
		if is, _ := ruleIs(r, prop, q.Get(prop)); !is {
			return false
		}
		for _, v := range q[not+prop] {
			if is, ok := ruleIs(r, prop, v); v != "" && is && ok {
				return false
			}
		}
	}
	return contains(text, r.Name, r.ID, r.Type, r.Source.File, r.Description, techniques(r.RuleShort))
}

func techniques(r views.RuleShort) string {
	var ids []string
	for _, a := range r.ATTCK {
		ids = append(ids, a.ID, a.Tactic)
	}
	return strings.Join(append(ids, r.Stories...), "\n")
}

// contains says whether a text occurs in any of several, without case.
func contains(text string, in ...string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(in, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// pageOfRules is the part of a sorted list after or before a rule.
func pageOfRules(c echo.Context, rows []views.RuleRow) ([]views.RuleRow, views.Pager) {
	at := func(id string) int { return slices.IndexFunc(rows, func(r views.RuleRow) bool { return r.ID == id }) }
	from := 0
	if id := c.QueryParam("after"); id != "" {
		from = at(id) + 1
	} else if id := c.QueryParam("before"); id != "" {
		from = max(0, at(id)-rulePageSize)
	}
	to := min(len(rows), from+rulePageSize)
	p := views.Pager{Shown: to - from, Total: int64(len(rows)), Prev: "previous", Next: "next"}
	if from > 0 {
		p.PrevURL = with(c, "before", rows[from].ID)
	}
	if to < len(rows) {
		p.NextURL = with(c, "after", rows[to-1].ID)
	}
	return rows[from:to], p
}

func refusedRules(content *detection.Content, text string) (out []views.RefusedRule, more int64) {
	for _, r := range content.Refused {
		switch {
		case !refusedFits(r, text):
		case len(out) == mostRefused:
			more++
		default:
			out = append(out, views.RefusedRule{File: r.File, Name: r.Name, ID: r.ID, Command: r.Command, Line: r.Pos.Line,
				Column: r.Pos.Column, Reason: r.Reason})
		}
	}
	return out, more
}

func refusedFits(r detection.Refusal, text string) bool {
	return contains(text, r.Name, r.ID, r.File, r.Command, r.Reason)
}

// EnableRule switches a rule on; DisableRule off.
func (h *Handlers) EnableRule(c echo.Context) error { return h.switchRule(c, true) }

// DisableRule switches a rule off: its findings and its risk go.
func (h *Handlers) DisableRule(c echo.Context) error { return h.switchRule(c, false) }

func (h *Handlers) switchRule(c echo.Context, on bool) error {
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	if err := h.Book.Enable(c.Request().Context(), r.ID, on, formAuthor(c)); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]any{"id": r.ID, "enabled": on})
	}
	return c.Redirect(http.StatusSeeOther, views.RuleURL(r.ID))
}

// ruleParam is the rule that the path names, switched off or not.
func (h *Handlers) ruleParam(c echo.Context) (*detection.Rule, error) {
	id := c.Param("id")
	if plain, err := url.PathUnescape(id); err == nil && c.Request().URL.RawPath != "" {
		id = plain
	}
	if r, err := h.rule(id); err == nil && r != nil {
		return r, nil
	}
	return nil, fault.New(fault.NotFound, "There is no rule %q.", id)
}
