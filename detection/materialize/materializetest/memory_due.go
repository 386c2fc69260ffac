package materializetest

import (
	"cmp"
	"slices"

	"escutcheon/detection/materialize"
)

// PutWhole notes a window that a rule is to be run over.
func (m *Memory) PutWhole(ruleID string, start int64) error {
	m.turn++
	m.wholes[materialize.WholeDue{RuleID: ruleID, Start: start}] = m.turn
	return nil
}

// WholesDue are some of these, the newest first.
func (m *Memory) WholesDue(most int) (out []materialize.WholeDue, err error) {
	for d, turn := range m.wholes {
		d.Turn = turn
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b materialize.WholeDue) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(a.RuleID, b.RuleID))
	})
	return out[:min(len(out), most)], nil
}

// DeleteWhole says that a rule was run over one.
func (m *Memory) DeleteWhole(d materialize.WholeDue) (bool, error) {
	turn := d.Turn
	d.Turn = 0
	if m.wholes[d] != turn {
		return false, nil
	}
	delete(m.wholes, d)
	return true, nil
}
