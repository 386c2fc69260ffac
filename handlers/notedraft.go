package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// What the text in the form of a note is, to the script that keeps drafts: what
// somebody typed and sent, or what an address began.
const (
	typedBefore = "back"
	begun       = "begun"
)

// maxChoices is how many findings a note's form offers; any finding's own page
// has a form too.
const maxChoices = 30

// maxBegun is how long a note may be that an address begins, in bytes.
const maxBegun = 8000

// noteForm is the form of a new note about a host, begun with the text of note=.
func (h *Handlers) noteForm(c echo.Context, host store.Host) (f views.NoteForm, err error) {
	f.Author = author(c)
	if f.Text = plainText(c.QueryParam("note")); f.Text != "" {
		f.Origin = begun
	}
	if len(f.Text) > maxBegun {
		f.Text, f.Problem = firstBytes(f.Text, maxBegun), "The text that this note was begun with is too long and cut here."
	}
	if f.Templates, err = h.templateOptions(c); err != nil {
		return f, err
	}
	found, _, err := h.Ask.Notes.Findings(c.Request().Context(), store.FindingFilter{Dest: host.Dest},
		store.Page{Limit: maxChoices})
	for _, finding := range found {
		f.Findings = append(f.Findings, views.Option{Value: finding.Key, Label: shorten(h.labelOf(finding), 90)})
	}
	return f, err
}

// firstBytes is a text cut at a character.
func firstBytes(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// draftOnly says whether a form of a note is sent to be shown again, not stored.
func draftOnly(c echo.Context) bool {
	do := c.FormValue("do")
	return do == "preview" || do == "insert"
}

// draftNote shows a new note's form again with its preview, or with a template
// inserted.
func (h *Handlers) draftNote(c echo.Context, n store.Note) (err error) {
	if n.Text, err = h.withTemplate(c, n.Text); err != nil {
		return err
	}
	return h.noteAgain(c, n, http.StatusOK, views.NoteForm{Preview: c.FormValue("do") == "preview"})
}

// draftEdit is the same of a note that is edited.
func (h *Handlers) draftEdit(c echo.Context, id, revision int64, text string) error {
	p, err := h.noteEditPage(c, id)
	if err != nil {
		return err
	}
	if p.Draft, err = h.withTemplate(c, text); err != nil {
		return err
	}
	p.Author, p.YourRevision, p.Conflict = formAuthor(c), revision, p.Note.Deleted
	p.Preview, p.Origin = c.FormValue("do") == "preview", typedBefore
	return render(c, http.StatusOK, views.NoteEdit(p))
}

// noteAgain answers with the page that a new note was written on, a finding's or
// its host's, and what was written.
func (h *Handlers) noteAgain(c echo.Context, n store.Note, status int, form views.NoteForm) error {
	back := func(f *views.NoteForm) {
		f.Text, f.Author, f.Origin = n.Text, n.Author, typedBefore
		f.Problem, f.Unsigned, f.Preview = form.Problem, form.Unsigned, form.Preview
	}
	f, on, err := h.findingOf(c, n)
	if err != nil {
		return err
	}
	if on && c.FormValue("on") == "finding" {
		standAt(c, views.FindingURL(f.Key))
		r, err := h.rule(f.RuleID)
		if err != nil {
			return err
		}
		p, err := h.findingPage(c, f, r)
		if err != nil {
			return err
		}
		back(&p.NewNote)
		return render(c, status, views.Finding(p))
	}
	filter := store.HostFilter{Dest: n.Dest, Now: h.Now().Unix()}
	host, err := h.Ask.Notes.HostByDest(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	standAt(c, views.HostURL(n.Dest))
	p, err := h.hostPage(c, host, filter, typed{asOf: c.QueryParam("as-of")})
	if err != nil {
		return err
	}
	back(&p.NewNote)
	if on {
		h.chooseFinding(&p.NewNote, f)
	}
	return render(c, status, views.Host(p))
}

// standAt makes the links of a page that answers a form those of the page's own
// address.
func standAt(c echo.Context, address string) {
	if u, err := url.Parse(address); err == nil {
		r := c.Request().WithContext(c.Request().Context())
		r.URL = u
		c.SetRequest(r)
	}
}

// findingOf is the finding that a note is about, if there is one.
func (h *Handlers) findingOf(c echo.Context, n store.Note) (f store.Finding, on bool, err error) {
	if n.Finding == "" {
		return f, false, nil
	}
	f, err = h.Ask.Notes.FindingByKey(c.Request().Context(), n.Finding)
	if fault.CodeOf(err) == fault.NotFound {
		return f, false, nil
	}
	return f, f.Dest == n.Dest, err
}

// chooseFinding chooses a finding in a form, which may not have offered it.
func (h *Handlers) chooseFinding(form *views.NoteForm, f store.Finding) {
	for i := range form.Findings {
		if form.Findings[i].Value == f.Key {
			form.Findings[i].Selected = true
			return
		}
	}
	form.Findings = append(form.Findings, views.Option{Value: f.Key, Label: shorten(h.labelOf(f), 90), Selected: true})
}

// PreviewNote is a note's text as it would look, for a script to put in place.
func (h *Handlers) PreviewNote(c echo.Context) error {
	return render(c, http.StatusOK, views.PreviewedNote(formText(c, "text"), true))
}

// withTemplate is the text of a form with the template that it asks for at its end.
func (h *Handlers) withTemplate(c echo.Context, text string) (string, error) {
	if c.FormValue("do") != "insert" {
		return text, nil
	}
	t, err := h.template(c, c.FormValue("template"))
	if err != nil {
		return "", err
	}
	if text = strings.TrimRight(text, "\n"); text != "" {
		text += "\n\n"
	}
	return text + t.Text, nil
}
