package materializetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
)

// contractTest is one test of a transaction.
type contractTest struct {
	t     *testing.T
	tx    materialize.Tx
	store Store
}

// contract is what the methods of a transaction promise.
var contract = map[string]func(t *testing.T, c *contractTest){
	"Findings": testFindings, "Windows": testWindows, "ManyWindows": testManyWindows, "Members": testMembers,
	"Pool": testPool,
	"Risk": testRisk, "Delete": testDelete, "Forget": testForget, "Lacks": testLacks, "Cursors": testCursors,
	"Due": testDue, "Doubts": testDoubts,
}

func (c *contractTest) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *contractTest) equal(got, want any) {
	c.t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		c.t.Errorf("got  %s\nwant %s", g, w)
	}
}

// group puts a group of a host.
func (c *contractTest) group(r *detection.Rule, host string) *materialize.Finding {
	c.t.Helper()
	by := []string{host}
	f := &materialize.Finding{Rule: r, Key: detection.FindingID(r.ID, by), By: by, Part: *part(r, 100, 200),
		Dest: host, Row: []string{host, "a\x00b", ""}, Verdict: spl.Kept}
	c.ok(c.tx.PutFinding(f))
	return f
}

// part is what events at some seconds come to: of another number of them another
// kind of change, so that what takes a part's place differs in all.
func part(r *detection.Rule, seconds ...int64) *materialize.Part {
	p := materialize.NewPart(r)
	for _, s := range seconds {
		e := Change("web01", s, "add a")
		p.Count, p.First, p.Last, p.Change = p.Count+1, min(p.First, s), max(p.Last, s), p.Change+1
		p.State.Add(e)
	}
	return p
}

func twoRules(t *testing.T) (a, b *detection.Rule) {
	return Rule(t, "a", Searches["stats"], ""), Rule(t, "b", Searches["stats"], "")
}

func text(f *materialize.Finding) string {
	if f == nil {
		return "none"
	}
	return fmt.Sprintf("%s %s %q %v %q %q %s %s", f.Rule.ID, f.Key, f.By, f.Made, f.Dest, f.Row, f.Verdict,
		partText(&f.Part))
}

func testFindings(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	var want []string
	byKey := map[string]string{}
	for _, host := range []string{"web03", "web01", "Web01", ""} {
		f := c.group(a, host)
		byKey[f.Key] = text(f)
		want = append(want, f.Key)
	}
	slices.Sort(want)
	c.group(b, "web01")
	all, err := c.tx.Findings(a)
	c.ok(err)
	var got []string
	for _, f := range all {
		got = append(got, f.Key)
		c.equal(text(f), byKey[f.Key])
	}
	c.equal(got, want)
	for _, verdict := range []spl.Verdict{spl.Aside, spl.Dropped, spl.Kept} {
		f := c.group(a, "web01")
		f.Verdict, f.Dest, f.Row, f.Part = verdict, "other", []string{"=1", "<&>", "x"}, *part(a, 7)
		c.ok(c.tx.PutFinding(f))
		one, err := c.tx.Finding(a, f.Key)
		c.ok(err)
		c.equal(text(one), text(f))
		one.By[0], one.Row[0] = "changed", "changed" // a copy
		again, err := c.tx.Finding(a, f.Key)
		c.ok(err)
		c.equal(text(again), text(f))
	}
	none, err := c.tx.Finding(a, detection.FindingID(a.ID, []string{"web09"}))
	c.ok(err)
	c.equal(text(none), "none")
	c.ok(c.tx.DeleteFinding(a, detection.FindingID(a.ID, []string{"web09"})))
}

func (c *contractTest) windows(r *detection.Rule, key string) (out []string) {
	c.t.Helper()
	all, err := c.tx.Windows(r, key)
	c.ok(err)
	for _, w := range all {
		out = append(out, fmt.Sprint(w.Start, " ", partText(w.Part)))
	}
	return out
}

func testWindows(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	one, two, other := c.group(a, "web01"), c.group(a, "web02"), c.group(b, "web01")
	for _, start := range []int64{3000, -600, 6600} {
		c.ok(c.tx.PutWindow(a, one.Key, materialize.Window{Start: start, Part: part(a, start+1)}))
	}
	c.ok(c.tx.PutWindow(a, two.Key, materialize.Window{Start: 3000, Part: part(a, 3002)}))
	c.ok(c.tx.PutWindow(b, other.Key, materialize.Window{Start: 3000, Part: part(b, 3003)}))
	c.ok(c.tx.PutWindow(a, one.Key, materialize.Window{Start: 3000, Part: part(a, 3001, 3004)}))
	w, err := c.tx.Window(a, one.Key, 3000)
	c.ok(err)
	c.equal(partText(w), partText(part(a, 3001, 3004)))
	for _, start := range []int64{2999, 3001} {
		w, err = c.tx.Window(a, one.Key, start)
		c.ok(err)
		c.equal(w == nil, true)
	}
	c.equal(c.windows(a, one.Key), []string{"-600 " + partText(part(a, -599)),
		"3000 " + partText(part(a, 3001, 3004)), "6600 " + partText(part(a, 6601))})
	run, err := c.tx.Run(a, 3000)
	c.ok(err)
	one.Part, two.Part = *part(a, 3001, 3004), *part(a, 3002)
	want := []string{text(one), text(two)}
	if one.Key > two.Key {
		slices.Reverse(want)
	}
	var got []string
	for _, f := range run {
		got = append(got, text(f))
	}
	c.equal(got, want)
	c.ok(c.tx.DeleteWindow(a, one.Key, 3000))
	c.equal(len(c.windows(a, one.Key)), 2)
	c.equal(len(c.windows(a, two.Key)), 1)
	c.equal(len(c.windows(b, other.Key)), 1)
}

// testManyWindows puts the windows of a group in no order, some of them again,
// and deletes some.
func testManyWindows(t *testing.T, c *contractTest) {
	a, _ := twoRules(t)
	f := c.group(a, "web01")
	want := map[int64]string{}
	for i := range int64(40) {
		start := i * 7 % 20 * 3600
		w := part(a, start+i)
		c.ok(c.tx.PutWindow(a, f.Key, materialize.Window{Start: start, Part: w}))
		want[start] = partText(w)
		if i%3 == 0 {
			gone := i * 5 % 20 * 3600
			c.ok(c.tx.DeleteWindow(a, f.Key, gone))
			delete(want, gone)
		}
		if i == 30 {
			c.ok(c.tx.Flush())
		}
	}
	var all []string
	for start := range int64(20) {
		text, isThere := want[start*3600]
		if isThere {
			all = append(all, fmt.Sprint(start*3600, " ", text))
		}
		w, err := c.tx.Window(a, f.Key, start*3600)
		c.ok(err)
		if (w != nil) != isThere || isThere && partText(w) != text {
			t.Errorf("window %d: %v, want %q", start*3600, w, text)
		}
		run, err := c.tx.Run(a, start*3600)
		c.ok(err)
		c.equal(len(run) == 1, isThere)
	}
	c.equal(c.windows(a, f.Key), all)
}

// at are members, each of a window and an event.
func at(pairs ...int64) (out []materialize.Member) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, materialize.Member{Start: pairs[i], Event: pairs[i+1]})
	}
	return out
}

func (c *contractTest) members(r *detection.Rule, key string, start int64) []int64 {
	c.t.Helper()
	out, err := c.tx.Members(r, key, start)
	c.ok(err)
	return out
}

func testMembers(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	one, other := c.group(a, "web01"), c.group(b, "web01")
	c.ok(c.tx.AddMembers(a, one.Key, at(3000, 9, 3000, 2, 6600, 4)))
	c.ok(c.tx.AddMembers(a, one.Key, at(3000, 2, 3000, 1)))
	c.ok(c.tx.AddMembers(b, other.Key, at(3000, 2)))
	c.equal(c.members(a, one.Key, 3000), []int64{1, 2, 9})
	c.equal(c.members(a, one.Key, 6600), []int64{4})
	c.equal(len(c.members(a, one.Key, 10200)), 0)
	places, err := c.tx.Places(2)
	c.ok(err)
	want := []materialize.Place{{RuleID: "a", Key: one.Key, Start: 3000}, {RuleID: "b", Key: other.Key, Start: 3000}}
	slices.SortFunc(places, func(x, y materialize.Place) int { return cmpString(x.RuleID, y.RuleID) })
	c.equal(places, want)
	c.ok(c.tx.DeleteMember(a, one.Key, materialize.Member{Start: 3000, Event: 2}))
	c.equal(c.members(a, one.Key, 3000), []int64{1, 9})
	c.equal(c.members(b, other.Key, 3000), []int64{2})
	if err := c.tx.DeleteMember(a, detection.FindingID("a", []string{"web09"}), materialize.Member{}); err == nil {
		t.Error("a finding that is not there lost an event")
	}
}

func cmpString(a, b string) int { return slices.Compare([]byte(a), []byte(b)) }

func testPool(t *testing.T, c *contractTest) {
	a, _ := twoRules(t)
	one, two, three := c.group(a, "web01"), c.group(a, "web02"), c.group(a, "web03")
	made := c.group(a, "made")
	made.Made = true
	c.ok(c.tx.PutFinding(made))
	c.ok(c.tx.AddMembers(a, one.Key, at(3000, 1, 3000, 2)))
	c.ok(c.tx.AddMembers(a, two.Key, at(3000, 2, 6600, 3)))
	c.ok(c.tx.AddMembers(a, three.Key, at(3000, 4)))
	c.ok(c.tx.AddMembers(a, made.Key, at(3000, 7)))
	c.ok(c.tx.PoolMembers(a, made.Key, []string{one.Key, two.Key}))
	c.equal(c.members(a, made.Key, 3000), []int64{1, 2})
	c.equal(c.members(a, made.Key, 6600), []int64{3})
	places, err := c.tx.Places(3)
	c.ok(err)
	c.equal(places, []materialize.Place{{RuleID: "a", Key: two.Key, Start: 6600}})
	c.ok(c.tx.PoolMembers(a, made.Key, nil))
	c.equal(len(c.members(a, made.Key, 3000)), 0)
	c.equal(c.members(a, one.Key, 3000), []int64{1, 2})
}

func risk(object string, score int) detection.RiskEvent {
	return detection.RiskEvent{RiskObject: object, ObjectType: "system", Score: score, Message: "m " + object, Time: 77,
		Count: 3}
}

// told is the risk of a finding, after what was put is seen.
func (c *contractTest) told(r *detection.Rule) (out []string) {
	c.t.Helper()
	places, err := c.tx.Told(r, "")
	c.ok(err)
	for _, p := range places {
		out = append(out, fmt.Sprint(p.RuleID, " ", p.Key, " ", p.Start))
	}
	slices.Sort(out)
	return out
}

func testRisk(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	one, two, other := c.group(a, "web01"), c.group(a, "web02"), c.group(b, "web01")
	put := func(f *materialize.Finding, start int64) string {
		c.ok(c.tx.PutRisk(f.Rule, f.Key, start, []detection.RiskEvent{risk("x", 1), risk("y", 2)},
			[]detection.Threat{{Type: "process_name", Value: "v"}, {Type: "file", Value: "v"}}))
		return fmt.Sprint(f.Rule.ID, " ", f.Key, " ", start)
	}
	want := []string{put(one, 3000), put(one, 6600), put(two, 3000)}
	ofB := put(other, 3000)
	slices.Sort(want)
	c.equal(c.told(a), want)
	ofOne, err := c.tx.Told(a, one.Key)
	c.ok(err)
	slices.SortFunc(ofOne, func(x, y materialize.Place) int { return cmp.Compare(x.Start, y.Start) })
	c.equal(ofOne, []materialize.Place{{RuleID: "a", Key: one.Key, Start: 3000}, {RuleID: "a", Key: one.Key, Start: 6600}})
	none, err := c.tx.Told(a, detection.FindingID("a", []string{"web09"}))
	c.ok(err)
	c.equal(len(none), 0)
	c.ok(c.tx.DeleteRisk(a, one.Key, 3000))
	c.equal(len(c.told(a)), 2)
	put(one, 3000)
	c.ok(c.tx.DeleteRisk(a, "", 3000))
	c.equal(c.told(a), []string{fmt.Sprint("a ", one.Key, " 6600")})
	c.equal(c.told(b), []string{ofB})
}

// full is a group that has everything.
func (c *contractTest) full(r *detection.Rule, host string) *materialize.Finding {
	c.t.Helper()
	f := c.group(r, host)
	c.ok(c.tx.PutWindow(r, f.Key, materialize.Window{Start: 3000, Part: part(r, 3001)}))
	c.ok(c.tx.AddMembers(r, f.Key, at(3000, 1)))
	c.ok(c.tx.PutRisk(r, f.Key, 3000, []detection.RiskEvent{risk("x", 1)}, []detection.Threat{{Type: "t", Value: "v"}}))
	c.ok(c.tx.PutLack(materialize.Lack{RuleID: r.ID, Event: 5, Dest: host, Missing: "user"}))
	return f
}

// has says what of a group is there: finding, windows, members, told.
func (c *contractTest) has(f *materialize.Finding) (out [4]bool) {
	c.t.Helper()
	one, err := c.tx.Finding(f.Rule, f.Key)
	c.ok(err)
	return [4]bool{one != nil, len(c.windows(f.Rule, f.Key)) > 0, len(c.members(f.Rule, f.Key, 3000)) > 0,
		len(c.told(f.Rule)) > 0}
}

func testDelete(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	gone, stays := c.full(a, "web01"), c.full(b, "web01")
	c.ok(c.tx.DeleteFinding(a, gone.Key))
	c.equal(c.has(gone), [4]bool{})
	c.equal(c.has(stays), [4]bool{true, true, true, true})
	places, err := c.tx.Places(1)
	c.ok(err)
	c.equal(len(places), 1)
	c.equal(c.has(c.full(a, "web01")), [4]bool{true, true, true, true}) // it comes again
}

func testForget(t *testing.T, c *contractTest) {
	a, b := twoRules(t)
	gone, too, stays := c.full(a, "web01"), c.full(a, "web02"), c.full(b, "web01")
	calls := 0
	for rows := 1; rows > 0; calls++ {
		var err error
		rows, err = c.tx.Forget("a", 1)
		c.ok(err)
	}
	c.equal(calls > 2, true)
	c.equal(c.has(gone), [4]bool{})
	c.equal(c.has(too), [4]bool{})
	c.equal(c.has(stays), [4]bool{true, true, true, true})
	rows, err := c.tx.Forget("nobody", 1)
	c.ok(err)
	c.equal(rows, 0)
	c.full(a, "web01")
}

func testLacks(t *testing.T, c *contractTest) {
	for _, l := range []materialize.Lack{
		{RuleID: "a", Event: 1, Dest: "web01", Missing: "user"}, {RuleID: "a", Event: 1, Dest: "web02", Missing: "second"},
		{RuleID: "b", Event: 1, Missing: "_time"}, {RuleID: "a", Event: 2, Missing: "x, y"}, {RuleID: "b", Event: 2},
	} {
		c.ok(c.tx.PutLack(l))
	}
	c.ok(c.tx.DeleteLack("b", 2))
	c.ok(c.tx.DeleteLack("", 3))
	c.t.Cleanup(func() { // what other transactions see
		got, err := c.store.Lacks()
		c.ok(err)
		c.equal(got, []materialize.Lack{{RuleID: "a", Event: 2, Missing: "x, y"}})
	})
	c.ok(c.tx.DeleteLack("", 1))
}

func testCursors(t *testing.T, c *contractTest) {
	one := materialize.Cursor{RuleID: "b", Name: "B", Digest: "d", Filter: "f", At: 7}
	two := materialize.Cursor{RuleID: "a", Name: "A", Digest: "e", Filter: "g", At: materialize.Ran}
	two.Filtered = "key"
	for _, k := range []materialize.Cursor{one, two, {RuleID: "c"}} {
		c.ok(c.tx.PutCursor(k))
	}
	one.At, two.Name = materialize.Leaving, "new"
	c.ok(c.tx.PutCursor(one))
	c.ok(c.tx.PutCursor(two))
	c.ok(c.tx.DeleteCursor("c"))
	got, err := c.tx.Cursors()
	c.ok(err)
	slices.SortFunc(got, func(x, y materialize.Cursor) int { return cmpString(x.RuleID, y.RuleID) })
	c.equal(got, []materialize.Cursor{two, one})
	behind, err := c.tx.Behind()
	c.ok(err)
	want := map[string]int64{}
	for _, k := range got {
		if k.At != materialize.Ran {
			want[k.RuleID] = k.At
		}
	}
	c.equal(behind, want)
}
