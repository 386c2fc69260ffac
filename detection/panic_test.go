package detection_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

// brokenModel is a dataset of all events that panics at some of them.
type brokenModel struct{ bad func(spl.Event) bool }

func (brokenModel) Name() string   { return "Broken.Set" }
func (brokenModel) Prefix() string { return "Set." }

func (m brokenModel) Has(e spl.Event) bool {
	if m.bad(e) {
		panic("the rule is broken")
	}
	return true
}

func (brokenModel) Get(e spl.Event, field string) (string, bool) { return e.Get(field) }

// brokenRule is a rule with a search over brokenModel, as Broken.Set.
func brokenRule(t *testing.T, id, search string, bad func(spl.Event) bool) *detection.Rule {
	t.Helper()
	env := detection.Env(detection.BuiltInMacros(), nil)
	env.Whole = true
	env.Models = func(string) (spl.Model, bool) { return brokenModel{bad}, true }
	p, err := env.Compile(search)
	if err != nil {
		t.Fatal(err)
	}
	r := *seed(t)
	r.ID, r.Name = id, id
	r.SetPlan(p)
	return &r
}

// panics has a database, some rules in it, and what is imported.
type panics struct {
	t     *testing.T
	store *db.DB
	rules *detection.Rules
}

func (p *panics) use(rules ...*detection.Rule) {
	p.t.Helper()
	p.rules = detection.NewRules(rules)
	if err := p.store.AdoptRules(p.t.Context(), p.rules, importer.Decoder{}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *panics) bring(hosts ...string) intake.Import {
	p.t.Helper()
	var log []byte
	for i, h := range hosts {
		r := logwriter.IISChange(logwriter.Change{Path: "/a", Edit: logwriter.EditAdd})
		r.Computer, r.RecordNumber, r.Time = h, int64(i+1), time.Date(2026, 3, 2, 12, 0, i, 0, time.UTC)
		log = append(logwriter.AppendNXLog(log, &r, nil), '\n')
	}
	im := importer.New(p.store, func() *detection.Rules { return p.rules }, importer.NewSpool(p.store.Path()))
	f, err := im.Spool().Keep(p.t.Context(), bytes.NewReader(log), 0)
	if err != nil {
		p.t.Fatal(err)
	}
	id, err := im.Admit(p.t.Context(), intake.Import{Name: "a", Path: f.Path, SHA256: f.SHA256, Size: f.Size, Zone: "UTC"})
	if err != nil {
		p.t.Fatal(err)
	}
	i, err := im.Run(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return i
}

// settled runs what is behind, and says what came of each rule.
func (p *panics) settled() map[string]store.RuleStats {
	p.t.Helper()
	for {
		left, err := p.store.CatchUp(p.t.Context(), 100)
		if err != nil {
			p.t.Fatal(err)
		}
		if left.Rules == 0 {
			break
		}
	}
	for {
		left, err := p.store.RunWindows(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if !left.Tried {
			break
		}
	}
	stats, err := p.store.RuleStats(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return stats
}

// TestPanicOfARule: a rule that panics at an event, as it is imported or later, or at a
// window, does not decide these and finds the others; the import is done, and so is what
// other rules find.
func TestPanicOfARule(t *testing.T) {
	kept, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	p := &panics{t: t, store: kept}
	const each = "| tstats count min(_time) as firstTime max(_time) as lastTime from datamodel=Broken.Set by Set.ComputerName " +
		"| rename Set.ComputerName as dest"
	const whole = each + " | join dest [search EventCode=29 | stats count by ComputerName | rename ComputerName as dest]"
	atWeb02 := func(e spl.Event) bool { h, _ := e.Get("ComputerName"); return h == "web02" }
	iis := seed(t)
	early, windows := brokenRule(t, "early", each, atWeb02), brokenRule(t, "windows", whole, atWeb02)
	if early.Plan().Whole() || !windows.Plan().Whole() {
		t.Fatal("the rules are not of the kinds that they are to be of")
	}
	p.use(iis, early, windows)
	if i := p.bring("web01", "web02", "web03"); i.Status != intake.Done || i.New != 3 {
		t.Fatalf("the import: %s, %q, %+v", i.Status, i.Reason, i.Counts)
	}
	late := brokenRule(t, "late", each, atWeb02)
	p.use(iis, early, windows, late)
	stats := p.settled()
	for id, want := range map[string][3]int64{iis.ID: {3, 0, 0}, "early": {2, 1, 0}, "late": {2, 1, 0},
		"windows": {0, 0, 1}} {
		s := stats[id]
		if got := [3]int64{s.Findings, s.Undecided.Events, s.Undecided.Windows}; got != want {
			t.Errorf("%s: findings, events and windows that are not decided %v, want %v", id, got, want)
		}
	}
	for _, r := range []*detection.Rule{early, late, windows} {
		if f := r.Panic(); f == nil || f.Value != "the rule is broken" || !strings.Contains(f.Stack, "brokenModel") ||
			r.ID != "windows" && f.At != `the event 2 of "Microsoft-IIS-Configuration/Operational" on "web02"` {
			t.Errorf("%s failed at %+v", r.ID, f)
		}
	}
	if iis.Panic() != nil {
		t.Error("a rule is said to have failed that did not")
	}
}
