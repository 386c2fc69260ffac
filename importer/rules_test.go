package importer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/store"
)

// rule is a rule of a search, with risk for dest.
func rule(t testing.TB, id, search string) *detection.Rule {
	t.Helper()
	text := fmt.Sprintf(
		"name: Rule %s\nid: %s\nversion: 1\ntype: TTP\nsearch: %q\nrba:\n  message: something on $dest$\n  risk_objects:\n  - field: dest\n    type: system\n    score: 40\n", id, id, search)
	r, err := detection.Load([]byte(text), detection.BuiltInMacros())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// searches are of every kind: by row, with and without stats, and of all rows
// together.
var searches = map[string]string{
	"a": "`iis_operational_logs` EventCode=29 | stats count min(_time) as firstTime max(_time) as lastTime values(Message) as messages by ComputerName | rename ComputerName as dest",
	"b": "`iis_operational_logs` | eval kind=if(EventCode=29, \"change\", \"other\") | stats count dc(Message) as m by kind ComputerName | where count > 2 | rename ComputerName as dest",
	"c": "EventCode=29 | table _time ComputerName Message | rename ComputerName as dest",
	"d": "EventCode=29 | stats count by ComputerName Message | eventstats sum(count) as total by ComputerName " +
		"| where total > 5 | rename ComputerName as dest",
	"e": "EventCode=29 | stats count by ComputerName Message | sort - count Message | head 4 " +
		"| rename ComputerName as dest",
	"f": "EventCode=29 | stats count by ComputerName Message | stats sum(count) as count values(ComputerName) as dest by Message",
	"g": "EventCode=29 | stats count by _time ComputerName | sort 0 _time | streamstats time_window=1d sum(count) as n " +
		"min(_time) as began by ComputerName | where n > 1 | stats max(n) as n min(began) as firstTime max(_time) as " +
		"lastTime values(ComputerName) as dest by ComputerName",
}

func allRules(t testing.TB) []*detection.Rule {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	rules = rules[:1]
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		rules = append(rules, rule(t, id, searches[id]))
	}
	return rules
}

// found is everything that the rules found, one line each.
func (b *bench) found() string {
	b.t.Helper()
	ctx := context.Background()
	var lines []string
	for f, err := range b.store.AllFindings(ctx, store.FindingFilter{Suppressed: true}) {
		if err != nil {
			b.t.Fatal(err)
		}
		refs, _, err := b.store.Events(ctx, store.EventFilter{Finding: f.Key}, store.Page{Limit: 1 << 20})
		if err != nil {
			b.t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %q %v %d %d %d %d events", f.RuleID, f.Key, f.Dest, f.Row, f.Suppressed,
			f.Count, f.First, f.Last, len(refs)))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n") + "\n" + b.dump()
}

func (b *bench) finds(what, want string) {
	b.t.Helper()
	if got := b.found(); got != want {
		b.t.Fatalf("%s differs:\n%s", what, firstDifference(strings.ReplaceAll(got, "\n", "\r\n"),
			strings.ReplaceAll(want, "\n", "\r\n")))
	}
}

// TestRulesChange adds, removes and changes rules while imports come and go, sets
// some aside, and stops half-way in running them over what is stored. In the end all
// is as if the rules had been there from the start.
func TestRulesChange(t *testing.T) {
	rules := allRules(t)
	for seed := range rounds(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 77))
			all := pieces(r, randomRecords(r, 50))
			kept := all[1:]
			start := newBench(t)
			start.use(rules)
			for _, p := range kept {
				start.add(p.name, p.data, p.like)
			}
			start.catchUp() // rows that are made of all events together
			want := start.found()
			for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				if !strings.Contains(want, "\n"+id+" ") && !strings.HasPrefix(want, id+" ") {
					t.Errorf("rule %s finds nothing", id)
				}
			}
			b := newBench(t)
			b.batch, b.step = 1+r.IntN(60), 1+r.IntN(40)
			gone := b.add(all[0].name, all[0].data, all[0].like)
			for _, p := range kept {
				switch r.IntN(3) {
				case 0:
					b.swap(some(r, rules))
				case 1:
					b.swap(rules)
				case 2: // a rule takes too much
					all := b.set().All()
					b.set().SetAside(all[r.IntN(len(all))])
				}
				for range r.IntN(4) {
					if _, err := b.store.CatchUp(ctx, b.step); err != nil {
						t.Fatal(err)
					}
				}
				b.add(p.name, p.data, p.like)
			}
			b.swap(rules)
			if err := b.store.DeleteImport(ctx, gone.ID); err != nil {
				t.Fatal(err)
			}
			b.catchUp()
			b.finds("rules that came and went", want)
			b.rebuild()
			b.finds("a rebuild", want)
		})
	}
}

// swap changes the rules without running them over what is stored.
func (b *bench) swap(rules []*detection.Rule) {
	b.t.Helper()
	set := detection.NewRules(rules)
	if err := b.store.UseRules(ctx, set, importer.Decoder{}); err != nil {
		b.t.Fatal(err)
	}
	b.set = func() *detection.Rules { return set }
	b.im = b.over(b.store, b.batch)
}

func some(r *rand.Rand, rules []*detection.Rule) (out []*detection.Rule) {
	for _, x := range rules {
		if r.IntN(2) == 0 {
			out = append(out, x)
		}
	}
	return out
}
