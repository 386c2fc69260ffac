package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// PinStore keeps evidence.
type PinStore interface {
	// Pin keeps an event or a file, or a finding or a module with what it rests on; what is
	// pinned already gets what it lacks.
	Pin(ctx context.Context, p store.Pin, events []store.Pin, person string) (id int64, err error)
	PinByID(ctx context.Context, id int64) (p store.Pin, events map[int64]store.Pin, err error)
	// PinsOf are the pins of something, by what it was called here.
	PinsOf(ctx context.Context, kind, ref string) (map[int64]store.Pin, error)
	VerifyPin(ctx context.Context, id int64) (store.Verified, error)
	// Kept returns kept bytes, only such as have their SHA-256.
	Kept(ctx context.Context, sha256 string) ([]byte, error)
}

// What a pin holds at most, in bytes: of the fields of an event, whose copy has all,
// and of the copies of a finding's events together.
const (
	mostPinned = 64 << 10
	mostCopied = 32 << 20
)

// pinned is what an event tells where it stands alone: of a change also which it was.
func pinned(e *event.Event) string {
	if change, ok := e.Get("Configuration"); ok {
		return joined(" · ", change, brief(e))
	}
	return oneEvent(e)
}

// pinOfEvent makes a pin of an event: what it says, where it stands, its bytes.
func (h *Handlers) pinOfEvent(ctx context.Context, id int64) (p store.Pin, size int, err error) {
	e, seen, err := h.decoded(ctx, id)
	if err != nil {
		return p, 0, err
	}
	p = store.Pin{Kind: store.PinEvent, Ref: strconv.FormatInt(id, 10), Dest: event.NormalizeHost(e.Computer)}
	s := store.EventSnapshot{Computer: e.Computer, Log: e.Channel, Provider: e.Provider, Brief: cut(pinned(e), listValue)}
	if e.RecordNumber != event.None {
		s.Record = &e.RecordNumber
	}
	if e.EventCode != event.None {
		s.Code = &e.EventCode
	}
	if e.HasTime {
		p.At = e.Time().UTC()
		s.Time = p.At.Format(time.RFC3339Nano)
	}
	var fields []event.Field
	fields, s.Cut = cutFields(e.Fields, mostPinned/4, mostPinned)
	for _, f := range fields {
		s.Fields = append(s.Fields, store.Field{Name: f.Name, Value: f.Value})
	}
	if p.Snapshot, err = json.Marshal(s); err != nil {
		return p, 0, err
	}
	files := map[int64]intake.Import{}
	for _, s := range seen[:min(len(seen), store.MaxPinCopies)] {
		c, err := h.copyOf(ctx, s, files)
		if err != nil {
			return p, 0, err
		}
		size += len(c.Data)
		p.Copies = append(p.Copies, c)
	}
	unique := []string{"event", p.Dest, s.Log, fmt.Sprint(e.RecordNumber), fmt.Sprint(e.EventCode), s.Time}
	if s.Record == nil { // as events are told apart: by their bytes
		unique = append(unique, p.Copies[0].SHA256, p.Ref)
	}
	p.UID = store.Sum(unique...)
	return p, size, nil
}

// copyOf is a copy of an event's bytes at one place.
func (h *Handlers) copyOf(ctx context.Context, s intake.Sighting, files map[int64]intake.Import) (c store.PinCopy,
	err error) {
	load := func(id int64) (intake.Import, error) {
		if i, ok := files[id]; ok {
			return i, nil
		}
		i, err := h.Ask.Events.ImportByID(ctx, id)
		files[id] = i
		return i, err
	}
	i, err := load(s.Import)
	if err != nil {
		return c, err
	}
	c = store.PinCopy{FileSHA256: i.SHA256, FileName: i.Name, Format: formatWords(i), Offset: s.Offset,
		Data: importer.OriginalBytes(s.Reading, s.Raw)}
	c.SHA256 = store.SumOf(c.Data)
	if i.Parent != 0 {
		of, err := load(i.Parent)
		if err != nil {
			return c, err
		}
		c.Archive = of.SHA256
	}
	return c, nil
}

// pinOfFinding makes a pin of a finding, and those of its events, the newest first:
// as many as are copied with it.
func (h *Handlers) pinOfFinding(ctx context.Context, key string) (p store.Pin, events []store.Pin, err error) {
	f, err := h.Ask.Findings.FindingByKey(ctx, key)
	if err != nil {
		return p, nil, err
	}
	if f.Damaged {
		return p, nil, fault.New(fault.Damaged, "The finding is damaged: its row in the database does not fit its "+
			"checksum, so it proves nothing. Pin its events, or restore a backup.")
	}
	s := store.FindingSnapshot{Key: f.Key, RuleID: f.RuleID, Rule: f.RuleID, Dest: f.Dest, Title: h.labelOf(f),
		Count: f.Count, First: second(f.First).Format(time.RFC3339), Last: second(f.Last).Format(time.RFC3339)}
	if r := h.Book.Find(f.RuleID); r != nil {
		s.Rule = r.Name
		for _, c := range r.NewRow(f.Row) {
			s.Row = append(s.Row, store.Field{Name: c.Name, Value: c.Value})
		}
	}
	size := 0
	at := store.Page{Limit: pageSize}
	for len(events) < store.MaxPinEvents && size < mostCopied {
		refs, next, err := h.Ask.Findings.Events(ctx, store.EventFilter{Finding: key}, at)
		if err != nil {
			return p, nil, err
		}
		for _, r := range refs[:min(len(refs), store.MaxPinEvents-len(events))] {
			e, n, err := h.pinOfEvent(ctx, r.ID)
			if err != nil {
				return p, nil, err
			}
			if size += n; size > mostCopied && len(events) > 0 {
				break
			}
			events = append(events, e)
		}
		if at.After = next.After; next.After == "" {
			break
		}
	}
	s.More = max(0, f.Count-int64(len(events)))
	if p.Snapshot, err = json.Marshal(s); err != nil {
		return p, nil, err
	}
	p.Kind, p.Ref, p.Dest, p.At = store.PinFinding, f.Key, event.NormalizeHost(f.Dest), second(f.Last)
	p.UID = store.Sum("finding", f.Key, string(p.Snapshot))
	return p, events, nil
}

// Evidence is one piece of evidence: what it said, where it stood, its copies.
func (h *Handlers) Evidence(c echo.Context) error { return h.evidencePage(c, nil) }

// VerifyEvidence recomputes all that a piece of evidence was sealed with.
func (h *Handlers) VerifyEvidence(c echo.Context) error {
	id, err := idParam(c, "evidence")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v, err := h.Ask.Pins.VerifyPin(ctx, id)
	if err != nil {
		return err
	}
	pin, _, err := h.Ask.Pins.PinByID(ctx, id)
	if err != nil {
		return err
	}
	if v.Since, err = h.sinceOf(ctx, []store.Pin{pin}, false); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, verifiedJSON(v))
	}
	return h.evidencePage(c, &v)
}

func verifiedJSON(v store.Verified) map[string]any {
	d, s := v.Differences, v.Since
	if d == nil {
		d = []store.Difference{}
	}
	if s == nil {
		s = []store.Difference{}
	}
	return map[string]any{"verified": len(d) == 0, "differences": d, "since": s, "evidence": v.Pins, "copies": v.Copies,
		"files": v.Files}
}

func (h *Handlers) evidencePage(c echo.Context, verified *store.Verified) error {
	id, err := idParam(c, "evidence")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	pin, events, err := h.Ask.Pins.PinByID(ctx, id)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, pinJSON(pin))
	}
	p := views.EvidencePage{Pin: h.pinView(ctx, pin), Verified: verifiedView(verified)}
	for _, e := range pin.Events {
		p.Events = append(p.Events, h.pinView(ctx, events[e]))
	}
	slices.SortFunc(p.Events, func(a, b views.Pin) int { return a.At.Compare(b.At) })
	cases, err := h.Ask.Cases.CasesWith(ctx, pin.Kind, itemRef(pin))
	if err != nil {
		return err
	}
	p.Cases = caseLinks(cases)
	if p.Frame, err = h.frame(c, fmt.Sprintf("Evidence %d", id)); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Evidence(p))
}

// itemRef is what an item of a case calls a pin.
func itemRef(p store.Pin) string {
	if p.Kind == store.PinEvent || p.Kind == store.PinFile {
		return p.UID
	}
	return p.Ref
}

func verifiedView(v *store.Verified) *views.Verified {
	if v == nil {
		return nil
	}
	out := &views.Verified{Pins: v.Pins, Copies: v.Copies, Files: v.Files}
	for _, d := range v.Differences {
		out.Differences = append(out.Differences, [2]string{d.Object, d.What})
	}
	for _, d := range v.Since {
		out.Since = append(out.Since, [2]string{d.Object, d.What})
	}
	return out
}

// pinView is a pin as pages show it, with the way to what it is of, where that is
// still the same here.
func (h *Handlers) pinView(ctx context.Context, p store.Pin) views.Pin {
	v := views.Pin{ID: p.ID, Kind: p.Kind, Dest: p.Dest, At: p.At, Seal: p.Seal, Author: p.Author, Pinned: p.Pinned,
		Record: event.None, Code: event.None}
	for _, c := range p.Copies {
		v.Copies = append(v.Copies, views.PinCopy{FileSHA256: c.FileSHA256, FileName: c.FileName, Archive: c.Archive,
			Format: c.Format, Offset: c.Offset, SHA256: c.SHA256})
	}
	switch p.Kind {
	case store.PinFile:
		f := p.File()
		v.Title, v.Where, v.Fields, v.URL = titleOf(p), f.Kind, fieldsView(fileFields(&f)), h.fileIfSame(ctx, p)
		return v
	case store.PinModule:
		m := p.Module()
		v.Title, v.Where, v.Fields, v.Spelling = titleOf(p), m.Type, fieldsView(moduleFields(&m)), m.Spelling
		if _, err := h.Ask.Hosts.HostByDest(ctx, store.HostFilter{Dest: p.Dest, Now: h.Now().Unix()}); err == nil {
			v.URL = views.HostModulesURL(p.Dest)
		}
		return v
	case store.PinFinding:
		f := p.Finding()
		v.Title, v.Where, v.Count, v.More = f.Title, f.Rule, f.Count, f.More
		v.Fields = fieldsView(f.Row)
		if _, err := h.Ask.Findings.FindingByKey(ctx, p.Ref); err == nil {
			v.URL = views.FindingURL(p.Ref)
		}
		return v
	}
	e := p.Event()
	v.Title, v.Where, v.Fields, v.Cut, v.Spelling = e.Brief, channelWord(e.Log), fieldsView(e.Fields), e.Cut, e.Computer
	if e.Code != nil {
		v.Code = *e.Code
	}
	if e.Record != nil {
		v.Record = *e.Record
	}
	v.URL = h.eventIfSame(ctx, p, e)
	return v
}

// eventIfSame leads to a pinned event, when what has its number here is that event.
func (h *Handlers) eventIfSame(ctx context.Context, p store.Pin, e store.EventSnapshot) string {
	id, err := strconv.ParseInt(p.Ref, 10, 64)
	if err != nil {
		return ""
	}
	refs, err := h.Ask.Verdicts.EventRefs(ctx, []int64{id})
	if err != nil || len(refs) == 0 {
		return ""
	}
	r := refs[0]
	record := int64(event.None)
	if e.Record != nil {
		record = *e.Record
	}
	at := time.Time{}
	if r.HasTime {
		at = time.Unix(r.Second, r.Nanos).UTC()
	}
	if r.Dest != p.Dest || r.Record != record || !at.Equal(p.At) {
		return ""
	}
	return views.EventURL(id)
}

func fieldsView(list []store.Field) (out []event.Field) {
	for _, f := range list {
		out = append(out, event.Field{Name: f.Name, Value: f.Value})
	}
	return out
}

// EvidenceCopy sends the copy of a pinned event's bytes: the n-th, from 1 on.
func (h *Handlers) EvidenceCopy(c echo.Context) error {
	id, err := idParam(c, "evidence")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p, _, err := h.Ask.Pins.PinByID(ctx, id)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.QueryParam("n"))
	if c.QueryParam("n") == "" {
		n, err = 1, nil
	}
	if err != nil || n < 1 || n > len(p.Copies) {
		return fault.New(fault.NotFound, "Evidence %d has no copy %q.", id, cut(c.QueryParam("n"), 40))
	}
	data, err := h.Ask.Pins.Kept(ctx, p.Copies[n-1].SHA256)
	if err == nil {
		err = h.exported(c, exportOf(c))
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition,
		fmt.Sprintf(`attachment; filename="evidence-%d-%d.bin"`, id, n))
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, data)
}

func pinJSON(p store.Pin) map[string]any {
	copies := []map[string]any{}
	for _, c := range p.Copies {
		copies = append(copies, map[string]any{"file": c.FileName, "file_sha256": c.FileSHA256, "archive_sha256": c.Archive,
			"format": c.Format, "offset": c.Offset, "sha256": c.SHA256})
	}
	out := map[string]any{"id": p.ID, "kind": p.Kind, "dest": p.Dest, "snapshot": json.RawMessage(p.Snapshot),
		"copies": copies, "events": p.Events, "seal": p.Seal, "author": p.Author,
		"pinned": p.Pinned.Format(time.RFC3339Nano), "url": views.EvidenceURL(p.ID)}
	if !json.Valid(p.Snapshot) {
		out["snapshot"] = nil
	}
	return out
}
