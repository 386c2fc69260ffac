package materialize_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// TestWindowEdges: the run at hour H covers [H−70 min, H−10 min).
func TestWindowEdges(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	w.Add(mt.Change("web01", hour-601, "a"), mt.Change("web01", hour-600, "a"),
		mt.Change("web01", hour+2999, "b"), mt.Change("web01", hour+3000, "b"))
	equal(t, "windows", windows(w, r, "web01"), []string{
		"-4200: 1 from -601 to -601 of [1]", "-600: 2 from -600 to 2999 of [2 3]", "3000: 1 from 3000 to 3000 of [4]"})
	equal(t, "finding", sum(&finding(w, r, "web01").Part), "4 from -601 to 3000")
	equal(t, "risk", risk(w, r, names{key(r, "web01"): "web01"}), []string{
		fmt.Sprintf(`web01 window %d risk 40 for system "web01" at %d of 1: something on web01`, hour-4200, hour-601),
		fmt.Sprintf(`web01 window %d threat process_name "a"`, hour-4200),
		fmt.Sprintf(`web01 window %d risk 40 for system "web01" at %d of 2: something on web01`, hour-600, hour+2999),
		fmt.Sprintf(`web01 window %d threat process_name "a"`, hour-600),
		fmt.Sprintf(`web01 window %d threat process_name "b"`, hour-600),
		fmt.Sprintf(`web01 window %d risk 40 for system "web01" at %d of 1: something on web01`, hour+3000, hour+3000),
		fmt.Sprintf(`web01 window %d threat process_name "b"`, hour+3000),
	})
	asFresh(t, w)
}

// TestGrow: a finding and its window grow by each transaction, to both sides.
func TestGrow(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	add := mt.Change("web01", hour+50, "Changes to '/system.webServer/globalModules/add[@name=\"X\"]'")
	w.Add(mt.By("anna", add))
	f := finding(w, r, "web01")
	equal(t, "first", f.Row, []string{"web01", "1", fmt.Sprint(hour + 50), fmt.Sprint(hour + 50), add.Message, "anna"})
	equal(t, "dest", f.Dest, "web01")
	w.Add(mt.Change("web01", hour+40, "b"), mt.Other(hour+41))
	w.Add(mt.By("bert", mt.Change("web01", hour+60, "c")))
	f = finding(w, r, "web01")
	equal(t, "finding", sum(&f.Part), "3 from 40 to 60")
	equal(t, "columns", r.Plan().Columns()[:4], []string{"dest", "count", "firstTime", "lastTime"})
	equal(t, "row", f.Row[:4], []string{"web01", "3", fmt.Sprint(hour + 40), fmt.Sprint(hour + 60)})
	equal(t, "windows", windows(w, r, "web01"), []string{"-600: 3 from 40 to 60 of [1 2 4]"})
	lines := risk(w, r, nil)
	if len(lines) != 6 { // web01, anna, bert, and three threats
		t.Errorf("risk %q", lines)
	}
	equal(t, "verdict", f.Verdict, spl.Kept)
	asFresh(t, w)
}

// TestChangeKinds: the kinds of configuration change add up.
func TestChangeKinds(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	var want detection.Kind
	first := mt.Change("web01", hour+7200, "x")
	for i, message := range []string{"x",
		committed("globalModules"),
		committed("handlers")} {
		e := mt.Change("web01", hour+int64(i)*3600, message)
		if c, ok := detection.ChangeOf(e); ok {
			want |= c.Kind
		}
		w.Add(e)
	}
	if got := finding(w, r, "web01").Change; got != want || want == 0 {
		t.Errorf("change %d, want %d", got, want)
	}
	w.Add(first)
	w.Vanish(w.Last) // made anew of its windows
	if got := finding(w, r, "web01").Change; got != want {
		t.Errorf("of its windows %d, want %d", got, want)
	}
}

// TestChangeOfKind: an event that is another change, and the same to the row
// otherwise, is another one to the finding.
func TestChangeOfKind(t *testing.T) {
	r := rule(t, "sized") // which keeps no message
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "x"), mt.Change("web01", hour, "x"))
	w.Change(1, mt.Change("web01", hour, committed("globalModules")))
	one := finding(w, r, "web01").Change
	if one == 0 {
		t.Fatal("the change was not noted")
	}
	w.Change(1, mt.Change("web01", hour, "x"))
	if got := finding(w, r, "web01").Change; got != 0 {
		t.Errorf("change %d, want none any more", got)
	}
	asFresh(t, w)
}

func committed(section string) string {
	return "Changes to '/system.webServer/" + section +
		"/add[@name=\"X\"]' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed."
}

// TestUserOfTheHostsName: a user and a system of one name are two risk objects.
func TestUserOfTheHostsName(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	w.Add(mt.By("web01", mt.Change("web01", hour, "a")))
	equal(t, "risk", risk(w, r, names{key(r, "web01"): "web01"}), []string{
		fmt.Sprintf(`web01 window %d risk 10 for user "web01" at %d of 1: something on web01`, hour-600, hour),
		fmt.Sprintf(`web01 window %d risk 40 for system "web01" at %d of 1: something on web01`, hour-600, hour),
		fmt.Sprintf(`web01 window %d threat process_name "a"`, hour-600)})
}

// TestThreatsOfOneValue: a value of two types is two threat objects, and one that
// two columns have is one.
func TestThreatsOfOneValue(t *testing.T) {
	r := rule(t, "stats")
	r.RBA.ThreatObjects = append(r.RBA.ThreatObjects, detection.ThreatObject{Field: "messages", Type: "file_name"},
		detection.ThreatObject{Field: "user", Type: "process_name"})
	w := world(t, r)
	w.Add(mt.By("a", mt.Change("web01", hour, "a")))
	var threats []string
	for _, line := range risk(w, r, names{key(r, "web01"): "web01"}) {
		if strings.Contains(line, " threat ") {
			threats = append(threats, line)
		}
	}
	equal(t, "threats", threats, []string{
		fmt.Sprintf(`web01 window %d threat file_name "a"`, hour-600),
		fmt.Sprintf(`web01 window %d threat process_name "a"`, hour-600)})
}

// TestCame: duplicates are passed over, matches of rules that are not in force
// any more are made again, and rules that are behind wait.
func TestCame(t *testing.T) {
	r, late := rule(t, "stats"), rule(t, "table")
	w := world(t, r)
	w.Add(mt.Other(hour))
	w.Use(r, late)
	e := mt.Change("web01", hour+1, "a")
	again := mt.Change("web02", hour+1, "a")
	w.Log[2], w.Last = e, 2
	old := detection.NewRules([]*detection.Rule{late})
	w.Do(func(c *materialize.Cascade) error {
		return c.Came([]event.Event{*again, *e}, []int64{0, 2}, old.Match(nil, 0, e), old)
	})
	equal(t, "new", sum(&finding(w, r, "web01").Part), "1 from 1 to 1")
	if f := finding(w, r, "web02"); f != nil {
		t.Errorf("a duplicate was counted: %s", sum(&f.Part))
	}
	if f := finding(w, late, fmt.Sprint(hour+1), "web01", "a", ""); f != nil {
		t.Error("a rule that is behind was run over a new event")
	}
	w.CatchUp(10)
	if f := finding(w, late, fmt.Sprint(hour+1), "web01", "a", ""); f == nil {
		t.Error("the rule that was behind did not come to it")
	}
}

// TestLacks: an event that lacks a BY field or a time is in no row and noted,
// until it has it.
func TestLacks(t *testing.T) {
	r := rule(t, "where")
	w := world(t, r)
	timeless := mt.By("anna", mt.Change("WEB01.", hour, "a"))
	timeless.HasTime = false
	w.Add(mt.Change("web02", hour, "a"), timeless, mt.Change("", hour, "a"))
	lacks := func() (out []string) {
		all, err := w.Store.Lacks()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			out = append(out, fmt.Sprintf("%d %s: %s", l.Event, l.Dest, l.Missing))
		}
		return out
	}
	equal(t, "lacks", lacks(), []string{"1 web02: user", "2 web01: _time", "3 : ComputerName, user"})
	w.Change(1, mt.Change("web03", hour, "a"))
	equal(t, "of another host", lacks(), []string{"1 web03: user", "2 web01: _time", "3 : ComputerName, user"})
	w.Change(1, mt.By("anna", mt.Change("web02", hour, "a")))
	equal(t, "after it has a user", lacks(), []string{"2 web01: _time", "3 : ComputerName, user"})
	equal(t, "it is in a row", sum(&finding(w, r, "web02", "anna").Part), "1 from 0 to 0")
	w.Change(1, mt.Change("web02", hour, "a"))
	w.Vanish(3)
	equal(t, "after it lost it, and another vanished", lacks(), []string{"1 web02: user", "2 web01: _time"})
	if finding(w, r, "web02", "anna") != nil {
		t.Error("the finding without events is still there")
	}
	asFresh(t, w)
}

// TestLacksOfTwoRules: an event that comes to lack less for one rule goes on
// lacking for another what it did.
func TestLacksOfTwoRules(t *testing.T) {
	w := world(t, rule(t, "stats"), rule(t, "where")) // by ComputerName, and user
	lacks := func(what string, want ...string) {
		t.Helper()
		all, err := w.Store.Lacks()
		var got []string
		for _, l := range all {
			got = append(got, fmt.Sprintf("%s %d: %s", l.RuleID, l.Event, l.Missing))
		}
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
	}
	w.Add(mt.Change("", hour, "a"))
	lacks("neither", "stats 1: ComputerName", "where 1: ComputerName, user")
	w.Change(1, mt.By("anna", mt.Change("", hour, "a")))
	lacks("with a user", "stats 1: ComputerName", "where 1: ComputerName")
	w.Change(1, mt.Change("web01", hour, "a"))
	lacks("with a host", "where 1: user")
	asFresh(t, w)
}

// TestSeveralParts: an event that is in a row several times counts as often, and
// leaves it once.
func TestSeveralParts(t *testing.T) {
	r := rule(t, "parts")
	w := world(t, r)
	w.Do(func(c *materialize.Cascade) error {
		if err := w.AddIn(c, mt.Change("web01", hour, "x x y"), mt.Change("web01", hour, "z z")); err != nil {
			return err
		}
		if err := w.ChangeIn(c, 2, nil); err != nil {
			return err
		}
		return w.ChangeIn(c, 1, mt.Change("web01", hour, "x x y y"))
	})
	equal(t, "x", sum(&finding(w, r, "web01", "x").Part), "2 from 0 to 0")
	equal(t, "y", sum(&finding(w, r, "web01", "y").Part), "2 from 0 to 0")
	if finding(w, r, "web01", "z") != nil {
		t.Error("an event that came and went left a finding")
	}
	w.Change(1, mt.Change("web01", hour, "x y y"))
	equal(t, "one less", windows(w, r, "web01", "x"), []string{"-600: 1 from 0 to 0 of [1]"})
	equal(t, "as many", windows(w, r, "web01", "y"), []string{"-600: 2 from 0 to 0 of [1]"})
	asFresh(t, w)
}
