package materializetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"escutcheon/detection/materialize"
)

func (m *Memory) PutDue(d materialize.Due) error {
	m.due[d] = true
	return nil
}

func (m *Memory) Due(most int) (out []materialize.Due, err error) {
	all := slices.SortedFunc(maps.Keys(m.due), func(a, b materialize.Due) int {
		return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.Start, b.Start))
	})
	for _, d := range all {
		if d.RuleID == all[0].RuleID && len(out) < most {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *Memory) DeleteDue(d materialize.Due) error {
	delete(m.due, d)
	return nil
}

func testDue(t *testing.T, c *contractTest) {
	due := func(most int) (out string) {
		all, err := c.tx.Due(most)
		c.ok(err)
		for _, d := range all {
			out += fmt.Sprint(d.RuleID, " ", d.Start, " ")
		}
		return out
	}
	c.equal(due(9), "")
	for _, d := range []materialize.Due{{RuleID: "b", Start: 3000}, {RuleID: "a", Start: 6600}, {RuleID: "a", Start: 3000},
		{RuleID: "a", Start: materialize.AllTime}, {RuleID: "a", Start: 3000}} {
		c.ok(c.tx.PutDue(d))
	}
	c.equal(due(9), "a -9223372036854775808 a 3000 a 6600 ")
	c.equal(due(2), "a -9223372036854775808 a 3000 ")
	c.ok(c.tx.DeleteDue(materialize.Due{RuleID: "a", Start: 3000}))
	c.ok(c.tx.DeleteDue(materialize.Due{RuleID: "c", Start: 3000}))
	c.equal(due(9), "a -9223372036854775808 a 6600 ")
	for rows := 1; rows > 0; {
		var err error
		rows, err = c.tx.Forget("a", 1)
		c.ok(err)
	}
	c.equal(due(9), "b 3000 ")
}
