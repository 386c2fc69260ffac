package db_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/store"
)

// house is a database that imports are stored in batch by batch, with a clock
// that the test sets.
type house struct {
	*db.DB
	t     testing.TB
	now   time.Time
	q     *sql.DB // reads what others see
	rules *detection.Rules
	at    db.Events
}

// base is a full hour.
var base = time.Unix(1_764_000_000, 0).UTC()

func newHouse(t testing.TB, rules ...*detection.Rule) *house {
	t.Helper()
	return newHouseAt(t, eventsAt(t), rules...)
}

// newHouseAt is newHouse with its events in some store.
func newHouseAt(t testing.TB, events db.Events, rules ...*detection.Rule) *house {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	h := &house{t: t, now: base, q: raw(t, path), at: events}
	h.DB = h.open(path)
	h.use(rules...)
	return h
}

// open opens the database by another process, as it were.
func (h *house) open(path string) *db.DB {
	h.t.Helper()
	d, err := db.OpenWith(ctx, path, func() time.Time { return h.now }, h.at)
	h.ok(err)
	h.t.Cleanup(func() { _ = d.Close() })
	return d
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) use(rules ...*detection.Rule) {
	h.t.Helper()
	h.rules = detection.NewRules(rules)
	h.ok(h.UseRules(ctx, h.rules, importer.Decoder{}))
}

func stats(t *testing.T) *detection.Rule { return mt.Rule(t, "stats", mt.Searches["stats"], "") }

// begin records an import of a file of XML and starts it.
func (h *house) begin(like intake.Import) *intake.Import {
	h.t.Helper()
	like.Format, like.Encoding, like.Zone = sniff.EventXML, "utf-8", "UTC"
	if like.Path == "" {
		like.Path = "/spool/" + like.Name
	}
	id, err := h.AddImport(ctx, like)
	h.ok(err)
	i, err := h.StartImport(ctx, id, like.Owner, "me")
	h.ok(err)
	i.Format, i.Encoding = like.Format, like.Encoding
	h.ok(h.DescribeImport(ctx, i))
	return &i
}

// batch is what decoding some records of an import gives.
func (h *house) batch(i *intake.Import, recs ...logwriter.Record) *intake.Batch {
	h.t.Helper()
	b := &intake.Batch{Import: i.ID, Owner: "me", From: i.Records, Rules: h.rules}
	b.Records, b.Bytes = int64(len(recs)), i.Bytes
	for n := range recs {
		raw := string(logwriter.AppendXML(nil, &recs[n], false))
		e, err := importer.Decode(i.Reading(), raw)
		h.ok(err)
		e.Offset = b.Bytes
		b.Bytes += int64(len(raw))
		b.Events = append(b.Events, *e)
		b.Matches = h.rules.Match(b.Matches, n, e)
	}
	return b
}

// put stores records as the next batch of an import.
func (h *house) put(i *intake.Import, recs ...logwriter.Record) {
	h.t.Helper()
	c, err := h.StoreBatch(ctx, h.batch(i, recs...))
	h.ok(err)
	i.Counts = c
}

// add imports records whole.
func (h *house) add(name string, recs ...logwriter.Record) *intake.Import {
	h.t.Helper()
	i := h.begin(intake.Import{Name: name})
	h.put(i, recs...)
	h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	return i
}

// iis is the n-th record of a host's log, so many seconds after base.
func iis(host string, second int, n int64, path string) logwriter.Record {
	r := logwriter.IISChange(logwriter.Change{Path: path, At: "MACHINE/WEBROOT/APPHOST", Edit: 2})
	r.Computer, r.Time, r.RecordNumber = host, base.Add(time.Duration(second)*time.Second), n
	return r
}

// one is what a query of one value gives.
func (h *house) one(query string, args ...any) string {
	h.t.Helper()
	var v sql.NullString
	h.ok(h.q.QueryRowContext(ctx, query, args...).Scan(&v))
	return v.String
}

func (h *house) is(what string, got, want any) {
	h.t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		h.t.Errorf("%s: got\n%s\nwant\n%s", what, g, w)
	}
}

func (h *house) refuses(what string, err error, code fault.Code, says string) {
	h.t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		h.t.Errorf("%s: %v (%v), want %v with %q", what, err, fault.CodeOf(err), code, says)
	}
}

func (h *house) byID(id int64) intake.Import {
	h.t.Helper()
	i, err := h.ImportByID(ctx, id)
	h.ok(err)
	return i
}

// found are all findings: key's first digits, dest, count, first and last.
func (h *house) found() (out []string) {
	h.t.Helper()
	for f, err := range h.AllFindings(ctx, store.FindingFilter{Suppressed: true}) {
		h.ok(err)
		out = append(out, fmt.Sprintf("%s %d %d %d", f.Dest, f.Count, f.First-base.Unix(), f.Last-base.Unix()))
	}
	return out
}

// events are the events of the finding of a dest, newest first.
func (h *house) events(key string, p store.Page) (ids []int64, c store.Cursors) {
	h.t.Helper()
	list, c, err := h.Events(ctx, store.EventFilter{Finding: key}, p)
	h.ok(err)
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids, c
}

func keyOf(rule string, by ...string) string { return detection.FindingID(rule, by) }

// stored are the numbers of all stored events.
func (h *house) stored() (ids []int64) {
	h.t.Helper()
	all, err := h.AllEvents(ctx)
	h.ok(err)
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	return ids
}

// nanos is what an event's time has beside its second.
func (h *house) nanos(id int64) int64 {
	h.t.Helper()
	e, err := h.EventByID(ctx, id)
	h.ok(err)
	return e.Nanos
}
