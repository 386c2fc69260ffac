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
)

// part is what some events of a finding come to.
type part struct {
	state       *spl.State
	count       int64
	first, last int64
	change      detection.Kind
}

func newPart(r *detection.Rule) *part {
	return &part{state: r.Plan.New(), first: math.MaxInt64, last: math.MinInt64}
}

func (p *part) add(a added) {
	p.count++
	p.first, p.last = min(p.first, a.second), max(p.last, a.second)
	p.state.Add(&a.part)
	p.change |= a.change
}

func (p *part) merge(o *part) error {
	p.count, p.first, p.last, p.change = p.count+o.count, min(p.first, o.first), max(p.last, o.last), p.change|o.change
	return p.state.Merge(o.state)
}

// delta is what a transaction adds to one finding.
type delta struct {
	rule   *detection.Rule
	by     []string
	events []added
}

// added is one event that a finding gains.
type added struct {
	id     int64
	second int64
	part   spl.Part
	change detection.Kind
}

// drop forgets an event and says whether it was there.
func (d *delta) drop(id int64) bool {
	n := len(d.events)
	d.events = slices.DeleteFunc(d.events, func(a added) bool { return a.id == id })
	return len(d.events) < n
}

// matches puts those matched events whose id is not 0 into their rows.
func (s *storer) matches(events []event.Event, matches []detection.Match, ids []int64) error {
	for _, m := range matches {
		if ids[m.Event] == 0 || s.runs[m.Rule.ID] < ids[m.Event] {
			continue
		}
		if err := s.add(m, ids[m.Event], &events[m.Event]); err != nil {
			return err
		}
	}
	return nil
}

// add puts an event into a row, or notes that it is in none.
func (s *storer) add(m detection.Match, id int64, e *event.Event) error {
	if len(m.Part.Missing) > 0 {
		_, err := s.exec(`INSERT INTO unattributed (rule_id, event_id, dest, missing) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			m.Rule.ID, id, normalizedOrNone(e.Computer), strings.Join(m.Part.Missing, ", "))
		return err
	}
	key := detection.FindingID(m.Rule.ID, m.Part.Key)
	d := s.deltas[key]
	if d == nil {
		d = &delta{rule: m.Rule, by: m.Part.Key}
		s.deltas[key] = d
	}
	d.events = append(d.events, added{id, e.Second(), m.Part, m.Change})
	return nil
}

func normalizedOrNone(computer string) string {
	if computer == "" {
		return ""
	}
	return event.NormalizeHost(computer)
}

// storeDeltas stores what the findings gain.
func (s *storer) storeDeltas() error {
	for _, key := range slices.Sorted(maps.Keys(s.deltas)) {
		if d := s.deltas[key]; len(d.events) > 0 {
			if err := s.grown(key, d); err != nil {
				return fmt.Errorf("finding %s: %w", key, err)
			}
		}
	}
	clear(s.deltas)
	return nil
}

// grown merges a delta into the stored finding, or stores a new one.
func (s *storer) grown(key string, d *delta) error {
	all := newPart(d.rule)
	windows := map[int64]*part{}
	for _, a := range d.events {
		all.add(a)
		start := detection.WindowOf(a.second).Start
		if windows[start] == nil {
			windows[start] = newPart(d.rule)
		}
		windows[start].add(a)
	}
	old := newPart(d.rule)
	var stored string
	err := s.get(`SELECT state, count, first, last, change FROM finding WHERE key = ?`, []any{key}, &stored, &old.count, &old.first, &old.last, &old.change)
	if err = s.mergeStored(d.rule, all, old, stored, err); err != nil {
		return err
	}
	id, err := s.storeFinding(d, all)
	if err != nil {
		return err
	}
	for _, a := range d.events {
		if _, err := s.exec(`INSERT INTO finding_event (finding_id, start, event_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			id, detection.WindowOf(a.second).Start, a.id); err != nil {
			return err
		}
	}
	for start, w := range windows {
		old := newPart(d.rule)
		err := s.get(`SELECT state, count, first, last, change FROM finding_window WHERE finding_id = ? AND start = ?`, []any{id, start},
			&stored, &old.count, &old.first, &old.last, &old.change)
		if err = s.mergeStored(d.rule, w, old, stored, err); err != nil {
			return err
		}
		if err := s.storeWindow(id, d, start, w); err != nil {
			return err
		}
	}
	return nil
}

// mergeStored adds what a query found stored, if anything, to p.
func (s *storer) mergeStored(r *detection.Rule, p, old *part, state string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if old.state, err = r.Plan.Load([]byte(state)); err != nil {
		return err
	}
	return p.merge(old)
}

// findingByID is a stored finding's rule and BY values.
func (s *storer) findingByID(id int64) (*delta, error) {
	var ruleID, by string
	if err := s.get(`SELECT rule_id, by_key FROM finding WHERE id = ?`, []any{id}, &ruleID, &by); err != nil {
		return nil, err
	}
	r := detection.Find(s.rules.All(), ruleID)
	if r == nil {
		return nil, fmt.Errorf("its rule %s is not loaded", ruleID)
	}
	return &delta{rule: r, by: cells(by)}, nil
}

// storeFinding stores a finding as all its events make it. Of a rule whose
// rows are made together it is a group, which is in no row yet.
func (s *storer) storeFinding(d *delta, all *part) (id int64, err error) {
	if d.rule.Plan.Local() {
		row, verdict := d.rule.Plan.Row(d.by, all.state)
		return s.storeRow(d, all, row, verdictNumber(verdict), false)
	}
	s.remake(d.rule)
	return s.storeRow(d, all, nil, verdictDropped, false)
}

// storeRow stores a finding with its row.
func (s *storer) storeRow(d *delta, all *part, row spl.Row, verdict int, made bool) (id int64, err error) {
	state, err := json.Marshal(all.state)
	if err != nil {
		return 0, err
	}
	values := rowValues(d.rule, row)
	err = s.get(`INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change, made)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET dest = excluded.dest, state = excluded.state, row = excluded.row, sort = excluded.sort,
		verdict = excluded.verdict, count = excluded.count, first = excluded.first, last = excluded.last, change = excluded.change RETURNING id`,
		[]any{detection.FindingID(d.rule.ID, d.by), d.rule.ID, d.rule.DestOf(row), marshal(d.by), string(state), marshal(values), sortKey(values),
			verdict, all.count, all.first, all.last, int64(all.change), made}, &id)
	return id, err
}

// storeWindow stores what a finding's events in one window come to, and the
// risk events that the scheduled run over it makes of them.
func (s *storer) storeWindow(id int64, d *delta, start int64, w *part) error {
	for _, q := range []string{`DELETE FROM risk_event WHERE finding_id = ? AND start = ?`, `DELETE FROM threat_object WHERE finding_id = ? AND start = ?`} {
		if _, err := s.exec(q, id, start); err != nil {
			return err
		}
	}
	if w.count == 0 {
		if !d.rule.Plan.Local() {
			s.remakeWindow(d.rule, start)
		}
		_, err := s.exec(`DELETE FROM finding_window WHERE finding_id = ? AND start = ?`, id, start)
		return err
	}
	state, err := json.Marshal(w.state)
	if err != nil {
		return err
	}
	_, err = s.exec(`INSERT INTO finding_window (finding_id, start, state, count, first, last, change) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, count = excluded.count, first = excluded.first, last = excluded.last, change = excluded.change`,
		id, start, string(state), w.count, w.first, w.last, int64(w.change))
	if err != nil {
		return err
	}
	if !d.rule.Plan.Local() { // the rows of a window are made together
		s.remakeWindow(d.rule, start)
		return nil
	}
	return s.storeRisk(id, d.rule.RiskEvents(d.by, w.state, detection.WindowOf(start)), start)
}

// storeRisk stores what one scheduled run made of a finding.
func (s *storer) storeRisk(id int64, events []detection.RiskEvent, start int64) error {
	for _, e := range events {
		_, err := s.exec(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, start, e.ObjectType, e.RiskObject, e.RuleID, e.Score, e.Message, e.Count, e.Time)
		if err != nil {
			return err
		}
		for _, t := range e.Threats {
			if _, err := s.exec(`INSERT INTO threat_object (finding_id, start, type, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				id, start, t.Type, t.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// verdictDropped is that of a finding which is in no row.
const verdictDropped = 2

func verdictNumber(v spl.Verdict) int {
	switch v {
	case spl.Kept:
		return 0
	case spl.Aside:
		return 1
	}
	return verdictDropped
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
