package handlers

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/export"
	"escutcheon/store"
	"escutcheon/views"
)

// AuditStore keeps the audit trail.
type AuditStore interface {
	// Audit adds rows of what changes nothing that the store has.
	Audit(ctx context.Context, rows ...store.AuditEntry) error
	// AuditTrail returns one page of rows, newest first, and how many there are.
	AuditTrail(ctx context.Context, f store.AuditFilter, p store.Page) ([]store.AuditRow, store.Cursors, int64, error)
	// AllAudit yields rows, oldest first.
	AllAudit(ctx context.Context, f store.AuditFilter) iter.Seq2[store.AuditRow, error]
	// AuditThere says which findings, hosts, notes, imports, searches, cases and pieces of
	// evidence, as objects of the trail, are still there; of a note with its dest.
	AuditThere(ctx context.Context, objects []string) (map[string]string, error)
}

// auditActions are the words that a filter suggests (docs/audit.md).
var auditActions = []string{"added", "answered", "attached", "began", "brought", "cancelled", "changed", "deleted",
	"disabled", "edited", "enabled", "exported", "imported", "imported again", "loaded", "merged", "opened", "parted",
	"pinned", "posted", "removed", "reopened", "replaced", "restored", "saved", "set", "undone", "unlocked", "uploaded",
	"written"}

// auditFilter reads the filter of the audit trail.
func auditFilter(c echo.Context) (f store.AuditFilter, err error) {
	f = store.AuditFilter{Person: c.QueryParam("person"), Action: strings.TrimSpace(c.QueryParam("action")),
		Object: c.QueryParam("object"), Of: c.QueryParam("of")}
	if f.Text, err = textParam(c); err != nil {
		return f, err
	}
	for name, to := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		at, err := asof.Parse(c.QueryParam(name))
		if err != nil {
			return f, err
		}
		if at != nil {
			*to = second(*at)
		}
	}
	return f, nil
}

// AuditTrail lists who changed what, newest first.
func (h *Handlers) AuditTrail(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := auditFilter(c)
	if err != nil {
		return err
	}
	rows, cursors, total, err := h.Ask.Audit.AuditTrail(ctx, f, page(c))
	if err != nil {
		return err
	}
	to, err := h.auditLinks(ctx, rows)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return auditJSON(c, rows, to, pager(c, cursors, len(rows), total))
	}
	q := c.QueryParam
	p := views.AuditPage{Total: total, Actions: auditActions, Pager: pager(c, cursors, len(rows), total),
		Form: views.AuditForm{Text: f.Text, Person: f.Person, Action: f.Action, Object: f.Object, Of: f.Of, From: q("from"),
			To: q("to")},
		Chips: chips(c, "q", "text", "person", "who", "action", "what", "object", "object begins with", "of", "of", "from",
			"from", "to", "before"),
		Exports: []views.Export{{Label: "audit.csv", URL: "/audit.csv" + strings.TrimPrefix(with(c), "/audit"), Rows: total}}}
	for _, r := range rows {
		p.Rows = append(p.Rows, views.AuditRow{ID: r.ID, At: r.At, Person: r.Person, Action: r.Action, Object: r.Object,
			ObjectURL: to[r.Object], Field: r.Field, Old: r.Old, New: r.New, Address: r.Address})
	}
	if p.Frame, err = h.frame(c, "Audit trail"); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Audit(p))
}

// AuditCSV is the trail as a table, oldest first.
func (h *Handlers) AuditCSV(c echo.Context) error {
	f, err := auditFilter(c)
	if err != nil {
		return err
	}
	return h.csv(c, "audit", "", func(w io.Writer) error {
		return export.AuditCSV(w, h.Ask.Audit.AllAudit(c.Request().Context(), f))
	})
}

// auditRowJSON is a row for a program.
type auditRowJSON struct {
	ID      int64  `json:"id"`
	Time    string `json:"time"` // RFC 3339
	Person  string `json:"person"`
	Action  string `json:"action"`
	Object  string `json:"object"`
	URL     string `json:"url,omitempty"` // of the object, where it is still there
	Field   string `json:"field"`
	Old     string `json:"old"`
	New     string `json:"new"`
	Address string `json:"address"`
	Prev    string `json:"prev"`
}

func auditJSON(c echo.Context, rows []store.AuditRow, to map[string]string, p views.Pager) error {
	out := struct {
		Rows  []auditRowJSON `json:"rows"`
		Total int64          `json:"total"`
		Next  string         `json:"next,omitempty"`
	}{Rows: []auditRowJSON{}, Total: p.Total, Next: p.NextURL}
	for _, r := range rows {
		out.Rows = append(out.Rows, auditRowJSON{ID: r.ID, Time: r.At.Format(time.RFC3339Nano), Person: r.Person,
			Action: r.Action, Object: r.Object, URL: to[r.Object], Field: r.Field, Old: r.Old, New: r.New, Address: r.Address,
			Prev: r.Prev})
	}
	return c.JSON(http.StatusOK, out)
}

// auditLinks are where the objects of rows lead.
func (h *Handlers) auditLinks(ctx context.Context, rows []store.AuditRow) (map[string]string, error) {
	var objects []string
	for _, r := range rows {
		objects = append(objects, r.Object)
	}
	there, err := h.Ask.Audit.AuditThere(ctx, objects)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range objects {
		kind, name, _ := strings.Cut(o, " ")
		dest, ok := there[o]
		switch {
		case kind == "rule" && h.Book.Find(name) != nil:
			out[o] = views.RuleURL(h.Book.Find(name).ID)
		case kind == "setting" || kind == "snippet" || kind == "template":
			out[o] = "/settings"
		case !ok:
		case kind == "finding":
			out[o] = views.FindingURL(name)
		case kind == "host":
			out[o] = views.HostURL(name)
		case kind == "note":
			out[o] = views.HostURL(dest) + "#note-" + name
		case kind == "import":
			id, _, _ := strings.Cut(name, " ")
			out[o] = views.ImportURL(id)
		case kind == "search":
			out[o] = "/searches/" + name
		case kind == "evidence":
			id, _, _ := strings.Cut(name, " ")
			out[o] = "/evidence/" + id
		case kind == "case":
			out[o] = "/cases/" + url.PathEscape(strings.Fields(name)[0])
		}
	}
	return out, nil
}
