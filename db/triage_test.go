package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
)

func ptr[T any](v T) *T { return &v }

// triageHouse has five findings of three hosts.
func triageHouse(t *testing.T) (h *house, keys []string) {
	h = newHouse(t, stats(t))
	var recs []logwriter.Record
	for n, host := range []string{"web01", "WEB01", "web02", "web03", "Web03"} {
		recs = append(recs, iis(host, n*60, int64(n+1), "/x"))
		keys = append(keys, keyOf("stats", host))
	}
	h.add("a", recs...)
	return h, keys
}

func (h *house) triage(kind, name string) store.Triage {
	h.t.Helper()
	got, err := h.TriageOf(ctx, kind, name)
	h.ok(err)
	return got
}

// steps are the history of something, newest first.
func (h *house) steps(kind, name string) (out []string) {
	h.t.Helper()
	list, err := h.TriageHistory(ctx, kind, name, 100)
	h.ok(err)
	for _, s := range list {
		out = append(out, fmt.Sprintf("%d.%d %s %s: %s > %s%s", s.Bulk, s.Revision, s.Author, s.Field, s.Old, s.New, s.Why))
	}
	return out
}

// TestSetTriage: what is set of a finding is what it says, with its history, and
// only what is set changes.
func TestSetTriage(t *testing.T) {
	h, keys := triageHouse(t)
	h.is("at first", h.triage(store.OfFinding, keys[0]), store.Triage{})
	h.now = base.Add(time.Hour)
	done, err := h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Status: ptr(triage.InProgress),
		Owner: ptr(" ann "), Author: "bob"})
	h.ok(err)
	h.is("done", done, store.Triaged{Bulk: 1, Changed: 1, All: 1})
	want := store.Triage{Status: triage.InProgress, Owner: "ann", Revision: 1, Author: "bob", At: h.now}
	h.is("decided", h.triage(store.OfFinding, keys[0]), want)
	f, err := h.FindingByKey(ctx, keys[0])
	h.ok(err)
	h.is("on the finding", f.Triage, want)
	done, err = h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Status: ptr(triage.InProgress), Author: "x"})
	h.ok(err)
	h.is("the same again", done, store.Triaged{All: 1})
	_, err = h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Urgency: ptr(triage.High), Owner: ptr(""),
		Disposition: ptr(triage.Disposition(3)), Revisions: []int64{1}, Author: "cid", Note: "so it is"})
	h.ok(err)
	h.is("history", h.steps(store.OfFinding, keys[0]), []string{"2.2 cid owner: ann > ", "2.2 cid urgency: default > high",
		"2.2 cid disposition: Undetermined > False Positive – Incorrect Analytic Logic", "1.1 bob owner:  > ann",
		"1.1 bob status: New > In Progress"})
	notes, err := h.NotesOf(ctx, "web01")
	h.ok(err)
	h.is("note", []any{len(notes), notes[0].Finding, notes[0].Text, notes[0].Author}, []any{1, keys[0], "so it is", "cid"})
	_, err = h.SetTriage(ctx, store.TriageChange{Host: "web01", Status: ptr(triage.Closed), Author: "cid"})
	h.ok(err)
	h.is("the host", h.triage(store.OfHost, "web01").Status, triage.Closed)
	h.is("its findings stay", h.triage(store.OfFinding, keys[0]).Status, triage.InProgress)
}

// TestTriageRefused: nothing is changed in part.
func TestTriageRefused(t *testing.T) {
	h, keys := triageHouse(t)
	closed, long := ptr(triage.Closed), strings.Repeat("x", store.MaxAuthor+1)
	_, err := h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Status: ptr(triage.Pending), Author: "a"})
	h.ok(err)
	seen, none := []int64{0, 0}, store.FindingFilter{Dest: "x"}
	for what, tt := range map[string]struct {
		code fault.Code
		c    store.TriageChange
	}{
		"nothing to set":         {fault.Invalid, store.TriageChange{Findings: keys[:1]}},
		"no finding is chosen":   {fault.Invalid, store.TriageChange{Status: closed}},
		"is longer than":         {fault.Invalid, store.TriageChange{Findings: keys, Owner: &long}},
		"Type your name":         {fault.Invalid, store.TriageChange{Findings: keys, Note: "n", Status: closed}},
		"name is longer":         {fault.Invalid, store.TriageChange{Findings: keys, Author: long, Status: closed}},
		`no finding "none"`:      {fault.NotFound, store.TriageChange{Findings: []string{keys[1], "none"}, Status: closed}},
		`host "none"`:            {fault.NotFound, store.TriageChange{Host: "none", Status: closed}},
		"revision 0, it is at 1": {fault.Conflict, store.TriageChange{Findings: keys, Revisions: seen[:1], Status: closed}},
		"revision 2, it is at 0": {fault.Conflict, store.TriageChange{Host: "web01", Revisions: []int64{2}, Status: closed}},
		"2 revisions for 5":      {fault.Invalid, store.TriageChange{Findings: keys, Revisions: seen, Status: closed}},
		"chooses no finding":     {fault.Invalid, store.TriageChange{Filter: &none, Status: closed}},
	} {
		_, err := h.SetTriage(ctx, tt.c)
		if fault.CodeOf(err) != tt.code || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(what)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.ok(h.DemandNote(ctx, true))
	_, err = h.SetTriage(ctx, store.TriageChange{Findings: keys, Status: closed, Author: "a"})
	h.refuses("without a note", err, fault.Invalid, "mandatory")
	h.is("nothing was closed", h.one(`SELECT count(*) FROM finding WHERE status > 2`), "0")
	h.ok(h.DemandNote(ctx, false))
	_, err = h.SetTriage(ctx, store.TriageChange{Findings: keys, Revisions: []int64{1, 0, 0, 0, 0}, Status: closed})
	h.ok(err)
	_, err = h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Note: "n"})
	h.refuses("a note needs a name", err, fault.Invalid, "name")
}

// TestTriageBulk: all findings of a filter at once, a note for each host, and back
// again but for what has changed since.
func TestTriageBulk(t *testing.T) {
	h, keys := triageHouse(t)
	_, err := h.SetTriage(ctx, store.TriageChange{Findings: keys[3:4], Status: ptr(triage.Pending), Author: "a"})
	h.ok(err)
	open := store.FindingFilter{Rule: "stats", Status: triage.Open}
	done, err := h.SetTriage(ctx, store.TriageChange{Filter: &open, Status: ptr(triage.Closed), Owner: ptr("eve"),
		Note: "known `tool`", Author: "a"})
	h.ok(err)
	h.is("done", done, store.Triaged{Bulk: 2, Changed: 5, All: 5, Notes: 3})
	n, _, err := h.CountFindings(ctx, open)
	h.ok(err)
	h.is("open ones", n, 0)
	notes, err := h.NotesOf(ctx, "web03")
	h.ok(err)
	lines := strings.Split(notes[0].Text, "\n")
	slices.Sort(lines[3:])
	first, second := keys[3], keys[4]
	if second < first {
		first, second = second, first
	}
	if len(lines) != 5 || lines[0] != "known `tool`" || lines[2] != "Of 2 findings:" ||
		!strings.HasPrefix(lines[3], "- [finding](/findings/"+first+") `") || !strings.Contains(lines[4], second) {
		t.Errorf("note of two: %q", notes[0].Text)
	}
	h.is("note of one", h.one(`SELECT finding || text FROM note WHERE dest = 'web02'`), keys[2]+"known `tool`")
	_, err = h.SetTriage(ctx, store.TriageChange{Findings: keys[:1], Disposition: ptr(triage.Disposition(1)), Author: "b"})
	h.ok(err)
	undone, kept, err := h.UndoTriage(ctx, done.Bulk, "c")
	h.ok(err)
	h.is("undone", []int64{undone.Changed, kept, undone.Bulk}, []int64{4, 1, 4})
	h.is("what changed since stays", h.triage(store.OfFinding, keys[0]).Status, triage.Closed)
	back := h.triage(store.OfFinding, keys[3])
	h.is("as it was", []any{back.Status, back.Owner, back.Revision, back.Author}, []any{triage.Pending, "", 3, "c"})
	h.is("its history", h.steps(store.OfFinding, keys[3])[:2], []string{"4.3 c owner: eve > undo of 2",
		"4.3 c status: Closed > Pendingundo of 2"})
	_, kept, err = h.UndoTriage(ctx, done.Bulk, "c")
	h.ok(err)
	h.is("nothing is left to undo", kept, 5)
	again, _, err := h.UndoTriage(ctx, undone.Bulk, "c")
	h.ok(err)
	h.is("the undo undone", []any{again.Changed, h.triage(store.OfFinding, keys[3]).Status}, []any{4, triage.Closed})
	for _, none := range []int64{0, -1, 99} {
		_, _, err = h.UndoTriage(ctx, none, "c")
		h.refuses(fmt.Sprint("undo of ", none), err, fault.NotFound, "no change")
	}
}
