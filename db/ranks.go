package db

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"escutcheon/detection/verdict"
	"escutcheon/store"
)

// gravityBits is where in a rank the gravity stands.
const gravityBits = 56

// rank orders hosts: by gravity, then rarity, then score. What is closed or
// suppressed has no gravity, and its rarity does not rank a host either.
func rank(g verdict.Gravity, hosts, score int64) int64 {
	const rarest, most = 1<<20 - 1, 1<<36 - 1
	if g == verdict.None {
		hosts = 0
	}
	return int64(g)<<gravityBits | (rarest-min(max(hosts, 0), rarest))<<36 | min(max(score, 0), most)
}

// placed is a host with its place in a list by gravity.
type placed struct {
	candidate
	ranked
	rank int64
}

// byGravity is a page of the list by gravity, rarity and score.
func (l *hostList) byGravity(p store.Page) (out []candidate, c store.Cursors, err error) {
	list, _, err := l.rankedNow()
	if err != nil {
		return nil, c, err
	}
	some, c, err := sorted(list, p, func(h placed) mark { return mark{Value: h.rank, ID: h.id} })
	for _, h := range some {
		out = append(out, h.candidate)
	}
	return out, c, err
}

// ranking is what a list by gravity rests on, and whether it may be remembered:
// it lasts while nothing changes, or a large import runs and it need not be new.
type ranking struct {
	rankState
	lasts, busy bool
	patched     bool // the hosts whose rows do not hold are put in after that
}

// rankedNow is all of the list by gravity, as it is remembered or made; it is not
// to be changed. What hosts are by their rows is remembered, and the few whose rows
// do not hold are put in.
func (l *hostList) rankedNow() (list []placed, now ranking, err error) {
	k := countKey{l.f.Rule, l.text, l.f.Severity, l.f.Dest}
	if now, err = l.ranking(); err != nil {
		return nil, now, err
	}
	list, ok := l.v.seen.rankedBefore(k, now.rankState, now.busy)
	if !ok || !now.lasts && !now.busy && !now.patched {
		over := l.over
		if now.patched {
			l.over = overlay{}
		}
		list, err = l.placed()
		if l.over = over; err != nil {
			return nil, now, err
		}
		if now.lasts || now.busy || now.patched {
			l.v.seen.rank(k, now.rankState, list)
		}
	}
	if now.patched {
		list = l.patch(list)
	}
	return list, now, nil
}

func (l *hostList) ranking() (now ranking, err error) {
	due := 0
	if err := one(l.ctx, l.q, `SELECT made, last, ifnull((SELECT last FROM sequence WHERE name = 'rows'), 0),
			ifnull((SELECT last FROM sequence WHERE name = 'verdicts'), 0), (SELECT count(*) FROM (`+dueVerdicts+` LIMIT 101))
		FROM risk_clock, sequence WHERE name = 'store'`, nil, &now.made, &now.stored, &now.rows, &now.verdicts,
		&due); err != nil {
		return now, err
	}
	own := l.f.AsOf == nil && l.f.Among == nil
	now.busy = own && due > mostDue
	now.lasts = own && due == 0 && len(l.over) == 0
	now.patched = own && due == 0 && len(l.over) > 0 && l.f.Severity == ""
	return now, nil
}

// patch is a list with the hosts whose rows do not hold where they belong.
func (l *hostList) patch(list []placed) []placed {
	out, moved := make([]placed, 0, len(list)), []placed(nil)
	for _, h := range list {
		st, ok := l.over[h.dest]
		if !ok {
			out = append(out, h)
			continue
		}
		c := candidateOf(st)
		c.id, c.dest, c.last = h.id, h.dest, h.last
		moved = append(moved, placed{c, h.ranked, rank(h.gravity, h.hosts, c.score)})
	}
	slices.SortFunc(moved, gravest)
	return merged(out, moved, gravest)
}

// merged puts two sorted lists together.
func merged[T any](a, b []T, order func(x, y T) int) []T {
	out := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if order(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

func gravest(a, b placed) int { return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.id, a.id)) }

// placed are the hosts of the filter, the gravest first.
func (l *hostList) placed() ([]placed, error) {
	all, err := l.all()
	if err != nil {
		return nil, err
	}
	ranks, err := l.ranks()
	if err != nil {
		return nil, err
	}
	for main, names := range l.of {
		b, err := brief(l.ctx, l.q, append([]string{main}, names...), l.f.AsOf)
		if err != nil {
			return nil, err
		}
		ranks[main] = ranked{b.Gravity, b.Hosts}
	}
	out := make([]placed, len(all))
	for i, h := range all {
		r := ranks[h.dest]
		out[i] = placed{h, r, rank(r.gravity, r.hosts, h.score)}
	}
	slices.SortFunc(out, gravest)
	return out, nil
}

// rankState is what lists by gravity rest on.
type rankState struct{ made, stored, rows, verdicts int64 }

type rankSeen struct {
	rankState
	list []placed
	made time.Time
}

// rankedFor is how long a list is shown as it was while a large import changes it.
const rankedFor = 2 * time.Second

// mostRanked is how many filters' lists are remembered, mostPlaced how many hosts
// one has at most.
const (
	mostRanked = 8
	mostPlaced = 100_000
)

func (s *seen) rankedBefore(k countKey, now rankState, busy bool) ([]placed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.ranked[k]
	return old.list, ok && (old.rankState == now || busy && time.Since(old.made) < rankedFor)
}

func (s *seen) rank(k countKey, now rankState, list []placed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ranked == nil || len(s.ranked) >= mostRanked {
		s.ranked = map[countKey]rankSeen{}
	}
	if len(list) <= mostPlaced {
		s.ranked[k] = rankSeen{now, list, time.Now()}
	}
}

// ranked is what ranks a host besides its score.
type ranked struct {
	gravity verdict.Gravity
	hosts   int64
}

// ranks are those of the hosts that have a verdict, by dest.
func (l *hostList) ranks() (map[string]ranked, error) {
	if l.f.AsOf != nil {
		return l.ranksAt(*l.f.AsOf)
	}
	out := map[string]ranked{}
	err := each(l.ctx, l.q, func(r *sql.Rows) error {
		var dest string
		var one ranked
		err := r.Scan(&dest, &one.gravity, &one.hosts)
		out[dest] = one
		return err
	}, `SELECT v.dest, v.gravity, ifnull(m.hosts, 0) FROM host_verdict v
		LEFT JOIN module_count m ON m.module = v.module AND m.image = v.image AND v.module || v.image <> ''`)
	if err != nil {
		return nil, err
	}
	var due []string
	if err := each(l.ctx, l.q, func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		due = append(due, dest)
		return err
	}, dueVerdicts+` LIMIT ?`, mostDue+1); err != nil {
		return nil, err
	}
	if len(due) > mostDue { // they are ranked as they were
		return out, nil
	}
	for _, dest := range due {
		b, err := brief(l.ctx, l.q, []string{dest}, nil)
		if err != nil {
			return nil, err
		}
		out[dest] = ranked{b.Gravity, b.Hosts}
	}
	return out, nil
}

// mostDue is how many verdicts a list makes that are yet to be stored; more are
// ranked as they were until they are.
const mostDue = 100

// ranksAt are those over the logs up to a second.
func (l *hostList) ranksAt(second int64) (map[string]ranked, error) {
	hidden := map[int64]bool{}
	if err := each(l.ctx, l.q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		hidden[id] = true
		return err
	}, hiddenChanges); err != nil {
		return nil, err
	}
	counts, err := moduleCounts(l.ctx, l.q)
	if err != nil {
		return nil, err
	}
	out := map[string]ranked{}
	var dest string
	var changes []verdict.Change
	end := func() {
		if v := verdict.Make(changes); len(changes) > 0 {
			one := ranked{gravity: v.Gravity}
			if len(v.Modules) > 0 {
				name, image := v.Modules[0].Key()
				one.hosts = counts[[2]string{name, image}]
			}
			out[dest] = one
		}
		changes = changes[:0]
	}
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var of string
		var c verdict.Change
		var nanos sql.NullInt64
		if err := r.Scan(&of, &c.Event, &nanos, &c.Kind, &c.Module, &c.Image, &c.Scope); err != nil {
			return err
		}
		if of != dest {
			end()
			dest = of
		}
		if nanos.Valid {
			c.At = time.Unix(0, nanos.Int64).UTC()
		}
		c.Closed = hidden[c.Event]
		changes = append(changes, c)
		return nil
	}, `SELECT h.dest, c.event_id, c.nanos, c.kind, c.module, c.image, c.scope FROM change_event c INDEXED BY change_event_host
		JOIN host h ON h.id = c.host_id WHERE c.nanos IS NULL OR c.nanos < ? ORDER BY c.host_id`, endOf(second))
	end()
	if err != nil {
		return nil, err
	}
	return out, l.ranksByFiles(second, out)
}

// ranksByFiles ranks the hosts of which there are files of their servers again, by these
// too.
func (l *hostList) ranksByFiles(second int64, out map[string]ranked) error {
	var dests []string
	err := each(l.ctx, l.q, func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		dests = append(dests, dest)
		return err
	}, `SELECT DISTINCT dest FROM artifact WHERE dest <> '' LIMIT ?`, mostDue)
	for _, dest := range dests {
		var b store.Brief
		if b, err = brief(l.ctx, l.q, []string{dest}, &second); err != nil {
			break
		}
		if b.Gravity != 0 || out[dest] != (ranked{}) {
			out[dest] = ranked{b.Gravity, b.Hosts}
		}
	}
	return err
}

// hiddenChanges are the changes all of whose findings are closed, or suppressed by
// a filter.
const hiddenChanges = `SELECT c.event_id FROM (SELECT id FROM finding INDEXED BY finding_hidden WHERE verdict <> 0
		UNION SELECT f.id FROM triage t JOIN finding f ON f.key = t.name WHERE t.kind = 'finding' AND t.closed IS NOT NULL) f
	JOIN finding_event x ON x.finding_id = f.id JOIN change_event c ON c.event_id = x.event_id
	WHERE NOT EXISTS (SELECT 1 FROM finding_event y JOIN finding g ON g.id = y.finding_id
		WHERE y.event_id = x.event_id AND g.verdict = 0 AND g.status < 3)`

func moduleCounts(ctx context.Context, q conn) (map[[2]string]int64, error) {
	out := map[[2]string]int64{}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var key [2]string
		var n int64
		err := r.Scan(&key[0], &key[1], &n)
		out[key] = n
		return err
	}, `SELECT module, image, hosts FROM module_count`)
}

// endOf is the nanosecond after a second.
func endOf(second int64) int64 {
	const most = math.MaxInt64/int64(time.Second) - 1
	return (min(max(second, -most), most) + 1) * int64(time.Second)
}
