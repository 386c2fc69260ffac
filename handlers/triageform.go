package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// mostDecisions is how much of a triage's history a page shows.
const mostDecisions = 50

// triagePanel is what was decided about a finding or a host, and the form that
// decides.
func (h *Handlers) triagePanel(c echo.Context, kind, name string, urgency triage.Urgency) (p views.TriagePanel,
	err error) {
	ctx := c.Request().Context()
	t, err := h.Ask.Triage.TriageOf(ctx, kind, name)
	if err != nil {
		return p, err
	}
	steps, err := h.Ask.Triage.TriageHistory(ctx, kind, name, mostDecisions)
	if err != nil {
		return p, err
	}
	for _, s := range steps {
		p.History = append(p.History, views.TriageStep{Author: s.Author, At: s.At, Field: s.Field, Old: s.Old, New: s.New,
			Why: s.Why})
	}
	if h.Ask.Audit != nil {
		p.AuditURL = views.AuditURL(kind, name)
	}
	v := triageView(t, urgency)
	p.Status, p.Disposition, p.Owner, p.Urgency, p.Open = v.Status, v.Disposition, v.Owner, v.Urgency, t.Status.Open()
	p.Revision, p.Author, p.At, p.Reopened, p.Damaged = t.Revision, t.Author, t.At, t.Reopened, t.Damaged
	p.Form, err = h.triageForm(c)
	p.Form.Action, p.Form.Owner, p.Form.Revision = views.FindingURL(name)+"/triage", t.Owner, t.Revision
	if kind == store.OfHost {
		p.Form.Action = views.HostTriageURL(name)
	}
	if t.Urgency == triage.Default {
		v.Urgency = triage.Default.String()
	}
	p.Form.Default = urgency.String()
	chooseTriage(&p.Form, v.Status, v.Disposition, v.Urgency)
	return p, err
}

// triageForm is a form that sets nothing yet.
func (h *Handlers) triageForm(c echo.Context) (f views.TriageForm, err error) {
	f.Author, f.Back = author(c), untold(c.Request().URL.RequestURI())
	if c.Request().Method == http.MethodPost {
		f.Back = backOf(c, "")
	}
	chooseTriage(&f, "", "", "")
	f.Mandatory, err = h.Ask.Triage.NoteMandatory(c.Request().Context())
	return f, err
}

// chooseTriage makes the form's choices, with those that are chosen; "" is none.
func chooseTriage(f *views.TriageForm, status, disposition, urgency string) {
	f.Statuses, f.Dispositions, f.Urgencies = nil, nil, nil
	for _, s := range triage.Statuses() {
		f.Statuses = append(f.Statuses, views.Option{Value: s.String(), Label: s.String(), Selected: s.String() == status})
	}
	for _, d := range triage.Dispositions() {
		f.Dispositions = append(f.Dispositions, views.Option{Value: d.String(), Label: d.String(),
			Selected: d.String() == disposition})
	}
	if f.Default != "" {
		f.Urgencies = []views.Option{{Value: triage.Default.String(), Label: f.Default + ", by default",
			Selected: urgency == triage.Default.String()}}
	}
	for _, u := range triage.Urgencies() {
		f.Urgencies = append(f.Urgencies, views.Option{Value: u.String(), Label: u.String(), Selected: u.String() == urgency})
	}
	f.Several = status == ""
}

// refusedTriage shows the form again as it was sent, with the reason; after a
// conflict beside what stands now.
func (h *Handlers) refusedTriage(c echo.Context, t store.TriageChange, back string, cause error) (err error) {
	p := views.TriagePage{Where: backOf(c, back), Conflict: fault.CodeOf(cause) == fault.Conflict}
	one := t.Host != "" || strings.HasPrefix(c.Path(), "/findings/")
	switch {
	case t.Host != "":
		p.Now, err = h.triagePanel(c, store.OfHost, t.Host, triage.Medium)
		p.Heading = "Triage of " + t.Host
	case one:
		f, ferr := h.Ask.Findings.FindingByKey(c.Request().Context(), t.Findings[0])
		if ferr != nil {
			return ferr
		}
		p.Now, err = h.triagePanel(c, store.OfFinding, f.Key, urgencyOf(h.Book.Find(f.RuleID)))
		p.Heading = "Triage of a finding: " + h.labelOf(f)
	default:
		p.Several, p.Heading = true, "Triage of several findings"
		p.Form, err = h.triageForm(c)
		p.Form.Action = "/triage"
	}
	if err != nil {
		return err
	}
	if one {
		p.Form = p.Now.Form
	}
	f := &p.Form
	owner := f.Owner
	if !one {
		chooseTriage(f, c.FormValue("status"), c.FormValue("disposition"), c.FormValue("urgency"))
	} else {
		chooseTriage(f, chosenOr(t.Status, p.Now.Status), chosenOr(t.Disposition, p.Now.Disposition),
			chosenOr(t.Urgency, selected(f.Urgencies)))
	}
	f.Several = !one
	if f.Owner, f.Note, f.Author = owner, t.Note, t.Author; t.Owner != nil {
		f.Owner = *t.Owner
	}
	f.Problem = fault.Sentence(cause)
	f.Keys = t.Findings
	if one {
		f.Keys = nil
	}
	if t.Filter != nil {
		f.Filter = c.FormValue("filter")
	}
	if p.Frame, err = h.frame(c, "Triage"); err != nil {
		return err
	}
	status := refusal(fault.CodeOf(cause))
	if p.Conflict {
		status = http.StatusConflict
	}
	return render(c, status, views.Triage(p))
}

func selected(options []views.Option) string {
	for _, o := range options {
		if o.Selected {
			return o.Value
		}
	}
	return ""
}

func chosenOr[T interface{ String() string }](v *T, otherwise string) string {
	if v == nil {
		return otherwise
	}
	return (*v).String()
}

// told is what a change of triage came to, that led to this page.
func told(c echo.Context) *views.TriageTold {
	q := c.QueryParam
	changed, err := strconv.ParseInt(q("changed"), 10, 64)
	if err != nil {
		return nil
	}
	t := &views.TriageTold{Changed: changed, Back: untold(c.Request().URL.RequestURI())}
	t.Bulk, _ = strconv.ParseInt(q("set"), 10, 64)
	if t.Kept, err = strconv.ParseInt(q("undone"), 10, 64); err == nil {
		t.Undone = true
	}
	return t
}
