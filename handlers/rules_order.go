package handlers

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/views"
)

// ruleFacets are the states, types, sources and languages of rules, each with how many it
// leaves.
func ruleFacets(c echo.Context, all []views.RuleRow, refused int) [][]views.Facet {
	facet := func(name, value, label string, n int) views.Facet {
		return views.Facet{Label: label, Count: int64(n), URL: with(c, name, value), On: c.QueryParam(name) == value}
	}
	of := func(prop string, out []views.Facet, values ...string) []views.Facet {
		for i := 0; i < len(values); i += 2 {
			n := 0
			for _, r := range all {
				if is, _ := ruleIs(r, prop, values[i]); is {
					n++
				}
			}
			if n > 0 || c.QueryParam(prop) == values[i] {
				out = append(out, facet(prop, values[i], values[i+1], n))
			}
		}
		return out
	}
	by := of("state", []views.Facet{facet("state", "", "all", len(all)+refused)}, "enabled", "enabled", "disabled",
		"disabled", "fired", "with findings", "filtered", "with a filter", "running", "running over stored events")
	if refused > 0 {
		by = append(by, facet("state", "refused", "refused", refused))
	}
	types := map[string]int{}
	for _, r := range all {
		types[r.Type]++
	}
	kinds := []views.Facet{facet("type", "", "any type", len(all))}
	for _, t := range slices.SortedFunc(maps.Keys(types), func(a, b string) int {
		return cmp.Or(types[a]-types[b], strings.Compare(a, b))
	}) {
		if t != "" {
			kinds = append(kinds, facet("type", t, t, types[t]))
		}
	}
	from := of("source", []views.Facet{facet("source", "", "any source", len(all))}, "built-in", "built in", "loaded",
		"loaded from a file", "replaced", "in the place of a built-in one")
	languages := of("language", []views.Facet{facet("language", "", "any language", len(all))}, detection.LanguageESCU,
		"ESCU", detection.LanguageSigma, "Sigma")
	if len(languages) < 3 && c.QueryParam("language") == "" { // there is one
		return [][]views.Facet{by, kinds, from}
	}
	return [][]views.Facet{by, kinds, from, languages}
}

// ruleOrders are the columns that rules are sorted by.
var ruleOrders = map[string]func(a, b views.RuleRow) int{
	"type":       func(a, b views.RuleRow) int { return cmp.Compare(a.Type, b.Type) },
	"state":      func(a, b views.RuleRow) int { return stateOrder(a) - stateOrder(b) },
	"technique":  func(a, b views.RuleRow) int { return cmp.Compare(firstTechnique(a), firstTechnique(b)) },
	"score":      func(a, b views.RuleRow) int { return cmp.Compare(a.Score, b.Score) },
	"findings":   func(a, b views.RuleRow) int { return cmp.Compare(a.Findings, b.Findings) },
	"suppressed": func(a, b views.RuleRow) int { return cmp.Compare(a.Suppressed, b.Suppressed) },
	"hosts":      func(a, b views.RuleRow) int { return cmp.Compare(a.Hosts, b.Hosts) },
	"events":     func(a, b views.RuleRow) int { return cmp.Compare(a.RiskEvents, b.RiskEvents) },
	"source":     func(a, b views.RuleRow) int { return cmp.Compare(a.Source.File, b.Source.File) },
	"last":       func(a, b views.RuleRow) int { return a.Last.Compare(b.Last) },
}

// stateOrder has those that run first, then those with a filter, under way and
// switched off.
func stateOrder(r views.RuleRow) int {
	switch {
	case r.Disabled:
		return 3
	case r.Running >= 0 || r.UnderWay != "":
		return 2
	case r.Filter != nil:
		return 1
	}
	return 0
}

func firstTechnique(r views.RuleRow) string {
	if len(r.ATTCK) == 0 {
		return ""
	}
	return r.ATTCK[0].ID
}

// sortRules sorts by a column, "-" before it for descending; equals by name.
func sortRules(rows []views.RuleRow, by string) {
	sign, column := 1, by
	if strings.HasPrefix(by, "-") {
		sign, column = -1, by[1:]
	}
	name := func(a, b views.RuleRow) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	}
	order := ruleOrders[column]
	if order == nil {
		order = ruleOrders["last"]
	}
	slices.SortStableFunc(rows, func(a, b views.RuleRow) int {
		if column == "name" {
			return sign * name(a, b)
		}
		return cmp.Or(sign*order(a, b), name(a, b))
	})
}
