package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/store"
	"escutcheon/views"
)

// sentRule is a rule as it was sent.
type sentRule struct{ YAML, Author string }

func readSentRule(c echo.Context) sentRule {
	return sentRule{strings.ReplaceAll(c.FormValue("yaml"), "\r\n", "\n"), typedAuthor(c, formText(c, "author"))}
}

// PostRule checks a rule in YAML and loads it as a file of it would be. When it
// cannot be taken, the page comes back with the reason and what was written; a
// program gets the reason with the command and its place in the search.
func (h *Handlers) PostRule(c echo.Context) error {
	sent := readSentRule(c)
	rules, known, err := h.keepRule(c, sent)
	var refused *rulebook.Refused
	switch {
	case err == nil && WantsJSON(c):
		status := http.StatusCreated
		if known {
			status = http.StatusOK
		}
		out := postedOf(rules[0])
		out.Replaced = known
		for _, r := range rules[1:] {
			out.Further = append(out.Further, postedOf(r))
		}
		return c.JSON(status, out)
	case err == nil:
		return c.Redirect(http.StatusSeeOther, views.RuleURL(rules[0].ID))
	case errors.As(err, &refused) && WantsJSON(c):
		return c.JSON(http.StatusBadRequest, refusedPostJSON{fault.Sentence(err), refused.Command, refused.Pos.Line,
			refused.Pos.Column})
	case fault.CodeOf(err) != fault.Invalid || WantsJSON(c):
		return err
	}
	l, perr := h.listRules(c)
	if perr != nil {
		return perr
	}
	p, perr := h.rulesPage(c, l)
	if perr != nil {
		return perr
	}
	p.Post = views.RulePost{YAML: sent.YAML, Author: sent.Author, Problem: fault.Sentence(err)}
	return render(c, http.StatusBadRequest, views.Rules(p))
}

type postedJSON struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	URL      string   `json:"url"`
	Replaced bool     `json:"replaced"`           // there was a rule of this id
	Replaces string   `json:"replaces,omitempty"` // the built-in rule in whose place it runs
	Warnings []string `json:"warnings,omitempty"`
	Language string   `json:"language"`
	// Further are those of the other documents of a Sigma file.
	Further []postedJSON `json:"further,omitempty"`
}

func postedOf(r *detection.Rule) postedJSON {
	return postedJSON{ID: r.ID, Name: r.Name, URL: views.RuleURL(r.ID), Replaces: r.Replaces, Warnings: r.Warnings,
		Language: r.Language()}
}

type refusedPostJSON struct {
	Error   string `json:"error"`
	Command string `json:"command,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
}

func (h *Handlers) keepRule(c echo.Context, sent sentRule) ([]*detection.Rule, bool, error) {
	switch {
	case strings.TrimSpace(sent.YAML) == "":
		return nil, false, fault.New(fault.Invalid, "Write the rule, or paste it: YAML with an id, a name and a "+
			"search, or in Sigma.")
	case sent.Author == "":
		return nil, false, fault.New(fault.Invalid, "Sign the rule with your name, so that others know whom to ask.")
	case len(sent.Author) > store.MaxAuthor:
		return nil, false, fault.New(fault.Invalid, "The name is longer than %d bytes.", store.MaxAuthor)
	}
	return h.Book.Post(c.Request().Context(), []byte(sent.YAML), sent.Author)
}

// DeleteRule removes a rule that was loaded.
func (h *Handlers) DeleteRule(c echo.Context) error {
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	if err := h.Book.Remove(c.Request().Context(), r.ID); err != nil {
		return err
	}
	h.Log.InfoContext(c.Request().Context(), "rule removed", "id", r.ID, "author", formAuthor(c))
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]any{"id": r.ID, "deleted": true})
	}
	return c.Redirect(http.StatusSeeOther, "/rules")
}
