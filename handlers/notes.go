package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// NoteStore keeps the notes. Text that is too long, a missing author and a
// dest that is not there are refused with a sentence; a change of another
// revision than the newest is a conflict.
type NoteStore interface {
	AddNote(ctx context.Context, n store.Note) (id int64, err error)
	EditNote(ctx context.Context, id, revision int64, author, text string) error
	DeleteNote(ctx context.Context, id, revision int64, author string) error
	NoteByID(ctx context.Context, id int64) (store.Note, error)
	// NotesOf returns a dest's notes, newest first, deleted ones too.
	NotesOf(ctx context.Context, dest string) ([]store.Note, error)
	// Revisions returns the history of a dest's notes, by note, oldest first.
	Revisions(ctx context.Context, dest string) (map[int64][]store.NoteRevision, error)
	HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error)
	Findings(ctx context.Context, f store.FindingFilter, p store.Page) ([]store.Finding, store.Cursors, error)
	FindingByKey(ctx context.Context, key string) (store.Finding, error)
}

// authorCookie keeps the name an analyst typed, until there are accounts.
const authorCookie = "author"

func author(c echo.Context) string {
	if i, on := access.Of(c.Request().Context()); on {
		return i.Name
	}
	cookie, err := c.Cookie(authorCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil || len(name) > store.MaxAuthor {
		return ""
	}
	return name
}

// formAuthor is the name typed into a form, or the one kept; it is kept.
func formAuthor(c echo.Context) string {
	if i, on := access.Of(c.Request().Context()); on {
		return i.Name // whatever was typed
	}
	name := strings.TrimSpace(formText(c, "author"))
	if name == "" {
		return author(c)
	}
	if len(name) <= store.MaxAuthor {
		c.SetCookie(&http.Cookie{Name: authorCookie, Value: url.QueryEscape(name), Path: "/",
			MaxAge:   int((365 * 24 * time.Hour).Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return name
}

func (h *Handlers) noteView(ctx context.Context, n store.Note, history []store.NoteRevision,
	labels map[string]string) views.NoteView {
	v := views.NoteView{ID: n.ID, Dest: n.Dest, FindingID: n.Finding, Author: n.Author, Editor: n.Editor,
		Created: n.Created, Edited: n.Edited,
		Revision: n.Revision, Text: n.Text, Deleted: n.Deleted}
	if n.Finding != "" {
		if _, ok := labels[n.Finding]; !ok {
			labels[n.Finding] = h.findingLabel(ctx, n.Finding)
		}
		v.FindingLabel = labels[n.Finding]
	}
	for _, r := range slices.Backward(history) {
		v.History = append(v.History, views.NoteRevision{Revision: r.Revision, Author: r.Author, At: r.At,
			Action: r.Action, Text: r.Text})
	}
	return v
}

// findingLabel is what a finding is called where it is only named.
func (h *Handlers) findingLabel(ctx context.Context, key string) string {
	f, err := h.Ask.Notes.FindingByKey(ctx, key)
	if err != nil {
		return "finding " + key
	}
	return h.labelOf(f)
}

func (h *Handlers) labelOf(f store.Finding) string {
	r, err := h.rule(f.RuleID)
	if err != nil {
		return "finding " + f.Key
	}
	return r.Label(f.Row, f.Change)
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// AddNote stores a new note. When it cannot be taken, and when only its preview
// or a template is asked for, the page comes back with what was written.
func (h *Handlers) AddNote(c echo.Context) error {
	n := store.Note{Dest: destParam(c), Finding: c.FormValue("finding"), Author: formAuthor(c), Text: formText(c, "text")}
	if draftOnly(c) {
		return h.draftNote(c, n)
	}
	var id int64
	err := h.pinMentions(c.Request().Context(), n.Text, n.Author)
	if err == nil {
		id, err = h.Ask.Notes.AddNote(c.Request().Context(), n)
	}
	if code := fault.CodeOf(err); (code == fault.Invalid || code == fault.Busy) && !WantsJSON(c) {
		return h.noteAgain(c, n, refusal(code), views.NoteForm{Problem: fault.Sentence(err), Unsigned: n.Author == ""})
	}
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusCreated, map[string]any{"note_id": id, "dest": n.Dest, "revision": 1})
	}
	return c.Redirect(http.StatusSeeOther, noteAnchor(n.Dest, id))
}

func noteAnchor(dest string, id int64) string {
	return fmt.Sprintf("%s#note-%d", views.HostURL(dest), id)
}

// EditNotePage is the form that edits a note.
func (h *Handlers) EditNotePage(c echo.Context) error {
	id, err := idParam(c, "note")
	if err != nil {
		return err
	}
	p, err := h.noteEditPage(c, id)
	if err != nil {
		return err
	}
	if p.Note.Deleted {
		return fault.New(fault.Conflict, "This note has been deleted; its history is on the host's page.")
	}
	p.Draft = p.Note.Text
	return render(c, http.StatusOK, views.NoteEdit(p))
}

func (h *Handlers) noteEditPage(c echo.Context, id int64) (p views.NoteEditPage, err error) {
	ctx := c.Request().Context()
	n, err := h.Ask.Notes.NoteByID(ctx, id)
	if err != nil {
		return p, err
	}
	history, err := h.Ask.Notes.Revisions(ctx, n.Dest)
	if err != nil {
		return p, err
	}
	p.Note = h.noteView(ctx, n, history[id], map[string]string{})
	if p.Templates, err = h.templateOptions(c); err != nil {
		return p, err
	}
	host, err := h.Ask.Notes.HostByDest(ctx, store.HostFilter{Dest: n.Dest, Now: h.Now().Unix()})
	if err != nil {
		return p, err
	}
	p.Spelling, p.YourRevision = host.Spelling, n.Revision
	p.Frame, err = h.frame(c, "Note on "+host.Spelling)
	return p, err
}

// EditNote stores a new revision. One that was written from an older revision
// changes nothing: the page that answers shows both and keeps the draft.
func (h *Handlers) EditNote(c echo.Context) error {
	id, revision, err := noteParams(c)
	if err != nil {
		return err
	}
	text, author := formText(c, "text"), formAuthor(c)
	if draftOnly(c) {
		return h.draftEdit(c, id, revision, text)
	}
	if err = h.pinMentions(c.Request().Context(), text, author); err == nil {
		err = h.Ask.Notes.EditNote(c.Request().Context(), id, revision, author, text)
	}
	code := fault.CodeOf(err)
	if err == nil {
		return h.toNote(c, id)
	}
	if code != fault.Conflict && code != fault.Invalid && code != fault.Busy || WantsJSON(c) {
		return err
	}
	p, perr := h.noteEditPage(c, id)
	if perr != nil {
		return perr
	}
	p.Draft, p.Problem, p.Author, p.Unsigned = text, fault.Sentence(err), author, author == ""
	p.YourRevision, p.Origin = revision, typedBefore
	status := refusal(code)
	if code == fault.Conflict {
		p.Conflict, status = true, http.StatusConflict
	}
	return render(c, status, views.NoteEdit(p))
}

// refusal is the status of a form that comes back as it was sent.
func refusal(code fault.Code) int {
	if code == fault.Busy {
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

func noteParams(c echo.Context) (id, revision int64, err error) {
	if id, err = idParam(c, "note"); err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscan(c.FormValue("revision"), &revision); err != nil {
		return 0, 0, fault.New(fault.Invalid, "The form does not say which revision it changes. Open the note again.")
	}
	return id, revision, nil
}

func (h *Handlers) toNote(c echo.Context, id int64) error {
	n, err := h.Ask.Notes.NoteByID(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]any{"note_id": id, "dest": n.Dest, "revision": n.Revision})
	}
	to, err := h.noteURL(c.Request().Context(), n)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// DeleteNote strikes a note out; its history stays. Without a name a page asks
// for it.
func (h *Handlers) DeleteNote(c echo.Context) error {
	id, revision, err := noteParams(c)
	if err != nil {
		return err
	}
	author := formAuthor(c)
	err = h.Ask.Notes.DeleteNote(c.Request().Context(), id, revision, author)
	if err == nil {
		return h.toNote(c, id)
	}
	if fault.CodeOf(err) != fault.Invalid || WantsJSON(c) {
		return err
	}
	p, perr := h.noteEditPage(c, id)
	if perr != nil {
		return perr
	}
	p.Problem, p.Author, p.YourRevision = fault.Sentence(err), author, revision
	return render(c, http.StatusBadRequest, views.NoteDelete(p))
}
