package importer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/export"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

// bench is a fresh database with an importer.
type bench struct {
	t     testing.TB
	store *db.DB
	rules []*detection.Rule
	set   func() *detection.Rules
	spool *importer.Spool
	im    *importer.Importer
	batch int // records of a batch, 0: the usual number
	step  int // events that rules catch up with at once
}

func newBench(t testing.TB) *bench {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	store, err := db.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	spool := importer.NewSpool(store.Path())
	b := &bench{t: t, store: store, spool: spool, step: 500}
	b.use(rules[:1])
	return b
}

// newFullBench is a bench with all rules that are built in.
func newFullBench(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	b.use(rules)
	return b
}

// use makes the rules those that run, and runs them over what is stored.
func (b *bench) use(rules []*detection.Rule) {
	b.t.Helper()
	set := detection.NewRules(rules)
	b.rules, b.set = rules, func() *detection.Rules { return set }
	if err := b.store.UseRules(context.Background(), set, importer.Decoder{}); err != nil {
		b.t.Fatal(err)
	}
	b.im = b.over(b.store, b.batch)
	b.catchUp()
}

// over is an importer into a store, with so many records in a batch.
func (b *bench) over(store importer.Store, batch int) *importer.Importer {
	im := importer.New(store, b.set, b.spool)
	im.Batch = batch
	return im
}

// rebuild makes everything that rests on the events anew: without rules nothing
// does.
func (b *bench) rebuild() {
	b.t.Helper()
	for _, rules := range []*detection.Rules{detection.NewRules(nil), b.set()} {
		if err := b.store.UseRules(context.Background(), rules, importer.Decoder{}); err != nil {
			b.t.Fatal(err)
		}
	}
	b.catchUp()
}

// catchUp runs the rules over what is stored.
func (b *bench) catchUp() {
	b.t.Helper()
	for {
		left, err := b.store.CatchUp(context.Background(), b.step)
		if err != nil {
			b.t.Fatal(err)
		}
		if left.Rules == 0 {
			return
		}
	}
}

// add imports bytes as a file and returns the import as it ended.
func (b *bench) add(name string, data []byte, like intake.Import) intake.Import {
	b.t.Helper()
	ctx := context.Background()
	kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		b.t.Fatal(err)
	}
	if like.Zone == "" {
		like.Zone = "UTC"
	}
	like.Name, like.Source, like.Path, like.SHA256, like.Size = name, intake.Upload, kept.Path, kept.SHA256, kept.Size
	id, err := b.im.Admit(ctx, like)
	if err != nil {
		b.t.Fatal(err)
	}
	i, err := b.im.Run(ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := os.Stat(kept.Path); !os.IsNotExist(err) {
		b.t.Errorf("%s: its copy in the spool is still there", name)
	}
	return i
}

func (b *bench) findings() string {
	b.t.Helper()
	var out strings.Builder
	r := detection.Find(b.rules, detection.SeedID)
	if err := export.FindingsCSV(context.Background(), &out, b.store, r, store.FindingFilter{Rule: r.ID}); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

func (b *bench) risk() string {
	b.t.Helper()
	var out strings.Builder
	if err := export.RiskCSV(context.Background(), &out, b.store,
		store.HostFilter{Rule: detection.SeedID, Now: 1e9}); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

func shared(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", name))
	if err != nil {
		t.Skipf("the reference material is not beside the project: %v", err)
	}
	return data
}

func TestAcceptance(t *testing.T) {
	want := cells(t, string(shared(t, "acceptance/findings.csv")))
	utc := []string{"text.log", "xml-oneline.xml", "xml-wrapped-rendered-utf16.xml", "nxlog.ndjson",
		"winlogbeat.ndjson.gz"}
	for _, name := range append(utc, "text-kolkata.log") {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			zone := ""
			if name == "text-kolkata.log" {
				zone = "Asia/Kolkata"
			}
			for n, wantNew := range []int64{242, 0} {
				i := b.add(name, shared(t, "acceptance/"+name), intake.Import{Zone: zone})
				if i.Status != intake.Done || i.Read != 251 || i.New != wantNew || i.Duplicate != 251-wantNew || i.Rejected != 0 {
					t.Errorf("import %d: %s %q, read %d, new %d, duplicate %d, rejected %d", n, i.Status, i.Reason, i.Read, i.New,
						i.Duplicate, i.Rejected)
				}
				if got := cells(t, b.findings()); got != want {
					t.Errorf("import %d: findings differ:\n%s", n, firstDifference(got, want))
				}
				checkRisk(t, b)
			}
		})
	}
	t.Run("all five", func(t *testing.T) {
		b := newBench(t)
		for _, name := range utc {
			b.add(name, shared(t, "acceptance/"+name), intake.Import{})
		}
		if got := cells(t, b.findings()); got != want {
			t.Errorf("findings differ:\n%s", firstDifference(got, want))
		}
		checkRisk(t, b)
		lost, err := b.store.UnattributedOf(context.Background(), detection.SeedID, "")
		if err != nil || len(lost) != 1 || lost[0] != (store.Unattributed{Missing: "OpCode", Count: 4}) {
			t.Errorf("unattributed %v, %v; want 4 without OpCode", lost, err)
		}
	})
}

// checkRisk compares the first five columns with the reference.
func checkRisk(t *testing.T, b *bench) {
	t.Helper()
	want := cells(t, string(shared(t, "acceptance/risk.csv")))
	var got []string
	for line := range strings.SplitSeq(cells(t, b.risk()), "\r\n") {
		got = append(got, strings.Join(strings.SplitN(line, "\t", 6)[:5], "\t"))
	}
	if got := strings.Join(got, "\r\n"); got != want {
		t.Errorf("risk\n%s\nwant\n%s", got, want)
	}
}

// cells reads a table and gives its cells, however they were quoted: a tab between two, a line each.
func cells(t *testing.T, table string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, table)
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.Join(row, "\t")
	}
	return strings.Join(lines, "\r\n")
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\r\n"), strings.Split(want, "\r\n")
	for i := range max(len(g), len(w)) {
		a, b := "(nothing)", "(nothing)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return "got  " + a + "\nwant " + b
		}
	}
	return "none"
}
