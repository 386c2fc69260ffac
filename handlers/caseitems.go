package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// newItem is what is to be added to a case.
type newItem struct {
	store.CaseItem
	title  string
	here   bool // of a host: logs of it are here
	pin    *store.Pin
	events []store.Pin
}

// named is what a form or an address names to be added.
func named(value func(string) string) views.CaseForm {
	return views.CaseForm{Finding: value("finding"), Event: value("event"), Artifact: value("artifact"),
		Module: value("module"), Dest: value("dest"), Note: value("note")}
}

// itemsOf are the items that a form names.
func (h *Handlers) itemsOf(ctx context.Context, f views.CaseForm) (out []newItem, err error) {
	for _, of := range []struct {
		name string
		make func(context.Context, string) (newItem, error)
	}{{f.Finding, h.findingItem}, {f.Event, h.eventItem}, {f.Artifact, h.fileItem}, {f.Module, h.moduleItem},
		{f.Dest, h.hostItem}, {f.Note, h.noteItem}} {
		if of.name == "" {
			continue
		}
		i, err := of.make(ctx, of.name)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

func (h *Handlers) findingItem(ctx context.Context, key string) (i newItem, err error) {
	p, events, err := h.pinOfFinding(ctx, key)
	if err != nil {
		return i, missing(err)
	}
	i = newItem{pin: &p, events: events, title: p.Finding().Title + " on " + p.Finding().Dest}
	i.Kind, i.Ref, i.Snapshot = store.ItemFinding, p.Ref, p.Snapshot
	return i, nil
}

func (h *Handlers) eventItem(ctx context.Context, text string) (i newItem, err error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return i, fault.New(fault.Invalid, "There is no event %q.", cut(text, 40))
	}
	p, _, err := h.pinOfEvent(ctx, id)
	if err != nil {
		return i, missing(err)
	}
	i = newItem{pin: &p, title: p.Event().Brief}
	i.Kind, i.Ref, i.Snapshot = store.ItemEvent, p.UID, p.Snapshot
	return i, nil
}

func (h *Handlers) hostItem(ctx context.Context, dest string) (i newItem, err error) {
	host, err := h.Ask.Hosts.HostByDest(ctx, store.HostFilter{Dest: event.NormalizeHost(dest), Now: h.Now().Unix()})
	if err != nil {
		return i, missing(err)
	}
	s := store.HostSnapshot{Dest: host.Dest, Spelling: host.Spelling}
	briefs, err := h.Ask.Verdicts.Briefs(ctx, []store.Host{host}, nil)
	if err != nil {
		return i, err
	}
	if len(briefs) == 1 {
		s.Gravity, s.Verdict = briefs[0].Gravity.String(), briefs[0].Sentence
	}
	i.title, i.here = host.Spelling, host.Events > 0
	i.Kind, i.Ref = store.ItemHost, host.Dest
	i.Snapshot, err = json.Marshal(s)
	return i, err
}

func (h *Handlers) noteItem(ctx context.Context, text string) (i newItem, err error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return i, fault.New(fault.Invalid,
			"There is no note %q. A note is named by its number: write it on its host's page, then add it.", cut(text, 40))
	}
	n, err := h.Ask.Notes.NoteByID(ctx, id)
	if err == nil && n.Deleted {
		err = fault.New(fault.Invalid, "Note %d has been deleted.", id)
	}
	if err != nil {
		return i, missing(err)
	}
	i.title = fmt.Sprintf("Note %d on %s", id, n.Dest)
	i.Kind, i.Ref = store.ItemNote, text
	i.Snapshot, err = json.Marshal(noteSnapshot(n))
	return i, err
}

func noteSnapshot(n store.Note) store.NoteSnapshot {
	return store.NoteSnapshot{Dest: n.Dest, Finding: n.Finding, Author: n.Author,
		Created: n.Created.Format(time.RFC3339Nano), Edited: n.Edited.Format(time.RFC3339Nano), Text: n.Text}
}

// missing makes of what is not there a form that names it wrongly.
func missing(err error) error {
	if fault.CodeOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "%s", fault.Sentence(err))
	}
	return err
}

// MostAttached bounds the request that attaches a file, with its form.
const MostAttached = store.MaxAttachment + 1<<20

// AddItem adds findings, events, files, modules, hosts or notes to a case, which the path names, or
// the form: as "new" one that is opened for it.
func (h *Handlers) AddItem(c echo.Context) error {
	ctx := c.Request().Context()
	form := named(c.FormValue)
	form.Author, form.Title = caseAuthor(c), strings.TrimSpace(formText(c, "title"))
	if c.Param("id") == "" && c.FormValue("case") == "new" {
		return h.OpenCase(c)
	}
	number := c.Param("id")
	if number == "" {
		number = c.FormValue("case")
	}
	id, ok := store.ParseCaseNumber(number)
	if !ok {
		return fault.New(fault.NotFound, "There is no case %q.", cut(number, 60))
	}
	if _, err := h.Ask.Cases.CaseByID(ctx, id); err != nil {
		return err
	}
	items, err := h.itemsOf(ctx, form)
	if err == nil && len(items) == 0 {
		err = fault.New(fault.Invalid, "The form names nothing to add: a finding, an event, an artifact, a module, a dest "+
			"or a note.")
	}
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	var ids []int64
	for _, i := range items {
		i.Case, i.Author, i.Why = id, form.Author, formText(c, "why")
		n, err := h.Ask.Cases.AddItem(ctx, i.CaseItem, i.pin, i.events)
		if err != nil {
			return h.caseAgain(c, id, err)
		}
		ids = append(ids, n)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusCreated, map[string]any{"case": store.CaseNumber(id), "items": ids,
			"url": views.CaseURL(id)})
	}
	if back := backOf(c, ""); back != "" && c.FormValue("back") != "" {
		return c.Redirect(http.StatusSeeOther, back)
	}
	return c.Redirect(http.StatusSeeOther, views.CaseURL(id)+"#items")
}

// caseDone answers a change of a part of a case: with the case's page, at a place.
func caseDone(c echo.Context, id int64, at string, err error, say map[string]any) error {
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		say["case"], say["url"] = store.CaseNumber(id), views.CaseURL(id)
		return c.JSON(http.StatusOK, say)
	}
	return c.Redirect(http.StatusSeeOther, views.CaseURL(id)+"#"+at)
}

// partParams are the case and the part of it that an address names.
func partParams(c echo.Context, name, what string) (id, part int64, err error) {
	if id, err = caseParam(c); err != nil {
		return 0, 0, err
	}
	if part, err = strconv.ParseInt(c.Param(name), 10, 64); err != nil || part < 1 {
		err = fault.New(fault.NotFound, "%s has no %s %q.", store.CaseNumber(id), what, cut(c.Param(name), 40))
	}
	return id, part, err
}

// DropItem takes an item out of a case.
func (h *Handlers) DropItem(c echo.Context) error {
	id, item, err := partParams(c, "part", "item")
	if err == nil {
		err = h.Ask.Cases.DropItem(c.Request().Context(), id, item, caseAuthor(c))
	}
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	return caseDone(c, id, "items", nil, map[string]any{})
}

// SetQuestion asks a question of a case, answers one, or takes one away.
func (h *Handlers) SetQuestion(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	q := store.CaseQuestion{Case: id, Editor: caseAuthor(c)}
	if c.Param("part") != "" {
		if _, q.ID, err = partParams(c, "part", "question"); err != nil {
			return err
		}
		if c.FormValue("do") == "remove" {
			if err := h.Ask.Cases.DropQuestion(ctx, id, q.ID, q.Editor); err != nil {
				return h.caseAgain(c, id, err)
			}
			return caseDone(c, id, "questions", nil, map[string]any{})
		}
		whole, err := h.Ask.Cases.WholeCase(ctx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(whole.Questions, func(was store.CaseQuestion) bool { return was.ID == q.ID })
		if i < 0 {
			return fault.New(fault.NotFound, "%s has no question %d.", store.CaseNumber(id), q.ID)
		}
		q.Question, q.Answer, q.Items = whole.Questions[i].Question, whole.Questions[i].Answer, whole.Questions[i].Items
	}
	if err := questionFields(c, &q); err != nil {
		return h.caseAgain(c, id, err)
	}
	made, err := h.Ask.Cases.SetQuestion(ctx, q)
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	return caseDone(c, id, fmt.Sprintf("question-%d", made), nil, map[string]any{"question": made})
}

func questionFields(c echo.Context, q *store.CaseQuestion) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	if _, ok := form["question"]; ok {
		q.Question = formText(c, "question")
	}
	if _, ok := form["answer"]; ok {
		q.Answer = strings.TrimSpace(formText(c, "answer"))
	}
	if form["items"] != nil || form["item"] != nil { // items without any item: none carries it
		q.Items = nil
		for _, v := range form["item"] {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return fault.New(fault.Invalid, "There is no item %q.", cut(v, 40))
			}
			q.Items = append(q.Items, n)
		}
	}
	if r := form.Get("revision"); r != "" {
		if q.Revision, err = strconv.ParseInt(r, 10, 64); err != nil {
			return fault.New(fault.Invalid, "The revision %q is no number.", cut(r, 40))
		}
	}
	return nil
}

// SetRecommendation adds a recommendation, changes one or takes one away.
func (h *Handlers) SetRecommendation(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	r := store.CaseRecommendation{Case: id, Author: caseAuthor(c), Text: formText(c, "text"),
		Done: c.FormValue("done") == "1"}
	if c.Param("part") != "" {
		if _, r.ID, err = partParams(c, "part", "recommendation"); err != nil {
			return err
		}
		if c.FormValue("do") == "remove" {
			r.Text = ""
		} else if strings.TrimSpace(r.Text) == "" {
			return h.caseAgain(c, id, fault.New(fault.Invalid, "The recommendation is empty. Write what should be done, or "+
				"remove it."))
		}
	} else if s := c.FormValue("snippet"); s != "" && strings.TrimSpace(r.Text) == "" {
		if r.Text, err = h.snippet(ctx, s); err != nil {
			return h.caseAgain(c, id, err)
		}
	}
	made, err := h.Ask.Cases.SetRecommendation(ctx, r)
	if err != nil {
		return h.caseAgain(c, id, err)
	}
	return caseDone(c, id, "recommendations", nil, map[string]any{"recommendation": made})
}

// VerifyCase recomputes the hashes of all evidence of a case.
func (h *Handlers) VerifyCase(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v, err := h.Ask.Cases.VerifyCase(ctx, id)
	if err != nil {
		return err
	}
	w, err := h.Ask.Cases.WholeCase(ctx, id)
	if err != nil {
		return err
	}
	if v.Since, err = h.sinceOf(ctx, relied(w), w.Origin != ""); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, verifiedJSON(v))
	}
	return h.casePage(c, http.StatusOK, id, views.CasePage{Verified: verifiedView(&v)})
}
