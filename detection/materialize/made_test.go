package materialize_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
)

// members are all events of a finding around the hour.
func members(w *mt.World, r string, k string) (out []int64) {
	w.T.Helper()
	read(w, func(tx materialize.Tx) error {
		for _, start := range []int64{hour - 4200, hour - 600, hour + 3000} {
			got, err := tx.Members(w.Rules.All()[0], k, start)
			if err != nil {
				return err
			}
			out = append(out, got...)
		}
		return nil
	})
	return out
}

// TestMade: a row of several groups is a finding of its own, with the events of
// all of them; it tells the risk, and its groups are in no row.
func TestMade(t *testing.T) {
	r := rule(t, "made")
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "m"), mt.Change("web02", hour+1, "m"), mt.Change("web02", hour+2, "n"))
	w.Add(mt.Change("web01", hour+3600, "m"))
	f := finding(w, r, "m")
	if f == nil || !f.Made {
		t.Fatalf("made row %+v", f)
	}
	equal(t, "row", f.Row, []string{"m", "3", "web01\nweb02"})
	equal(t, "made", sum(&f.Part), "3 from 0 to 3600")
	equal(t, "members", members(w, "made", f.Key), []int64{1, 2, 4})
	equal(t, "windows", windows(w, r, "m"), []string(nil))
	g := finding(w, r, "web01", "m")
	equal(t, "group", fmt.Sprint(sum(&g.Part), g.Made, g.Verdict, g.Dest, strings.Join(g.Row, "")),
		fmt.Sprint("2 from 0 to 3600", false, spl.Dropped, ""))
	who := names{key(r, "m"): "m", key(r, "n"): "n"}
	equal(t, "risk", risk(w, r, who), []string{
		fmt.Sprintf(`m window %d risk 40 for system "web01" at %d of 2: something on web01, web02`, hour-600, hour+1),
		fmt.Sprintf(`m window %d risk 40 for system "web02" at %d of 2: something on web01, web02`, hour-600, hour+1),
		fmt.Sprintf(`m window %d threat process_name "m"`, hour-600),
		fmt.Sprintf(`m window %d risk 40 for system "web01" at %d of 1: something on web01`, hour+3000, hour+3600),
		fmt.Sprintf(`m window %d threat process_name "m"`, hour+3000),
		fmt.Sprintf(`n window %d risk 40 for system "web02" at %d of 1: something on web02`, hour-600, hour+2),
		fmt.Sprintf(`n window %d threat process_name "n"`, hour-600),
	})
	w.Vanish(2)
	f = finding(w, r, "m")
	equal(t, "after one vanished", f.Row, []string{"m", "2", "web01"})
	equal(t, "members after", members(w, "made", f.Key), []int64{1, 4})
	w.Vanish(1, 4)
	if finding(w, r, "m") != nil {
		t.Error("a made row without groups is still there")
	}
	equal(t, "risk of what is left", len(risk(w, r, who)), 2)
	asFresh(t, w)
}

// TestRowsTogether: where a row is a group's, the group is in a row or not as
// all groups make it.
func TestRowsTogether(t *testing.T) {
	r := rule(t, "eventstats") // where total > 3
	w := world(t, r)
	for i := range 3 {
		w.Add(mt.Change("web01", hour+int64(i), "m"))
	}
	f := finding(w, r, "web01", "m")
	equal(t, "three", f.Verdict, spl.Dropped)
	equal(t, "no row", strings.Join(f.Row, ""), "")
	w.Add(mt.Change("web01", hour+9, "n"))
	f = finding(w, r, "web01", "m") // which gained nothing itself
	equal(t, "four", f.Verdict, spl.Kept)
	equal(t, "its row", f.Row, []string{"web01", "m", "3", "4"})
	equal(t, "its dest", f.Dest, "web01")
	if lines := risk(w, r, nil); len(lines) != 4 { // risk and threat of each row
		t.Errorf("risk %q", lines)
	}
	w.Vanish(4)
	equal(t, "three again", finding(w, r, "web01", "m").Verdict, spl.Dropped)
	equal(t, "no risk", len(risk(w, r, nil)), 0)
	asFresh(t, w)
}

// TestFilteredByAll: a filter that reads what all groups make sets a row aside
// whose group gained nothing, and whose columns stay as they are.
func TestFilteredByAll(t *testing.T) {
	r := mt.Rule(t, "shared", "EventCode=29 | stats count by ComputerName | eventstats sum(count) as total"+
		" | rename ComputerName as dest | `test_filter` | fields dest count", "NOT total>2")
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "a"))
	equal(t, "one event", finding(w, r, "web01").Verdict, spl.Kept)
	w.Add(mt.Change("web02", hour, "a"), mt.Change("web02", hour, "b"))
	f := finding(w, r, "web01")
	equal(t, "its row", f.Row, []string{"web01", "1"})
	equal(t, "three events", f.Verdict, spl.Aside)
	asFresh(t, w)
	w.Vanish(3)
	equal(t, "two events", finding(w, r, "web01").Verdict, spl.Kept)
	asFresh(t, w)
}

// TestWindowAlone: a row that a window has and all time has not is told by the
// first group it is of, and by the row itself as soon as all time has it.
func TestWindowAlone(t *testing.T) {
	r := rule(t, "top") // the two messages seen most
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "a"))
	for i := range int64(2) {
		w.Add(mt.Change("web02", hour+3600+i, "b"), mt.Change("web03", hour+3600+i, "c"))
	}
	who := names{key(r, "a"): "row a", key(r, "web01", "a"): "group a", key(r, "b"): "row b", key(r, "c"): "row c"}
	told := func() (out []string) {
		for _, line := range risk(w, r, who) {
			if name, _, ok := strings.Cut(line, " window"); ok && strings.Contains(line, "risk") {
				out = append(out, name)
			}
		}
		return out
	}
	equal(t, "a is not among all time's", told(), []string{"group a", "row b", "row c"})
	if finding(w, r, "a") != nil {
		t.Error("a row of all time that is none")
	}
	w.Vanish(2, 4)
	equal(t, "it is when b is gone", told(), []string{"row a", "row c"})
	w.Add(mt.Change("web02", hour+3600, "b"), mt.Change("web02", hour+3601, "b"))
	equal(t, "and is not again", told(), []string{"group a", "row b", "row c"})
	who[key(r, "web04", "d")] = "group d"
	w.Add(mt.Change("web04", hour, "d"))
	equal(t, "each by its own group", told(), []string{"group a", "group d", "row b", "row c"})
	asFresh(t, w)
	who[key(r, "d")] = "row d"
	w.Vanish(3, 5, 6, 7)
	equal(t, "when all that were are gone", told(), []string{"row a", "row d"})
	asFresh(t, w)
}

// TestWindowAloneOfSeveral: of several groups it is the first in the order of BY
// values that tells such a row.
func TestWindowAloneOfSeveral(t *testing.T) {
	r := rule(t, "top")
	w := world(t, r)
	who := names{}
	for _, host := range []string{"web03", "web01", "web02"} {
		w.Add(mt.Change(host, hour, "a"))
		for i := range int64(2) {
			w.Add(mt.Change(host, hour+3600+i, "b"), mt.Change(host, hour+3600+i, "c"))
		}
		who[key(r, host, "a")] = host
	}
	var told []string
	read(w, func(tx materialize.Tx) error {
		all, err := tx.Told(r, "")
		for _, p := range all {
			if p.Start == hour-600 {
				told = append(told, who[p.Key])
			}
		}
		return err
	})
	equal(t, "who tells of a", told, []string{"web01"})
}

// TestGroupOfItsName: a group that is named as a made row takes its place, and
// gives it back.
func TestGroupOfItsName(t *testing.T) {
	r := rule(t, "sized")
	w := world(t, r)
	w.Add(mt.Change("web01", hour, "a"))
	equal(t, "made", finding(w, r, "few").Made, true)
	w.Add(mt.Change("few", hour+3600, "a"))
	f := finding(w, r, "few")
	equal(t, "a group", f.Made, false)
	equal(t, "of its own", windows(w, r, "few"), []string{"3000: 1 from 3600 to 3600 of [2]"})
	asFresh(t, w)
	w.Vanish(2)
	equal(t, "made again", finding(w, r, "few").Made, true)
	asFresh(t, w)
}

// TestShown: what a rule would show of stored groups.
func TestShown(t *testing.T) {
	for _, id := range []string{"stats", "top"} {
		r := rule(t, id)
		w := world(t, r)
		w.Add(mt.Change("web01", hour, "a"), mt.Change("web02", hour, "b"))
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
		want := map[string]spl.Doubt{key(r, "web02"): spl.Decided}
		if id == "top" {
			want = map[string]spl.Doubt{key(r, "b"): spl.Decided}
		}
		filtered := mt.Rule(t, id, mt.Searches[id], `NOT dest="web01"`)
		equal(t, id, materialize.Shown(&spl.Work{Context: t.Context()}, filtered, groups), want)
	}
}
