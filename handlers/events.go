package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/views"
)

func splRow(r *detection.Rule, cells []string) spl.Row {
	var out spl.Row
	for i, c := range r.Plan.Columns() {
		if i < len(cells) && cells[i] != "" {
			out = append(out, spl.Field{Name: c, Value: cells[i]})
		}
	}
	return out
}

// eventRows decodes the events of a list.
func (h *Handlers) eventRows(ctx context.Context, refs []db.EventRef) ([]views.EventRow, error) {
	out := make([]views.EventRow, 0, len(refs))
	names := map[int64]string{}
	for _, ref := range refs {
		e, importID, err := h.decoded(ctx, ref.ID)
		if err != nil {
			return nil, err
		}
		if _, ok := names[importID]; !ok {
			i, err := h.Store.ImportByID(ctx, importID)
			if err != nil {
				return nil, err
			}
			names[importID] = i.Name
		}
		fields, was := cutFields(e.Fields, listValue, listEvent)
		out = append(out, views.EventRow{ID: ref.ID, Time: e.Time(), RecordNumber: e.RecordNumber, Code: e.EventCode, Computer: cut(e.Computer, listValue),
			Fields: fields, Cut: was, Rendered: e.Rendered, ImportID: fmt.Sprint(importID), ImportName: names[importID], Offset: e.Offset, Brief: cut(brief(e), listValue)})
	}
	return out, nil
}

// brief is what tells an event from its neighbours in one finding: who did it,
// and the values before and after.
func brief(e *event.Event) string {
	var parts []string
	for _, f := range []struct{ field, words string }{{"Sid", "by "}, {"OldValue", "was "}, {"NewValue", "now "}} {
		if v, ok := e.Get(f.field); ok {
			parts = append(parts, f.words+v)
		}
	}
	if len(parts) == 0 {
		return e.Message
	}
	return strings.Join(parts, " · ")
}

// decoded is a stored event, decoded from its original bytes again.
func (h *Handlers) decoded(ctx context.Context, id int64) (*event.Event, int64, error) {
	raw, offset, importID, err := h.Store.EventBytes(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	i, err := h.Store.ImportByID(ctx, importID)
	if err != nil {
		return nil, 0, err
	}
	e, err := importer.Decode(i, raw)
	if err != nil {
		return nil, 0, fmt.Errorf("event %d: %w", id, err)
	}
	e.Offset = offset
	return e, importID, nil
}

// Event is one event: its fields, its bytes and where they stand.
func (h *Handlers) Event(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idParam(c, "event")
	if err != nil {
		return err
	}
	e, importID, err := h.decoded(ctx, id)
	if err != nil {
		return err
	}
	i, err := h.Store.ImportByID(ctx, importID)
	if err != nil {
		return err
	}
	p := views.EventPage{ID: id, Spelling: e.Computer, Event: *e, Show: views.EventShow(c.QueryParam("show")), RawURL: fmt.Sprintf("/events/%d/raw", id),
		RawSize: int64(len(importer.OriginalBytes(i, e.Raw)))}
	p.Event.Raw = importer.OriginalText(i, e.Raw)
	if p.Show == views.ShowHex {
		p.Event.Raw = string(importer.OriginalBytes(i, e.Raw))
	}
	p.Event.Fields, p.Cut = cutFields(e.Fields, eventValue, eventAll)
	if e.Computer != "" {
		p.Dest = event.NormalizeHost(e.Computer)
	}
	if p.Frame, err = h.frame(c, fmt.Sprintf("Event %d", id)); err != nil {
		return err
	}
	source := views.EventSource{ImportID: fmt.Sprint(i.ID), Name: i.Name, SHA256: i.SHA256, Format: formatWords(i), Offset: e.Offset}
	if e.Zoneless {
		source.Zone = i.Zone
	}
	p.Sources = []views.EventSource{source}
	found, err := h.Store.FindingsOfEvent(ctx, id)
	if err != nil {
		return err
	}
	for _, f := range found {
		row := h.findingRow(f)
		label := row.RuleName
		if row.Change != "" {
			label = row.Change
		}
		p.Findings = append(p.Findings, views.FindingRef{ID: f.Key, Label: label})
	}
	return render(c, http.StatusOK, views.Event(p))
}

// EventRaw is the event's original bytes, as they stand in the file.
func (h *Handlers) EventRaw(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idParam(c, "event")
	if err != nil {
		return err
	}
	raw, _, importID, err := h.Store.EventBytes(ctx, id)
	if err != nil {
		return err
	}
	i, err := h.Store.ImportByID(ctx, importID)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="event-%d.bin"`, id))
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, importer.OriginalBytes(i, raw))
}

// Unattributed lists the events that a rule matches and that are in none of
// its rows.
func (h *Handlers) Unattributed(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := h.rule(c.QueryParam("rule"))
	if err != nil {
		return err
	}
	f := db.EventFilter{Missing: c.QueryParam("missing")}
	if r != nil {
		f.Rule = r.ID
	}
	if d := c.QueryParam("dest"); d != "" {
		f.Dest = event.NormalizeHost(d)
	}
	refs, cursors, err := h.Store.Events(ctx, f, page(c))
	if err != nil {
		return err
	}
	p := views.EventsPage{Heading: "Matching events that are in no finding", Dest: f.Dest, Missing: f.Missing, Pager: pager(c, cursors, len(refs), -1)}
	if p.Frame, err = h.frame(c, p.Heading); err != nil {
		return err
	}
	if p.Rows, err = h.eventRows(ctx, refs); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Events(p))
}
