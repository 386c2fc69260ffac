package handlers

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"escutcheon/store"
	"escutcheon/views"
	"escutcheon/views/report"
)

// toldCase is what the machine told of a case on which it was made: nothing of a case of
// this one.
type toldCase struct {
	store.CaseBrought
	report report.Report
}

func (h *Handlers) toldOf(ctx context.Context, id int64) (t toldCase, err error) {
	t.CaseBrought, err = h.Ask.Cases.CaseBrought(ctx, id)
	_ = json.Unmarshal(t.Told, &t.report) // a damaged one says nothing: VerifyCase names it
	return t, err
}

// host is what was told of a host.
func (t toldCase) host(dest string) (report.Host, bool) {
	i := slices.IndexFunc(t.report.Hosts, func(h report.Host) bool { return h.Dest == dest })
	if i < 0 {
		return report.Host{}, false
	}
	return t.report.Hosts[i], true
}

// evidence is the number here of evidence there.
func (t toldCase) evidence(there int64) int64 {
	if here, ok := t.Evidence[there]; ok {
		return here
	}
	return there
}

// moments are what was told of a host but its notes and evidence: those are here.
func (t toldCase) moments(dest string) (out []views.CaseMoment) {
	for _, m := range t.report.Moments {
		kind, ok := views.ParseMoment(m.Kind)
		if m.Dest != dest || !ok || kind == views.MomentNote || kind == views.MomentEvidence {
			continue
		}
		one := views.CaseMoment{At: m.At, Dest: dest, Kind: kind, Text: m.Text, By: m.By, Where: m.Where,
			Log: kind == views.MomentCommand}
		if m.Evidence != 0 {
			one.Evidence = t.evidence(m.Evidence)
		}
		out = append(out, one)
	}
	return out
}

// toldHost is what was told of a host, with its notes as they are here.
func (h *Handlers) toldHost(ctx context.Context, one report.Host, from toldCase) (report.Host, error) {
	of := map[string]string{} // what a note was about, by when it was written
	for _, n := range one.Notes {
		of[n.Created.UTC().Format(time.DateTime)+n.Author] = n.Of
	}
	one.Gone, one.Notes = true, nil
	one.Told = "No log of this host is in this database. What stands here was told by the machine where the case was " +
		"made, as " + from.Number + ", when its case file was written: " + from.Exported.UTC().Format("2006-01-02 15:04:05") +
		" UTC."
	if sum := from.Pictures[one.Dest]; sum != "" {
		data, err := h.Ask.Pins.Kept(ctx, sum)
		if err != nil {
			return one, err
		}
		one.Raster = "data:image/png;base64," + base64.StdEncoding.EncodeToString(data)
	}
	err := h.reportedNotes(ctx, &one)
	for i, n := range one.Notes {
		one.Notes[i].Of = cmp.Or(of[n.Created.UTC().Format(time.DateTime)+n.Author], n.Of)
	}
	return one, err
}

type broughtJSON struct {
	Number   string           `json:"number"` // there
	File     string           `json:"manifest_sha256"`
	Exported string           `json:"exported"`
	Version  string           `json:"version"`
	By       string           `json:"by"`
	At       string           `json:"at"`
	Audit    []map[string]any `json:"audit"`
}

func (t toldCase) json() *broughtJSON {
	if t.File == "" {
		return nil
	}
	out := &broughtJSON{t.Number, t.File, t.Exported.UTC().Format(time.RFC3339Nano), t.Version, t.By,
		t.At.UTC().Format(time.RFC3339Nano), []map[string]any{}}
	for _, a := range t.Audit {
		out.Audit = append(out.Audit, map[string]any{"id": a.ID, "time": a.At.UTC().Format(time.RFC3339Nano),
			"person": a.Person, "action": a.Action, "object": a.Object, "field": a.Field, "old": a.Old, "new": a.New,
			"address": a.Address, "prev": a.Prev, "hash": a.Hash})
	}
	return out
}

// mostBrought is how many audit rows of another machine a page lists.
const mostBrought = 200

func (t toldCase) view() *views.CaseBrought {
	if t.File == "" {
		return nil
	}
	out := &views.CaseBrought{Number: t.Number, File: t.File, Exported: t.Exported, Version: t.Version, By: t.By, At: t.At,
		Rows: int64(len(t.Audit))}
	for _, a := range t.Audit[:min(len(t.Audit), mostBrought)] {
		out.Audit = append(out.Audit, views.AuditRow{ID: a.ID, At: a.At, Person: a.Person, Action: a.Action,
			Object: a.Object, Field: a.Field, Old: a.Old, New: a.New})
	}
	return out
}
