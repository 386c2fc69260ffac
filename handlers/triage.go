package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// TriageStore keeps what analysts decide about findings and hosts. What cannot be
// taken is refused with a sentence; a change of another revision than the newest
// is a conflict.
type TriageStore interface {
	SetTriage(ctx context.Context, c store.TriageChange) (store.Triaged, error)
	// UndoTriage takes a change back where nothing has changed since, and says
	// where something has.
	UndoTriage(ctx context.Context, bulk int64, author string) (undone store.Triaged, kept int64, err error)
	TriageOf(ctx context.Context, kind, name string) (store.Triage, error)
	// TriageHistory is what was changed, newest first.
	TriageHistory(ctx context.Context, kind, name string, most int) ([]store.TriageStep, error)
	// NoteMandatory says whether triage needs a note.
	NoteMandatory(ctx context.Context) (bool, error)
	DemandNote(ctx context.Context, must bool) error
}

// TriageFinding sets what is decided about a finding.
func (h *Handlers) TriageFinding(c echo.Context) error {
	return h.triage(c, store.TriageChange{Findings: []string{c.Param("id")}}, views.FindingURL(c.Param("id")))
}

// TriageHost sets what is decided about a host. Its findings stay as they are.
func (h *Handlers) TriageHost(c echo.Context) error {
	dest := destParam(c)
	return h.triage(c, store.TriageChange{Host: dest}, views.HostURL(dest))
}

// TriageMany sets what is decided about findings: those that are named, several in
// one value with commas between them, or all that a list's filter chooses.
func (h *Handlers) TriageMany(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return fault.New(fault.Invalid, "The form cannot be read: %v.", err)
	}
	var t store.TriageChange
	if c.FormValue("scope") == "filter" {
		f, err := h.filterOf(c.FormValue("filter"))
		if err != nil {
			return err
		}
		t.Filter = &f
		return h.triage(c, t, "/findings")
	}
	for _, several := range form["finding"] {
		for key := range strings.SplitSeq(several, ",") {
			if key = strings.TrimSpace(key); key != "" && !slices.Contains(t.Findings, key) {
				t.Findings = append(t.Findings, key)
			}
		}
	}
	return h.triage(c, t, "/findings")
}

// filterOf reads the query of a list of findings.
func (h *Handlers) filterOf(query string) (f store.FindingFilter, err error) {
	q, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		return f, fault.New(fault.Invalid, "%q is no filter of findings.", query)
	}
	f, _, err = h.findingFilterOf(q)
	return f, err
}

// triage sets what the form says, and leads back.
func (h *Handlers) triage(c echo.Context, t store.TriageChange, back string) error {
	err := readTriage(c, &t)
	var done store.Triaged
	if err == nil {
		done, err = h.Ask.Triage.SetTriage(c.Request().Context(), t)
	}
	if err != nil {
		if code := fault.CodeOf(err); WantsJSON(c) || code != fault.Invalid && code != fault.Conflict && code != fault.Busy {
			return err
		}
		return h.refusedTriage(c, t, back, err)
	}
	if WantsJSON(c) {
		return h.triagedJSON(c, t, done)
	}
	return c.Redirect(http.StatusSeeOther, views.WithQuery(backOf(c, back), "set", strconv.FormatInt(done.Bulk, 10),
		"changed", strconv.FormatInt(done.Changed, 10), "undone", ""))
}

// backOf is the page of ours that a form came from.
func backOf(c echo.Context, otherwise string) string {
	if b := c.FormValue("back"); strings.HasPrefix(b, "/") && !strings.HasPrefix(b, "//") && !strings.Contains(b, `\`) {
		return b
	}
	return otherwise
}

// nobody takes an owner away.
const nobody = "nobody"

// readTriage reads what a form sets. A field that is not there or empty stays; an
// owner of one thing that is empty is taken away.
func readTriage(c echo.Context, t *store.TriageChange) (err error) {
	form, err := c.FormParams()
	if err != nil {
		return fault.New(fault.Invalid, "The form cannot be read: %v.", err)
	}
	t.Author, t.Note = formAuthor(c), formText(c, "note")
	if t.Status, err = oneOf(c, "status", triage.ParseStatus, triage.Statuses()); err != nil {
		return err
	}
	if t.Disposition, err = oneOf(c, "disposition", triage.ParseDisposition, triage.Dispositions()); err != nil {
		return err
	}
	if t.Urgency, err = oneOf(c, "urgency", triage.ParseUrgency, triage.Urgencies()); err != nil {
		return err
	}
	one := t.Host != "" || strings.HasPrefix(c.Path(), "/findings/")
	if owner := strings.TrimSpace(formText(c, "owner")); owner != "" || one && form.Has("owner") {
		if strings.EqualFold(owner, nobody) {
			owner = ""
		}
		t.Owner = &owner
	}
	for _, r := range form["revision"] {
		if r == "" {
			continue
		}
		n, err := strconv.ParseInt(r, 10, 64)
		if err != nil {
			return fault.New(fault.Invalid, "%q is no revision.", cut(r, 40))
		}
		t.Revisions = append(t.Revisions, n)
	}
	return nil
}

// oneOf reads one of some words; nil where the field is empty.
func oneOf[T interface {
	~int
	String() string
}](c echo.Context, name string, parse func(string) (T, bool), all []T) (*T, error) {
	text := strings.TrimSpace(c.FormValue(name))
	if text == "" {
		return nil, nil
	}
	if v, ok := parse(text); ok {
		return &v, nil
	}
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = v.String()
	}
	return nil, fault.New(fault.Invalid, "There is no %s %q. Choose %s.", name, cut(text, 80), strings.Join(words, ", "))
}

// UndoTriage takes a change back, by its number.
func (h *Handlers) UndoTriage(c echo.Context) error {
	bulk, err := strconv.ParseInt(strings.TrimSpace(c.FormValue("bulk")), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "Say which change to undo: its number as bulk.")
	}
	done, kept, err := h.Ask.Triage.UndoTriage(c.Request().Context(), bulk, formAuthor(c))
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]int64{"bulk": done.Bulk, "undone": done.Changed, "changed_since": kept})
	}
	return c.Redirect(http.StatusSeeOther, views.WithQuery(backOf(c, "/findings"), "set", "", "changed",
		strconv.FormatInt(done.Changed, 10), "undone", strconv.FormatInt(kept, 10)))
}

// triageJSON is what was decided, as a program gets it.
type triageJSON struct {
	Status      string  `json:"status"`
	Disposition string  `json:"disposition"`
	Owner       string  `json:"owner"`
	Urgency     string  `json:"urgency"`
	Revision    int64   `json:"revision"`
	Author      string  `json:"author"`
	At          *string `json:"at"` // RFC 3339; null: nobody has decided anything
	Reopened    bool    `json:"reopened"`
	Damaged     bool    `json:"damaged,omitempty"` // its row is not what was written
}

// triageView is what was decided, for programs; urgency is what it is by default.
func triageView(t store.Triage, urgency triage.Urgency) triageJSON {
	v := triageJSON{Status: t.Status.String(), Disposition: t.Disposition.String(), Owner: t.Owner,
		Urgency: urgency.String(), Revision: t.Revision, Author: t.Author, Reopened: t.Reopened,
		Damaged: t.Damaged}
	if t.Urgency != triage.Default {
		v.Urgency = t.Urgency.String()
	}
	if !t.At.IsZero() {
		at := t.At.UTC().Format(time.RFC3339Nano)
		v.At = &at
	}
	return v
}

// hostTriage is the member "triage" of a host's JSON.
func (h *Handlers) hostTriage(ctx context.Context, dest string) (triageJSON, error) {
	t, err := h.Ask.Triage.TriageOf(ctx, store.OfHost, dest)
	return triageView(t, triage.Medium), err
}

// urgencyOf is the urgency of a rule's findings that nobody has set.
func urgencyOf(r *detection.Rule) triage.Urgency {
	if r == nil {
		return triage.Medium
	}
	return triage.OfScore(r.TopScore())
}

// triagedJSON answers a program that set something.
func (h *Handlers) triagedJSON(c echo.Context, t store.TriageChange, done store.Triaged) error {
	ctx := c.Request().Context()
	out := map[string]any{"bulk": done.Bulk, "changed": done.Changed, "unchanged": done.All - done.Changed,
		"notes": done.Notes}
	switch {
	case t.Host != "":
		v, err := h.hostTriage(ctx, t.Host)
		if err != nil {
			return err
		}
		out["dest"], out["triage"] = t.Host, v
	case strings.HasPrefix(c.Path(), "/findings/"):
		f, err := h.Ask.Findings.FindingByKey(ctx, t.Findings[0])
		if err != nil {
			return err
		}
		out["finding_id"], out["triage"] = f.Key, triageView(f.Triage, urgencyOf(h.Book.Find(f.RuleID)))
	}
	if v, ok := out["triage"].(triageJSON); ok {
		out["status"], out["disposition"], out["owner"], out["urgency"] = v.Status, v.Disposition, v.Owner, v.Urgency
		out["revision"] = v.Revision
	}
	return c.JSON(http.StatusOK, out)
}
