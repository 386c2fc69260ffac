package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// TemplateStore keeps the texts that notes can begin with. What is no template
// is refused with a sentence, the change of another revision than the newest is
// a conflict.
type TemplateStore interface {
	NoteTemplates(ctx context.Context) ([]store.NoteTemplate, error)
	KeepNoteTemplate(ctx context.Context, t store.NoteTemplate) error
	DeleteNoteTemplate(ctx context.Context, t store.NoteTemplate) error
}

// builtIn are the templates for what IIS modules ask of an analyst, by the word
// that names each in an address.
var builtIn = []struct{ word, name, text string }{
	{"triage", "Triage of a module", `## Triage
- Module:
- Image, its hash and signature:
- Added by, when, from which process:
- Change request or owner who knows of it:
- HTTP logging on the whole time:
- Same module or image on other hosts:

**Verdict:**
`},
	{"containment", "Containment", `## Containment
- Host isolated (when, by whom):
- Copies taken before any change (image, applicationHost.config, w3wp memory):
- Module removed from the configuration (command, when):
- Application pools recycled:
- Logging back on:
- Accounts and keys to renew:

**Still open:**
`},
	{"hand-over", "Hand-over", `## Hand-over
- What happened, in a sentence:
- What is certain, and what it rests on:
- What is assumed:
- Done so far:
- Next step, and until when:
- Whom to ask:
`},
}

// templateOptions are the templates as a form offers them.
func (h *Handlers) templateOptions(c echo.Context) ([]views.Option, error) {
	var out []views.Option
	for _, t := range builtIn {
		out = append(out, views.Option{Value: t.word, Label: t.name})
	}
	own, err := h.Ask.Templates.NoteTemplates(c.Request().Context())
	for _, t := range own {
		out = append(out, views.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
	}
	return out, err
}

// template is the template that a form calls so.
func (h *Handlers) template(c echo.Context, called string) (store.NoteTemplate, error) {
	for _, t := range builtIn {
		if t.word == called {
			return store.NoteTemplate{Name: t.name, Text: t.text}, nil
		}
	}
	own, err := h.Ask.Templates.NoteTemplates(c.Request().Context())
	if err != nil {
		return store.NoteTemplate{}, err
	}
	for _, t := range own {
		if strconv.FormatInt(t.ID, 10) == called {
			return t, nil
		}
	}
	return store.NoteTemplate{}, fault.New(fault.NotFound, "There is no template %q.", shorten(called, 50))
}

// Template is the text of a template.
func (h *Handlers) Template(c echo.Context) error {
	t, err := h.template(c, c.Param("id"))
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, t.Text)
}

// SetTemplate keeps a template of the page of settings, or deletes it. When it
// cannot be taken, the page comes back with what was written.
func (h *Handlers) SetTemplate(c echo.Context) error {
	ctx := c.Request().Context()
	t := store.NoteTemplate{Name: strings.TrimSpace(formText(c, "name")), Text: formText(c, "text")}
	for name, to := range map[string]*int64{"id": &t.ID, "revision": &t.Revision} {
		if text := c.FormValue(name); text != "" {
			if _, err := fmt.Sscan(text, to); err != nil || *to < 0 {
				return fault.New(fault.Invalid, "The form does not say which template it changes. Open the settings again.")
			}
		}
	}
	keep := h.Ask.Templates.KeepNoteTemplate
	if c.FormValue("do") == "delete" {
		keep = h.Ask.Templates.DeleteNoteTemplate
	}
	err := keep(ctx, t)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/settings?template=saved#templates")
	}
	if code := fault.CodeOf(err); WantsJSON(c) || code != fault.Invalid && code != fault.Conflict && code != fault.Busy {
		return err
	}
	return h.templateAgain(c, t, err)
}

// templateAgain answers with the settings and a template as it was written.
func (h *Handlers) templateAgain(c echo.Context, t store.NoteTemplate, cause error) error {
	s, err := h.Ask.Settings.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	p, err := h.settingsPage(c, s)
	if err != nil {
		return err
	}
	typed := &p.NewTemplate
	for i := range p.Templates {
		if t.ID != 0 && p.Templates[i].ID == t.ID {
			typed = &p.Templates[i]
		}
	}
	typed.Name, typed.Text, typed.Problem = t.Name, t.Text, fault.Sentence(cause)
	status := refusal(fault.CodeOf(cause))
	if fault.CodeOf(cause) == fault.Conflict {
		typed.Revision, status = t.Revision, http.StatusConflict
	}
	return render(c, status, views.Settings(p))
}

// templateViews are the templates on the page of settings.
func (h *Handlers) templateViews(ctx context.Context, p *views.SettingsPage) error {
	for _, t := range builtIn {
		p.BuiltIn = append(p.BuiltIn, views.NoteTemplate{Name: t.name, Text: t.text})
	}
	own, err := h.Ask.Templates.NoteTemplates(ctx)
	for _, t := range own {
		p.Templates = append(p.Templates, views.NoteTemplate{ID: t.ID, Revision: t.Revision, Name: t.Name, Text: t.Text})
	}
	if err != nil {
		return err
	}
	return h.snippetViews(ctx, p)
}
