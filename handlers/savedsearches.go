package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// SavedSearchStore keeps searches under names. What cannot be kept is refused with a
// sentence; a change of another revision than the newest is a conflict.
type SavedSearchStore interface {
	SavedSearches(ctx context.Context) ([]store.SavedSearch, error)
	SavedSearch(ctx context.Context, id int64) (s store.SavedSearch, deleted bool, err error)
	KeepSearch(ctx context.Context, s store.SavedSearch) (store.SavedSearch, error)
	DeleteSearch(ctx context.Context, id, revision int64) error
	RestoreSearch(ctx context.Context, id int64) error
}

type savedSearchJSON struct {
	ID       int64  `json:"id"`
	Revision int64  `json:"revision"`
	Name     string `json:"name"`
	Text     string `json:"q"`
	Earliest string `json:"earliest"`
	Latest   string `json:"latest"`
	Columns  string `json:"columns"`
	Author   string `json:"author"`
	Editor   string `json:"editor"`
	Created  string `json:"created"`
	Edited   string `json:"edited"`
	URL      string `json:"url"`
}

func savedJSON(s store.SavedSearch) savedSearchJSON {
	return savedSearchJSON{s.ID, s.Revision, s.Name, s.Text, s.Earliest, s.Latest, s.Columns, s.Author, s.Editor,
		s.Created.UTC().Format(time.RFC3339Nano), s.Edited.UTC().Format(time.RFC3339Nano), views.SavedSearchURL(s.ID)}
}

func savedView(s store.SavedSearch) views.SavedSearch {
	return views.SavedSearch{ID: s.ID, Revision: s.Revision, Name: s.Name, Text: s.Text, Earliest: s.Earliest,
		Latest: s.Latest, Columns: s.Columns, Author: s.Author, Editor: s.Editor, Edited: s.Edited}
}

// savedSearches are those that are kept, for the page of a search; nil on a console
// that keeps none.
func (h *Handlers) savedSearches(c echo.Context, a asked) (*views.SavedSearches, error) {
	if h.Ask.Saved == nil {
		return nil, nil
	}
	ctx := c.Request().Context()
	list, err := h.Ask.Saved.SavedSearches(ctx)
	if err != nil {
		return nil, err
	}
	v := &views.SavedSearches{Author: author(c), Now: views.SavedSearch{Text: a.text, Earliest: a.time.Earliest,
		Latest: a.time.Latest, Columns: c.QueryParam("columns")}}
	open, gone := c.QueryParam("saved"), c.QueryParam("deleted")
	for _, s := range list {
		one := savedView(s)
		v.List = append(v.List, one)
		if open == strconv.FormatInt(s.ID, 10) {
			v.Open = &one
		}
	}
	if id, err := strconv.ParseInt(gone, 10, 64); err == nil {
		s, deleted, err := h.Ask.Saved.SavedSearch(ctx, id)
		if one := savedView(s); err == nil && deleted {
			v.Deleted = &one
		}
	}
	return v, nil
}

// SavedSearches are those that are kept: the page of the search shows them.
func (h *Handlers) SavedSearches(c echo.Context) error {
	if !WantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/search?on=page")
	}
	list, err := h.Ask.Saved.SavedSearches(c.Request().Context())
	out := []savedSearchJSON{}
	for _, s := range list {
		out = append(out, savedJSON(s))
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"searches": out})
}

// savedSearch is the one that an address names.
func (h *Handlers) savedSearch(c echo.Context) (s store.SavedSearch, err error) {
	id, err := idParam(c, "saved search")
	if err != nil {
		return s, err
	}
	s, deleted, err := h.Ask.Saved.SavedSearch(c.Request().Context(), id)
	if err == nil && deleted {
		err = fault.New(fault.NotFound, "The saved search %q was deleted.", s.Name)
	}
	return s, err
}

// SavedSearch opens a saved search: it runs. A program is told what it is.
func (h *Handlers) SavedSearch(c echo.Context) error {
	s, err := h.savedSearch(c)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, savedJSON(s))
	}
	return c.Redirect(http.StatusSeeOther, savedView(s).Run())
}

// SavedSearchForm is the form that changes a saved search.
func (h *Handlers) SavedSearchForm(c echo.Context) error {
	s, err := h.savedSearch(c)
	if err != nil {
		return err
	}
	return h.savedSearchPage(c, http.StatusOK, views.SavedSearchPage{Search: savedView(s)})
}

func (h *Handlers) savedSearchPage(c echo.Context, status int, p views.SavedSearchPage) (err error) {
	if p.Frame, err = h.frame(c, "Saved search"); err != nil {
		return err
	}
	if p.Author == "" {
		p.Author = author(c)
	}
	return render(c, status, views.SavedSearchEdit(p))
}

// KeepSearch keeps a new search, or changes one: only what the form names. When that
// cannot be taken, the form comes back with what was written.
func (h *Handlers) KeepSearch(c echo.Context) error {
	ctx := c.Request().Context()
	s := store.SavedSearch{}
	if c.Param("id") != "" {
		old, err := h.savedSearch(c)
		if err != nil {
			return err
		}
		if s = old; c.FormValue("revision") == "" {
			return fault.New(fault.Invalid, "The form does not say which revision it changes. Open the search again.")
		}
		if s.Revision, err = strconv.ParseInt(c.FormValue("revision"), 10, 64); err != nil {
			return fault.New(fault.Invalid, "The revision %q is no number.", cut(c.FormValue("revision"), 40))
		}
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	for name, to := range map[string]*string{"name": &s.Name, "q": &s.Text, "earliest": &s.Earliest,
		"latest": &s.Latest, "columns": &s.Columns} {
		if _, ok := form[name]; ok {
			*to = strings.TrimSpace(formText(c, name))
		}
	}
	s.Editor = formAuthor(c)
	_, err = h.Searches.Engine().ParseRange(ctx, s.Earliest, s.Latest, time.Time{})
	var kept store.SavedSearch
	if err == nil {
		kept, err = h.Ask.Saved.KeepSearch(ctx, s)
	}
	code := fault.CodeOf(err)
	switch {
	case err == nil && WantsJSON(c):
		status := http.StatusCreated
		if s.ID != 0 {
			status = http.StatusOK
		}
		return c.JSON(status, savedJSON(kept))
	case err == nil:
		return c.Redirect(http.StatusSeeOther, savedView(kept).Run())
	case WantsJSON(c) || code != fault.Invalid && code != fault.Conflict && code != fault.Busy:
		return err
	}
	p := views.SavedSearchPage{Search: savedView(s), Problem: fault.Sentence(err), Author: s.Editor,
		Unsigned: s.Editor == ""}
	status := refusal(code)
	if code == fault.Conflict {
		now, _, err := h.Ask.Saved.SavedSearch(ctx, s.ID)
		if err != nil {
			return err
		}
		theirs := savedView(now)
		p.Theirs, p.Search.Revision, status = &theirs, now.Revision, http.StatusConflict
	}
	return h.savedSearchPage(c, status, p)
}

// DeleteSearch deletes a saved search at its revision; the list offers to undo that.
func (h *Handlers) DeleteSearch(c echo.Context) error {
	id, revision, err := savedParams(c)
	if err == nil {
		err = h.Ask.Saved.DeleteSearch(c.Request().Context(), id, revision)
	}
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, "/search?on=page&deleted="+strconv.FormatInt(id, 10))
}

func savedParams(c echo.Context) (id, revision int64, err error) {
	if id, err = idParam(c, "saved search"); err != nil {
		return 0, 0, err
	}
	if revision, err = strconv.ParseInt(c.FormValue("revision"), 10, 64); err != nil {
		err = fault.New(fault.Invalid, "The form does not say which revision it deletes. Open the search again.")
	}
	return id, revision, err
}

// RestoreSearch brings a deleted search back.
func (h *Handlers) RestoreSearch(c echo.Context) error {
	id, err := idParam(c, "saved search")
	if err == nil {
		err = h.Ask.Saved.RestoreSearch(c.Request().Context(), id)
	}
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		s, err := h.savedSearch(c)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, savedJSON(s))
	}
	return c.Redirect(http.StatusSeeOther, "/search?on=page")
}
