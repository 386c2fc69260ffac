package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// UserStore is what the pages of users and threat objects ask.
type UserStore interface {
	// Objects returns one page of risk objects with their risk, by score, last,
	// name or events.
	Objects(ctx context.Context, f store.ObjectFilter, p store.Page) ([]store.Object, store.Cursors, error)
	SummarizeObjects(ctx context.Context, f store.ObjectFilter) (store.ObjectSummary, error)
	ObjectByName(ctx context.Context, f store.ObjectFilter) (store.Object, error)
	// ObjectsOf returns the risk objects of a finding.
	ObjectsOf(ctx context.Context, finding string) ([]store.ObjectName, error)
	// FindingsOfObject returns a page of the findings that gave it risk in (after,
	// upTo].
	FindingsOfObject(ctx context.Context, o store.ObjectName, after, upTo int64,
		p store.Page) ([]store.Finding, store.Cursors, error)
	// Threats returns the threat objects of a finding, dest or user.
	Threats(ctx context.Context, f store.ThreatFilter) ([]store.Threat, error)
	// FindingsOfThreat returns a page of the findings that have one, and counts them.
	FindingsOfThreat(ctx context.Context, t detection.Threat, p store.Page) ([]store.Finding, store.Cursors, int64, error)
}

// userProps are the properties that a list of users is filtered by.
var userProps = []string{store.BySeverity, store.ByUser}

// UserFacetStore counts users for the facets of their list.
type UserFacetStore interface {
	// ObjectFacets counts them by the severity of their incidents.
	ObjectFacets(ctx context.Context, f store.ObjectFilter) ([]store.Facet, error)
}

// userType is the type of risk object that these pages are of.
const userType = "user"

func (h *Handlers) objectFilter(c echo.Context) (f store.ObjectFilter, err error) {
	f = store.ObjectFilter{Type: userType, Now: h.Now().Unix()}
	if f.Text, err = textParam(c); err != nil {
		return f, err
	}
	if f.By, err = h.choices(c.QueryParams(), userProps); err != nil {
		return f, err
	}
	f.AsOf, err = asOfParam(c)
	return f, err
}

// Users lists the users that rules gave risk to.
func (h *Handlers) Users(c echo.Context) error {
	ctx := c.Request().Context()
	asOfText, asOfWrong, status := typedAsOf(c)
	filter, err := h.objectFilter(c)
	if err != nil {
		return err
	}
	saved, to, err := h.savedViews(c, "users")
	if err != nil || to != "" {
		return leadTo(c, to, err)
	}
	sum, err := h.Ask.Users.SummarizeObjects(ctx, filter)
	if err != nil {
		return err
	}
	var facets []store.Facet
	if filter.AsOf == nil && h.Ask.UserFacets != nil { // at another moment their severity is not known
		if facets, err = h.Ask.UserFacets.ObjectFacets(ctx, filter); err != nil {
			return err
		}
	}
	users, cursors, err := h.Ask.Users.Objects(ctx, filter, page(c))
	if err != nil {
		return err
	}
	p := views.UsersPage{Total: sum.Objects, Risky: sum.Risky, Top: sum.Top, Text: filter.Text,
		AsOfText: asOfText, AsOfWrong: asOfWrong, Sort: c.QueryParam("sort"),
		Sorts: sorts(c, "-score", "name", "score", "events", "last", "severity", "rules", "findings", "as-of"),
		Chips: append(chips(c, "q", "user", "as-of", "as of"), h.choiceChips(c, userProps...)...),
		Views: saved, Kept: keptChoices(c, userProps...),
		Facets: views.Facets{Groups: h.facetGroups(c, facets, "")},
		Pager:  pager(c, cursors, len(users), sum.Objects)}
	if p.Frame, err = h.frame(c, "Users"); err != nil {
		return err
	}
	if filter.AsOf != nil {
		p.AsOf = second(*filter.AsOf)
	}
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	risks, err := h.Ask.Risk.RisksOf(ctx, riskOfUsers(filter), names)
	if err != nil {
		return err
	}
	for i, u := range users {
		r := scored{Risk: risks[i]}
		row := views.UserRow{Name: u.Name, Severity: r.severity(), Score: u.Score, Incident: r.worst(),
			RiskEvents: u.RiskEvents, Rules: u.Rules,
			Findings: u.Findings, AsOf: second(u.AsOf), AsOfKind: views.AsOfKind(u.AsOfKind), Last: second(u.Last),
			Strip: r.strip()}
		p.Rows = append(p.Rows, row)
	}
	return render(c, status, views.Users(p))
}

func riskOfUsers(f store.ObjectFilter) store.RiskOf {
	return store.RiskOf{Type: userType, AsOf: f.AsOf, Now: f.Now}
}

// userParam is the user that a path names.
func userParam(c echo.Context) string {
	name := c.Param("name")
	if c.Request().URL.RawPath != "" {
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
	}
	if name == "" {
		name = c.QueryParam("name")
	}
	return detection.NormalizeObject(name, userType)
}

// User is the review page of one user.
func (h *Handlers) User(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := typedOf(c)
	if err != nil {
		return err
	}
	filter, err := h.objectFilter(c)
	if err != nil {
		return err
	}
	filter.Text, filter.Name, filter.By = "", userParam(c), nil
	if filter.Name == "" {
		return c.Redirect(http.StatusSeeOther, "/users")
	}
	u, err := h.Ask.Users.ObjectByName(ctx, filter)
	if err != nil {
		return err
	}
	if part(c) {
		o, err := h.userToPicture(ctx, u, filter, t)
		if err != nil {
			return err
		}
		return h.sendPart(c, o)
	}
	p := views.UserPage{Name: u.Name, Score: u.Score, RiskEvents: u.RiskEvents, Rules: u.Rules, At: second(u.AsOf),
		AtKind:   views.AsOfKind(u.AsOfKind),
		AsOfText: t.asOf, First: second(u.First), Last: second(u.Last)}
	if p.Frame, err = h.frame(c, u.Name); err != nil {
		return err
	}
	if filter.AsOf != nil {
		p.AsOf = second(*filter.AsOf)
	}
	r, err := h.objectRisk(ctx, riskOfUsers(filter), u.Name)
	if err != nil {
		return err
	}
	if p.Incidents, err = h.shown(ctx, store.RiskFilter{Object: u.Name, Type: userType}, r); err != nil {
		return err
	}
	if p.Timeline, err = h.timelineOf(c, userPictured(u, riskOfUsers(filter), r, t)); err != nil {
		return err
	}
	p.Drilldown, p.RiskRules = drilldownRow(r), h.riskRules(r, r.marksOf(p.Timeline))
	found, cursors, err := h.Ask.Users.FindingsOfObject(ctx, store.ObjectName{Type: userType, Name: u.Name},
		u.AsOf-risk.Period, u.AsOf, page(c))
	if err != nil {
		return err
	}
	p.Findings, p.FindingsPager = h.findingRefs(found), pager(c, cursors, len(found), u.Recent)
	if p.Threats, err = h.threats(ctx, store.ThreatFilter{User: u.Name}); err != nil {
		return err
	}
	return render(c, statusOf(p.Timeline.Range), views.User(p))
}

func (h *Handlers) findingRefs(found []store.Finding) (out []views.FoundRef) {
	for _, f := range found {
		out = append(out, h.findingRef(f))
	}
	return out
}

func (h *Handlers) findingRef(f store.Finding) views.FoundRef {
	ref := views.FoundRef{ID: f.Key, RuleID: f.RuleID, RuleName: f.RuleID, Dest: f.Dest, Count: f.Count,
		Last: second(f.Last)}
	if r := h.Book.Find(f.RuleID); r != nil {
		ref.RuleName, ref.Label = r.Name, r.Label(f.Row, f.Change)
	}
	return ref
}

func (h *Handlers) threats(ctx context.Context, f store.ThreatFilter) (out []views.Threat, err error) {
	found, err := h.Ask.Users.Threats(ctx, f)
	for _, t := range found {
		out = append(out, views.Threat{Type: t.Type, Value: cut(t.Value, listValue), Here: t.Here, Findings: t.Findings,
			Hosts: t.Hosts, URL: threatURL(t)})
	}
	return out, err
}

// maxThreatURL is the longest value that is linked, in bytes.
const maxThreatURL = 4000

func threatURL(t store.Threat) string {
	if len(t.Value) > maxThreatURL {
		return ""
	}
	return echoQuery("/threats", "type", t.Type, "value", t.Value)
}

// Threat lists the findings of one threat object.
func (h *Handlers) Threat(c echo.Context) error {
	t := detection.Threat{Type: c.QueryParam("type"), Value: c.QueryParam("value")}
	found, cursors, n, err := h.Ask.Users.FindingsOfThreat(c.Request().Context(), t, page(c))
	if err != nil {
		return err
	}
	p := views.ThreatPage{Threat: views.Threat{Type: t.Type, Value: cut(t.Value, eventValue),
		Findings: n}, Findings: h.findingRefs(found), Pager: pager(c, cursors, len(found), n)}
	if p.Frame, err = h.frame(c, fmt.Sprintf("Threat object of type %s", t.Type)); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ThreatObject(p))
}

// findingObjects fills in whom a finding gave risk to, what the threat came by,
// and what suppresses it.
func (h *Handlers) findingObjects(ctx context.Context, p *views.FindingPage, f store.Finding) error {
	objects, err := h.Ask.Users.ObjectsOf(ctx, f.Key)
	if err != nil {
		return err
	}
	for _, o := range objects {
		p.Objects = append(p.Objects, views.ObjectRef{Type: o.Type, Name: o.Name})
	}
	p.Threats, err = h.threats(ctx, store.ThreatFilter{Finding: f.Key})
	return err
}
