package materialize_test

import (
	"fmt"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
)

// cruel takes more than it may for any finding of the suite's.
const cruel = `where match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "^(a|aa)+\\1b")`

// doubts counts what is not decided, by why.
func doubts(w *mt.World) map[spl.Doubt]int {
	out := map[spl.Doubt]int{}
	for _, d := range w.Store.(*mt.Memory).Doubts() {
		out[d.Why]++
	}
	return out
}

// filtering is whether a filter is yet to be run over what a rule found.
func filtering(w *mt.World) bool {
	open := false
	read(w, func(tx materialize.Tx) error {
		all, err := tx.Cursors()
		for _, c := range all {
			open = open || c.Filtered != ""
		}
		return err
	})
	return open
}

// TestCruelFilter: a filter that takes more than it may comes into force in
// transactions that each do a bounded part; in the end all findings are shown, and
// not decided, and another filter decides them.
func TestCruelFilter(t *testing.T) {
	r, filtered := rule(t, "stats"), mt.Rule(t, "stats", mt.Searches["stats"], cruel)
	const hosts = 60
	for _, early := range []bool{false, true} { // the filter is there before the findings, or comes later
		w := world(t, r)
		if early {
			w = world(t, filtered)
		}
		w.Do(func(c *materialize.Cascade) error {
			for i := range hosts {
				if err := w.AddIn(c, mt.Change(fmt.Sprintf("web%02d", i), hour, "a")); err != nil {
					return err
				}
			}
			return nil
		})
		w.Use(filtered)
		if n := doubts(w)[spl.AsideDoubt] / 2; n == 0 || n > hosts/2 { // a row and a window each
			t.Errorf("%d of %d were tried in one transaction", n, hosts)
		}
		if !early && !filtering(w) || early && doubts(w)[spl.Pending] == 0 {
			t.Errorf("nothing is pending: %v", doubts(w))
		}
		if f := finding(w, filtered, "web59"); f == nil || f.Verdict != spl.Kept {
			t.Errorf("what is pending is lost: %+v", f)
		}
		steps := 0
		for more := true; more; steps++ {
			w.Do(func(c *materialize.Cascade) (err error) {
				more, err = c.Tidy(1 << 20)
				return err
			})
		}
		if got := doubts(w); steps < 2 || got[spl.AsideDoubt] != 2*hosts || got[spl.Pending] != 0 || filtering(w) {
			t.Errorf("after %d steps %v", steps, got)
		}
		if n := len(risk(w, filtered, nil)); n < hosts {
			t.Errorf("%d told of risk, want all %d", n, hosts)
		}
		w.Use(mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="web0*"`))
		if got, f := doubts(w), finding(w, r, "web05"); len(got) != 0 || f == nil || f.Verdict != spl.Aside {
			t.Errorf("decided: %v, %+v", got, f)
		}
	}
}

// TestCruelSearch: an event for which the search takes more than it may is told as
// one that is in no row, without a name of what it lacks; it goes with the event. A
// row that the search cannot finish is no finding, and is told.
func TestCruelSearch(t *testing.T) {
	const by = ` | stats count by ComputerName | rename ComputerName as dest `
	events := mt.Rule(t, "events", `EventCode=29 | `+cruel+by, "")
	rows := mt.Rule(t, "rows", `EventCode=29 `+by+` | `+cruel, "")
	w := world(t, events, rows)
	w.Add(mt.Change("web01", hour, "a"))
	lacks, err := w.Store.Lacks()
	if err != nil || len(lacks) != 1 || lacks[0].Missing != "" || lacks[0].RuleID != "events" {
		t.Errorf("%+v, %v", lacks, err)
	}
	if f := finding(w, rows, "web01"); f == nil || f.Verdict != spl.Dropped {
		t.Errorf("%+v", f)
	}
	equal(t, "rows", doubts(w), map[spl.Doubt]int{spl.SearchDoubt: 2})
	w.Vanish(1)
	lacks, _ = w.Store.Lacks()
	equal(t, "gone", []int{len(lacks), len(doubts(w))}, []int{0, 0})
}

// TestShownInTime: what there is no time for is neither shown nor taken away.
func TestShownInTime(t *testing.T) {
	done, cancel := contextDone()
	defer cancel()
	for _, id := range []string{"stats", "made"} {
		r := rule(t, id)
		w := world(t, r)
		w.Add(mt.Change("web01", hour, "a"))
		var groups []spl.Group
		read(w, func(tx materialize.Tx) error {
			all, err := tx.Findings(r)
			for _, f := range all {
				if !f.Made {
					groups = append(groups, spl.Group{Key: f.By, State: f.State})
				}
			}
			return err
		})
		got := materialize.Shown(&spl.Work{Context: done}, r, groups)
		if why, ok := got[detection.FindingID(r.ID, groups[0].Key)]; !ok || why != spl.Pending || len(groups) != len(got) {
			t.Errorf("%s: %v", id, got)
		}
	}
}
