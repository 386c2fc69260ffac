package db

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"escutcheon/csvsafe"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/intake"
)

// delta is what the new events of a batch add to one finding.
type delta struct {
	rule        *detection.Rule
	key         []string
	state       *spl.State
	events      []int64
	first, last int64
	change      detection.Kind
	windows     map[int64]*spl.State // by the second at which the window starts
}

func newDelta(r *detection.Rule, key []string) *delta {
	return &delta{rule: r, key: key, state: r.Plan.New(), windows: map[int64]*spl.State{}, first: math.MaxInt64, last: math.MinInt64}
}

func (d *delta) add(id int64, e *event.Event, change detection.Kind) {
	second := e.Second()
	d.first, d.last = min(d.first, second), max(d.last, second)
	d.events = append(d.events, id)
	d.state.Add(e)
	d.change |= change
	start := detection.WindowOf(second).Start
	if d.windows[start] == nil {
		d.windows[start] = d.rule.Plan.New()
	}
	d.windows[start].Add(e)
}

// findings adds the new events of the batch to the findings they are in.
func (s *storer) findings() error {
	return applyMatches(s, s.b.Events, s.b.Matches, s.ids)
}

// applyMatches adds those matched events whose id is not 0 to findings, or
// notes that they are in none.
func applyMatches(s *storer, events []event.Event, matches []intake.Match, ids []int64) error {
	deltas := map[string]*delta{}
	for _, m := range matches {
		id := ids[m.Event]
		if id == 0 {
			continue
		}
		e := &events[m.Event]
		missing := m.Missing
		if !e.HasTime && !slices.Contains(missing, "_time") {
			missing = append(slices.Clone(missing), "_time")
		}
		if len(missing) > 0 {
			_, err := s.exec(`INSERT INTO unattributed (rule_id, event_id, dest, missing) VALUES (?, ?, ?, ?)`,
				m.Rule.ID, id, normalizedOrNone(e.Computer), strings.Join(missing, ", "))
			if err != nil {
				return err
			}
			continue
		}
		key := detection.FindingID(m.Rule.ID, m.Key)
		d := deltas[key]
		if d == nil {
			d = newDelta(m.Rule, m.Key)
			deltas[key] = d
		}
		d.add(id, e, m.Change)
	}
	for _, key := range slices.Sorted(maps.Keys(deltas)) {
		if err := s.finding(key, deltas[key]); err != nil {
			return fmt.Errorf("finding %s: %w", key, err)
		}
	}
	return nil
}

func normalizedOrNone(computer string) string {
	if computer == "" {
		return ""
	}
	return event.NormalizeHost(computer)
}

// finding merges a delta into the stored finding, or stores a new one.
func (s *storer) finding(key string, d *delta) error {
	var id int64
	var stored string
	count, first, last, change := int64(len(d.events)), d.first, d.last, d.change
	var oldCount, oldFirst, oldLast int64
	var oldChange detection.Kind
	err := s.get(`SELECT id, state, count, first, last, change FROM finding WHERE key = ?`, []any{key},
		&id, &stored, &oldCount, &oldFirst, &oldLast, &oldChange)
	switch {
	case err == nil:
		if err := mergeStored(d.rule, d.state, stored); err != nil {
			return err
		}
		count, first, last, change = count+oldCount, min(first, oldFirst), max(last, oldLast), change|oldChange
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	state, err := json.Marshal(d.state)
	if err != nil {
		return err
	}
	row, verdict := d.rule.Plan.Row(d.key, d.state)
	values := rowValues(d.rule, row)
	dest, _ := row.Get("dest")
	err = s.get(`INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET dest = excluded.dest, state = excluded.state, row = excluded.row, sort = excluded.sort,
		verdict = excluded.verdict, count = excluded.count, first = excluded.first, last = excluded.last, change = excluded.change RETURNING id`,
		[]any{key, d.rule.ID, normalizedOrNone(dest), marshal(d.key), string(state), marshal(values), sortKey(values), verdictNumber(verdict),
			count, first, last, int64(change)}, &id)
	if err != nil {
		return err
	}
	for _, e := range d.events {
		if _, err := s.exec(`INSERT INTO finding_event (finding_id, event_id) VALUES (?, ?)`, id, e); err != nil {
			return err
		}
	}
	return s.windows(id, d)
}

// windows merges the windows of a delta into the finding's and makes their
// risk events anew.
func (s *storer) windows(id int64, d *delta) error {
	for start, state := range d.windows {
		var stored string
		err := s.get(`SELECT state FROM finding_window WHERE finding_id = ? AND start = ?`, []any{id, start}, &stored)
		if err == nil {
			err = mergeStored(d.rule, state, stored)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		merged, err := json.Marshal(state)
		if err != nil {
			return err
		}
		_, err = s.exec(`INSERT INTO finding_window (finding_id, start, state) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET state = excluded.state`, id, start, string(merged))
		if err != nil {
			return err
		}
		if err := s.riskEvents(id, d, detection.WindowOf(start), state); err != nil {
			return err
		}
	}
	return nil
}

func (s *storer) riskEvents(id int64, d *delta, w detection.Window, state *spl.State) error {
	if _, err := s.exec(`DELETE FROM risk_event WHERE finding_id = ? AND start = ?`, id, w.Start); err != nil {
		return err
	}
	for _, e := range d.rule.RiskEvents(d.key, state, w) {
		_, err := s.exec(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, w.Start, e.ObjectType, e.RiskObject, e.RuleID, e.Score, e.Message, e.Count, e.Time)
		if err != nil {
			return err
		}
	}
	return nil
}

// mergeStored adds a stored state to one in memory.
func mergeStored(r *detection.Rule, state *spl.State, stored string) error {
	old, err := r.Plan.Load([]byte(stored))
	if err != nil {
		return err
	}
	return state.Merge(old)
}

func verdictNumber(v spl.Verdict) int {
	switch v {
	case spl.Kept:
		return 0
	case spl.Suppressed:
		return 1
	}
	return 2
}

// rowValues are a row's values in the order of the rule's columns, "" for a
// null.
func rowValues(r *detection.Rule, row spl.Row) []string {
	columns := r.Plan.Columns()
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i], _ = row.Get(c)
	}
	return out
}

// sortKey encodes the values as they stand in CSV so that the keys' bytes
// compare as the rows do: a value ends with 00 01, a NUL in it is 00 FF.
func sortKey(values []string) []byte {
	var b []byte
	for _, v := range values {
		for _, c := range []byte(csvsafe.Cell(v)) {
			if b = append(b, c); c == 0 {
				b = append(b, 0xff)
			}
		}
		b = append(b, 0, 1)
	}
	return b
}

// cells is the inverse of marshal for a row.
func cells(row string) []string {
	var out []string
	if err := json.Unmarshal([]byte(row), &out); err != nil {
		return nil
	}
	return out
}
