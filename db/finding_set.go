package db

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"escutcheon/detection"
	"escutcheon/triage"
)

// findingSet holds of each finding what lists are filtered, counted and sorted by.
// It follows finding_log: what a page asks is a look through memory, whatever it
// is filtered by.
type findingSet struct {
	mu      sync.Mutex
	loaded  bool
	seq     int64     // of finding_log that it has seen
	at      time.Time // when it last looked
	version int64     // changes with any row
	rules   *detection.Rules
	rows    []findingItem
	index   map[int64]int32  // number of a finding → place in rows
	numbers map[string]int32 // of names
	names   []string
	urgency map[int32]triage.Urgency // of rules, by default
	counted map[string]findingCounts
}

// findingItem is a finding. Its names are numbers in the set's.
type findingItem struct {
	id, first, last, count                   int64
	rule, dest, module, channel, owner, what int32
	change                                   detection.Kind
	verdict                                  int8
	status                                   triage.Status
	set                                      triage.Urgency // by somebody; Default: its rule's
}

// mostFindings is how many findings are held: about 100 MB.
const mostFindings = 1_000_000

// While so many changes come, they are looked at every two seconds only.
const (
	manyLogged = 2000
	loggedFor  = 2 * time.Second
)

const itemColumns = `f.id, f.rule_id, f.dest, f.verdict, f.status, f.count, f.first, f.last, f.change,
	a.module, a.channel, ifnull(t.owner, ''), ifnull(t.urgency, 0)`

var itemTables = ` LEFT JOIN finding_about a ON a.id = f.id
	LEFT JOIN triage t ON t.kind = 'finding' AND t.name = f.key AND ` + triageSum.whole("t")

// follow brings the set up to a snapshot. Its lock is held.
func (s *findingSet) follow(ctx context.Context, q conn, rules *detection.Rules) error {
	var oldest, newest int64
	if err := one(ctx, q, `SELECT ifnull((SELECT min(seq) FROM finding_log), 0),
			ifnull((SELECT max(seq) FROM finding_log), 0)`, nil, &oldest, &newest); err != nil {
		return err
	}
	if s.rules != rules {
		s.rules, s.urgency, s.counted = rules, map[int32]triage.Urgency{}, nil
	}
	switch {
	case !s.loaded || newest < s.seq || oldest > s.seq+1:
		return s.load(ctx, q, newest)
	case newest == s.seq || newest-s.seq > manyLogged && time.Since(s.at) < loggedFor:
		return nil
	}
	return s.changes(ctx, q, newest)
}

// load reads all findings anew.
func (s *findingSet) load(ctx context.Context, q conn, newest int64) error {
	s.loaded, s.version, s.rows, s.names, s.counted = false, s.version+1, nil, nil, nil
	s.index, s.numbers, s.urgency = map[int64]int32{}, map[string]int32{}, map[int32]triage.Urgency{}
	var n int64
	if err := one(ctx, q, `SELECT ifnull(sum(n), 0) FROM finding_count`, nil, &n); err != nil {
		return err
	}
	if n > mostFindings {
		return errTooManyFindings
	}
	undescribed, err := s.read(ctx, q, `SELECT `+itemColumns+` FROM finding f`+itemTables+` WHERE f.verdict <= 1`)
	if err != nil {
		return err
	}
	s.loaded, s.seq, s.at = true, newest, time.Now()
	return s.describe(ctx, q, undescribed)
}

// changes reads the findings that have changed.
func (s *findingSet) changes(ctx context.Context, q conn, newest int64) error {
	var gone []int64
	if err := each(ctx, q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		gone = append(gone, id)
		return err
	}, `SELECT DISTINCT id FROM finding_log WHERE seq > ?`, s.seq); err != nil {
		return err
	}
	for _, id := range gone { // those that are still there come again
		s.drop(id)
	}
	undescribed, err := s.read(ctx, q, `SELECT `+itemColumns+` FROM finding f`+itemTables+`
		WHERE f.id IN (SELECT value FROM json_each(?)) AND f.verdict <= 1`, jsonList(gone))
	if err != nil {
		s.loaded = false
		return err
	}
	s.seq, s.at, s.counted = newest, time.Now(), nil
	s.version++
	return s.describe(ctx, q, undescribed)
}

// read adds the findings of a query, and says which are not described yet.
func (s *findingSet) read(ctx context.Context, q conn, query string, args ...any) (undescribed []int64, err error) {
	return undescribed, each(ctx, q, func(r *sql.Rows) error {
		var f findingItem
		var rule, dest, owner string
		var module, channel sql.NullString
		if err := r.Scan(&f.id, &rule, &dest, &f.verdict, &f.status, &f.count, &f.first, &f.last, &f.change, &module,
			&channel, &owner, &f.set); err != nil {
			return err
		}
		if !module.Valid {
			undescribed = append(undescribed, f.id)
		}
		f.rule, f.dest, f.owner = s.number(rule), s.number(dest), s.number(owner)
		s.say(&f, module.String, channel.String)
		s.index[f.id] = int32(len(s.rows))
		s.rows = append(s.rows, f)
		return nil
	}, query, args...)
}

// say fills in what a finding is about.
func (s *findingSet) say(f *findingItem, module, channel string) {
	f.module, f.channel = s.number(module), s.number(channel)
	what := (f.change &^ detection.Qualifiers).String()
	if module != "" {
		what += ": " + module
	}
	f.what = s.number(what)
}

// describe fills in what is not stored yet of a few findings.
func (s *findingSet) describe(ctx context.Context, q conn, ids []int64) error {
	if len(ids) == 0 || len(ids) > mostDescribed {
		return nil
	}
	list, err := describe(ctx, q, s.rules, ids)
	for _, a := range list {
		if i, ok := s.index[a.id]; ok {
			s.say(&s.rows[i], a.module, a.channel)
		}
	}
	return err
}

func (s *findingSet) drop(id int64) {
	i, ok := s.index[id]
	if !ok {
		return
	}
	last := len(s.rows) - 1
	s.rows[i] = s.rows[last]
	s.index[s.rows[i].id] = i
	s.rows = s.rows[:last]
	delete(s.index, id)
}

func (s *findingSet) number(name string) int32 {
	n, ok := s.numbers[name]
	if !ok {
		n = int32(len(s.names))
		s.names, s.numbers[name] = append(s.names, name), n
	}
	return n
}

// urgencyOf is a finding's urgency: what somebody set, else its rule's.
func (s *findingSet) urgencyOf(f *findingItem) triage.Urgency {
	if f.set != triage.Default {
		return f.set
	}
	u, ok := s.urgency[f.rule]
	if !ok {
		u = triage.Medium
		if s.rules != nil {
			if r := s.rules.Find(s.names[f.rule]); r != nil {
				u = triage.OfScore(r.TopScore())
			}
		}
		s.urgency[f.rule] = u
	}
	return u
}

// withFindings looks at the findings as they are.
func (d *DB) withFindings(ctx context.Context, look func(q conn, s *findingSet) error) error {
	s := &d.findings // its lock comes first, so that snapshots do not go back
	s.mu.Lock()
	defer s.mu.Unlock()
	return d.snapshot(ctx, func(q conn) error {
		if err := s.follow(ctx, q, d.inForce()); err != nil {
			return err
		}
		return look(q, s)
	})
}

// holdFindings makes ready what lists look through: the first page need not wait.
func (d *DB) holdFindings(ctx context.Context) error {
	return d.withFindings(ctx, func(conn, *findingSet) error { return nil })
}
