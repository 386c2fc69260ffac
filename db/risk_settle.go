package db

import (
	"database/sql"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

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
	judged bool  // verdicts were made
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
	if err != nil {
		return err
	}
	return s.all()
}

// all makes all of it again; where an import that goes on has left some, no more
// than a transaction has time for: that import sees to the rest.
func (s *settler) all() error {
	late, err := isLate(s.ctx, s.tx)
	for more := true; more && err == nil; more = more && !late {
		_, more, err = s.some(touch{}, mostTouched)
	}
	return errors.Join(err, s.clock())
}

// touch is an hour of a risk object.
type touch struct {
	kind, object string
	hour         int64
}

// some settles the next hours behind one, as many at most, and says which was the
// last, and whether there may be more.
func (s *settler) some(after touch, most int) (end touch, more bool, err error) {
	var list []touch
	err = s.each(func(r *sql.Rows) error {
		var t touch
		err := r.Scan(&t.kind, &t.object, &t.hour)
		list = append(list, t)
		return err
	}, `SELECT object_type, object, hour FROM risk_touched WHERE (object_type, object, hour) > (?, ?, ?)
		ORDER BY object_type, object, hour LIMIT ?`, after.kind, after.object, after.hour, most)
	if err != nil || len(list) == 0 {
		return after, false, err
	}
	end, more = list[len(list)-1], len(list) == most
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
		WHERE (t.object_type, t.object, t.hour) > (?, ?, ?) AND (t.object_type, t.object, t.hour) <= (?, ?, ?)`,
		after.kind, after.object, after.hour, end.kind, end.object, end.hour); err != nil {
		return after, false, err
	}
	known, err := s.before(list, after, end)
	for err == nil && len(list) > 0 {
		n := 1
		for n < len(list) && list[n].of() == list[0].of() {
			n++
		}
		err = s.object(list[:n], hours, known[list[0].of()])
		list = list[n:]
	}
	if err != nil {
		return after, false, err
	}
	_, err = s.exec(`DELETE FROM risk_touched WHERE (object_type, object, hour) > (?, ?, ?)
		AND (object_type, object, hour) <= (?, ?, ?)`, after.kind, after.object, after.hour, end.kind, end.object, end.hour)
	return end, more, err
}

// of is the object.
func (t touch) of() touch { return touch{t.kind, t.object, 0} }

// before is what is stored of some objects, read at once.
func (s *settler) before(list []touch, after, end touch) (map[touch]*settled, error) {
	out := make(map[touch]*settled, len(list))
	from, to := int64(math.MaxInt64), int64(math.MinInt64)
	for _, t := range list {
		if out[t.of()] == nil {
			o := newObject(s.ctx, s.tx, t.kind, t.object)
			o.told = true
			out[t.of()] = &settled{o, map[string]row{}}
		}
		from, to = min(from, weekOf(t.hour)-lookbackWeeks), max(to, weekOf(t.hour))
	}
	const objects = ` FROM (SELECT DISTINCT object_type, object FROM risk_touched
		WHERE (object_type, object, hour) > (?, ?, ?) AND (object_type, object, hour) <= (?, ?, ?)) t CROSS JOIN `
	args := []any{after.kind, after.object, after.hour, end.kind, end.object, end.hour}
	if err := s.each(func(r *sql.Rows) error {
		var t touch
		var rule string
		var of row
		err := r.Scan(&t.kind, &t.object, &rule, &of.first, &of.last)
		out[t].rows[rule] = of
		return err
	}, `SELECT t.object_type, t.object, r.rule_id, r.first, r.last`+objects+`object_risk r
		ON r.object_type = t.object_type AND r.object = t.object`, args...); err != nil || to-from > mostWeeksAhead {
		return out, err
	}
	for _, o := range out {
		for w := from; w <= to; w++ {
			o.weeks[w] = nil
		}
	}
	return out, s.each(func(r *sql.Rows) error {
		var t touch
		var week int64
		var packed sql.RawBytes
		if err := r.Scan(&t.kind, &t.object, &week, &packed); err != nil {
			return err
		}
		told, err := out[t].unpack(week, packed)
		if !told { // its messages are read when they are asked for
			delete(out[t].weeks, week)
		}
		return err
	}, `SELECT t.object_type, t.object, w.week, CASE WHEN `+weekSum.whole("w")+` THEN w.tiles END`+objects+`risk_week w INDEXED BY risk_week_object
		ON w.object_type = t.object_type AND w.object = t.object AND w.week BETWEEN ? AND ?`, append(args, from, to)...)
}

// lookbackWeeks is how many weeks before one a view of it reaches; mostWeeksAhead
// how many weeks of many objects are read at once at most.
const lookbackWeeks, mostWeeksAhead = 2, 26

// settled is a risk object, and its rows by rule.
type settled struct {
	*object
	rows map[string]row
}

// object makes the touched hours of an object again, its weeks and its rows.
func (s *settler) object(touched []touch, made map[touch][]risk.Hour, o *settled) error {
	s.any = true
	rules := map[string]bool{"": true}
	hours := map[int64]bool{}
	for i := 0; i < len(touched); {
		week, j := weekOf(touched[i].hour), i
		for j < len(touched) && weekOf(touched[j].hour) == week {
			hours[touched[j].hour] = true
			j++
		}
		if err := s.week(o.object, week, touched[i:j], made, rules); err != nil {
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
	stored := len(o.weeks[week]) > 0
	o.weeks[week] = fresh
	if len(fresh) == 0 {
		_, err := s.exec(`DELETE FROM risk_week WHERE object_type = ? AND week = ? AND object = ?`, o.kind, week, o.name)
		return err
	}
	put := `INSERT INTO risk_week (object_type, week, object, tiles, sum) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET tiles = ?4, sum = ?5`
	if stored {
		put = `UPDATE risk_week SET tiles = ?4, sum = ?5 WHERE object_type = ?1 AND week = ?2 AND object = ?3`
	}
	tiles := packTiles(fresh)
	_, err := s.exec(put, o.kind, week, o.name, tiles, checksum[any](o.kind, week, o.name, tiles))
	return err
}

// rule makes the row of an object and a rule again.
func (s *settler) rule(o *settled, rule string, touched map[int64]bool) (err error) {
	r, was := o.rows[rule]
	first, last := r.first, r.last
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
	return s.put(o.object, rule, row{first, last, s.made}, was)
}

// put scores an object by a rule and stores its row, a new one unless it was there;
// a made of 0 says that its risk events are what they were.
func (s *settler) put(o *object, rule string, r row, was bool) error {
	_, st, err := o.view(s.scorer, rule, moment{now: s.now}, r.first, r.last)
	if err != nil {
		return err
	}
	s.since = max(s.since, st.since)
	put := `INSERT INTO object_risk (object_type, object, rule_id, host_id, score, events, rules, severity,
			first, last, as_of, live, since, until, made, sum)
		VALUES (?1, ?2, ?3, CASE ?1 WHEN 'system' THEN ifnull((SELECT id FROM host WHERE dest = ?2), 0) ELSE 0 END,
			?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)`
	if was {
		put = `UPDATE object_risk SET score = ?4, events = ?5, rules = ?6, severity = ?7, first = ?8, last = ?9,
				as_of = ?10, live = ?11, since = ?12, until = ?13, made = CASE ?14 WHEN 0 THEN made ELSE ?14 END, sum = ?15
			WHERE object_type = ?1 AND object = ?2 AND rule_id = ?3`
	}
	_, err = s.exec(put, o.kind, o.name, rule, st.score, st.events, st.rules, int64(st.severity), st.first, st.last,
		st.asOf, st.kind == risk.Now, st.since, st.until, r.made, checksum[any](o.kind, o.name, rule, st.score, st.events,
			st.rules, int64(st.severity), st.first, st.last, st.asOf, st.kind == risk.Now))
	return err
}

// clock notes from when on all rows hold that were made, and that some were.
func (s *settler) clock() error {
	if s.any {
		if _, err := s.exec(`UPDATE risk_clock SET made = ?`, s.made); err != nil {
			return err
		}
	}
	if s.judged {
		if err := s.do([]any{rand.Int64()}, `INSERT INTO sequence (name, last) VALUES ('verdicts', ?)
			ON CONFLICT DO UPDATE SET last = excluded.last`); err != nil {
			return err
		}
	}
	if s.since == math.MinInt64 {
		return nil
	}
	if err := s.do([]any{rand.Int64()}, `INSERT INTO sequence (name, last) VALUES ('rows', ?)
		ON CONFLICT DO UPDATE SET last = excluded.last`); err != nil {
		return err
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
			err = s.put(newObject(s.ctx, s.tx, r.kind, r.object), r.rule, row{first: r.first, last: r.last}, true)
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
