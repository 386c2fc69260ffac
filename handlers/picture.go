package handlers

import (
	"context"
	"io"
	"net/url"
	"path"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// HostPicture is the timeline of a host as an SVG or PNG file, by the end of the
// path.
func (h *Handlers) HostPicture(c echo.Context) error {
	if c.Param("dest") == "" && c.QueryParam("name") != "" {
		return h.UserPicture(c)
	}
	t, err := typedForFile(c)
	if err != nil {
		return err
	}
	filter, err := h.hostFilter(c)
	if err != nil {
		return err
	}
	filter.Text, filter.Dest = "", destParam(c)
	host, err := h.Ask.Hosts.HostByDest(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	o, err := h.hostToPicture(c.Request().Context(), host, filter, t)
	if err != nil {
		return err
	}
	return h.sendPicture(c, o)
}

// UserPicture is that of a user.
func (h *Handlers) UserPicture(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := typedForFile(c)
	if err != nil {
		return err
	}
	filter, err := h.objectFilter(c)
	if err != nil {
		return err
	}
	filter.Text, filter.Name = "", userParam(c)
	u, err := h.Ask.Users.ObjectByName(ctx, filter)
	if err != nil {
		return err
	}
	o, err := h.userToPicture(ctx, u, filter, t)
	if err != nil {
		return err
	}
	return h.sendPicture(c, o)
}

// userToPicture is a user with what a timeline is made of.
func (h *Handlers) userToPicture(ctx context.Context, u store.Object, f store.ObjectFilter, t typed) (pictured, error) {
	r, err := h.objectRisk(ctx, riskOfUsers(f), u.Name)
	return userPictured(u, riskOfUsers(f), r, t), err
}

// typedForFile is typedOf where there are no boxes beside which to say what is wrong.
func typedForFile(c echo.Context) (typed, error) {
	t, err := typedOf(c)
	if err == nil && t.bad() {
		err = fault.New(fault.Invalid, "%s", t.asOfWrong+t.wrong)
	}
	return t, err
}

// sendPicture sends a timeline as a file.
func (h *Handlers) sendPicture(c echo.Context, o pictured) error {
	t, err := h.timelineOf(c, o)
	if err != nil {
		return err
	}
	if t.Range.Wrong != "" {
		return fault.New(fault.Invalid, "%s", t.Range.Wrong)
	}
	name := "timeline"
	if o.user {
		name = "timeline-user"
	}
	s := t.Scene()
	if path.Ext(c.Path()) == ".png" {
		return h.stream(c, "image/png", fileName(name, o.name)+".png", func(w io.Writer) error { return s.PNG(w) })
	}
	return h.stream(c, "image/svg+xml", fileName(name, o.name)+".svg", func(w io.Writer) error { return s.SVG(w) })
}

// picturesOf are the links to the picture alone, with the page's rule, as-of and
// range.
func picturesOf(c echo.Context, o pictured) (out []views.Export) {
	q := c.Request().URL.Query()
	for k := range q {
		if k != "rule" && k != "as-of" && k != "from" && k != "to" {
			q.Del(k)
		}
	}
	at, key := views.HostURL(o.name), "dest"
	if o.user {
		at, key = views.UserURL(o.name), "name"
	}
	for _, kind := range []string{"svg", "png"} {
		of := at + "/timeline." + kind
		if u, err := url.Parse(at); err != nil || u.RawQuery != "" { // a name that no path can hold
			of = "/timeline." + kind
			q.Set(key, o.name)
		}
		out = append(out, views.Export{Label: map[string]string{"svg": "SVG", "png": "PNG"}[kind], URL: address(of, q),
			Rows: -1})
	}
	return out
}
