package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// snippetOptions are the texts that a recommendation can begin with: one's own
// first.
func (h *Handlers) snippetOptions(ctx context.Context) (out []views.Option, err error) {
	list, err := h.Ask.Cases.Snippets(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		out = append(out, views.Option{Value: strconv.FormatInt(s.ID, 10), Label: s.Name})
	}
	for _, s := range triage.Snippets() {
		out = append(out, views.Option{Value: s.Name, Label: s.Name})
	}
	return out, nil
}

// snippet is a snippet as a recommendation, headed by its name: one's own by its
// number, a built-in one by its name.
func (h *Handlers) snippet(ctx context.Context, name string) (string, error) {
	for _, s := range triage.Snippets() {
		if strings.EqualFold(s.Name, name) {
			return headed(s.Name, s.Text), nil
		}
	}
	list, err := h.Ask.Cases.Snippets(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range list {
		if strconv.FormatInt(s.ID, 10) == name || strings.EqualFold(s.Name, name) {
			return headed(s.Name, s.Text), nil
		}
	}
	return "", fault.New(fault.Invalid, "There is no snippet %q.", cut(name, 60))
}

func headed(name, text string) string { return "**" + name + "**\n\n" + text }

// snippetViews are the snippets on the page of settings.
func (h *Handlers) snippetViews(ctx context.Context, p *views.SettingsPage) error {
	p.NewSnippet.Snippet = true
	for _, s := range triage.Snippets() {
		p.BuiltInSnippets = append(p.BuiltInSnippets, views.NoteTemplate{Name: s.Name, Text: s.Text, Snippet: true})
	}
	if h.Ask.Cases == nil {
		return nil
	}
	own, err := h.Ask.Cases.Snippets(ctx)
	for _, s := range own {
		p.Snippets = append(p.Snippets, views.NoteTemplate{ID: s.ID, Revision: s.Revision, Name: s.Name, Text: s.Text,
			Snippet: true})
	}
	return err
}

// SetSnippet keeps a snippet of the page of settings, or deletes it. When it cannot
// be taken, the page comes back with what was written.
func (h *Handlers) SetSnippet(c echo.Context) error {
	ctx := c.Request().Context()
	s := store.Snippet{Name: strings.TrimSpace(formText(c, "name")), Text: formText(c, "text")}
	for name, to := range map[string]*int64{"id": &s.ID, "revision": &s.Revision} {
		if text := c.FormValue(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				return fault.New(fault.Invalid, "The form does not say which snippet it changes. Open the settings again.")
			}
			*to = n
		}
	}
	var err error
	if c.FormValue("do") == "delete" {
		err = h.Ask.Cases.DeleteSnippet(ctx, s.ID, s.Revision)
	} else {
		err = h.Ask.Cases.KeepSnippet(ctx, s)
	}
	code := fault.CodeOf(err)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/settings?snippet=saved#snippets")
	case WantsJSON(c) || code != fault.Invalid && code != fault.Conflict && code != fault.Busy:
		return err
	}
	return h.snippetAgain(c, s, err)
}

// snippetAgain answers with the settings and a snippet as it was written.
func (h *Handlers) snippetAgain(c echo.Context, s store.Snippet, cause error) error {
	now, err := h.Ask.Settings.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	p, err := h.settingsPage(c, now)
	if err != nil {
		return err
	}
	typed := &p.NewSnippet
	for i := range p.Snippets {
		if s.ID != 0 && p.Snippets[i].ID == s.ID {
			typed = &p.Snippets[i]
		}
	}
	typed.Name, typed.Text, typed.Problem = s.Name, s.Text, fault.Sentence(cause)
	status := refusal(fault.CodeOf(cause))
	if fault.CodeOf(cause) == fault.Conflict {
		typed.Revision, status = s.Revision, http.StatusConflict
	}
	return render(c, status, views.Settings(p))
}
