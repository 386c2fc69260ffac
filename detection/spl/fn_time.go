package spl

import (
	"math"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// Functions that read and write times: seconds since 1970, in UTC.
//
// now() and time() are what the caller says they are for the event's time
// (Env.Now), and after the aggregation the row's last event: the result does not
// depend on when the search is run.
var (
	_ = form("now", exactly(0), buildNow)
	_ = form("time", exactly(0), buildNow)
	_ = function("strftime", exactly(2), strfTime)
	_ = function("strptime", exactly(2), strpTime)
	_ = function("relative_time", exactly(2), relativeTime)
)

func buildNow(c *compiler, _ *Call, _ []evalFn) (evalFn, *Error) {
	now := c.env.Now
	return func(r *rec) value.Value {
		t := r.Time()
		switch {
		case t.IsZero() && c.whole && now != nil:
			t = now(time.Unix(0, r.clock))
		case t.IsZero():
			return value.Num(float64(r.clock / 1e9))
		case now != nil:
			t = now(t)
		}
		return value.Num(float64(t.Unix()))
	}, nil
}

func strfTime(a []value.Value) value.Value {
	if a[1].IsNull() || badTimeFormat(a[1].Text()) != "" {
		return value.Null
	}
	t, ok := epochOf(a[0])
	if !ok {
		return value.Null
	}
	return value.Text(strftime(a[1].Text(), t))
}

// epochOf reads seconds since 1970.
func epochOf(v value.Value) (time.Time, bool) {
	if v.IsText() {
		if t, ok := value.ParseEpoch(v.Text()); ok {
			return t, true
		}
	}
	n, ok := v.Number()
	if !ok || math.Abs(n) > 253402300799 {
		return time.Time{}, false
	}
	sec := math.Floor(n)
	return time.Unix(int64(sec), int64((n-sec)*1e9)).UTC(), true
}

func strpTime(a []value.Value) value.Value {
	t, ok := strptime(a[0].Text(), a[1].Text())
	if !ok {
		return value.Null
	}
	return value.Text(value.FormatEpoch(t.UnixNano()))
}

// relativeTime moves a time: -1d@d, +2h, @w0. What is beyond the times that
// nanoseconds can tell is null.
func relativeTime(a []value.Value) value.Value {
	t, ok := epochOf(a[0])
	if !ok {
		return value.Null
	}
	if t, ok = RelativeTime(t, a[1].Text()); !ok {
		return value.Null
	}
	return value.Text(value.FormatEpoch(t.UnixNano()))
}

// RelativeTime is t moved by what relative_time takes: -1d@d, +2h, @w0. It is false
// for what is none, and for a result that nanoseconds since 1970 cannot tell.
func RelativeTime(t time.Time, by string) (time.Time, bool) {
	ok := true
	for s := strings.ReplaceAll(by, " ", ""); s != ""; {
		if s[0] == '@' {
			t, s, ok = snapTime(t, s[1:])
		} else {
			t, s, ok = moveTime(t, s)
		}
		if !ok || !tellable(t) {
			return t, false
		}
	}
	return t, true
}

// cutUnit cuts the name of a unit of time off s.
func cutUnit(s string) (name string, u value.Span, rest string, ok bool) {
	n := letters(s)
	u, ok = value.Unit(s[:n])
	return s[:n], u, s[n:], ok
}

// snapTime rounds down to what stands after an @: a unit, or w and a weekday
// from Sunday, 0 or 7, on.
func snapTime(t time.Time, s string) (time.Time, string, bool) {
	name, u, rest, ok := cutUnit(s)
	if name == "w" && value.Digits(rest) == 1 {
		weekday := int(rest[0]-'0') % 7
		day := t.Truncate(24 * time.Hour)
		return day.AddDate(0, 0, -((int(day.Weekday()) - weekday + 7) % 7)), rest[1:], true
	}
	if !ok {
		return t, s, false
	}
	return u.Floor(t), rest, true
}

// maxYears bounds a step of a relative time.
const maxYears = 200

// moveTime takes a step that starts with + or -; without a number it is one.
func moveTime(t time.Time, s string) (time.Time, string, bool) {
	sign := 1
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return t, s, false
	}
	k := value.Digits(s[1:])
	n, err := strconv.Atoi(s[1 : 1+k])
	if k == 0 {
		n, err = 1, nil
	}
	_, u, rest, ok := cutUnit(s[1+k:])
	switch {
	case !ok || err != nil:
		return t, s, false
	case u.Months > 0:
		return t.AddDate(0, sign*n*u.Months, 0), rest, n <= maxYears*12/u.Months
	}
	return t.Add(time.Duration(sign*n) * u.Every), rest, n <= maxYears*366*24*3600/int(u.Every/time.Second)
}

func letters(s string) int {
	i := 0
	for i < len(s) && ('a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z') {
		i++
	}
	return i
}
