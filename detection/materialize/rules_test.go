package materialize_test

import (
	"errors"
	"fmt"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
)

// at are the cursors, by rule.
func at(w *mt.World) map[string]int64 {
	w.T.Helper()
	out := map[string]int64{}
	read(w, func(tx materialize.Tx) error {
		all, err := tx.Cursors()
		for _, c := range all {
			out[c.RuleID] = c.At
		}
		return err
	})
	return out
}

// TestAdopt: a rule that comes begins before the first event; one that goes
// leaves nothing; one that is as it was stays.
func TestAdopt(t *testing.T) {
	a, b := rule(t, "stats"), rule(t, "table")
	w := world(t)
	if !w.Use(a) || w.Use(a) {
		t.Error("putting a rule into force changes something once")
	}
	equal(t, "nothing is stored", at(w), map[string]int64{"stats": materialize.Ran})
	w.Add(mt.Change("web01", hour, "a"), mt.Change("", hour, "a"))
	if !w.Use(a, b) {
		t.Error("another rule changed nothing")
	}
	equal(t, "behind", at(w), map[string]int64{"stats": materialize.Ran, "table": 0})
	if f := finding(w, a, "web01"); f == nil {
		t.Error("the rule that stayed lost its finding")
	}
	if !w.Use(b) {
		t.Error("a rule that went changed nothing")
	}
	equal(t, "gone", at(w), map[string]int64{"table": 0})
	lacks, err := w.Store.Lacks()
	if f := finding(w, a, "web01"); f != nil || err != nil || len(lacks) != 0 {
		t.Errorf("the rule that is gone left %v, %v, %v", f, lacks, err)
	}
	w.CatchUp(5)
	other := mt.Rule(t, "table", mt.Searches["table"]+" | where dest=\"web09\"", "")
	if !w.Use(other) {
		t.Error("another search changed nothing")
	}
	equal(t, "another search begins anew", at(w), map[string]int64{"table": 0})
	if f := finding(w, other, fmt.Sprint(hour), "web01", "a", ""); f != nil {
		t.Error("what the search found before is still there")
	}
}

// TestAdoptAndCatchUp: what was put into force can run in the same transaction.
func TestAdoptAndCatchUp(t *testing.T) {
	w := world(t)
	w.Add(mt.Change("web01", hour, "a"))
	r := rule(t, "stats")
	w.Rules = detection.NewRules([]*detection.Rule{r})
	w.Do(func(c *materialize.Cascade) error {
		if _, err := c.Adopt(); err != nil {
			return err
		}
		return c.CatchUp(5)
	})
	equal(t, "found", sum(&finding(w, r, "web01").Part), "1 from 0 to 0")
	equal(t, "cursor", at(w), map[string]int64{"stats": 1})
}

// TestRefilter: another filter makes rows and risk anew from what is stored,
// and runs over no event; the cursor stays.
func TestRefilter(t *testing.T) {
	for _, id := range []string{"stats", "eventstats", "made"} {
		t.Run(id, func(t *testing.T) {
			r, filtered := rule(t, id), mt.Rule(t, id, mt.Searches[id], `NOT dest="web01*"`)
			w := world(t, r)
			for i := range int64(4) {
				w.Add(mt.Change("web01", hour+i, "a"), mt.Change("web02", hour+i, "b"))
			}
			log, before, shown := w.Log, w.Dump(), risk(w, r, nil)
			w.Log = mt.Log{}
			if !w.Use(filtered) {
				t.Error("another filter changed nothing")
			}
			by := map[string][]string{"stats": {"web01"}, "eventstats": {"web01", "a"}, "made": {"a"}}[id]
			if f := finding(w, filtered, by...); f == nil || f.Verdict != spl.Aside {
				t.Errorf("filtered: %+v, want it suppressed", f)
			}
			if now := risk(w, filtered, nil); len(now) != len(shown)/2 || len(now) == 0 {
				t.Errorf("risk %q of %q, want half of it", now, shown)
			}
			equal(t, "cursor", at(w)[id], int64(materialize.Ran))
			w.Log = log
			w.Add(mt.Change("web01", hour+3600, "a"))
			asFresh(t, w)
			w.Vanish(w.Last)
			w.Log = mt.Log{}
			w.Use(r)
			if now := w.Dump(); now != before {
				t.Errorf("without the filter\n%s\nwant\n%s", now, before)
			}
			if w.Use(r) {
				t.Error("the same filter changed something")
			}
		})
	}
}

// TestCatchUp: rules that are behind run over so many events at a time, those
// furthest behind first, and no event twice.
func TestCatchUp(t *testing.T) {
	a, b := rule(t, "stats"), rule(t, "table")
	w := world(t)
	for i := range int64(5) {
		w.Add(mt.Change("web01", hour+i, "a"))
	}
	w.Use(a)
	w.CatchUp(2)
	equal(t, "two", sum(&finding(w, a, "web01").Part), "2 from 0 to 1")
	w.Use(a, b)
	equal(t, "b is behind a", at(w), map[string]int64{"stats": 2, "table": 0})
	w.Add(mt.Change("web01", hour+5, "a")) // which both will come to
	w.Change(1, mt.Change("web02", hour, "a"))
	equal(t, "a ran over the first", sum(&finding(w, a, "web02").Part), "1 from 0 to 0")
	w.Change(4, mt.Change("web03", hour+3, "a"))
	if finding(w, a, "web03") != nil {
		t.Error("a has not come to the fourth event")
	}
	w.CatchUp(1)
	w.CatchUp(1)
	equal(t, "level", at(w), map[string]int64{"stats": 2, "table": 2})
	w.CatchUp(3)
	equal(t, "together", at(w), map[string]int64{"stats": 5, "table": 5})
	w.CatchUp(3)
	equal(t, "the last one", at(w), map[string]int64{"stats": 6, "table": 6})
	w.CatchUp(3)
	equal(t, "all", at(w), map[string]int64{"stats": materialize.Ran, "table": materialize.Ran})
	before := w.Dump()
	w.CatchUp(3)
	equal(t, "nothing is left to do", w.Dump(), before)
	asFresh(t, w)
}

// failing is a transaction whose n-th call fails.
type failing struct {
	materialize.Tx
	left *int
}

var errBroken = errors.New("broken")

func (f failing) fails() bool { *f.left--; return *f.left == 0 }

// The calls that a cascade makes.
func (f failing) Finding(r *detection.Rule, k string) (*materialize.Finding, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Finding(r, k)
}
func (f failing) Findings(r *detection.Rule) ([]*materialize.Finding, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Findings(r)
}
func (f failing) Window(r *detection.Rule, k string, s int64) (*materialize.Part, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Window(r, k, s)
}
func (f failing) Windows(r *detection.Rule, k string) ([]materialize.Window, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Windows(r, k)
}
func (f failing) Run(r *detection.Rule, s int64) ([]*materialize.Finding, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Run(r, s)
}
func (f failing) Members(r *detection.Rule, k string, s int64) ([]int64, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Members(r, k, s)
}
func (f failing) Told(r *detection.Rule, k string) ([]materialize.Place, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Told(r, k)
}
func (f failing) Places(e int64) ([]materialize.Place, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Places(e)
}
func (f failing) Behind() (map[string]int64, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Behind()
}
func (f failing) Cursors() ([]materialize.Cursor, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.Cursors()
}
func (f failing) or(do func() error) error {
	if f.fails() {
		return errBroken
	}
	return do()
}
func (f failing) PutFinding(x *materialize.Finding) error {
	return f.or(func() error { return f.Tx.PutFinding(x) })
}
func (f failing) DeleteFinding(r *detection.Rule, k string) error {
	return f.or(func() error { return f.Tx.DeleteFinding(r, k) })
}
func (f failing) Forget(id string, most int) (n int, err error) {
	err = f.or(func() (err error) {
		n, err = f.Tx.Forget(id, most)
		return err
	})
	return n, err
}
func (f failing) FindingsAfter(r *detection.Rule, k string, most int) ([]*materialize.Finding, error) {
	if f.fails() {
		return nil, errBroken
	}
	return f.Tx.FindingsAfter(r, k, most)
}
func (f failing) PutWindow(r *detection.Rule, k string, x materialize.Window) error {
	return f.or(func() error { return f.Tx.PutWindow(r, k, x) })
}
func (f failing) DeleteWindow(r *detection.Rule, k string, s int64) error {
	return f.or(func() error { return f.Tx.DeleteWindow(r, k, s) })
}
func (f failing) AddMembers(r *detection.Rule, k string, m []materialize.Member) error {
	return f.or(func() error { return f.Tx.AddMembers(r, k, m) })
}
func (f failing) DeleteMember(r *detection.Rule, k string, m materialize.Member) error {
	return f.or(func() error { return f.Tx.DeleteMember(r, k, m) })
}
func (f failing) PoolMembers(r *detection.Rule, k string, g []string) error {
	return f.or(func() error { return f.Tx.PoolMembers(r, k, g) })
}
func (f failing) PutRisk(r *detection.Rule, k string, s int64, e []detection.RiskEvent, h []detection.Threat) error {
	return f.or(func() error { return f.Tx.PutRisk(r, k, s, e, h) })
}
func (f failing) DeleteRisk(r *detection.Rule, k string, s int64) error {
	return f.or(func() error { return f.Tx.DeleteRisk(r, k, s) })
}
func (f failing) PutLack(l materialize.Lack) error {
	return f.or(func() error { return f.Tx.PutLack(l) })
}
func (f failing) DeleteLack(id string, e int64) error {
	return f.or(func() error { return f.Tx.DeleteLack(id, e) })
}
func (f failing) PutCursor(c materialize.Cursor) error {
	return f.or(func() error { return f.Tx.PutCursor(c) })
}
func (f failing) DeleteCursor(id string) error {
	return f.or(func() error { return f.Tx.DeleteCursor(id) })
}

// TestFailing: whichever call of the store fails, the cascade says so: nothing
// goes on as if it had been done.
func TestFailing(t *testing.T) {
	stats, top, gone := rule(t, "stats"), rule(t, "top"), rule(t, "table")
	filtered := mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="web09"`)
	filteredTop := mt.Rule(t, "top", mt.Searches["top"], `NOT dest="web09"`)
	for n := 1; ; n++ {
		w := world(t, stats, top, gone)
		w.Add(mt.Change("web01", hour, "a"), mt.Change("web01", hour, "b"), mt.Change("web02", hour+3600, "c"),
			mt.Change("web02", hour+3600, "d"), mt.Change("", hour, "e"))
		w.Use(stats, top, gone)
		left := n
		err := w.Store.Write(func(tx materialize.Tx) error {
			return everything(w, failing{tx, &left}, filtered,
				filteredTop)
		})
		if left > 0 {
			if err != nil || n < 50 {
				t.Fatalf("%d calls, then %v", n-left, err)
			}
			return
		}
		if !errors.Is(err, errBroken) {
			t.Fatalf("call %d failed, and the cascade said %v", n, err)
		}
	}
}

// everything does all that a cascade can.
func everything(w *mt.World, tx materialize.Tx, next ...*detection.Rule) error {
	c, err := materialize.New(tx, w.Log, w.Rules)
	if err != nil {
		return err
	}
	err = errors.Join(w.AddIn(c, mt.Change("web01", hour, "a"), mt.Change("web03", hour, "d"), mt.Change("", hour, "x")),
		w.ChangeIn(c, 2, nil), w.ChangeIn(c, 5, mt.Change("web01", hour, "d")), c.Vanished(3), c.Vanished(4))
	if err != nil {
		return err
	}
	delete(w.Log, 3)
	delete(w.Log, 4)
	if err := c.Settle(); err != nil {
		return err
	}
	w.Rules = detection.NewRules(append(next, rule(w.T, "made")))
	if c, err = materialize.New(tx, w.Log, w.Rules); err != nil {
		return err
	}
	if _, err := c.Adopt(); err != nil {
		return err
	}
	return c.CatchUp(100)
}
