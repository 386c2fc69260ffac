package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
)

// mostOffered is how many open cases a menu offers.
const mostOffered = 50

// caseMenu puts a finding, an event, a file, a module, a host or a note (field, as a form
// names it) into a case, and says which cases have it.
func (h *Handlers) caseMenu(c echo.Context, field, ref, title string) (*views.CaseMenu, error) {
	if h.Ask.Cases == nil {
		return nil, nil
	}
	ctx := c.Request().Context()
	m := &views.CaseMenu{Field: field, Ref: ref, Title: shorten(title, 120)}
	if c.Request().Method == http.MethodGet {
		m.Back = c.Request().URL.RequestURI()
	}
	in, err := h.casesWith(c, field, ref)
	if err != nil {
		return nil, err
	}
	m.In = caseLinks(in)
	open, _, all, err := h.Ask.Cases.Cases(ctx, store.CaseFilter{Status: triage.Open}, store.Page{Sort: "edited",
		Limit: mostOffered})
	m.Open, m.More = caseLinks(open), all > int64(len(open))
	return m, err
}

// casesWith are the cases that something is in.
func (h *Handlers) casesWith(c echo.Context, field, ref string) ([]store.Case, error) {
	ctx := c.Request().Context()
	switch field {
	case "dest":
		return h.Ask.Cases.CasesWith(ctx, store.ItemHost, ref)
	case "event":
		pins, err := h.Ask.Pins.PinsOf(ctx, store.PinEvent, ref)
		for _, p := range pins {
			if h.eventIfSame(ctx, p, p.Event()) != "" {
				return h.Ask.Cases.CasesWith(ctx, store.ItemEvent, p.UID)
			}
		}
		return nil, err
	case "artifact":
		pins, err := h.Ask.Pins.PinsOf(ctx, store.PinFile, ref)
		for _, p := range pins {
			if h.fileIfSame(ctx, p) != "" {
				return h.Ask.Cases.CasesWith(ctx, store.ItemFile, p.UID)
			}
		}
		return nil, err
	}
	return h.Ask.Cases.CasesWith(ctx, field, ref)
}

// caseNumbers are what the cases that something is in are called.
func (h *Handlers) caseNumbers(c echo.Context, field, ref string) ([]string, error) {
	out := []string{}
	if h.Ask.Cases == nil {
		return out, nil
	}
	in, err := h.casesWith(c, field, ref)
	for _, one := range in {
		out = append(out, one.Number())
	}
	return out, err
}

// AddItemPage is the form that adds something to a case, where its page has none.
func (h *Handlers) AddItemPage(c echo.Context) (err error) {
	ctx := c.Request().Context()
	p := views.AddItemPage{}
	for _, field := range []string{"finding", "event", "artifact", "module", "dest", "note"} {
		ref := c.QueryParam(field)
		if ref == "" || p.Menu != nil {
			continue
		}
		items, err := h.itemsOf(ctx, named(c.QueryParam))
		if err != nil {
			return err
		}
		p.What = items[0].title
		if field == "dest" {
			ref = items[0].Ref
		}
		if p.Menu, err = h.caseMenu(c, field, ref, p.What); err != nil {
			return err
		}
		p.Menu.Back = ""
	}
	if p.Frame, err = h.frame(c, "Add to a case"); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.AddItem(p))
}
