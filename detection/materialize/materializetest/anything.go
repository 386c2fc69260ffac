package materializetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/event"
)

// anything adds, changes and removes random events, and puts rules into force
// and out of it, or sets one aside, in any order and any partition into transactions,
// some of which are undone: in the end all is as if the events that are there had come
// at once.
func anything(t *testing.T, open func(t *testing.T) Store) {
	rounds := 12
	if testing.Short() {
		rounds = 5
	}
	var rules []ruleVersions
	for _, id := range slices.Sorted(maps.Keys(Searches)) {
		rules = append(rules, ruleVersions{Rule(t, id, Searches[id], ""), Rule(t, id, Searches[id], `NOT dest="web01"`),
			Rule(t, id, Searches[id], "where dest != \"web03\"")})
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 3))
			w := New(t, open(t), anyOf(r, rules)...)
			w.AtOnce = 1 + r.IntN(40)
			for range 12 + r.IntN(12) {
				w.Later = r.IntN(2) == 0
				randomStep(r, w, rules)
			}
			w.Use(anyOf(r, rules)...)
			for w.Behind() {
				w.CatchUp(1 + r.IntN(20))
			}
			for w.RunWindows(100) > 0 { // a window may make another one due
			}
			fresh := w.Fresh()
			for fresh.RunWindows(100) > 0 {
			}
			same(t, w.Dump(), fresh.Dump())
		})
	}
}

// ruleVersions are a rule with several filters.
type ruleVersions []*detection.Rule

// anyOf are all rules, each with one of its filters.
func anyOf(r *rand.Rand, rules []ruleVersions) (out []*detection.Rule) {
	for _, v := range rules {
		out = append(out, v[r.IntN(2)*r.IntN(len(v))])
	}
	return out
}

func same(t *testing.T, got, want string) {
	t.Helper()
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("line %d of %d: got\n%s\nwant, of %d,\n%s", i, len(a), line(a, i), len(b), line(b, i))
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// randomStep is one transaction.
func randomStep(r *rand.Rand, w *World, rules []ruleVersions) {
	switch r.IntN(11) {
	case 9, 10:
		w.RunWindows(1 + r.IntN(6))
	case 8:
		w.Undo(func(c *materialize.Cascade) error { return randomChanges(r, w, c) })
	case 0:
		w.Use(slices.DeleteFunc(anyOf(r, rules), func(*detection.Rule) bool { return r.IntN(3) == 0 })...)
	case 1:
		w.CatchUp(1 + r.IntN(10))
	case 2:
		if ids := slices.Sorted(maps.Keys(w.Log)); len(ids) > 0 {
			r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			w.Vanish(ids[:1+r.IntN(min(len(ids), 8))]...)
		}
	default:
		w.Do(func(c *materialize.Cascade) error { return randomChanges(r, w, c) })
	}
}

// randomChanges adds events, and changes and removes some, these among them.
func randomChanges(r *rand.Rand, w *World, c *materialize.Cascade) error {
	if r.IntN(3) > 0 {
		c.First = w.Last + 1
	}
	for range 1 + r.IntN(2) {
		var events []*event.Event
		for range r.IntN(6) {
			events = append(events, randomEvent(r))
		}
		if err := w.AddIn(c, events...); err != nil {
			return err
		}
		setAside(r, w)
	}
	for range r.IntN(5) {
		ids := slices.Sorted(maps.Keys(w.Log))
		if len(ids) == 0 {
			return nil
		}
		id := ids[r.IntN(len(ids))]
		var now *event.Event
		switch r.IntN(4) {
		case 0:
		case 1: // what no rule asks for
			one := *w.Log[id]
			one.Fields = append(slices.Clone(one.Fields), event.Field{Name: "Task", Value: "0"})
			now = &one
		default:
			now = randomEvent(r)
		}
		if err := w.ChangeIn(c, id, now); err != nil {
			return err
		}
	}
	return nil
}

// setAside has a random rule be set aside, or none any more.
func setAside(r *rand.Rand, w *World) {
	switch all := w.Rules.All(); {
	case r.IntN(4) == 0:
		w.Rules.Forgive()
	case r.IntN(3) == 0 && len(all) > 0:
		w.Rules.SetAside(all[r.IntN(len(all))])
	}
}

// randomEvent is one of few hosts, messages and hours, so that rows gain and
// lose and windows empty; some are at the edges of windows, some lack a field
// or are of no rule.
func randomEvent(r *rand.Rand) *event.Event {
	hosts := []string{"web01", "WEB01", "web02.", "web03", "few", ""}
	messages := []string{"add a", "add b", "remove a a", "add c", "x"}
	second := 1_764_000_000 + int64(r.IntN([]int{5, 5, 24}[r.IntN(3)]))*3600 + int64(r.IntN(3600))
	if r.IntN(3) == 0 {
		second = second/3600*3600 + 3000 + int64(r.IntN(3)) - 1
	}
	e := Change(hosts[r.IntN(len(hosts))], second, messages[r.IntN(len(messages))])
	e.Nanos += int64(r.IntN(2)) * 500_000_000
	switch r.IntN(12) {
	case 0:
		e = Other(second)
	case 1:
		e.HasTime = false
	}
	if r.IntN(4) > 0 {
		e = By([]string{"anna", "bert"}[r.IntN(2)], e)
	}
	return e
}
