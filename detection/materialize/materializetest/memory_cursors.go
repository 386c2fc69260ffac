package materializetest

import (
	"maps"
	"slices"

	"escutcheon/detection/materialize"
)

func (m *Memory) Cursors() (out []materialize.Cursor, err error) {
	for _, id := range slices.Sorted(maps.Keys(m.cursors)) {
		out = append(out, m.cursors[id])
	}
	return out, nil
}

func (m *Memory) Behind() (map[string]int64, error) {
	out := map[string]int64{}
	for id, c := range m.cursors {
		if c.At != materialize.Ran {
			out[id] = c.At
		}
	}
	return out, nil
}

func (m *Memory) PutCursor(c materialize.Cursor) error {
	m.cursors[c.RuleID] = c
	return nil
}

func (m *Memory) DeleteCursor(ruleID string) error {
	delete(m.cursors, ruleID)
	return nil
}
