package db

import (
	"context"
	"database/sql"
	"time"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
)

// ageing says which events of a block are to go: those before the line on which nothing
// rests. An event without a time is as old as the import that it was last seen in.
type ageing struct {
	ctx      context.Context
	q        conn
	line     int64
	rules    *detection.Rules
	windows  map[string]map[int64]string // see keeping
	searches map[*detection.Rule]string
	channels map[int64]string
	pinned   map[int64]bool
	imports  map[int64]int64 // the second when each came
}

func newAgeing(ctx context.Context, q conn, line int64, rules *detection.Rules,
	windows map[string]map[int64]string) (*ageing, error) {
	a := &ageing{ctx: ctx, q: q, line: line, rules: rules, windows: windows, searches: map[*detection.Rule]string{},
		channels: map[int64]string{}, pinned: map[int64]bool{}, imports: map[int64]int64{}}
	if err := each(ctx, q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		a.pinned[id] = true
		return err
	}, `SELECT CAST(ref AS INTEGER) FROM pin WHERE kind = 'event' AND away = 0`); err != nil || len(windows) == 0 {
		return a, err
	}
	return a, each(ctx, q, func(r *sql.Rows) error {
		var id int64
		var name string
		err := r.Scan(&id, &name)
		a.channels[id] = name
		return err
	}, `SELECT id, name FROM channel`)
}

// mayHold says whether a block may hold an event that is too old.
func (a *ageing) mayHold(b *blockInfo) bool {
	s := &b.summary
	return s.Live > 0 && (s.Timed && s.First < a.line || s.Untimed)
}

// split are the events of a block that go, sorted, and how many stay that are too old.
func (a *ageing) split(b *blockInfo, c *block.Columns) (gone []int64, kept int64, err error) {
	old, err := a.old(b, c)
	if err != nil || len(old) == 0 {
		return nil, 0, err
	}
	rests, err := a.rests(old[0], old[len(old)-1])
	if err != nil {
		return nil, 0, err
	}
	odd := false
	if len(a.windows) > 0 {
		if err := one(a.ctx, a.q, `SELECT EXISTS (SELECT 1 FROM odd_block WHERE first = ?1)
			OR (SELECT last FROM sequence WHERE name = 'odd') >= ?1`, []any{b.first}, &odd); err != nil {
			return nil, 0, err
		}
	}
	for _, id := range old {
		i := id - b.first
		if rests[id] || a.pinned[id] || a.ofWindow(c.Second[i], a.channels[c.Channel[i]], c.Code[i], odd) {
			kept++
			continue
		}
		gone = append(gone, id)
	}
	return gone, kept, nil
}

// old are the events of a block that are before the line.
func (a *ageing) old(b *blockInfo, c *block.Columns) (old []int64, err error) {
	var seen map[int64][]again // of events without a time
	for i, id := range c.Event {
		if id != b.first+int64(i) || c.Second[i] != event.NoSecond && c.Second[i] >= a.line {
			continue
		}
		if c.Second[i] == event.NoSecond {
			if seen == nil {
				if seen, err = againAmong(a.ctx, a.q, b.first, b.first+b.count-1); err != nil {
					return nil, err
				}
			}
			came, err := a.came(b, seen[id])
			if err != nil {
				return nil, err
			}
			if came >= a.line {
				continue
			}
		}
		old = append(old, id)
	}
	return old, nil
}

// came is when an event was last seen.
func (a *ageing) came(b *blockInfo, more []again) (second int64, err error) {
	second, err = a.cameWith(b.imported)
	for _, s := range more {
		if err != nil {
			break
		}
		var at int64
		at, err = a.cameWith(s.imported)
		second = max(second, at)
	}
	return second, err
}

// cameWith is when an import came; 0, that of records which are no import's, is long ago.
func (a *ageing) cameWith(imported int64) (int64, error) {
	if at, ok := a.imports[imported]; ok || imported == 0 {
		return at, nil
	}
	var nanos int64
	err := one(a.ctx, a.q, `SELECT ifnull((SELECT created FROM import WHERE id = ?), 0)`, []any{imported}, &nanos)
	a.imports[imported] = nanos / int64(time.Second)
	return a.imports[imported], err
}

// rests are the events first … last on which something rests: findings, matches that lack
// a field, changes that verdicts tell.
func (a *ageing) rests(first, last int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	return out, each(a.ctx, a.q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		out[id] = true
		return err
	}, `SELECT event_id FROM finding_event WHERE event_id BETWEEN ?1 AND ?2
		UNION ALL SELECT event_id FROM unattributed WHERE event_id BETWEEN ?1 AND ?2
		UNION ALL SELECT event_id FROM change_event WHERE event_id BETWEEN ?1 AND ?2`, first, last)
}

// ofWindow says whether an event may be one that a row of a rule over whole windows rests
// on: the rule asks for its kind, and found something in its window.
func (a *ageing) ofWindow(second int64, channel string, code int64, odd bool) bool {
	if len(a.windows) == 0 || second == event.NoSecond {
		return false
	}
	for _, r := range a.rules.Concerned(channel, code, odd) {
		search, ok := a.windows[r.ID][detection.WindowOf(second).Start]
		if ok && search == a.searchOf(r) {
			return true
		}
	}
	return false
}

func (a *ageing) searchOf(r *detection.Rule) string {
	if a.searches[r] == "" {
		a.searches[r] = searchOf(r)
	}
	return a.searches[r]
}
