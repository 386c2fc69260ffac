package db_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
	"escutcheon/store"
)

// retain removes what bounds say, in as many steps as that takes, and says how many.
func (h *house) retain(k store.Keep) (steps int) {
	h.t.Helper()
	for ; ; steps++ {
		s, err := h.RetentionStep(ctx, k)
		h.ok(err)
		if s.Waiting != "" {
			h.t.Fatal(s.Waiting)
		}
		if s.Done {
			return steps
		}
	}
}

// ageTo is an age by which the line is at a second after base, as the clock stands.
func (h *house) ageTo(second int) store.Keep {
	line := detection.WindowOf(base.Unix() + int64(second)).Start
	return store.Keep{Age: h.now.Sub(time.Unix(line, 0))}
}

// started is the n-th record of a host's log of processes, so many seconds after base.
func started(host string, second int, n int64, image string) logwriter.Record {
	return logwriter.Record{Time: base.Add(time.Duration(second) * time.Second), EventCode: 4688, Channel: "Security",
		Provider: "Microsoft-Windows-Security-Auditing", Computer: host, RecordNumber: n,
		Data: []event.Field{{Name: "NewProcessName", Value: `C:\` + image}}}
}

// processRules are rules over processes: one that keeps its events, one whose rows may be
// dropped, and two that are run over whole windows, of which one rests on what is not there.
func processRules(t *testing.T) []*detection.Rule {
	return []*detection.Rule{
		stats(t),
		mt.Rule(t, "seen", `EventCode=4688 NewProcessName="*evil*" | stats count by ComputerName NewProcessName`+
			` | rename ComputerName as dest`, ""),
		mt.Rule(t, "often", `EventCode=4688 NewProcessName="*odd*" | stats count by ComputerName | where count > 3`+
			` | rename ComputerName as dest`, ""),
		mt.Rule(t, "pair", `EventCode=4688 NewProcessName="*one*" | stats count by ComputerName`+
			` | join ComputerName [search EventCode=4688 NewProcessName="*two*" | stats count as others by ComputerName]`+
			` | rename ComputerName as dest`, ""),
		mt.Rule(t, "alone", `EventCode=4688 NewProcessName="*three*" NOT [search EventCode=4688 NewProcessName="*two*"`+
			` | fields ComputerName | dedup ComputerName] | stats count by ComputerName | rename ComputerName as dest`, ""),
	}
}

// kinds of records, and whether something may rest on one.
var images = []string{"plain.exe", "evil.exe", "odd.exe", "one.exe", "two.exe", "three.exe", "plain2.exe"}

// someProcesses are logs of the same few events of some days, in random order.
func someProcesses(r *rand.Rand) (out [][]logwriter.Record) {
	for range 5 {
		var log []logwriter.Record
		for range 20 + r.IntN(40) {
			k := r.IntN(400)
			host := []string{"web01", "web02", "db9"}[k/7%3]
			rec := started(host, k*700, int64(k), images[k%len(images)])
			rec.Time = rec.Time.Add(time.Duration(r.IntN(3)/2) * time.Millisecond) // the same event in other bytes
			if k%29 == 0 {
				rec = iis(host, k*700, int64(k), "/x")
			}
			log = append(log, rec)
		}
		out = append(out, log)
	}
	return out
}

// stays is all that must not change: findings, their rows, events and risk.
func (h *house) stays() string {
	h.t.Helper()
	var out []string
	for f, err := range h.AllFindings(ctx, store.FindingFilter{Suppressed: true}) {
		h.ok(err)
		out = append(out, fmt.Sprintf("%s %s %q %d %d %d", f.Key, f.Dest, f.Row, f.Count, f.First, f.Last))
	}
	slices.Sort(out)
	for _, q := range []string{`SELECT group_concat(x, char(10)) FROM (SELECT f.key || ' ' || r.start || ' ' || r.object ||
		' ' || r.score || ' ' || r.count || ' ' || r.second || r.message AS x FROM risk_event r JOIN finding f
		ON f.id = r.finding_id ORDER BY x)`, `SELECT group_concat(x, char(10)) FROM (SELECT f.key || ' ' || e.start || ' ' ||
		e.event_id AS x FROM finding_event e JOIN finding f ON f.id = e.finding_id ORDER BY x)`,
		`SELECT group_concat(event_id || ' ' || kind || ' ' || module, char(10)) FROM change_event`,
		`SELECT group_concat(id || uid || seal) FROM pin`, `SELECT group_concat(id || text) FROM note`} {
		out = append(out, h.one(q))
	}
	return strings.Join(out, "\n")
}

// pinSome keeps some events as evidence, and writes a note.
func (h *house) pinSome(r *rand.Rand) {
	h.t.Helper()
	_, err := h.AddNote(ctx, store.Note{Dest: "web01", Author: "anna", Text: "seen"})
	h.ok(err)
	ids := h.stored()
	for range 3 {
		id := ids[r.IntN(len(ids))]
		h.ok(h.Write(ctx, func(p db.Part) error {
			return p.Exec(`INSERT INTO pin (uid, kind, ref, dest, at, snapshot, seal, author, pinned)
				VALUES (hex(randomblob(8)), 'event', ?, 'web01', 0, '', '', 'anna', 0)`, fmt.Sprint(id))
		}))
	}
}

// unresting are the stored events without those before a line on which nothing rests, and
// these.
func (h *house) unresting(line int64) (stay, gone []int64) {
	h.t.Helper()
	rests := map[string]bool{}
	for id := range strings.SplitSeq(h.one(`SELECT group_concat(id) FROM (SELECT event_id AS id FROM finding_event UNION
		SELECT event_id FROM unattributed UNION SELECT event_id FROM change_event UNION SELECT ref FROM pin)`), ",") {
		rests[id] = true
	}
	windows := map[string]bool{}
	for start := range strings.SplitSeq(h.one(`SELECT group_concat(DISTINCT r.start) FROM risk_event r
		WHERE r.rule_id IN ('pair', 'alone')`), ",") {
		windows[start] = true
	}
	all, err := h.AllEvents(ctx)
	h.ok(err)
	for _, e := range all {
		of := e.Channel == "Security" && windows[fmt.Sprint(detection.WindowOf(e.Second).Start)]
		if e.Second >= line || rests[fmt.Sprint(e.ID)] || of {
			stay = append(stay, e.ID)
		} else {
			gone = append(gone, e.ID)
		}
	}
	return stay, gone
}

// checks checks the database, and that its findings are those that its events come to.
func (h *house) checks(when string) {
	h.t.Helper()
	tell := func(d store.Damage) { h.t.Errorf("%s: %s: %s", when, d.Object, d.What) }
	h.ok(db.Check(ctx, h.Path(), h.at, func(string, int64, int64) {}, func(d store.Damage) {
		if !strings.HasPrefix(d.Object, "evidence") && !strings.HasPrefix(d.Object, "pin") {
			tell(d)
		}
	}))
	dir := h.t.TempDir()
	was, anew := filepath.Join(dir, "was.db"), filepath.Join(dir, "anew.db")
	h.ok(db.CopyTo(ctx, h.Path(), was))
	h.ok(db.CopyTo(ctx, h.Path(), anew))
	h.ok(db.ForgetFindings(ctx, anew))
	made := &house{t: h.t, now: h.now, q: raw(h.t, anew), at: db.Events{Open: h.at.Open}}
	made.DB = made.open(anew)
	made.use(h.rules.All()...)
	for made.catchUp(1000).Rules > 0 {
	}
	made.runWindows(0)
	h.ok(made.RefreshRisk(ctx))
	uncounted, err := made.CompareSeed(ctx, tell)
	h.ok(err)
	h.is(when+": events that the store did not count", uncounted, 0)
	h.ok(made.Close())
	apart, err := db.CompareFindings(ctx, was, anew, tell)
	h.ok(err)
	h.is("rules apart", len(apart), 0)
}
