package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/store"
	"escutcheon/views"
)

func (h *Handlers) filterView(f store.RuleFilter) views.RuleFilter {
	return views.RuleFilter{Expression: f.Expression, Reason: f.Reason, Author: f.Author, Created: f.Created,
		Expires: f.Expires,
		Expired: !f.Expires.IsZero() && !f.Expires.After(h.Now())}
}

// propose fills the editor with the filter that the address asks about, and
// with what it would do.
func (h *Handlers) propose(c echo.Context, r *detection.Rule, e *views.FilterEditor) error {
	ctx, q := c.Request().Context(), c.QueryParam
	if like := q("like"); like != "" {
		f, err := h.Ask.Rules.FindingByKey(ctx, like)
		if err != nil {
			return err
		}
		if f.RuleID != r.ID {
			return fault.New(fault.Invalid, "The finding is another rule's. Open it, and suppress from there.")
		}
		e.Like = f.Key
		return h.proposeLike(ctx, r, f, e)
	}
	if !c.QueryParams().Has("expression") {
		return nil
	}
	e.Expression, e.Reason, e.Expires = plainText(q("expression")), q("reason"), q("expires")
	if name := typedAuthor(c, q("author")); name != "" && len(name) <= store.MaxAuthor {
		e.Author = name
	}
	p, err := h.filterPreview(ctx, r, e.Expression)
	e.Preview = p
	return err
}

// proposeLike takes the narrowest expression that suppresses a finding: its
// host and the column that tells it apart, else its host alone.
func (h *Handlers) proposeLike(ctx context.Context, r *detection.Rule, f store.Finding, e *views.FilterEditor) error {
	present := ""
	if e.Current != nil {
		present = e.Current.Expression
	}
	for _, one := range detection.Likeness(r.NewRow(f.Row)) {
		e.Expression = detection.JoinFilters(present, one)
		tried, err := h.Book.Preview(ctx, r.ID, e.Expression)
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			return err
		}
		e.Preview = h.previewView(r, tried, err)
		if err == nil && (f.Suppressed || slices.ContainsFunc(tried.Suppressed,
			func(s store.Finding) bool { return s.Key == f.Key })) {
			return nil
		}
	}
	return nil
}

// filterPreview is what a filter would do; a filter that cannot be run is told,
// not an error.
func (h *Handlers) filterPreview(ctx context.Context, r *detection.Rule, expression string) (*views.FilterPreview,
	error) {
	p, err := h.Book.Preview(ctx, r.ID, expression)
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		return nil, err
	}
	return h.previewView(r, p, err), nil
}

func (h *Handlers) previewView(r *detection.Rule, p rulebook.Preview, err error) *views.FilterPreview {
	if err != nil {
		return &views.FilterPreview{Problem: fault.Sentence(err)}
	}
	v := &views.FilterPreview{Findings: p.Findings, Count: p.Count, Back: p.Back,
		Undecided: p.Undecided, Untried: p.Untried,
		Table: views.FindingsTable{Columns: r.Plan().Columns()}}
	for _, f := range p.Suppressed {
		v.Table.Rows = append(v.Table.Rows, h.findingRow(f))
	}
	return v
}

// SetFilter gives a rule the filter of the form. When it cannot be taken, the
// page comes back with the reason and what was written.
func (h *Handlers) SetFilter(c echo.Context) error {
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	f := store.RuleFilter{RuleID: r.ID, Expression: formText(c, "expression"),
		Reason: strings.TrimSpace(formText(c, "reason")), Author: formAuthor(c)}
	err = h.keepFilter(c, &f)
	if err == nil {
		if WantsJSON(c) {
			stats, err := h.Ask.Rules.RuleStats(c.Request().Context())
			if err != nil {
				return err
			}
			out := map[string]any{"id": r.ID, "expression": f.Expression}
			if words := underWay(stats[r.ID]); words != "" {
				out["under_way"] = words
			}
			return c.JSON(http.StatusOK, out)
		}
		return c.Redirect(http.StatusSeeOther, views.RuleURL(r.ID)+"#filter")
	}
	if fault.CodeOf(err) != fault.Invalid || WantsJSON(c) {
		return err
	}
	p, perr := h.rulePage(c, r)
	if perr != nil {
		return perr
	}
	e := &p.Editor
	e.Expression, e.Reason, e.Expires, e.Author, e.Problem = f.Expression, f.Reason, c.FormValue("expires"), f.Author,
		fault.Sentence(err)
	return render(c, http.StatusBadRequest, views.Rule(p))
}

func (h *Handlers) keepFilter(c echo.Context, f *store.RuleFilter) (err error) {
	switch {
	case f.Author == "":
		return fault.New(fault.Invalid, "Sign the filter with your name, so that others know whom to ask.")
	case len(f.Author) > store.MaxAuthor:
		return fault.New(fault.Invalid, "The name is longer than %d bytes.", store.MaxAuthor)
	case len(f.Reason) > maxReason:
		return fault.New(fault.Invalid, "The reason is longer than %d bytes.", maxReason)
	case strings.TrimSpace(f.Expression) == "" && c.FormValue("remove") == "":
		return fault.New(fault.Invalid, "Write an expression, or remove the filter.")
	}
	if f.Expires, err = formTime(c, "expires"); err != nil {
		return err
	}
	return h.Book.SetFilter(c.Request().Context(), *f)
}

const maxReason = 10_000
