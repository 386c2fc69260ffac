package db

import (
	"context"
	"math"
	"sync"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// viewer scores for pages: by the settings as they were read and by the rules in
// force.
type viewer struct {
	risk.Scorer
	rules *detection.Rules
	seen  *seen
}

// viewer scores by the settings as they are read with q.
func (d *DB) viewer(ctx context.Context, q conn) (viewer, error) {
	set, err := settings(ctx, q)
	rules := d.inForce()
	return viewer{scorer(set, rules), rules, &d.seen}, err
}

// seen are views that were made for pages. What a view shows stays the same
// until its risk events change, which is told by object_risk's made, or until
// its time is over. Most commits change few hosts.
type seen struct {
	mu    sync.Mutex
	of    map[seenKey]*seenView
	hours int // of all views
	found map[foundKey]foundCount
	lists map[askedKey]askedList
	picks map[chosenKey]chosen

	counts map[countKey]countSeen

	lately    lately
	uncounted *uncountedSeen
	ranked    map[countKey]rankSeen
	objects   map[objectsKey]objectsSeen
	imports   map[int64]importSeen
}

// foundKey asks for how many findings gave an object risk: ever, or in the period
// up to a moment.
type foundKey struct {
	kind, object string
	ever         bool
}

// foundCount is the answer, which holds up to any asOf <= second < until.
type foundCount struct{ made, asOf, until, n int64 }

// mostFound is how many such answers are remembered.
const mostFound = 10_000

// findings counts those that gave an object risk: ever, or in the period up to
// its as-of.
func (v viewer) findings(ctx context.Context, q conn, kind string, st standing, ever bool) (int64, error) {
	k, at := foundKey{kind, st.object, ever}, st.asOf
	c := foundCount{made: st.made, asOf: st.asOf, until: st.asOf + 1}
	after, upTo := at-risk.Period, at
	switch {
	case ever:
		after, upTo, c.asOf, c.until = math.MinInt64, math.MaxInt64, math.MinInt64, math.MaxInt64
	case st.kind == risk.Now:
		c.until = st.until
	}
	v.seen.mu.Lock()
	old, ok := v.seen.found[k]
	v.seen.mu.Unlock()
	if ok && old.made == st.made && st.made != 0 && old.asOf <= at && at < old.until {
		return old.n, nil
	}
	err := one(ctx, q, `SELECT count(DISTINCT r.finding_id) FROM risk_event r JOIN finding f ON f.id = r.finding_id
		WHERE f.verdict = 0 AND r.object = ? AND r.object_type = ? AND r.second > ? AND r.second <= ?`,
		[]any{st.object, kind, after, upTo}, &c.n)
	v.seen.mu.Lock()
	defer v.seen.mu.Unlock()
	if len(v.seen.found) >= mostFound || v.seen.found == nil {
		v.seen.found = map[foundKey]foundCount{}
	}
	v.seen.found[k] = c
	return c.n, err
}

type seenKey struct {
	kind, object, rule string
	asked              bool
	asOf               int64 // where it was asked for
}

type seenView struct {
	made     int64
	settings risk.Settings
	rules    *detection.Rules
	told     bool // the hours have their messages
	view     risk.View
	standing standing
}

// mostSeen is how many hours all views hold, of about 100 bytes each; a view
// counts as one besides.
const mostSeen = 200_000

// cheap is below how many hours a view is made anew as quickly as looked up.
const cheap = 24

func (s *seen) get(k seenKey) *seenView {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of[k]
}

func (s *seen) put(k seenKey, v *seenView) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.of[k]; old != nil {
		s.hours -= 1 + len(old.view.Hours)
	}
	if s.hours += 1 + len(v.view.Hours); s.hours > mostSeen || s.of == nil {
		s.of, s.hours = map[seenKey]*seenView{}, 1+len(v.view.Hours)
	}
	s.of[k] = v
}

// row is what a row of object_risk says of an object besides its score.
type row struct {
	first, last int64
	made        int64 // 0: nothing stays for sure
}

// look is o.view, or what was seen of it before.
func (v viewer) look(o *object, rule string, at moment, r row) (risk.View, standing, error) {
	k := seenKey{kind: o.kind, object: o.name, rule: rule, asked: at.asked != nil}
	if k.asked {
		k.asOf = *at.asked
	}
	old := v.seen.get(k)
	if old != nil && old.made == r.made && old.settings == v.Settings && old.rules == v.rules &&
		(old.told || !o.told) && (k.asked || old.standing.since <= at.now && at.now < old.standing.until) {
		st := old.standing
		if st.kind == risk.Now {
			st.asOf = at.now
		}
		return old.view.At(st.asOf), st, nil
	}
	view, st, err := o.view(v.Scorer, rule, at, r.first, r.last)
	st.made = r.made
	if err == nil && r.made != 0 && len(view.Hours) >= cheap {
		v.seen.put(k, &seenView{r.made, v.Settings, v.rules, o.told || !o.untold, view, st})
	}
	return view, st, err
}
