package db_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/importer"
	"escutcheon/store"
)

// ledgerOfRisk is a database of random risk events and a list of the same.
type ledgerOfRisk struct {
	*shelf
	r      *rand.Rand
	clock  int64
	rules  []string
	set    risk.Settings
	scorer risk.Scorer
	told   map[int]*toldRisk // by the finding's id
	next   int
}

// toldRisk is a finding with one risk event of a host and a user.
type toldRisk struct {
	name, rule string
	suppressed bool
	score      int
	at         int64
}

func newLedgerOfRisk(t *testing.T, seed uint64) *ledgerOfRisk {
	l := &ledgerOfRisk{r: rand.New(rand.NewPCG(seed, 4)), clock: 1_700_000_000, set: risk.Default(),
		told: map[int]*toldRisk{}}
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := db.Open(ctx, path, func() time.Time { return time.Unix(l.clock, 0) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	l.shelf = &shelf{DB: d, t: t, q: raw(t, path)}
	l.q.SetMaxOpenConns(1)
	l.do(`PRAGMA busy_timeout = 60000; PRAGMA synchronous = OFF`)
	all, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	rules := detection.NewRules(all)
	if err := d.UseRules(ctx, rules, importer.Decoder{}); err != nil {
		t.Fatal(err)
	}
	l.scorer.Rule = rules.Find
	for _, r := range all[:5] {
		l.rules = append(l.rules, r.ID)
	}
	for n := range 6 {
		l.host(fmt.Sprintf("web%d", n), l.clock)
	}
	return l
}

// change does something to the risk events: as an import does, a deletion, a
// filter.
func (l *ledgerOfRisk) change() {
	l.t.Helper()
	for range 1 + l.r.IntN(20) {
		some := make([]int, 0, len(l.told))
		for id := range l.told {
			some = append(some, id)
		}
		slices.Sort(some)
		switch n := l.r.IntN(10); {
		case n < 7 || len(some) == 0:
			l.add()
		case n < 9:
			id := some[l.r.IntN(len(some))]
			if l.r.IntN(2) == 0 { // the newest of its object
				for _, other := range some {
					if l.told[other].name == l.told[id].name && l.told[other].at > l.told[id].at {
						id = other
					}
				}
			}
			delete(l.told, id)
			l.do(`DELETE FROM risk_event WHERE finding_id = ?`, id)
			l.do(`DELETE FROM finding WHERE id = ?`, id)
		default:
			f := l.told[some[l.r.IntN(len(some))]]
			f.suppressed = !f.suppressed
			l.do(`UPDATE finding SET verdict = ? WHERE id = ?`, f.suppressed, some[slices.Index(some, l.idOf(f))])
		}
	}
}

func (l *ledgerOfRisk) idOf(f *toldRisk) int {
	for id, o := range l.told {
		if o == f {
			return id
		}
	}
	return 0
}

// add puts findings there that come one after another, each with risk for a host
// and a user of that name: of seconds that are near each other, near the ends of
// periods, or anywhere.
func (l *ledgerOfRisk) add() {
	ages := []int64{0, 1, 3600, risk.Period, risk.Period, risk.Period + 1, risk.Lookback, -7200}
	at := l.clock - ages[l.r.IntN(len(ages))] + (l.r.Int64N(5)-2)*400
	if l.r.IntN(4) == 0 {
		at = l.clock - l.r.Int64N(40*24*3600)
	}
	name, rule := fmt.Sprintf("web%d", l.r.IntN(7)), l.rules[l.r.IntN(len(l.rules))]
	for range 1 + l.r.IntN(3) {
		l.next++
		f := &toldRisk{name: name, rule: rule, score: 10 * l.r.IntN(12), at: at, suppressed: l.r.IntN(8) == 0}
		l.told[l.next] = f
		l.do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?, ?, ?, ?, '[]', '', '["x"]', '', ?, 1, ?, ?, 0)`, l.next, fmt.Sprint("key", l.next), f.rule, f.name,
			f.suppressed, at, at)
		for _, kind := range []string{"system", "user"} {
			l.do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
				VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)`, l.next, detection.WindowOf(at).Start, kind, f.name, f.rule, f.score,
				message(l.next), at)
		}
		at += l.r.Int64N(900)
	}
}

// message is what a finding's risk events say.
func message(id int) string { return []string{"m", "m", "m", "n"}[id%4] }

// want is the view of an object by the risk events themselves.
func (l *ledgerOfRisk) want(name, rule string, asOf *int64, now int64) (risk.View, risk.AsOfKind) {
	var past, newest *int64
	var events []detection.RiskEvent
	for _, f := range l.told {
		if f.name != name || f.suppressed || rule != "" && f.rule != rule {
			continue
		}
		if newest == nil || f.at > *newest {
			newest = &f.at
		}
		if f.at <= now && (past == nil || f.at > *past) {
			past = &f.at
		}
	}
	at, kind := risk.AsOf(asOf, now, past, newest)
	for id, f := range l.told {
		if f.name == name && !f.suppressed && (rule == "" || f.rule == rule) && f.at > at-risk.Lookback && f.at <= at {
			events = append(events, detection.RiskEvent{RuleID: f.rule, RiskObject: name, Score: f.score, Time: f.at,
				WindowStart: detection.WindowOf(f.at).Start, Message: message(id)})
		}
	}
	l.scorer.Settings = l.set
	return l.scorer.View(events, at), kind
}

// agree compares lists and single objects with the risk events.
func (l *ledgerOfRisk) agree(rule string, asOf *int64, now int64, severity string) {
	t := l.t
	t.Helper()
	what := fmt.Sprintf("rule %.4s, as of %v, now %+d, severity %q", rule, asOf, now-l.clock, severity)
	f := store.HostFilter{Rule: rule, AsOf: asOf, Now: now, Severity: severity}
	type row struct {
		name       string
		score, n   int64
		id, asOf   int64
		kind       risk.AsOfKind
		suppressed int64
		findings   int64
	}
	var want []row
	var sum store.HostSummary
	for n := range 6 {
		name := fmt.Sprintf("web%d", n)
		v, kind := l.want(name, rule, asOf, now)
		if severity != "" && v.Severity().String() != severity {
			continue
		}
		r := row{name: name, score: int64(v.Score), n: int64(v.Count), id: int64(n + 1), asOf: v.AsOf, kind: kind}
		for _, f := range l.told {
			if f.name == name && (rule == "" || f.rule == rule) {
				r.findings++
				if f.suppressed {
					r.suppressed++
				}
			}
		}
		want = append(want, r)
		sum.Hosts++
		sum.Top = max(sum.Top, r.score)
		if r.score > 0 {
			sum.Risky++
		}
		if kind == risk.Newest {
			sum.Newest++
		}
	}
	orders := map[string]func(a, b row) int{
		"":         func(a, b row) int { return cmp.Compare(b.score, a.score) },
		"findings": func(a, b row) int { return cmp.Compare(b.findings, a.findings) },
		"dest":     func(a, b row) int { return cmp.Compare(b.name, a.name) },
		"last":     func(a, b row) int { return 0 }, // they are all of one second
	}
	sort := []string{"findings", "dest", "last"}[l.r.IntN(3)]
	for by, asc := range map[string]bool{"": l.r.IntN(2) == 0, sort: l.r.IntN(2) == 0} {
		slices.SortFunc(want, func(a, b row) int {
			c := cmp.Or(orders[by](a, b), cmp.Compare(b.id, a.id))
			if asc {
				c = -c
			}
			return c
		})
		var names []string
		for _, r := range want {
			names = append(names, r.name)
		}
		got := walk(l.t.(*testing.T), func(p store.Page) ([]store.Host, store.Cursors, error) {
			hosts, c, err := l.Hosts(ctx, f, p)
			for _, h := range hosts {
				i := slices.IndexFunc(want, func(r row) bool { return r.name == h.Dest })
				if g := (row{h.Dest, h.Score, h.RiskEvents, h.ID, h.AsOf, h.AsOfKind, h.Suppressed, h.Findings}); i < 0 ||
					g != want[i] {
					t.Fatalf("%s: %+v is not in %+v", what, g, want)
				}
			}
			return hosts, c, err
		}, store.Page{Sort: by, Asc: asc, Limit: 2}, func(h store.Host) string { return h.Dest })
		if !slices.Equal(got, names) {
			t.Fatalf("%s: %v, want %v", what, got, names)
		}
	}
	if got, err := l.SummarizeHosts(ctx, f); err != nil || got != sum {
		t.Fatalf("%s: %+v, %v; want %+v", what, got, err, sum)
	}
	l.users(what, asOf, now)
	for _, kind := range []string{"system", "user"} {
		names := []string{"web0", "web3", "web6", "nobody"}
		risks, err := l.RisksOf(ctx, store.RiskOf{Type: kind, Rule: rule, AsOf: asOf, Now: now}, names)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range risks {
			v, k := l.want(names[i], rule, asOf, now)
			gotRow, _ := r.Row()
			wantRow, _ := v.Row()
			if r.AsOf != v.AsOf || r.AsOfKind != k || r.Score != v.Score || r.Count != v.Count || r.Rules() != v.Rules() ||
				!slices.Equal(r.Steps, v.Steps) || !slices.Equal(r.Incidents, v.Incidents) ||
				fmt.Sprint(gotRow) != fmt.Sprint(wantRow) {
				t.Fatalf("%s: %s %s\n got %+v %v\nwant %+v %v", what, kind, names[i], r, gotRow, v, wantRow)
			}
		}
	}
}

// users compares the list of users with the risk events.
func (l *ledgerOfRisk) users(what string, asOf *int64, now int64) {
	l.t.Helper()
	want := map[string]store.Object{}
	for _, f := range l.told {
		if f.suppressed {
			continue
		}
		o, ok := want[f.name]
		if !ok {
			v, kind := l.want(f.name, "", asOf, now)
			o = store.Object{Name: f.name, Score: int64(v.Score), RiskEvents: int64(v.Count), Rules: int64(v.Rules()),
				AsOf: v.AsOf, AsOfKind: kind, First: f.at, Last: f.at}
		}
		o.First, o.Last, o.Findings = min(o.First, f.at), max(o.Last, f.at), o.Findings+1
		want[f.name] = o
	}
	f := store.ObjectFilter{Type: "user", AsOf: asOf, Now: now}
	got, _, err := l.Objects(ctx, f, store.Page{Limit: 20})
	if err != nil || len(got) != len(want) {
		l.t.Fatalf("%s: %d users, %v; want %d", what, len(got), err, len(want))
	}
	var sum store.ObjectSummary
	for _, o := range got {
		if o != want[o.Name] {
			l.t.Fatalf("%s:\n got %+v\nwant %+v", what, o, want[o.Name])
		}
		sum.Objects, sum.Top = sum.Objects+1, max(sum.Top, o.Score)
		if o.Score > 0 {
			sum.Risky++
		}
		one, err := l.ObjectByName(ctx, store.ObjectFilter{Type: "user", Name: o.Name, AsOf: asOf, Now: now})
		found, _, ferr := l.FindingsOfObject(ctx, store.ObjectName{Type: "user", Name: o.Name}, o.AsOf-risk.Period, o.AsOf,
			store.Page{Limit: 1000})
		o.Recent = int64(len(found))
		if err != nil || ferr != nil || one != o {
			l.t.Fatalf("%s:\n got %+v, %v, %v\nwant %+v", what, one, err, ferr, o)
		}
	}
	if got, err := l.SummarizeObjects(ctx, f); err != nil || got != sum {
		l.t.Fatalf("%s: %+v, %v; want %+v", what, got, err, sum)
	}
}

// TestAggregate: what lists and pages show of risk is what the risk events come
// to, whatever happened to these, whether the aggregate is up to date or behind,
// at any moment.
func TestAggregate(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		l := newLedgerOfRisk(t, seed)
		for range 8 {
			l.change()
			switch l.r.IntN(5) {
			case 0: // not brought up to date
			case 1:
				l.set = risk.Settings{Medium: 50 + l.r.IntN(50), High: 150, Critical: 200 + l.r.IntN(300),
					Tactics: 1 + l.r.IntN(3), Rules: 1 + l.r.IntN(4), CapPerRule: l.r.IntN(2) == 0}
				if err := l.KeepSettings(ctx, l.set); err != nil {
					t.Fatal(err)
				}
			default:
				if err := l.RefreshRisk(ctx); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				l.clock += []int64{0, 1, 1800, 3600, risk.Period, risk.Period - 1, -risk.Period, 24 * 3600}[l.r.IntN(8)]
				var asOf *int64
				if l.r.IntN(3) == 0 {
					at := l.clock - l.r.Int64N(30*24*3600)
					for _, f := range l.told {
						if l.r.IntN(4) > 0 { // it divides the hour of a risk event
							at = f.at + []int64{0, -1, 1, 300, risk.Period, risk.Period - 300, risk.Lookback}[l.r.IntN(7)]
						}
						break
					}
					asOf = &at
				}
				l.agree(append(l.rules, "", "")[l.r.IntN(7)], asOf, l.clock,
					[]string{"", "", "none", "low", "medium", "high", "critical"}[l.r.IntN(7)])
			}
		}
	}
}
