package rulebook_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/rulebook"
	"escutcheon/store"
)

var ctx = context.Background()

// desk is a database with its rules and an importer.
type desk struct {
	t     *testing.T
	now   time.Time
	store *db.DB
	book  *rulebook.Book
	im    *importer.Importer
}

func open(t *testing.T, path string) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}
	var err error
	if d.store, err = db.Open(ctx, path, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if d.book, err = rulebook.Open(ctx, d.store, importer.Decoder{}, slog.New(slog.DiscardHandler),
		func() time.Time { return d.now }); err != nil {
		t.Fatal(err)
	}
	d.im = importer.New(d.store, d.book.Rules, importer.NewSpool(path))
	d.im.Retry = d.book.Retry
	d.catchUp()
	return d
}

func newDesk(t *testing.T) *desk { return open(t, filepath.Join(t.TempDir(), "test.db")) }

func (d *desk) catchUp() {
	d.t.Helper()
	if err := d.book.CatchUp(ctx, nil); err != nil {
		d.t.Fatal(err)
	}
}

// log is changes to modules on a few hosts, as event XML.
func log(from, to int) []byte {
	var out []byte
	for i := from; i < to; i++ {
		r := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf(`/system.webServer/globalModules/add[@name="M%d"]`, i%7),
			Edit: 1 + i%2})
		r.Computer, r.RecordNumber, r.Time = fmt.Sprintf("web%02d", i%3), int64(i+1),
			time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC)
		out = append(logwriter.AppendXML(out, &r, false), '\n')
	}
	return out
}

func (d *desk) add(data []byte) {
	d.t.Helper()
	kept, err := d.im.Spool().Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	id, err := d.im.Admit(ctx, intake.Import{Name: "log", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		d.t.Fatal(err)
	}
	if i, err := d.im.Run(ctx, id); err != nil || i.Status != intake.Done {
		d.t.Fatalf("%v: %s %s", err, i.Status, i.Reason)
	}
}

// found is what all rules found, one line a finding.
func (d *desk) found() string {
	d.t.Helper()
	var lines []string
	for f, err := range d.store.AllFindings(ctx, store.FindingFilter{Suppressed: true}) {
		if err != nil {
			d.t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %q %v %d", f.RuleID, f.Row, f.Suppressed, f.Count))
	}
	for h, err := range d.store.AllHosts(ctx, store.HostFilter{Now: 1e9}) {
		if err != nil {
			d.t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("risk %s %d %d", h.Dest, h.Score, h.RiskEvents))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func (d *desk) of(rule string) (n int) { return strings.Count("\n"+d.found(), "\n"+rule+" ") }

func TestEnable(t *testing.T) {
	d := newDesk(t)
	d.add(log(0, 100))
	if d.of(detection.SeedID) == 0 {
		t.Fatal("the seed finds nothing")
	}
	if err := d.book.Enable(ctx, detection.SeedID, false, "first shift"); err != nil {
		t.Fatal(err)
	}
	if d.of(detection.SeedID) != 0 || !d.book.Disabled(detection.SeedID) ||
		detection.Find(d.book.Rules().All(), detection.SeedID) != nil || d.book.Find(detection.SeedID) == nil {
		t.Error("a rule that was switched off is still in force, or is gone from the book")
	}
	d.add(log(90, 150))
	if err := d.book.Enable(ctx, detection.SeedID, true, "first shift"); err != nil {
		t.Fatal(err)
	}
	d.add(log(140, 170)) // while it is behind
	d.catchUp()
	start := newDesk(t)
	start.add(log(0, 100))
	start.add(log(90, 150))
	start.add(log(140, 170))
	if got := d.found(); got != start.found() {
		t.Errorf("switched off and on again:\n%s\nfrom the start:\n%s", got, start.found())
	}
	if err := d.book.Enable(ctx, "none", false, ""); err == nil {
		t.Error("a rule that is not there was switched off")
	}
}

func TestFilter(t *testing.T) {
	d := newDesk(t)
	d.add(log(0, 60))
	before := d.found()
	const expression = `NOT (dest="web00" Message="*M3*") NOT dest="WEB01"`
	p, err := d.book.Preview(ctx, detection.SeedID, expression)
	if err != nil || p.Count == 0 || p.Count >= p.Findings || int64(len(p.Suppressed)) != p.Count || d.found() != before {
		t.Fatalf("preview: %v, %d of %d", err, p.Count, p.Findings)
	}
	save := func(expression, reason string, expires time.Time) error {
		return d.book.SetFilter(ctx, store.RuleFilter{RuleID: detection.SeedID, Expression: expression, Reason: reason,
			Author: "night shift", Expires: expires})
	}
	if err := save(expression, "deployments", d.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	suppressed := strings.Count(d.found(), " true ")
	if int64(suppressed) != p.Count {
		t.Errorf("%d findings are suppressed, the preview said %d", suppressed, p.Count)
	}
	for h, err := range d.store.AllHosts(ctx, store.HostFilter{Rule: detection.SeedID, Dest: "web01", Now: 1e9}) {
		if err != nil || h.Score != 0 || h.RiskEvents != 0 {
			t.Errorf("what is suppressed carries risk: %+v, %v", h, err)
		}
	}
	back, err := d.book.Preview(ctx, detection.SeedID, "")
	if err != nil || back.Back != p.Count || back.Count != 0 {
		t.Errorf("preview of no filter: %v, %+v", err, back)
	}
	d.now = d.now.Add(2 * time.Hour)
	if err := d.book.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	if got := d.found(); got != before {
		t.Errorf("after the filter expired:\n%s\nwant\n%s", got, before)
	}
	for _, bad := range []struct{ expression, reason string }{{`NOT (dest="x"`, "r"}, {"dest=x | stats count", "r"},
		{"dest=x", ""}} {
		if err := save(bad.expression, bad.reason, time.Time{}); err == nil {
			t.Errorf("%q for %q was saved", bad.expression, bad.reason)
		}
	}
	if history, err := d.store.FiltersOf(ctx, detection.SeedID); err != nil || len(history) != 1 ||
		history[0].Reason != "deployments" {
		t.Errorf("history %+v, %v", history, err)
	}
}

const loaded = `name: Many Changes
id: 11111111-2222-4333-8444-555555555555
version: 1
type: Anomaly
search: '` + "`iis_operational_logs` EventCode=29 | stats count by ComputerName | where count > 5 | rename ComputerName as dest | `many_changes_filter`" + `'
tags:
  risk_score: 30
  message: many changes on $dest$
  observable:
  - {name: dest, type: Hostname, role: [Victim]}
`

func TestLoad(t *testing.T) {
	d := newDesk(t)
	d.add(log(0, 60))
	files := []detection.SourceFile{
		{Kind: detection.RuleFile, Path: "many.yml", Content: []byte(loaded)},
		{Kind: detection.RuleFile, Path: "seed.yml", Content: []byte(strings.Replace(strings.Replace(loaded,
			"11111111-2222-4333-8444-555555555555", detection.SeedID, 1), "Many Changes", "Ours", 1))},
		{Kind: detection.RuleFile, Path: "join.yml", Content: []byte(strings.Replace(strings.Replace(loaded, "stats count",
			"map x [search y] | stats count", 1), "11111111", "22222222", 1))},
	}
	if err := d.book.Load(ctx, files); err != nil {
		t.Fatal(err)
	}
	d.catchUp()
	if d.of("11111111-2222-4333-8444-555555555555") != 3 || d.of(detection.SeedID) != 3 {
		t.Errorf("found\n%s", d.found())
	}
	if r := d.book.Find(detection.SeedID); r == nil || r.Name != "Ours" || r.Replaces == "" {
		t.Errorf("the seed is %+v", r)
	}
	if refused := d.book.Content().Refused; len(refused) != 1 || refused[0].Command != "map" || refused[0].Pos.Line == 0 {
		t.Errorf("refused %+v", refused)
	}
	path := d.store.Path()
	again := open(t, path) // without the files
	if got := again.found(); got != d.found() {
		t.Errorf("opened again:\n%s\nwant\n%s", got, d.found())
	}
}

// TestTwoProcesses changes the rules in one process while another imports.
func TestTwoProcesses(t *testing.T) {
	one := newDesk(t)
	two := open(t, one.store.Path())
	one.add(log(0, 50))
	if err := two.book.Load(ctx, []detection.SourceFile{{Kind: detection.RuleFile, Path: "many.yml",
		Content: []byte(loaded)}}); err != nil {
		t.Fatal(err)
	}
	two.catchUp()
	one.add(log(50, 100)) // with rules that are stale
	if one.book.Find("11111111-2222-4333-8444-555555555555") == nil {
		t.Error("the other process's rule was not noticed")
	}
	one.catchUp()
	if err := two.book.Enable(ctx, "11111111-2222-4333-8444-555555555555", false, "first shift"); err != nil {
		t.Fatal(err)
	}
	if err := two.book.Enable(ctx, "11111111-2222-4333-8444-555555555555", true, "first shift"); err != nil {
		t.Fatal(err)
	}
	list, err := one.store.Imports(ctx, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.book.Retry(ctx, func() error { return one.store.DeleteImport(ctx, list[0].ID) }); err != nil {
		t.Errorf("delete with rules that are stale: %v", err)
	}
	one.add(log(50, 100))
	one.catchUp()
	alone := newDesk(t)
	if err := alone.book.Load(ctx, []detection.SourceFile{{Kind: detection.RuleFile, Path: "many.yml",
		Content: []byte(loaded)}}); err != nil {
		t.Fatal(err)
	}
	alone.catchUp()
	alone.add(log(0, 100))
	if got := one.found(); got != alone.found() {
		t.Errorf("two processes:\n%s\none:\n%s", got, alone.found())
	}
}

// TestOlderDatabase opens a database of the first schema, which holds one
// import of three changes: what it found is found again, and the import can be
// deleted.
func TestOlderDatabase(t *testing.T) {
	f, err := os.Open("testdata/schema1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "old.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	if n := d.of(detection.SeedID); n != 2 || !strings.Contains(d.found(), "risk web01.corp.example 150 3") {
		t.Errorf("%d findings of the seed, want 2:\n%s", n, d.found())
	}
	list, err := d.store.Imports(ctx, 0, 10)
	if err != nil || len(list) != 1 || list[0].New != 3 {
		t.Fatalf("imports %+v, %v", list, err)
	}
	if err := d.store.DeleteImport(ctx, list[0].ID); err != nil || d.found() != "" {
		t.Errorf("after deleting: %v\n%s", err, d.found())
	}
	d.add(log(0, 10))
	if d.of(detection.SeedID) == 0 {
		t.Error("an import into it finds nothing")
	}
}
