package materializetest

import (
	"cmp"
	"maps"
	"slices"

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
