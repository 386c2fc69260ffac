package materializetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
)

// PutDoubt stores what is not decided.
func (m *Memory) PutDoubt(d materialize.Doubt) error {
	k := doubtKey{d.Key, d.RuleID, d.Start}
	if delete(m.doubts, k); d.Why != spl.Decided {
		m.doubts[k] = d
	}
	return nil
}

// Pending are some that are yet to be made.
func (m *Memory) Pending(most int) (out []materialize.Doubt, err error) {
	for _, d := range m.Doubts() {
		if d.Why == spl.Pending && len(out) < most && (len(out) == 0 || out[0].RuleID == d.RuleID) {
			out = append(out, d)
		}
	}
	return out, nil
}

// Doubts are all that is not decided, by rule, key and window.
func (m *Memory) Doubts() []materialize.Doubt {
	return slices.SortedFunc(maps.Values(m.doubts), func(a, b materialize.Doubt) int {
		return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Start, b.Start))
	})
}

func testDoubts(t *testing.T, c *contractTest) {
	pending := func(most int) (out string) {
		all, err := c.tx.Pending(most)
		c.ok(err)
		for _, d := range all {
			out += fmt.Sprint(d.RuleID, " ", d.Key, " ", d.Start, " ", d.Why, ", ")
		}
		return out
	}
	put := func(rule, key string, start int64, why spl.Doubt) {
		c.ok(c.tx.PutDoubt(materialize.Doubt{RuleID: rule, Key: key, Start: start, Why: why}))
	}
	c.equal(pending(9), "")
	put("a", "k", 3000, spl.Decided) // of nothing
	put("b", "k", 3000, spl.Pending)
	put("a", "m", materialize.Whole, spl.Pending)
	put("a", "k", 6600, spl.Pending)
	put("a", "k", 3000, spl.SearchDoubt)
	put("a", "l", 3000, spl.AsideDoubt)
	c.equal(pending(9), "a k 6600 pending, a m -9223372036854775808 pending, ")
	c.equal(pending(1), "a k 6600 pending, ")
	put("a", "k", 3000, spl.Pending) // in the place of what was known
	put("a", "k", 6600, spl.SearchDoubt)
	put("a", "m", materialize.Whole, spl.Decided)
	c.equal(pending(9), "a k 3000 pending, ")
	put("a", "k", 3000, spl.Decided)
	c.equal(pending(9), "b k 3000 pending, ")
	rule, _ := twoRules(t)
	f := c.group(rule, "web01")
	put(rule.ID, f.Key, 3000, spl.Pending)
	put("b", "k", 3000, spl.Decided)
	c.equal(pending(9), fmt.Sprint(rule.ID, " ", f.Key, " 3000 pending, "))
	c.ok(c.tx.DeleteFinding(rule, f.Key)) // takes those of its key with it
	c.equal(pending(9), "")
}
