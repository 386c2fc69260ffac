package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
)

// object is a risk object, with the weeks of its risk that were looked at.
type object struct {
	ctx        context.Context
	q          conn
	kind, name string
	also       []string              // what else it is called
	told       bool                  // the messages are asked for
	untold     bool                  // a week was read that lacks them
	weeks      map[int64][]risk.Hour // sorted by hour
	all        bool                  // weeks has all there are
}

func newObject(ctx context.Context, q conn, kind, name string) *object {
	return &object{ctx: ctx, q: q, kind: kind, name: name, weeks: map[int64][]risk.Hour{}}
}

// wholeObject is an object under all the names that were merged with its own.
func wholeObject(ctx context.Context, q conn, kind, name string) (*object, error) {
	o := newObject(ctx, q, kind, name)
	if kind != "system" {
		return o, nil
	}
	names, err := namesOf(ctx, q, name)
	o.also = names[1:]
	return o, err
}

func (o *object) names() []string { return append([]string{o.name}, o.also...) }

// weekHours is how many hours a week has.
const weekHours = 168

// weekOf is the week that an hour falls into.
func weekOf(hour int64) int64 {
	w := hour / weekHours
	if hour%weekHours < 0 {
		w--
	}
	return w
}

func weekAt(second int64) int64 { return weekOf(risk.HourOf(second)) }

// load reads the weeks from one to another that were not read yet.
func (o *object) load(from, to int64) error {
	if o.all {
		return nil
	}
	is, arg := isOne("object", o.names())
	query, args := `SELECT week, `+wholeTiles+` FROM risk_week WHERE object_type = ? AND `+is+` AND week IN (`,
		[]any{o.kind, arg}
	for w := from; w <= to; w++ {
		if _, ok := o.weeks[w]; !ok {
			o.weeks[w] = nil
			query, args = query+`?, `, append(args, w)
		}
	}
	if len(args) == 2 {
		return nil
	}
	var without []int64
	err := each(o.ctx, o.q, func(r *sql.Rows) error {
		var w int64
		var packed []byte
		if err := r.Scan(&w, &packed); err != nil {
			return err
		}
		told, err := o.unpack(w, packed)
		if !told && (o.told || packed == nil) {
			without = append(without, w)
		}
		o.untold = o.untold || !told
		return err
	}, strings.TrimSuffix(query, `, `)+`)`, args...)
	return errors.Join(err, o.loadEvents(without))
}

// loadEvents reads weeks from the risk events themselves.
func (o *object) loadEvents(weeks []int64) (err error) {
	for _, w := range weeks {
		if err == nil {
			o.weeks[w], err = o.events((w*weekHours-1)*3600, ((w+1)*weekHours-1)*3600)
		}
	}
	return err
}

// wholeTiles are the tiles of a week; NULL where they are damaged: the risk events say
// what they come to.
var wholeTiles = `CASE WHEN ` + weekSum.whole("risk_week") + ` THEN tiles END`

// unpack takes a week as it is stored, and says whether it has its messages. One that is
// damaged (nil) is to be read from the risk events.
func (o *object) unpack(week int64, packed []byte) (told bool, err error) {
	if packed == nil {
		met.Add(1)
		return false, nil
	}
	hours, told, err := unpackTiles(packed)
	if len(o.also) == 0 {
		o.weeks[week] = hours
	} else { // a week of each name
		o.weeks[week] = append(o.weeks[week], hours...)
		slices.SortStableFunc(o.weeks[week], func(a, b risk.Hour) int { return cmp.Compare(a.Last, b.Last) })
	}
	if err != nil {
		err = fmt.Errorf("%s %q, week %d: %w", o.kind, o.name, week, err)
	}
	return told, err
}

// events are the risk events themselves in (after, upTo], by time, each for an
// hour of its own.
func (o *object) events(after, upTo int64) (out []risk.Hour, err error) {
	is, arg := isOne("r.object", o.names())
	err = each(o.ctx, o.q, func(r *sql.Rows) error {
		e, err := scanHour(r)
		out = append(out, e)
		return err
	}, `SELECT `+hourColumns+` FROM risk_event r JOIN finding f ON f.id = r.finding_id
		WHERE f.verdict = 0 AND `+is+` AND r.object_type = ? AND r.second > ? AND r.second <= ? ORDER BY r.second`,
		arg, o.kind, after, upTo)
	return out, err
}

var hourColumns = `r.rule_id, r.message, r.start, r.score, r.second, ` + riskSum.whole("r")

// scanHour scans hourColumns, which may be the last of several. Of a risk event that is
// damaged the score is 0.
func scanHour(r *sql.Rows, before ...any) (risk.Hour, error) {
	var h risk.Hour
	var start int64
	var whole bool
	err := r.Scan(append(before, &h.RuleID, &h.Message, &start, &h.Sum, &h.Last, &whole)...)
	if !whole {
		met.Add(1)
		h.Sum, h.Message = 0, store.DamagedCell
	}
	h.RunAt, h.First, h.Top, h.Count = detection.WindowOf(start).RunAt, h.Last, h.Sum, 1
	return h, err
}

// loadAll reads all risk events themselves: of an object that the tiles do not
// say all of.
func (o *object) loadAll() error {
	hours, err := o.events(math.MinInt64, math.MaxInt64)
	o.all = true
	clear(o.weeks)
	for _, h := range hours {
		w := weekAt(h.Last)
		o.weeks[w] = append(o.weeks[w], h)
	}
	return err
}

// ends are the second of the first and the newest risk event of a rule or (rule
// "") of all, of the weeks that are loaded.
func (o *object) ends(rule string) (first, last int64, ok bool) {
	first, last = math.MaxInt64, math.MinInt64
	for _, hours := range o.weeks {
		for _, h := range hours {
			if rule == "" || h.RuleID == rule {
				first, last, ok = min(first, h.First), max(last, h.Last), true
			}
		}
	}
	return first, last, ok
}

// hours are those of a rule, or (rule "") of all rules, in (after, upTo]. An hour
// that one of these two divides comes in as its single risk events.
func (o *object) hours(rule string, after, upTo int64) (out []risk.Hour, err error) {
	from, to := weekAt(after), weekAt(upTo)
	if err := o.load(from, to); err != nil {
		return nil, err
	}
	var divided map[int64]bool
	for w := from; w <= to; w++ {
		for _, h := range o.weeks[w] {
			switch {
			case rule != "" && h.RuleID != rule || h.Last <= after || h.First > upTo:
			case h.First <= after || h.Last > upTo:
				if divided == nil {
					divided = map[int64]bool{}
				}
				divided[risk.HourOf(h.Last)] = true
			default:
				out = append(out, h)
			}
		}
	}
	for hour := range divided {
		out = slices.DeleteFunc(out, func(h risk.Hour) bool { return risk.HourOf(h.Last) == hour })
		events, err := o.events(max(after, (hour-1)*3600), min(upTo, hour*3600))
		if err != nil {
			return nil, err
		}
		for _, h := range events {
			if rule == "" || h.RuleID == rule {
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// standing is what lists show of a risk object, at its as-of: object_risk has
// them.
type standing struct {
	object      string
	first, last int64 // second of its first and newest risk event
	asOf        int64
	kind        risk.AsOfKind
	made        int64 // of its row; 0 where that does not hold
	weighed     bool  // first, last, made and the severity are not known
	since       int64 // it holds at since <= now < until
	until       int64
	// In the period up to asOf:
	score    int64
	events   int64 // risk events
	rules    int64 // that these are of
	severity risk.Severity
}

// moment is when a view ends: at a second that was asked for, else now or at the
// newest risk event.
type moment struct {
	asked *int64
	now   int64
}

// view is the risk of a rule or (rule "") of all rules, at the object's as-of.
// first and last are the seconds of its first and newest risk event.
func (o *object) view(s risk.Scorer, rule string, at moment, first, last int64) (risk.View, standing, error) {
	st := standing{object: o.name, first: first, last: last, since: at.now, until: math.MaxInt64}
	past := &last
	if last > at.now && at.asked == nil {
		recent, err := o.hours(rule, at.now-risk.Period, at.now)
		if err != nil {
			return risk.View{}, st, err
		}
		past = nil
		for _, h := range recent {
			past = &h.Last // any: it is in the period
		}
		if st.until, err = o.next(rule, at.now); err != nil {
			return risk.View{}, st, err
		}
	}
	st.asOf, st.kind = risk.AsOf(at.asked, at.now, past, &last)
	before, err := o.hours(rule, st.asOf-risk.Lookback, st.asOf-risk.Period)
	if err != nil {
		return risk.View{}, st, err
	}
	within, err := o.hours(rule, st.asOf-risk.Period, st.asOf)
	if err != nil {
		return risk.View{}, st, err
	}
	v := s.Over(o.name, append(before, within...), st.asOf)
	st.score, st.events, st.rules, st.severity = int64(v.Score), int64(v.Count), int64(v.Rules()), v.Severity()
	switch {
	case st.kind == risk.Now:
		st.until = min(st.until, v.Until())
	case last <= at.now: // for good: it shows the same whenever it is looked at
		st.since = last + risk.Period
	}
	return v, st, nil
}

// next is the second of the first risk event after a moment.
func (o *object) next(rule string, after int64) (int64, error) {
	if !o.all {
		return o.end(rule, after, `>`, `ASC`)
	}
	next := int64(math.MaxInt64)
	for _, hours := range o.weeks {
		for _, h := range hours {
			if h.First > after && (rule == "" || h.RuleID == rule) {
				next = min(next, h.First)
			}
		}
	}
	return next, nil
}

// end finds the second of the risk event nearest to a moment, on one side of it.
func (o *object) end(rule string, at int64, side, order string) (second int64, err error) {
	err = sql.ErrNoRows
	is, arg := isOne("r.object", o.names())
	if e := each(o.ctx, o.q, func(r *sql.Rows) error {
		err = nil
		return r.Scan(&second)
	}, `SELECT r.second FROM risk_event r JOIN finding f ON f.id = r.finding_id WHERE f.verdict = 0 AND `+is+`
		AND r.object_type = ? AND (? = '' OR r.rule_id = ?) AND r.second `+side+` ? ORDER BY r.second `+order+` LIMIT 1`,
		arg, o.kind, rule, rule, at); e != nil {
		err = e
	}
	return second, err
}
