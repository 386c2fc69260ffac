package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// mostTouched is how many hours of risk objects are brought up to date at a
// time: so many are in memory.
const mostTouched = 4000

// settler brings the tables of 005_aggregate.sql up to date in a transaction.
type settler struct {
	*tx
	scorer risk.Scorer
	now    int64
	since  int64 // the newest since of the rows that were made
	made   int64 // marks the rows whose risk events changed
	any    bool  // there are such rows
}

func newSettler(t *tx, rules *detection.Rules, now int64) (*settler, error) {
	set, err := settings(t.ctx, t)
	return &settler{tx: t, scorer: scorer(set, rules), now: now, since: math.MinInt64, made: rand.Int64() | 1}, err
}

// scorer scores by settings and by what the rules in force are.
func scorer(set risk.Settings, rules *detection.Rules) risk.Scorer {
	s := risk.Scorer{Settings: set}
	if rules != nil {
		s.Rule = rules.Find
	}
	return s
}

// settleRisk makes again what rests on the risk events that the transaction
// changed.
func settleRisk(t *tx, rules *detection.Rules, now int64) error {
	s, err := newSettler(t, rules, now)
	for more := true; more && err == nil; {
		more, err = s.some()
	}
	return errors.Join(err, s.clock())
}

// touch is an hour of a risk object.
type touch struct {
	kind, object string
	hour         int64
}

// some settles the next mostTouched hours, and says whether there are more.
func (s *settler) some() (more bool, err error) {
	var list []touch
	err = s.each(func(r *sql.Rows) error {
		var t touch
		err := r.Scan(&t.kind, &t.object, &t.hour)
		list = append(list, t)
		return err
	}, `SELECT object_type, object, hour FROM risk_touched ORDER BY object_type, object, hour LIMIT ?`, mostTouched)
	if err != nil || len(list) == 0 {
		return false, err
	}
	end := list[len(list)-1]
	hours := map[touch][]risk.Hour{}
	if err := s.each(func(r *sql.Rows) error {
		var t touch
		h, err := scanHour(r, &t.kind, &t.object, &t.hour)
		hours[t] = append(hours[t], h)
		return err
	}, `SELECT t.object_type, t.object, t.hour, `+hourColumns+` FROM risk_touched t CROSS JOIN risk_event r
		ON r.object = t.object AND r.object_type = t.object_type
			AND r.second > (t.hour - 1) * 3600 AND r.second <= t.hour * 3600
		JOIN finding f ON f.id = r.finding_id AND f.verdict = 0
		WHERE (t.object_type, t.object, t.hour) <= (?, ?, ?)`, end.kind, end.object, end.hour); err != nil {
		return false, err
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].kind == list[0].kind && list[n].object == list[0].object {
			n++
		}
		if err := s.object(list[:n], hours); err != nil {
			return false, err
		}
		list = list[n:]
	}
	_, err = s.exec(`DELETE FROM risk_touched WHERE (object_type, object, hour) <= (?, ?, ?)`,
		end.kind, end.object, end.hour)
	return true, err
}

// object makes the touched hours of an object again, its weeks and its rows.
func (s *settler) object(touched []touch, made map[touch][]risk.Hour) error {
	o := newObject(s.ctx, s.tx, touched[0].kind, touched[0].object)
	o.told, s.any = true, true
	rules := map[string]bool{"": true}
	hours := map[int64]bool{}
	for i := 0; i < len(touched); {
		week, j := weekOf(touched[i].hour), i
		for j < len(touched) && weekOf(touched[j].hour) == week {
			hours[touched[j].hour] = true
			j++
		}
		if err := s.week(o, week, touched[i:j], made, rules); err != nil {
			return err
		}
		i = j
	}
	for rule := range rules {
		if err := s.rule(o, rule, hours); err != nil {
			return err
		}
	}
	return nil
}

// week makes the touched hours of one week again, and notes whose rules they were
// and are.
func (s *settler) week(o *object, week int64, touched []touch, made map[touch][]risk.Hour,
	rules map[string]bool) error {
	if err := o.load(week, week); err != nil {
		return err
	}
	i := 0
	fresh := slices.DeleteFunc(slices.Clone(o.weeks[week]), func(h risk.Hour) bool {
		hour := risk.HourOf(h.Last)
		for i < len(touched) && touched[i].hour < hour {
			i++
		}
		gone := i < len(touched) && touched[i].hour == hour
		if gone {
			rules[h.RuleID] = true
		}
		return gone
	})
	for _, t := range touched {
		for _, h := range made[t] {
			rules[h.RuleID] = true
			fresh = append(fresh, h)
		}
	}
	fresh = risk.Tile(fresh)
	o.weeks[week] = fresh
	if len(fresh) == 0 {
		_, err := s.exec(`DELETE FROM risk_week WHERE object_type = ? AND week = ? AND object = ?`, o.kind, week, o.name)
		return err
	}
	_, err := s.exec(`INSERT INTO risk_week (object_type, week, object, tiles) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET tiles = excluded.tiles`, o.kind, week, o.name, packTiles(fresh))
	return err
}

// rule makes the row of an object and a rule again.
func (s *settler) rule(o *object, rule string, touched map[int64]bool) error {
	var first, last int64
	err := s.get(`SELECT first, last FROM object_risk WHERE object_type = ? AND object = ? AND rule_id = ?`,
		[]any{o.kind, o.name, rule}, &first, &last)
	was := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	least, most, is := o.ends(rule)
	switch {
	case !was:
		first, last = least, most
	case is && !touched[risk.HourOf(first)] && !touched[risk.HourOf(last)]:
		first, last = min(first, least), max(last, most)
	case is && risk.HourOf(least) <= risk.HourOf(first) && risk.HourOf(most) >= risk.HourOf(last):
		first, last = least, most
	default: // its first or newest hour may have gone
		if first, err = o.end(rule, math.MinInt64, `>=`, `ASC`); err == nil {
			last, err = o.end(rule, math.MaxInt64, `<=`, `DESC`)
		}
		if errors.Is(err, sql.ErrNoRows) {
			is = false
		} else if err != nil {
			return err
		} else {
			is = true
		}
	}
	if !is {
		_, err := s.exec(`DELETE FROM object_risk WHERE object_type = ? AND object = ? AND rule_id = ?`, o.kind, o.name,
			rule)
		return err
	}
	return s.put(o, rule, row{first, last, s.made})
}

// put scores an object by a rule and stores its row; a made of 0 says that its
// risk events are what they were.
func (s *settler) put(o *object, rule string, r row) error {
	_, st, err := o.view(s.scorer, rule, moment{now: s.now}, r.first, r.last)
	if err != nil {
		return err
	}
	s.since = max(s.since, st.since)
	_, err = s.exec(`INSERT INTO object_risk (object_type, object, rule_id, host_id, score, events, rules, severity,
			first, last, as_of, live, since, until, made)
		VALUES (?1, ?2, ?3, CASE ?1 WHEN 'system' THEN ifnull((SELECT id FROM host WHERE dest = ?2), 0) ELSE 0 END,
			?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
		ON CONFLICT DO UPDATE SET score = excluded.score, events = excluded.events, rules = excluded.rules,
			severity = excluded.severity, first = excluded.first, last = excluded.last,
			as_of = excluded.as_of, live = excluded.live, since = excluded.since, until = excluded.until,
			made = CASE excluded.made WHEN 0 THEN made ELSE excluded.made END`,
		o.kind, o.name, rule, st.score, st.events, st.rules, int64(st.severity), st.first, st.last, st.asOf,
		st.kind == risk.Now, st.since, st.until, r.made)
	return err
}

// clock notes from when on all rows hold that were made, and that some were.
func (s *settler) clock() error {
	if s.any {
		if _, err := s.exec(`UPDATE risk_clock SET made = ?`, s.made); err != nil {
			return err
		}
	}
	if s.since == math.MinInt64 {
		return nil
	}
	_, err := s.exec(`UPDATE risk_clock SET since = ?1 WHERE since < ?1`, s.since)
	return err
}

// again makes at most so many rows again that do not hold now any more, and says
// how many there were.
func (s *settler) again(most int) (n int, err error) {
	type stale struct {
		kind, object, rule string
		first, last        int64
	}
	var list []stale
	err = s.each(func(r *sql.Rows) error {
		var o stale
		err := r.Scan(&o.kind, &o.object, &o.rule, &o.first, &o.last)
		list = append(list, o)
		return err
	}, `SELECT object_type, object, rule_id, first, last FROM object_risk INDEXED BY object_risk_due
		WHERE until <= ? AND until < 9223372036854775807 LIMIT ?`, s.now, most)
	for _, r := range list {
		if err == nil {
			err = s.put(newObject(s.ctx, s.tx, r.kind, r.object), r.rule, row{first: r.first, last: r.last})
		}
	}
	return len(list), err
}

// restale says that no row of object_risk holds any more, and no words of a
// change: what they depend on has changed.
func restale(t *tx) error {
	never := int64(math.MinInt64)
	if _, err := t.exec(`UPDATE object_risk SET until = ?`, never); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE host_change SET until = ?`, never)
	return err
}

// How many rows and words are made again in a transaction.
const (
	mostRemade  = 1000
	mostChanges = 100
)

// RefreshRisk brings what lists show of risk up to date, in steps of a bounded
// length: what a change of the settings or rules left, and what time did.
// Without it lists show the same, and take longer.
func (d *DB) RefreshRisk(ctx context.Context) error { return d.refresh(ctx, math.MaxInt64) }

// refresh is RefreshRisk for so long at most, but for the step that is under way
// then.
func (d *DB) refresh(ctx context.Context, most time.Duration) error {
	for began := time.Now(); time.Since(began) < most; {
		due, err := d.riskDue(ctx)
		if err != nil || !due {
			return err
		}
		fresh := false
		if err := d.writeLarge(ctx, func(t *tx) error {
			fresh, err = d.refreshSome(t)
			return err
		}); err != nil || !fresh {
			return err
		}
	}
	return nil
}

// riskDue says whether there is anything to refresh.
func (d *DB) riskDue(ctx context.Context) (due bool, err error) {
	err = d.snapshot(ctx, func(q conn) error {
		return one(ctx, q, `SELECT EXISTS (SELECT 1 FROM risk_touched) OR EXISTS (`+staleRows+`) OR EXISTS (`+dueChanges+`)`,
			[]any{d.now().Unix(), d.now().Unix()}, &due)
	})
	return due, err
}

const staleRows = `SELECT 1 FROM object_risk INDEXED BY object_risk_due
	WHERE until <= ? AND until < 9223372036854775807`

// refreshSome refreshes a part; ok is false where the rules in force here are not
// those that the database knows: another process changed them, and refreshes.
func (d *DB) refreshSome(t *tx) (ok bool, err error) {
	d.mu.Lock()
	rules, version := d.rules, d.ruleVersion
	d.mu.Unlock()
	var now int64
	if err := t.get(`SELECT version FROM ruleset`, nil, &now); err != nil || rules != nil && now != version {
		return false, err
	}
	s, err := newSettler(t, rules, d.now().Unix())
	if err != nil {
		return false, err
	}
	if _, err = s.some(); err == nil {
		if _, err = s.again(mostRemade); err == nil {
			_, err = s.changes(rules, mostChanges)
		}
	}
	return true, errors.Join(err, s.clock())
}

// refreshEvery is how often KeepRiskFresh looks whether anything is to be done.
const refreshEvery = 5 * time.Second

// KeepRiskFresh refreshes what lists show of risk until the context ends.
func (d *DB) KeepRiskFresh(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		if err := d.RefreshRisk(ctx); err != nil && ctx.Err() == nil {
			log.Warn("refresh risk", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
