package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/importer"
	"escutcheon/store"
)

// wholeRules are rules that are run over whole windows.
func wholeRules(t *testing.T) []*detection.Rule {
	return []*detection.Rule{
		mt.Rule(t, "pair", `EventCode=29 Message="*/x1*" | stats count list(Message) as messages by ComputerName`+
			` | join type=outer ComputerName [search EventCode=29 Message="*/x2*" | stats count as others by ComputerName]`+
			` | rename ComputerName as dest | table dest others count messages`, ""),
		mt.Rule(t, "asked", `EventCode=29 [search EventCode=29 Message="*/x3*" | fields ComputerName | dedup ComputerName]`+
			` | stats count by ComputerName | rename ComputerName as dest`, `NOT dest="web02"`),
		mt.Rule(t, "more", `EventCode=29 Message="*/x4*" | table _time ComputerName Message | append`+
			` [search EventCode=29 Message="*/x0*" | stats count by ComputerName] | rename ComputerName as dest`, ""),
	}
}

// runWindows runs rules over so many windows, or all that are due.
func (h *house) runWindows(most int) (n int) {
	h.t.Helper()
	for ; n < most || most == 0; n++ {
		left, err := h.RunWindows(ctx)
		h.ok(err)
		if !left.Tried {
			break
		}
		h.is("a window was run over", left.Done, true)
	}
	return n
}

// TestWindowsDue: whatever comes, goes and is replaced, in whatever order rules that
// need whole windows come and are run, in the end all is as if what is there had
// come once, to rules that were there.
func TestWindowsDue(t *testing.T) {
	rounds := uint64(24)
	if testing.Short() {
		rounds = 4
	}
	fired := 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(seed, 24))
		logs, there := someLogs(r), map[*logFile]answers{}
		all := append(wholeRules(t), stats(t))
		h := newHouse(t, all[r.IntN(2):]...)
		answer := func() answers {
			return answers{[]string{"UTC", "Asia/Tokyo"}[r.IntN(2)], []string{"", "web01", "web09"}[r.IntN(3)]}
		}
		for range 16 {
			f := logs[r.IntN(len(logs))]
			_, is := there[f]
			switch n := r.IntN(6); {
			case !is:
				there[f] = answer()
				h.bring(f, there[f])
			case n == 0:
				delete(there, f)
				h.ok(h.DeleteImport(ctx, h.named(f.name).ID))
			case n == 1:
				there[f] = answer()
				h.again(f.name, there[f])
			case n == 2:
				h.use(all[r.IntN(3):]...)
			case n == 3:
				h.catchUp(1 + r.IntN(20))
			default:
				h.runWindows(1 + r.IntN(4))
			}
		}
		h.use(all...)
		for h.catchUp(1+r.IntN(40)).Rules > 0 {
		}
		h.runWindows(0)
		scratch := newHouse(t, all...)
		for _, f := range slices.Backward(logs) {
			if a, is := there[f]; is {
				scratch.bring(f, a)
			}
		}
		scratch.runWindows(0)
		h.same(fmt.Sprintf("seed %d", seed), scratch.whole())
		fired += strings.Count(strings.Join(h.found(), "\n"), "\n")
		h.is("left over", h.one(`SELECT count(*) FROM window_due`), "0")
	}
	if fired == 0 {
		t.Error("no rule found anything")
	}
}

// TestWindowsDueStay: what is due is so after a restart, and what changed while rules
// ran over it is run over again.
func TestWindowsDueStay(t *testing.T) {
	rules := wholeRules(t)
	h := newHouse(t, rules...)
	h.add("a", iis("web01", 0, 1, "/x1"), iis("web01", 1, 2, "/x2"), iis("web01", 7200, 3, "/x1"))
	h.is("before they ran", len(h.found()), 0)
	stat := func() (int64, int64) {
		all, err := h.RuleStats(ctx)
		h.ok(err)
		return all["pair"].Windows, all["pair"].Undecided.Windows
	}
	due, undecided := stat()
	h.is("due", fmt.Sprint(due, undecided), "2 0")
	h.ok(h.UseRules(ctx, detection.NewRules(rules), importer.Decoder{}))
	left, err := h.RunWindows(ctx)
	h.ok(err)
	h.is("the newest first", fmt.Sprint(left.Done, left.Windows), "true 2")
	h.is("one of two windows", len(h.found()), 1)
	h.runWindows(0)
	due, _ = stat()
	h.is("none is due", due, int64(0))
	rows := func() (out []string) {
		for f, err := range h.AllFindings(ctx, store.FindingFilter{Rule: "pair"}) {
			h.ok(err)
			out = append(out, fmt.Sprintf("%q of %d", f.Row, f.Count))
		}
		return out
	}
	message := `Changes to '/x1' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.`
	before := []string{fmt.Sprintf("%q of 2", []string{"web01", "", "1", message})}
	h.is("the newest window's row", rows(), before)
	i := h.add("b", iis("web01", 7201, 4, "/x2"))
	h.is("it stays until it ran", rows(), before)
	h.runWindows(0)
	h.is("what came later", rows(), []string{fmt.Sprintf("%q of 2", []string{"web01", "1", "1", message})})
	h.ok(h.DeleteImport(ctx, i.ID))
	h.runWindows(0)
	h.is("what went", rows(), before)
	i = h.add("c", iis("web01", 14400, 5, "/x1"), iis("web01", 14400, 6, "/x1"))
	h.runWindows(0)
	h.is("a newer window", rows(), []string{fmt.Sprintf("%q of 4", []string{"web01", "", "2", message + "\n" + message})})
	h.ok(h.DeleteImport(ctx, i.ID))
	h.runWindows(0)
	h.is("the one before it again", rows(), before)
}

// TestUndecided: a run that has to hold too much finds nothing and says so, until
// its window changes.
func TestUndecided(t *testing.T) {
	h := newHouse(t, mt.Rule(t, "greedy", "EventCode=29 | eval x=mvrange(0,9999) | mvexpand x | sort 0 x"+
		" | join ComputerName [search EventCode=29 | stats count by ComputerName] | stats count by ComputerName"+
		" | rename ComputerName as dest", ""))
	many := make([]logwriter.Record, 0, 60)
	for i := range 60 {
		many = append(many, iis("web01", i, int64(i+1), "/x"))
	}
	h.add("a", iis("web01", 7200, 100, "/x"))
	i := h.add("b", many...)
	h.runWindows(0)
	all, err := h.RuleStats(ctx)
	h.ok(err)
	s := all["greedy"]
	h.is("undecided", fmt.Sprint(s.Windows, s.Undecided.Windows, s.Findings), "0 1 1")
	h.ok(h.DeleteImport(ctx, i.ID))
	h.runWindows(0)
	h.is("left", h.one(`SELECT (SELECT count(*) FROM window_due) + (SELECT count(*) FROM undecided)`), "0")
}
