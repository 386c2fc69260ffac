package handlers

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// EventStore is what the pages of events ask.
type EventStore interface {
	// Events returns one page of events, newest first.
	Events(ctx context.Context, f store.EventFilter, p store.Page) ([]store.EventRef, store.Cursors, error)
	// Sightings returns all places where an event stands, with its bytes
	// there; the first is where it was seen first.
	Sightings(ctx context.Context, id int64) ([]intake.Sighting, error)
	FindingsOfEvent(ctx context.Context, id int64) ([]store.Finding, error)
	ImportByID(ctx context.Context, id int64) (intake.Import, error)
}

// eventRows decodes the events of a list. One that is damaged costs its own row.
func (h *Handlers) eventRows(ctx context.Context, refs []store.EventRef) ([]views.EventRow, error) {
	out := make([]views.EventRow, 0, len(refs))
	files := map[int64]intake.Import{}
	for _, ref := range refs {
		if ref.Lost.Any() {
			out = append(out, views.EventRow{ID: ref.ID, Lost: ref.Lost.String()})
			continue
		}
		e, seen, err := h.decoded(ctx, ref.ID)
		if fault.CodeOf(err) == fault.Damaged {
			out = append(out, views.EventRow{ID: ref.ID, Lost: fault.Sentence(err)})
			continue
		}
		if err != nil {
			return nil, err
		}
		importID := seen[0].Import
		if _, ok := files[importID]; !ok {
			i, err := h.Ask.Events.ImportByID(ctx, importID)
			if err != nil {
				return nil, err
			}
			files[importID] = i
		}
		fields, was := cutFields(e.Fields, listValue, listEvent)
		out = append(out, views.EventRow{ID: ref.ID, Time: e.Time(), RecordNumber: e.RecordNumber, Code: e.EventCode,
			Computer: cut(e.Computer, listValue),
			Fields:   fields, Cut: was, Rendered: e.Rendered, ImportID: fmt.Sprint(importID),
			ImportName: files[importID].Name, ImportSHA256: files[importID].SHA256,
			Offset: e.Offset, Brief: cut(brief(e), listValue)})
	}
	return out, nil
}

// brief is what tells an event from its neighbours in one finding: who did it,
// and the values before and after; of a request what it asked for.
func brief(e *event.Event) string {
	if e.IsRequest() {
		return e.RequestLine()
	}
	var parts []string
	if _, ok := e.Get("Sid"); ok {
		parts = append(parts, "by "+detection.AccountOf(e))
	}
	for _, f := range []struct{ field, words string }{{"OldValue", "was "}, {"NewValue", "set to "}} {
		if v, ok := e.Get(f.field); ok {
			parts = append(parts, f.words+v)
		}
	}
	if len(parts) == 0 {
		for _, f := range []string{"CommandLine", "ScriptBlockText"} {
			if v, ok := e.Get(f); ok {
				return v
			}
		}
		first, _, _ := strings.Cut(e.Message, "\n")
		return first
	}
	return strings.Join(parts, " · ")
}

// decoded is a stored event, decoded from its original bytes again, and where
// it was seen.
func (h *Handlers) decoded(ctx context.Context, id int64) (*event.Event, []intake.Sighting, error) {
	seen, err := h.Ask.Events.Sightings(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if len(seen) == 0 {
		return nil, nil, fmt.Errorf("event %d was seen nowhere", id)
	}
	e, err := importer.Viewer{}.Merge(seen)
	if err != nil {
		return nil, nil, fmt.Errorf("event %d: %w", id, err)
	}
	return &e, seen, nil
}

// Event is one event: its fields, its bytes and where they stand.
func (h *Handlers) Event(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idParam(c, "event")
	if err != nil {
		return err
	}
	e, seen, err := h.decoded(ctx, id)
	if err != nil {
		return h.orEvidence(c, store.PinEvent, strconv.FormatInt(id, 10), err)
	}
	chosen := chosenSighting(c, seen)
	p := views.EventPage{ID: id, Spelling: e.Computer, Event: *e, Show: views.EventShow(c.QueryParam("show")),
		RawURL:  rawURL(id, chosen),
		RawSize: int64(len(importer.OriginalBytes(chosen.Reading, chosen.Raw)))}
	p.Event.Raw = importer.OriginalText(chosen.Reading, chosen.Raw)
	if p.Show == views.ShowHex {
		p.Event.Raw = string(importer.Shown(chosen.Reading, chosen.Raw))
	}
	p.Event.Fields, p.Cut = cutFields(e.Fields, eventValue, eventAll)
	if e.Computer != "" {
		p.Dest = event.NormalizeHost(e.Computer)
	}
	p.Search, p.AroundURL = h.searchOf(c), aroundURL(id, e)
	open := c.QueryParam("part") == "open"
	if open {
		p.Event.Raw = cut(p.Event.Raw, openRaw)
		p.Event.Fields, p.Cut = cutFields(e.Fields, openValue, openFields)
	} else if p.Frame, err = h.frame(c, fmt.Sprintf("Event %d", id)); err != nil {
		return err
	} else if p.Cases, err = h.caseMenu(c, "event", strconv.FormatInt(id, 10), pinned(e)); err != nil {
		return err
	}
	if p.Sources, err = h.sources(ctx, id, seen, chosen); err != nil {
		return err
	}
	found, err := h.Ask.Events.FindingsOfEvent(ctx, id)
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
	if open {
		return render(c, http.StatusOK, views.EventOpen(p))
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return h.sendEvent(c, p)
	}
	return render(c, http.StatusOK, views.Event(p))
}

// chosenSighting is the sighting whose bytes are asked for; without one, the
// first.
func chosenSighting(c echo.Context, seen []intake.Sighting) intake.Sighting {
	n, _ := strconv.ParseInt(c.QueryParam("record"), 10, 64) // any other text is no record
	if i := slices.IndexFunc(seen, func(s intake.Sighting) bool { return s.Record == n }); i >= 0 {
		return seen[i]
	}
	return seen[0]
}

func rawURL(id int64, s intake.Sighting) string {
	return fmt.Sprintf("/events/%d/raw?record=%d", id, s.Record)
}

// sources says where an event was read.
func (h *Handlers) sources(ctx context.Context, id int64, seen []intake.Sighting,
	chosen intake.Sighting) (out []views.EventSource, err error) {
	imports := map[int64]intake.Import{}
	for _, s := range seen {
		i, ok := imports[s.Import]
		if !ok {
			if i, err = h.Ask.Events.ImportByID(ctx, s.Import); err != nil {
				return nil, err
			}
			imports[s.Import] = i
		}
		v := views.EventSource{ImportID: fmt.Sprint(i.ID), Name: i.Name, SHA256: i.SHA256, Format: formatWords(i),
			Offset: s.Offset,
			RawURL: rawURL(id, s), ShowURL: fmt.Sprintf("/events/%d?record=%d", id, s.Record), Shown: s.Record == chosen.Record}
		if e, err := importer.Decode(s.Reading, s.Raw); err == nil && e.Zoneless {
			v.Zone = s.Reading.Zone
		}
		out = append(out, v)
	}
	return out, nil
}

// EventRaw is the event's original bytes, as they stand in the file.
func (h *Handlers) EventRaw(c echo.Context) error {
	id, err := idParam(c, "event")
	if err != nil {
		return err
	}
	_, seen, err := h.decoded(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := h.exported(c, exportOf(c)); err != nil {
		return err
	}
	s := chosenSighting(c, seen)
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="event-%d.bin"`, id))
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, importer.Shown(s.Reading, s.Raw))
}

// Unattributed lists the events that a rule matches and that are in none of
// its rows.
func (h *Handlers) Unattributed(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := h.rule(c.QueryParam("rule"))
	if err != nil {
		return err
	}
	f := store.EventFilter{Missing: c.QueryParam("missing"), Open: c.QueryParam("undecided") == "1"}
	if r != nil {
		f.Rule = r.ID
	}
	if d := c.QueryParam("dest"); d != "" {
		f.Dest = event.NormalizeHost(d)
	}
	refs, cursors, err := h.Ask.Events.Events(ctx, f, page(c))
	if err != nil {
		return err
	}
	heading := "Matching events that are in no finding"
	if f.Open {
		heading = "Events that are not decided"
	}
	p := views.EventsPage{Heading: heading, Dest: f.Dest, Missing: f.Missing,
		Pager: pager(c, cursors, len(refs), -1)}
	if p.Frame, err = h.frame(c, p.Heading); err != nil {
		return err
	}
	if p.Rows, err = h.eventRows(ctx, refs); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Events(p))
}
