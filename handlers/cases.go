package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// CaseStore keeps cases. What cannot be kept is refused with a sentence; a change of
// another revision than the newest is a conflict.
type CaseStore interface {
	// Cases returns one page of cases, and how many fit the filter.
	Cases(ctx context.Context, f store.CaseFilter, p store.Page) (list []store.Case, c store.Cursors, all int64, err error)
	CaseByID(ctx context.Context, id int64) (store.Case, error)
	WholeCase(ctx context.Context, id int64) (store.WholeCase, error)
	// CasesWith are the cases that hold an item; of a host, a finding or an event of it
	// too.
	CasesWith(ctx context.Context, kind, ref string) ([]store.Case, error)
	OpenCase(ctx context.Context, c store.Case) (store.Case, error)
	// SetCase changes a case; with a revision of 0 whatever it is by now.
	SetCase(ctx context.Context, c store.Case) (store.Case, error)
	// AddItem adds an item, once; with a pin, which is kept as evidence.
	AddItem(ctx context.Context, i store.CaseItem, pin *store.Pin, events []store.Pin) (id int64, err error)
	DropItem(ctx context.Context, id, item int64, person string) error
	SetQuestion(ctx context.Context, q store.CaseQuestion) (id int64, err error)
	DropQuestion(ctx context.Context, id, question int64, person string) error
	// SetRecommendation adds one, changes one, or takes one away whose text is empty.
	SetRecommendation(ctx context.Context, r store.CaseRecommendation) (id int64, err error)
	Attach(ctx context.Context, f store.CaseFile, data []byte) (id int64, err error)
	DropFile(ctx context.Context, id, file int64, person string) error
	CaseFile(ctx context.Context, id, file int64) (store.CaseFile, []byte, error)
	VerifyCase(ctx context.Context, id int64) (store.Verified, error)
	// CarriedCase is a case for a case file, without its report; CaseBrought says how one
	// came that a case file brought, BringCase brings one.
	CarriedCase(ctx context.Context, id int64) (store.CarriedCase, error)
	CaseBrought(ctx context.Context, id int64) (store.CaseBrought, error)
	BringCase(ctx context.Context, c store.CarriedCase, fresh bool,
		data func(sum string) ([]byte, error)) (store.CaseImported, error)
	// Snippets are one's own texts of recommendations.
	Snippets(ctx context.Context) ([]store.Snippet, error)
	KeepSnippet(ctx context.Context, s store.Snippet) error
	DeleteSnippet(ctx context.Context, id, revision int64) error
}

type caseJSON struct {
	ID          int64  `json:"id"`
	Number      string `json:"number"`
	URL         string `json:"url"`
	Title       string `json:"title"`
	Status      string `json:"status"`
	Disposition string `json:"disposition"`
	Severity    string `json:"severity"`
	Owner       string `json:"owner"`
	Verdict     string `json:"verdict"`
	Revision    int64  `json:"revision"`
	Author      string `json:"author"`
	Created     string `json:"created"`
	Editor      string `json:"editor"`
	Edited      string `json:"edited"`
	Origin      string `json:"origin,omitempty"`
	Hosts       int64  `json:"hosts"`
	Findings    int64  `json:"findings"`
	Events      int64  `json:"events"`
	Notes       int64  `json:"notes"`
	Questions   int64  `json:"questions"`
	Answered    int64  `json:"answered"`
}

func toCaseJSON(c store.Case) caseJSON {
	return caseJSON{c.ID, c.Number(), views.CaseURL(c.ID), c.Title, c.Status.String(), c.Disposition.String(),
		severityWord(c.Severity), c.Owner, c.Verdict, c.Revision, c.Author, c.Created.Format(time.RFC3339Nano), c.Editor,
		c.Edited.Format(time.RFC3339Nano), c.Origin, c.Hosts, c.Findings, c.Events, c.Notes, c.Questions, c.Answered}
}

// severityWord is the severity of a case: "" while nobody has said any.
func severityWord(u triage.Urgency) string {
	if u == triage.Default {
		return ""
	}
	return u.String()
}

// Cases is the list of cases.
func (h *Handlers) Cases(c echo.Context) error {
	form := named(c.QueryParam)
	form.Search, form.Title, form.Author = c.QueryParam("search"), c.QueryParam("title"), author(c)
	return h.casesPage(c, http.StatusOK, form, views.CaseImport{})
}

func (h *Handlers) casesPage(c echo.Context, status int, form views.CaseForm, brought views.CaseImport) error {
	ctx := c.Request().Context()
	f := store.CaseFilter{Status: triage.Open, Owner: strings.TrimSpace(c.QueryParam("owner"))}
	var err error
	if f.Text, err = textParam(c); err != nil {
		return err
	}
	if s := c.QueryParam("status"); s != "" {
		var wrong string
		if f.Status, wrong = triage.ParseSet(s); wrong != "" {
			return fault.New(fault.Invalid, "There is no status %q. There are open, all, New, In Progress, Pending, Resolved "+
				"and Closed.", cut(wrong, 60))
		}
	}
	p := page(c)
	if p.Sort == "" {
		p.Sort, p.Asc = "edited", false
	}
	list, cursors, all, err := h.Ask.Cases.Cases(ctx, f, p)
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		out := []caseJSON{}
		for _, one := range list {
			out = append(out, toCaseJSON(one))
		}
		return c.JSON(status, map[string]any{"cases": out, "total": all, "after": cursors.After, "before": cursors.Before})
	}
	v := views.CasesPage{Form: form, Import: brought, Total: all, Owner: f.Owner, Text: f.Text, Sort: c.QueryParam("sort"),
		Pager: pager(c, cursors, len(list), all),
		Sorts: sorts(c, "-edited", "number", "title", "status", "severity", "owner", "edited"),
		Chips: chips(c, "q", "text", "owner", "owner", "status", "status")}
	for _, one := range list {
		v.Rows = append(v.Rows, caseRow(one))
	}
	chosen := cmp.Or(c.QueryParam("status"), "open")
	v.Statuses = options(chosen, "open", "with work left", "all", "all")
	for _, s := range triage.Statuses() {
		v.Statuses = append(v.Statuses, views.Option{Value: s.String(), Label: s.String(), Selected: s.String() == chosen})
	}
	if v.Frame, err = h.frame(c, "Cases"); err != nil {
		return err
	}
	v.Frame.Search = ""
	return render(c, status, views.Cases(v))
}

func caseRow(c store.Case) views.CaseRow {
	return views.CaseRow{ID: c.ID, Number: c.Number(), Title: c.Title, Status: c.Status.String(), Open: c.Status.Open(),
		Disposition: c.Disposition.String(), Severity: severityWord(c.Severity), Owner: c.Owner, Author: c.Author,
		Created: c.Created, Editor: c.Editor, Edited: c.Edited, Hosts: c.Hosts, Findings: c.Findings, Events: c.Events,
		Notes: c.Notes, Questions: c.Questions, Answered: c.Answered, Revision: c.Revision, Origin: c.Origin}
}

func caseLinks(list []store.Case) (out []views.CaseRow) {
	for _, c := range list {
		out = append(out, caseRow(c))
	}
	return out
}

// caseParam is the case that an address names: by "12" or "ESC-12".
func caseParam(c echo.Context) (int64, error) {
	id, ok := store.ParseCaseNumber(c.Param("id"))
	if !ok {
		return 0, fault.New(fault.NotFound, "There is no case %q.", cut(c.Param("id"), 60))
	}
	return id, nil
}

// OpenCase opens a case: of nothing, or with what the form names as its first item.
func (h *Handlers) OpenCase(c echo.Context) error {
	form := named(c.FormValue)
	form.Title, form.Author, form.Search = strings.TrimSpace(formText(c, "title")), formAuthor(c), formText(c, "search")
	made, err := h.openCase(c, form)
	if code := fault.CodeOf(err); (code == fault.Invalid || code == fault.Busy) && !WantsJSON(c) {
		form.Problem, form.Unsigned = fault.Sentence(err), form.Author == ""
		return h.casesPage(c, refusal(code), form, views.CaseImport{})
	}
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		c.Response().Header().Set(echo.HeaderLocation, views.CaseURL(made.ID))
		return c.JSON(http.StatusCreated, toCaseJSON(made))
	}
	return c.Redirect(http.StatusSeeOther, views.CaseURL(made.ID))
}

func (h *Handlers) openCase(c echo.Context, form views.CaseForm) (made store.Case, err error) {
	ctx := c.Request().Context()
	// What cannot be an item must not leave an empty case behind.
	first, err := h.itemsOf(ctx, form)
	if err != nil {
		return made, err
	}
	one := store.Case{Title: form.Title, Author: form.Author}
	if one.Title == "" && len(first) > 0 {
		one.Title = cut(first[0].title, store.MaxCaseTitle-4)
	}
	if made, err = h.Ask.Cases.OpenCase(ctx, one); err != nil {
		return made, err
	}
	for _, i := range first {
		i.Case, i.Author, i.Why = made.ID, made.Author, formText(c, "why")
		if _, err := h.Ask.Cases.AddItem(ctx, i.CaseItem, i.pin, i.events); err != nil {
			return made, err
		}
	}
	if form.Search != "" {
		q := store.CaseQuestion{Case: made.ID, Editor: made.Author,
			Question: cut("What does this search find? "+form.Search, store.MaxQuestion-4)}
		if _, err := h.Ask.Cases.SetQuestion(ctx, q); err != nil {
			return made, err
		}
	}
	return h.Ask.Cases.CaseByID(ctx, made.ID)
}

// SetCase changes fields of a case: those that the form names.
func (h *Handlers) SetCase(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	one, err := h.Ask.Cases.CaseByID(ctx, id)
	if err != nil {
		return err
	}
	if err := caseFields(c, &one); err != nil {
		return h.caseAgain(c, id, err)
	}
	one.Editor = caseAuthor(c)
	made, err := h.Ask.Cases.SetCase(ctx, one)
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, toCaseJSON(made))
	}
	return c.Redirect(http.StatusSeeOther, views.CaseURL(id)+"#triage")
}

// caseFields reads what a form says of a case.
func caseFields(c echo.Context, one *store.Case) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	one.Revision = 0
	if r := form.Get("revision"); r != "" {
		if one.Revision, err = strconv.ParseInt(r, 10, 64); err != nil || one.Revision < 1 {
			return fault.New(fault.Invalid, "The revision %q is no number.", cut(r, 40))
		}
	}
	for name, to := range map[string]*string{"title": &one.Title, "owner": &one.Owner, "verdict": &one.Verdict} {
		if _, ok := form[name]; ok {
			*to = strings.TrimSpace(formText(c, name))
		}
	}
	bad := func(what, word string) error {
		return fault.New(fault.Invalid, "There is no %s %q.", what, cut(word, 60))
	}
	var ok bool
	if w := form.Get("status"); w != "" {
		if one.Status, ok = triage.ParseStatus(w); !ok {
			return bad("status", w)
		}
	}
	if w := form.Get("disposition"); w != "" {
		if one.Disposition, ok = triage.ParseDisposition(w); !ok {
			return bad("disposition", w)
		}
	}
	if w := form.Get("severity"); w != "" {
		if one.Severity, ok = triage.ParseUrgency(w); !ok {
			return bad("severity", w)
		}
	}
	return nil
}

// caseAgain shows a case's page again with why a form was not taken.
func (h *Handlers) caseAgain(c echo.Context, id int64, cause error) error {
	code := fault.CodeOf(cause)
	if WantsJSON(c) || code != fault.Invalid && code != fault.Conflict && code != fault.Busy && code != fault.TooLarge {
		return cause
	}
	status := refusal(code)
	switch code {
	case fault.Conflict:
		status = http.StatusConflict
	case fault.TooLarge:
		status = http.StatusRequestEntityTooLarge
	}
	return h.casePage(c, status, id, views.CasePage{Problem: fault.Sentence(cause), Typed: typedIn(c)})
}

// typedIn are the long texts of a form that was not taken, so that nothing typed is
// lost.
func typedIn(c echo.Context) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"title", "owner", "verdict", "question", "answer", "text", "why"} {
		if v := formText(c, name); v != "" {
			out[name] = v
		}
	}
	return out
}
