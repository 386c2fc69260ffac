package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// RetentionStore says and sets for how long events are kept.
type RetentionStore interface {
	Retention(ctx context.Context) (store.Retention, error)
	SetRetention(ctx context.Context, k store.Keep) error
	// Expiring says what would go by bounds. It changes nothing.
	Expiring(ctx context.Context, k store.Keep) (store.Expiry, error)
}

// Retention shows for how long events are kept, what went, and with age or size in the
// query what would go by these.
func (h *Handlers) Retention(c echo.Context) error {
	var would *store.Expiry
	k, err := keepParams(c.QueryParam("age"), c.QueryParam("size"))
	if err == nil && k.Bounded() {
		var out store.Expiry
		out, err = h.Ask.Retention.Expiring(c.Request().Context(), k)
		would = &out
	}
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		return err
	}
	return h.retentionPage(c, c.QueryParam("age"), c.QueryParam("size"), would, err)
}

func (h *Handlers) retentionPage(c echo.Context, age, size string, would *store.Expiry, problem error) error {
	is, err := h.Ask.Retention.Retention(c.Request().Context())
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		if problem != nil {
			return problem
		}
		return c.JSON(http.StatusOK, retentionAsJSON(&is, would))
	}
	p := views.RetentionPage{Age: store.AgeText(is.Age), Size: store.SizeText(is.Size), On: is.Bounded(), Line: is.Line,
		Gone: is.Gone, Used: is.Used, Elsewhere: is.Elsewhere, UsedElsewhere: is.UsedElsewhere,
		Unknown: is.Unknown, Saved: c.QueryParam("saved") == "1"}
	if age != "" || size != "" {
		p.Age, p.Size = age, size
	}
	status := http.StatusOK
	if problem != nil {
		p.Problem, status = fault.Sentence(problem), http.StatusBadRequest
	}
	if would != nil {
		p.Looked, p.Would = true, views.Expiry(*would)
	}
	for _, r := range is.Runs {
		p.Runs = append(p.Runs, views.RetentionRun(r))
	}
	if p.Frame, err = h.frame(c, "Retention"); err != nil {
		return err
	}
	return render(c, status, views.Retention(p))
}

// SetRetention sets for how long events are kept.
func (h *Handlers) SetRetention(c echo.Context) error {
	k, err := keepParams(c.FormValue("age"), c.FormValue("size"))
	if err == nil {
		err = h.Ask.Retention.SetRetention(c.Request().Context(), k)
	}
	switch {
	case err == nil && WantsJSON(c):
		return h.retentionPage(c, "", "", nil, nil)
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/settings/retention?saved=1")
	case fault.CodeOf(err) != fault.Invalid:
		return err
	}
	return h.retentionPage(c, c.FormValue("age"), c.FormValue("size"), nil, err)
}

// keepParams reads bounds as they are typed.
func keepParams(age, size string) (k store.Keep, err error) {
	if k.Age, err = store.ParseAge(cut(age, 40)); err == nil && size != "" {
		k.Size, err = store.ParseSize(cut(size, 40))
	}
	if err != nil {
		return k, fault.New(fault.Invalid, "%s.", err)
	}
	return k, nil
}

type retentionJSON struct {
	Age  string  `json:"age"`  // "90d"; "" without a bound
	Size int64   `json:"size"` // bytes; 0 without a bound
	Line *string `json:"line"` // older events that come are not stored; null: all are
	Gone *string `json:"gone"` // of older ones only those are there on which something rests; null: all are
	Used int64   `json:"used"`
	// Elsewhere is where events are kept, if not in the file, and how many of the bytes that
	// are used are there; without it, that does not answer.
	Elsewhere     string             `json:"elsewhere,omitempty"`
	UsedElsewhere *int64             `json:"used_elsewhere,omitempty"`
	Runs          []retentionRunJSON `json:"runs"` // the newest first
	// Would is what would go by the bounds of the query.
	Would *expiryJSON `json:"would,omitempty"`
}

type retentionRunJSON struct {
	Started *string `json:"started"`
	Ended   *string `json:"ended"` // null: it is to go on
	Line    *string `json:"line"`
	Events  int64   `json:"events"`
	Kept    int64   `json:"kept"`
	Freed   int64   `json:"freed"`
	Damaged int64   `json:"damaged_blocks"`
}

type expiryJSON struct {
	Line   *string `json:"line"`
	Events int64   `json:"events"`
	Kept   int64   `json:"kept"`
	Of     int64   `json:"of"`
	Bytes  int64   `json:"bytes"`
}

func retentionAsJSON(is *store.Retention, would *store.Expiry) retentionJSON {
	out := retentionJSON{Age: store.AgeText(is.Age), Size: is.Size, Line: instant(is.Line),
		Gone: instant(is.Gone), Used: is.Used, Runs: []retentionRunJSON{}}
	if out.Elsewhere = is.Elsewhere; out.Elsewhere != "" && !is.Unknown {
		out.UsedElsewhere = &is.UsedElsewhere
	}
	for _, r := range is.Runs {
		out.Runs = append(out.Runs, retentionRunJSON{instant(r.Started), instant(r.Ended), instant(r.Line), r.Events,
			r.Kept, r.Freed, r.Damaged})
	}
	if would != nil {
		out.Would = &expiryJSON{instant(would.Line), would.Events, would.Kept, would.All, would.Bytes}
	}
	return out
}
