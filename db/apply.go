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

func (p *part) add(e *event.Event, change detection.Kind) {
	second := e.Second()
	p.count++
	p.first, p.last = min(p.first, second), max(p.last, second)
	p.state.Add(e)
	p.change |= change
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
	event  *event.Event
	change detection.Kind
}

// drop forgets an event and says whether it was there.
func (d *delta) drop(id int64) bool {
	n := len(d.events)
	d.events = slices.DeleteFunc(d.events, func(a added) bool { return a.id == id })
	return len(d.events) < n
}

// matches puts those matched events whose id is not 0 into their rows.
func (s *storer) matches(events []event.Event, matches []intake.Match, ids []int64) error {
	for _, m := range matches {
		if ids[m.Event] == 0 {
			continue
		}
		if err := s.add(m, ids[m.Event], &events[m.Event]); err != nil {
			return err
		}
	}
	return nil
}

// missing are the fields for lack of which an event is in no row.
func missing(m intake.Match, e *event.Event) []string {
	if !e.HasTime && !slices.Contains(m.Missing, "_time") {
		return append(slices.Clone(m.Missing), "_time")
	}
	return m.Missing
}

// add puts an event into a row, or notes that it is in none.
func (s *storer) add(m intake.Match, id int64, e *event.Event) error {
	if lacks := missing(m, e); len(lacks) > 0 {
		_, err := s.exec(`INSERT INTO unattributed (rule_id, event_id, dest, missing) VALUES (?, ?, ?, ?)`,
			m.Rule.ID, id, normalizedOrNone(e.Computer), strings.Join(lacks, ", "))
		return err
	}
	key := detection.FindingID(m.Rule.ID, m.Key)
	d := s.deltas[key]
	if d == nil {
		d = &delta{rule: m.Rule, by: m.Key}
		s.deltas[key] = d
	}
	d.events = append(d.events, added{id, e, m.Change})
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
		all.add(a.event, a.change)
		start := detection.WindowOf(a.event.Second()).Start
		if windows[start] == nil {
			windows[start] = newPart(d.rule)
		}
		windows[start].add(a.event, a.change)
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
		if _, err := s.exec(`INSERT INTO finding_event (finding_id, start, event_id) VALUES (?, ?, ?)`,
			id, detection.WindowOf(a.event.Second()).Start, a.id); err != nil {
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
	i := slices.IndexFunc(s.rules, func(r *detection.Rule) bool { return r.ID == ruleID })
	if i < 0 {
		return nil, fmt.Errorf("its rule %s is not loaded", ruleID)
	}
	return &delta{rule: s.rules[i], by: cells(by)}, nil
}

// storeFinding stores a finding as all its events make it.
func (s *storer) storeFinding(d *delta, all *part) (id int64, err error) {
	state, err := json.Marshal(all.state)
	if err != nil {
		return 0, err
	}
	row, verdict := d.rule.Plan.Row(d.by, all.state)
	values := rowValues(d.rule, row)
	dest, _ := row.Get("dest")
	err = s.get(`INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET dest = excluded.dest, state = excluded.state, row = excluded.row, sort = excluded.sort,
		verdict = excluded.verdict, count = excluded.count, first = excluded.first, last = excluded.last, change = excluded.change RETURNING id`,
		[]any{detection.FindingID(d.rule.ID, d.by), d.rule.ID, normalizedOrNone(dest), marshal(d.by), string(state), marshal(values), sortKey(values),
			verdictNumber(verdict), all.count, all.first, all.last, int64(all.change)}, &id)
	return id, err
}

// storeWindow stores what a finding's events in one window come to, and the
// risk events that the scheduled run over it makes of them.
func (s *storer) storeWindow(id int64, d *delta, start int64, w *part) error {
	if _, err := s.exec(`DELETE FROM risk_event WHERE finding_id = ? AND start = ?`, id, start); err != nil {
		return err
	}
	if w.count == 0 {
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
	for _, e := range d.rule.RiskEvents(d.by, w.state, detection.WindowOf(start)) {
		_, err := s.exec(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, start, e.ObjectType, e.RiskObject, e.RuleID, e.Score, e.Message, e.Count, e.Time)
		if err != nil {
			return err
		}
	}
	return nil
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
