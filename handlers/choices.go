package handlers

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// not stands before the name of a property of which a query leaves a value out:
// not.status=closed.
const not = "not."

// mostChosen is how many values of a property a query names at most.
const mostChosen = 50

// choices reads what a query chooses by properties, and leaves out; of what is
// among alone, it only leaves out: lists have filters of their own for those.
func (h *Handlers) choices(q url.Values, props []string, alone ...string) (out map[string]store.Choice, err error) {
	for _, name := range append(slices.Clone(props), alone...) {
		var c store.Choice
		if !slices.Contains(alone, name) {
			if c.Only, err = h.chosen(name, q[name]); err != nil {
				return nil, err
			}
		}
		if c.Not, err = h.chosen(name, q[not+name]); err != nil {
			return nil, err
		}
		if len(c.Only)+len(c.Not) > 0 {
			if out == nil {
				out = map[string]store.Choice{}
			}
			out[name] = c
		}
	}
	return out, nil
}

// chosen are the values of a property as the store has them.
func (h *Handlers) chosen(name string, values []string) (out []string, err error) {
	for _, v := range values {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		if len(out) == mostChosen || len(v) > maxText {
			return nil, fault.New(fault.Invalid, "A list is filtered by at most %d values of %s, of at most %d bytes.",
				mostChosen, name, maxText)
		}
		if v, err = h.valueOf(name, v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// valueOf is a value as the store has it, of what somebody may have typed.
func (h *Handlers) valueOf(name, v string) (string, error) {
	no := func(what, choose string) (string, error) {
		return "", fault.New(fault.Invalid, "There is no %s %q. Choose %s.", what, cut(v, 80), choose)
	}
	switch name {
	case store.ByStatus:
		if s, ok := triage.ParseStatus(v); ok {
			return s.String(), nil
		}
		return no("status", "New, In Progress, Pending, Resolved or Closed")
	case store.BySeverity:
		if s, ok := triage.ParseUrgency(v); ok || strings.EqualFold(v, "none") {
			if !ok {
				return "none", nil
			}
			return s.String(), nil
		}
		return no("severity", "informational, low, medium, high or critical")
	case store.ByChange:
		if k := detection.ParseKind(v) &^ detection.Qualifiers; k != 0 {
			return k.String(), nil
		}
		return no("kind of change", "one of those beside the list")
	case store.ByGravity:
		if slices.Contains(gravities, strings.ToLower(v)) {
			return strings.ToLower(v), nil
		}
		return no("gravity", strings.Join(gravities, ", "))
	case store.ByRule, store.ByFired:
		r, err := h.rule(v)
		if err != nil {
			return "", err
		}
		return r.ID, nil
	case store.ByOwner:
		if strings.EqualFold(v, nobody) {
			return "", nil
		}
	case store.ByDest:
		return event.NormalizeHost(v), nil
	case byLanguage:
		if v = strings.ToLower(v); !slices.Contains(detection.Languages, v) {
			return no("language", "escu or sigma")
		}
	case store.ByUser:
		return detection.NormalizeObject(v, userType), nil
	}
	return v, nil
}

// gravities are those of verdicts.
var gravities = []string{"critical", "high", "medium", "low", "none"}

// propWords are the properties as a page says them.
var propWords = map[string]string{store.ByChange: "kind of change", store.ByFired: "rule"}

func propWord(name string) string {
	if w := propWords[name]; w != "" {
		return w
	}
	return name
}

// choiceChips are the filters by properties that are in force.
func (h *Handlers) choiceChips(c echo.Context, props ...string) (out []views.Chip) {
	q := c.QueryParams()
	for _, name := range props {
		for _, v := range q[name] {
			out = append(out, views.Chip{Label: propWord(name), Value: h.valueWords(name, v),
				RemoveURL: withLess(c, name, v)})
		}
	}
	for _, name := range append([]string{store.ByStatus, store.BySeverity, store.ByRule, store.ByDest}, props...) {
		for _, v := range q[not+name] {
			if v != "" && !slices.ContainsFunc(out, func(o views.Chip) bool { return o.RemoveURL == withLess(c, not+name, v) }) {
				out = append(out, views.Chip{Label: "not " + propWord(name), Value: h.valueWords(name, v),
					RemoveURL: withLess(c, not+name, v)})
			}
		}
	}
	return slices.DeleteFunc(out, func(o views.Chip) bool { return o.Value == "" })
}

// valueWords is a value as a page says it: a rule by its name.
func (h *Handlers) valueWords(name, v string) string {
	if name == store.ByRule || name == store.ByFired {
		if r := h.Book.Find(v); r != nil {
			return r.Name
		}
	}
	if w := languageWords[v]; name == byLanguage && w != "" {
		return w
	}
	if name == store.ByFormat {
		return formatWords(intake.Import{Format: v})
	}
	return v
}

// notChips are the filters that leave values of properties out.
func notChips(c echo.Context, props ...string) (out []views.Chip) {
	for _, name := range props {
		for _, v := range c.QueryParams()[not+name] {
			if v != "" {
				out = append(out, views.Chip{Label: "not " + name, Value: v, RemoveURL: withLess(c, not+name, v)})
			}
		}
	}
	return out
}

// keptAll are values of a query, and what it leaves out by the same names, for a form
// that has no field for them.
func keptAll(c echo.Context, names ...string) (out []views.Option) {
	for _, name := range names {
		for _, as := range []string{name, not + name} {
			for _, v := range c.QueryParams()[as] {
				if v != "" {
					out = append(out, views.Option{Label: as, Value: v})
				}
			}
		}
	}
	return out
}

// withLess is the request's address without a value of a parameter.
func withLess(c echo.Context, name, value string) string {
	q := c.Request().URL.Query()
	q[name] = slices.DeleteFunc(q[name], func(v string) bool { return v == value })
	return placeless(c, q)
}

// withMore is it with a value more.
func withMore(c echo.Context, name, value string) string {
	q := c.Request().URL.Query()
	if !slices.Contains(q[name], value) {
		q.Add(name, value)
	}
	return placeless(c, q)
}

// placeless is the request's path with a query that begins the list anew.
func placeless(c echo.Context, q url.Values) string {
	return address(c.Request().URL.EscapedPath(), anew(q))
}

// keptChoices are the filters by properties, for a form that has no field for them.
func keptChoices(c echo.Context, props ...string) (out []views.Option) {
	q := c.QueryParams()
	for _, name := range props {
		for _, v := range q[name] {
			out = append(out, views.Option{Label: name, Value: v})
		}
	}
	for _, name := range append([]string{store.ByStatus, store.ByRule, store.ByDest}, props...) {
		for _, v := range q[not+name] {
			out = append(out, views.Option{Label: not + name, Value: v})
		}
	}
	return out
}

// fewFacets is how many values of a property stand beside a list.
const fewFacets = 5

// facetGroups are the facets as a page shows them. A value that is chosen leads to
// the list without it.
func (h *Handlers) facetGroups(c echo.Context, list []store.Facet, all string) (out []views.FacetGroup) {
	q := c.QueryParams()
	for _, f := range list {
		g := views.FacetGroup{Name: f.Name, Label: propWord(f.Name), All: f.All}
		for _, v := range f.Values {
			value := v.Value
			if f.Name == store.ByOwner && value == "" {
				value = nobody
			}
			l := views.FacetLink{Label: h.valueWords(f.Name, value), Count: v.N, On: slices.Contains(q[f.Name], value)}
			if l.URL = with(c, f.Name, value); l.On {
				l.URL = withLess(c, f.Name, value)
			} else {
				l.NotURL = withMore(c, not+f.Name, value)
			}
			g.Values = append(g.Values, l)
		}
		if f.All > len(f.Values) {
			g.More = with(c, "facet", f.Name)
		} else if all == f.Name {
			g.Fewer = with(c, "facet", "")
		}
		if len(g.Values) > 0 {
			out = append(out, g)
		}
	}
	return out
}
