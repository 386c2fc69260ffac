package materialize_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
)

// TestShrink: only the window that lost an event is made anew; without events a
// window goes, and without windows the finding.
func TestShrink(t *testing.T) {
	for name, take := range map[string]func(w *mt.World, id int64){
		"told":   func(w *mt.World, id int64) { w.Change(id, nil) },
		"untold": func(w *mt.World, id int64) { w.Vanish(id) },
	} {
		t.Run(name, func(t *testing.T) {
			r := rule(t, "stats")
			w := world(t, r)
			w.Add(mt.Change("web01", hour, "a"), mt.Change("web01", hour+7, "b"), mt.Change("web01", hour+3600, "c"),
				mt.Change("web01", hour+3601, "d"), mt.Change("web02", hour, "e"))
			delete(w.Log, 3) // who asks for these fails
			delete(w.Log, 4)
			delete(w.Log, 5)
			take(w, 2)
			equal(t, "windows", windows(w, r, "web01"), []string{"-600: 1 from 0 to 0 of [1]",
				"3000: 2 from 3600 to 3601 of [3 4]"})
			f := finding(w, r, "web01")
			equal(t, "finding", sum(&f.Part), "3 from 0 to 3601")
			equal(t, "row", f.Row[4], "a\nc\nd")
			if lines := strings.Join(risk(w, r, nil), "\n"); strings.Contains(lines, `"b"`) || !strings.Contains(lines, `"d"`) {
				t.Errorf("risk\n%s", lines)
			}
			take(w, 1)
			equal(t, "without the window", windows(w, r, "web01"), []string{"3000: 2 from 3600 to 3601 of [3 4]"})
			if lines := strings.Join(risk(w, r, nil), "\n"); strings.Contains(lines, fmt.Sprint("window ", hour-600,
				" threat process_name \"a\"")) {
				t.Errorf("risk of the window that is gone\n%s", lines)
			}
			w.Vanish(3, 4)
			if finding(w, r, "web01") != nil || finding(w, r, "web02") == nil {
				t.Error("the finding without events is there, or another one is not")
			}
			if lines := risk(w, r, nil); len(lines) != 2 {
				t.Errorf("risk %q, want that of web02", lines)
			}
		})
	}
}

// TestChanged: an event that becomes another one leaves its rows for others; to
// a row that it is the same to, nothing happens.
func TestChanged(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "a"), mt.Change("web01", hour+1, "b"))
	other := w.Log[2]
	delete(w.Log, 2) // who makes the window anew fails
	same := mt.Change("web01", hour, "a")
	same.Add("Task", "7")
	w.Change(1, same)
	w.Log[2] = other
	w.Change(1, mt.Change("web01", hour+2, "a"))
	equal(t, "another second", windows(w, r, "web01"), []string{"-600: 2 from 1 to 2 of [1 2]"})
	w.Change(1, mt.Change("web01", hour+3000, "a"))
	equal(t, "another window", windows(w, r, "web01"), []string{"-600: 1 from 1 to 1 of [2]",
		"3000: 1 from 3000 to 3000 of [1]"})
	w.Change(1, mt.Change("web02", hour+3000, "a"))
	equal(t, "another host", windows(w, r, "web02"), []string{"3000: 1 from 3000 to 3000 of [1]"})
	equal(t, "of the first", windows(w, r, "web01"), []string{"-600: 1 from 1 to 1 of [2]"})
	nanos := mt.Change("web02", hour+3000, "a")
	nanos.Nanos++
	w.Change(1, nanos)
	asFresh(t, w)
	w.Change(1, mt.Other(hour))
	if finding(w, r, "web02") != nil {
		t.Error("an event that no rule matches any more is still in a finding")
	}
	w.Change(1, mt.Change("web01", hour+5, "back"))
	equal(t, "and back", windows(w, r, "web01"), []string{"-600: 2 from 1 to 5 of [1 2]"})
	asFresh(t, w)
}

// TestChangedInOneTransaction: what comes and goes in one transaction leaves
// nothing, and what comes back stays.
func TestChangedInOneTransaction(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	w.Do(func(c *materialize.Cascade) error {
		if err := w.AddIn(c, mt.Change("web01", hour, "a"), mt.Change("web01", hour+1, "b"),
			mt.Change("web02", hour, "c")); err != nil {
			return err
		}
		for _, step := range []error{w.ChangeIn(c, 3, nil), w.ChangeIn(c, 1, mt.Change("web03", hour, "a")),
			w.ChangeIn(c, 1, mt.Change("web01", hour+9, "a"))} {
			if step != nil {
				return step
			}
		}
		return nil
	})
	equal(t, "windows", windows(w, r, "web01"), []string{"-600: 2 from 1 to 9 of [1 2]"})
	for _, host := range []string{"web02", "web03"} {
		if f := finding(w, r, host); f != nil {
			t.Errorf("%s has %s", host, sum(&f.Part))
		}
	}
	asFresh(t, w)
}

// TestVanishedOfNoRule: a finding of a rule that is not in force is an error.
func TestVanishedOfNoRule(t *testing.T) {
	r := rule(t, "stats")
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "a"))
	w.Rules = mt.New(t, mt.NewMemory()).Rules
	err := w.Store.Write(func(tx materialize.Tx) error {
		c, err := materialize.New(tx, w.Log, w.Rules)
		if err != nil {
			return err
		}
		return c.Vanished(1)
	})
	if err == nil || !strings.Contains(err.Error(), "stats is not in force") {
		t.Errorf("%v, want that the rule is not in force", err)
	}
}
