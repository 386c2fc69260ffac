package handlers

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/store"
	"escutcheon/views"
)

func (h *Handlers) filterView(f store.RuleFilter) views.RuleFilter {
	return views.RuleFilter{Expression: f.Expression, Reason: f.Reason, Author: f.Author, Created: f.Created, Expires: f.Expires,
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
	e.Expression, e.Reason, e.Expires = formLines(q("expression")), q("reason"), q("expires")
	if name := q("author"); name != "" && len(name) <= store.MaxAuthor {
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
	for _, one := range likeness(row(r, f.Row)) {
		e.Expression = addFilter(present, one)
		tried, err := h.Book.Preview(ctx, r.ID, e.Expression)
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			return err
		}
		e.Preview = h.previewView(r, tried, err)
		if err == nil && (f.Suppressed || slices.ContainsFunc(tried.Suppressed, func(s store.Finding) bool { return s.Key == f.Key })) {
			return nil
		}
	}
	return nil
}

// telling are the columns that tell the rows of most rules apart, the best
// first.
var telling = []string{"Message", "process", "CommandLine", "ScriptBlockText", "Configuration", "registry_path", "file_path", "TargetFilename", "ImageLoaded", "ModuleDll",
	"process_name", "file_name", "process_path", "parent_process", "ServiceName", "TaskName", "user"}

// likeness are expressions that keep rows like this one out, the narrowest
// first.
func likeness(cells named) (out []string) {
	host, hasHost := cells.Get("dest")
	columns := slices.Clone(telling)
	for _, c := range cells.columns {
		if !slices.Contains(columns, c) && !slices.Contains([]string{"dest", "count", "firstTime", "lastTime", "_time"}, c) {
			columns = append(columns, c)
		}
	}
	for _, name := range columns {
		v, ok := cells.Get(name)
		if !ok || len(v) > mostLike || !plainName(name) || len(out) == 3 {
			continue
		}
		if hasHost {
			out = append(out, unlike("dest", host, name, v))
		} else {
			out = append(out, unlike(name, v))
		}
	}
	if hasHost {
		out = append(out, unlike("dest", host))
	}
	return out
}

// mostLike is the longest value that is proposed, in bytes: the expression
// stands in an address.
const mostLike = 8000

// unlike keeps out the rows whose columns have these values. search takes a *
// for any text, so such a value goes into where; one with characters that
// nobody sees becomes a regular expression that spells them.
func unlike(pairs ...string) string {
	var search, where []string
	exact := false
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		search = append(search, name+"="+quoteSPL(value))
		field := "coalesce('" + name + `', "")`
		if spelled := spell(value); spelled != regexp.QuoteMeta(value) {
			exact = true
			where = append(where, "match("+field+", "+quoteSPL("^"+spelled+"$")+")")
			continue
		}
		exact = exact || strings.Contains(value, "*")
		where = append(where, field+"="+quoteSPL(value))
	}
	if exact {
		return "where NOT (" + strings.Join(where, " AND ") + ")"
	}
	return "NOT (" + strings.Join(search, " ") + ")"
}

// spell is a text as a regular expression in which every character is seen.
func spell(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteString(regexp.QuoteMeta(string(r)))
		} else {
			fmt.Fprintf(&b, `\x{%x}`, r)
		}
	}
	return b.String()
}

func plainName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '.')
	})
}

// quoteSPL is a value as it stands in a search.
func quoteSPL(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// addFilter adds an expression to a filter so that what the filter suppresses
// stays suppressed.
func addFilter(present, one string) string {
	present = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(present), "|"))
	word, _, _ := strings.Cut(strings.ToLower(present)+" ", " ")
	switch {
	case present == "":
		return one
	case strings.HasPrefix(one, "where "):
		return present + "\n| " + one
	case slices.Contains([]string{"search", "where", "regex"}, word) || strings.Contains(present, "|"):
		return present + "\n| search " + one
	}
	return "(" + present + ")\n" + one
}

// filterPreview is what a filter would do; a filter that cannot be run is told,
// not an error.
func (h *Handlers) filterPreview(ctx context.Context, r *detection.Rule, expression string) (*views.FilterPreview, error) {
	p, err := h.Book.Preview(ctx, r.ID, expression)
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		return nil, err
	}
	return h.previewView(r, p, err), nil
}

func (h *Handlers) previewView(r *detection.Rule, p rulebook.Preview, err error) *views.FilterPreview {
	if err != nil {
		return &views.FilterPreview{Problem: sentence(err)}
	}
	v := &views.FilterPreview{Findings: p.Findings, Count: p.Count, Back: p.Back, Table: views.FindingsTable{Columns: r.Plan.Columns()}}
	for _, f := range p.Suppressed {
		v.Table.Rows = append(v.Table.Rows, h.findingRow(f))
	}
	return v
}

// formLines is a text of several lines as typed; browsers send CRLF.
func formLines(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
}

// SetFilter gives a rule the filter of the form. When it cannot be taken, the
// page comes back with the reason and what was written.
func (h *Handlers) SetFilter(c echo.Context) error {
	r, err := h.ruleParam(c)
	if err != nil {
		return err
	}
	f := store.RuleFilter{RuleID: r.ID, Expression: formLines(c.FormValue("expression")), Reason: strings.TrimSpace(formLines(c.FormValue("reason"))), Author: formAuthor(c)}
	err = h.keepFilter(c, &f)
	if err == nil {
		if wantsJSON(c) {
			return c.JSON(http.StatusOK, map[string]any{"id": r.ID, "expression": f.Expression})
		}
		return c.Redirect(http.StatusSeeOther, views.RuleURL(r.ID)+"#filter")
	}
	if fault.CodeOf(err) != fault.Invalid || wantsJSON(c) {
		return err
	}
	p, perr := h.rulePage(c, r)
	if perr != nil {
		return perr
	}
	e := &p.Editor
	e.Expression, e.Reason, e.Expires, e.Author, e.Problem = f.Expression, f.Reason, c.FormValue("expires"), f.Author, sentence(err)
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
	if f.Expires, err = untilParam(c.FormValue("expires")); err != nil {
		return err
	}
	return h.Book.SetFilter(c.Request().Context(), *f)
}

const maxReason = 10_000

// untilParam reads the end of a filter as a browser sends it, in UTC.
func untilParam(s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no time. Write it as 2026-01-31T08:00, in UTC.", s)
}
