package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// ViewStore keeps lists as analysts want to see them again. What is no view is
// refused with a sentence.
type ViewStore interface {
	SavedViews(ctx context.Context, list string) ([]store.SavedView, error)
	SaveView(ctx context.Context, v store.SavedView) (int64, error)
	DeleteView(ctx context.Context, id int64) error
}

// viewLists are the lists that have views, and where they are.
var viewLists = map[string]string{"hosts": "/", "findings": "/findings", "users": "/users", "rules": "/rules",
	"imports": "/imports"}

// noView is the view= of a list as it is without any.
const noView = "none"

// SaveView saves a list as it is filtered and sorted, under a name.
func (h *Handlers) SaveView(c echo.Context) error {
	list := c.FormValue("list")
	path, ok := viewLists[list]
	q, err := url.ParseQuery(c.FormValue("query"))
	if !ok || err != nil {
		return fault.New(fault.Invalid, "Say which list: hosts, findings, users, rules or imports, and its query.")
	}
	q = ofView(q)
	v := store.SavedView{List: list, Name: formText(c, "name"), Query: q.Encode(), Author: formAuthor(c)}
	if v.ID, err = h.Ask.Views.SaveView(c.Request().Context(), v); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]any{"id": v.ID, "url": viewURL(path, v)})
	}
	return c.Redirect(http.StatusSeeOther, viewURL(path, v))
}

// DeleteView deletes a view.
func (h *Handlers) DeleteView(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "There is no view %q.", cut(c.Param("id"), 40))
	}
	if err := h.Ask.Views.DeleteView(c.Request().Context(), id); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, views.WithQuery(backOf(c, "/"), "view", noView))
}

// viewURL is where a view is.
func viewURL(path string, v store.SavedView) string {
	q, _ := url.ParseQuery(v.Query) // it was written by Encode
	q.Set("view", strconv.FormatInt(v.ID, 10))
	return path + "?" + q.Encode()
}

// savedViews are those of a list, and the one that is open. The last one is
// remembered: a list that is asked for without anything leads there (to), until
// view=none.
func (h *Handlers) savedViews(c echo.Context, list string) (v views.SavedViews, to string, err error) {
	if h.Ask.Views == nil { // a console that keeps none
		return v, "", nil
	}
	saved, err := h.Ask.Views.SavedViews(c.Request().Context(), list)
	if err != nil {
		return v, "", err
	}
	path, name, asked := viewLists[list], "view-"+list, c.QueryParam("view")
	last := ""
	if cookie, err := c.Cookie(name); err == nil {
		last = cookie.Value
	}
	v = views.SavedViews{List: list, Reset: path + "?view=" + noView, Author: author(c)}
	v.Query = ofView(c.Request().URL.Query()).Encode()
	for _, s := range saved {
		id := strconv.FormatInt(s.ID, 10)
		one := views.SavedView{ID: id, Name: s.Name, URL: viewURL(path, s), Author: s.Author, Open: asked == id &&
			s.Query == v.Query}
		v.Saved = append(v.Saved, one)
		if last == id && c.Request().URL.RawQuery == "" {
			to = one.URL
		}
		if one.Open {
			v.Open = s.Name
			remember(c, name, id)
		}
	}
	if asked == noView && last != "" {
		remember(c, name, "")
	}
	return v, to, nil
}

// leadTo leads to another address, unless there is an error.
func leadTo(c echo.Context, to string, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// remember keeps a word in a cookie for a year; "" forgets it.
func remember(c echo.Context, name, value string) {
	age := int((365 * 24 * time.Hour).Seconds())
	if value == "" {
		age = -1
	}
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}
