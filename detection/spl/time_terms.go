package spl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// When is a bound of time within a search, such as earliest=-24h. In a Query of its
// own it counts, and goes before Options.Earliest and Latest; in a Plan, whose
// windows the caller chooses, it holds of every event.
type When struct {
	Name, Value string
	Pos         Pos

	set bool // it counts, and this is what it comes to
	in  timeRange
}

func (*When) expr() {}

// timeModifiers are the names of such bounds.
var timeModifiers = []string{"earliest", "latest", "starttime", "endtime", "starttimeu", "endtimeu",
	"startdaysago", "enddaysago", "starthoursago", "endhoursago", "startminutesago", "endminutesago",
	"_index_earliest", "_index_latest", "timeformat"}

// agoUnits are how far back those that end in ago count.
var agoUnits = map[string]time.Duration{"daysago": 24 * time.Hour, "hoursago": time.Hour, "minutesago": time.Minute}

// timeRange is from ≤ time < to; zero for no bound.
type timeRange struct{ from, to time.Time }

func (r timeRange) has(t time.Time) bool {
	return (r.from.IsZero() || !t.Before(r.from)) && (r.to.IsZero() || t.Before(r.to))
}

// and is what is in both.
func (r timeRange) and(o timeRange) timeRange {
	if r.from.IsZero() || o.from.After(r.from) {
		r.from = o.from
	}
	if r.to.IsZero() || !o.to.IsZero() && o.to.Before(r.to) {
		r.to = o.to
	}
	return r
}

// or is what is in one of them, and what is between.
func (r timeRange) or(o timeRange) timeRange {
	if r.from.IsZero() || o.from.IsZero() {
		r.from = time.Time{}
	} else if o.from.Before(r.from) {
		r.from = o.from
	}
	if r.to.IsZero() || o.to.IsZero() {
		r.to = time.Time{}
	} else if o.to.After(r.to) {
		r.to = o.to
	}
	return r
}

// during matches what has a time of the range, and what has none: rows without one.
type during struct{ in timeRange }

func (m *during) match(e Event) bool {
	v, ok := lookup(e, timeField)
	t, told := value.ParseEpoch(v)
	return !ok || !told || m.in.has(t)
}

// isStart says whether the bound is the earlier one; ok is false of what is none.
func (w *When) isStart() (start, ok bool) {
	switch {
	case w.Name == "earliest" || strings.HasPrefix(w.Name, "start"):
		return true, true
	case w.Name == "latest" || strings.HasPrefix(w.Name, "end"):
		return false, true
	}
	return false, false
}

// at is the range that a bound makes; ok is false when its value is no time.
func (w *When) at(now time.Time, format string) (r timeRange, ok bool) {
	start, bound := w.isStart()
	if !bound {
		return r, true
	}
	var t time.Time
	if unit, back := agoUnits[strings.TrimPrefix(strings.TrimPrefix(w.Name, "start"), "end")]; back {
		t, ok = ago(now, w.Value, unit)
		t = t.Add(time.Second) // (now - 168 h, now], in whole seconds
	} else {
		t, ok = timeOf(w.Value, now, format)
	}
	if start {
		return timeRange{from: t}, ok
	}
	return timeRange{to: t}, ok
}

func ago(now time.Time, text string, unit time.Duration) (time.Time, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > int(maxYears*366*24*time.Hour/unit) {
		return now, false
	}
	return now.Truncate(time.Second).Add(-time.Duration(n) * unit), true
}

// timeLayouts are how a time may be written, beside seconds and what is relative.
var timeLayouts = []string{"01/02/2006:15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"}

// timeOf reads a time: now, -24h@h, seconds since 1970, or a date and time in UTC.
func timeOf(text string, now time.Time, format string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if format != "" {
		if t, ok := strptime(text, format); ok {
			return t, true
		}
	}
	if low := strings.ToLower(text); low == "now" || low == "now()" {
		return now, true
	} else if rest, ok := strings.CutPrefix(low, "now"); ok {
		text = rest
	}
	if text != "" && strings.IndexByte("+-@", text[0]) >= 0 {
		return RelativeTime(now.UTC(), text)
	}
	if t, ok := value.ParseEpoch(text); ok {
		return t, tellable(t)
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), tellable(t)
		}
	}
	return now, false
}

// timeFormat is the timeformat= of a condition.
func timeFormat(x Expr) (format string) {
	walkExpr(x, func(x Expr) {
		if w, ok := x.(*When); ok && w.Name == "timeformat" {
			format = w.Value
		}
	})
	return format
}

// whensOf are the bounds of time in a command's conditions.
func whensOf(cmd Command) (out []*When) {
	for _, x := range conditionsOf(cmd) {
		walkExpr(x, func(x Expr) {
			if w, ok := x.(*When); ok {
				out = append(out, w)
			}
		})
	}
	return out
}

// checkTimes refuses bounds of time that no time can be read from.
func checkTimes(commands Pipeline) *Error {
	now := time.Unix(1e9, 0)
	for _, cmd := range commands {
		whens := whensOf(cmd)
		format := ""
		if i := slices.IndexFunc(whens, func(w *When) bool { return w.Name == "timeformat" }); i >= 0 {
			format = whens[i].Value
		}
		for _, w := range whens {
			if _, ok := w.at(now, format); !ok {
				e := refuse(cmd, "time "+strconv.Quote(w.Value),
					"is not understood: -24h@h, now, 2025-12-15T01:00:00, 12/15/2025:01:00:00 or seconds since 1970 are")
				e.Pos = w.Pos
				return e
			}
		}
		for _, s := range subsOf(cmd) {
			if err := checkTimes(s.Pipe); err != nil {
				return err
			}
		}
	}
	return nil
}
