package spl

import (
	"math"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// timeFunctions read and write times: seconds since 1970, in UTC.
//
// now() and time() are what the caller says they are for the event's time
// (Env.Now), and after the aggregation the row's last event: the result does not
// depend on when the search is run.
var timeFunctions = map[string]function{
	"now":           {max: 0, build: buildNow},
	"time":          {max: 0, build: buildNow},
	"strftime":      {min: 2, max: 2, run: strfTime},
	"strptime":      {min: 2, max: 2, run: strpTime},
	"relative_time": {min: 2, max: 2, run: relativeTime},
}

func buildNow(c *compiler, _ *Call, _ []evalFn) (evalFn, *Error) {
	now := c.env.Now
	return func(r *rec) value.Value {
		t := r.Time()
		switch {
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

// relativeTime moves a time: -1d@d, +2h, @w0.
func relativeTime(a []value.Value) value.Value {
	t, ok := epochOf(a[0])
	if !ok {
		return value.Null
	}
	for s := strings.ReplaceAll(a[1].Text(), " ", ""); s != ""; {
		if t, s, ok = moveTime(t, s); !ok {
			return value.Null
		}
	}
	return value.Text(value.FormatEpoch(t.UnixNano()))
}

// moveTime takes the first step of a relative time.
func moveTime(t time.Time, s string) (time.Time, string, bool) {
	snap := s[0] == '@'
	sign := 1
	switch s[0] {
	case '-':
		sign = -1
		s = s[1:]
	case '+', '@':
		s = s[1:]
	default:
		return t, s, false
	}
	n, k := 1, 0
	if !snap {
		if k = value.Digits(s); k > 0 {
			n = 0
			for _, c := range s[:min(k, 6)] {
				n = n*10 + int(c-'0')
			}
		}
		s = s[k:]
	}
	unit := s[:letters(s)]
	s = s[len(unit):]
	if snap && unit == "w" && value.Digits(s) == 1 {
		day := int(s[0] - '0')
		d := t.Truncate(24 * time.Hour)
		return d.AddDate(0, 0, -((int(d.Weekday()) - day%7 + 7) % 7)), s[1:], true
	}
	u, ok := value.Unit(unit)
	switch {
	case !ok:
		return t, s, false
	case snap:
		return u.Floor(t), s, true
	case u.Months > 0:
		return t.AddDate(0, sign*n*u.Months, 0), s, true
	}
	if n > 200*366*24*3600/int(u.Every/time.Second) {
		return t, s, false
	}
	return t.Add(time.Duration(sign*n) * u.Every), s, true
}

func letters(s string) int {
	i := 0
	for i < len(s) && ('a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z') {
		i++
	}
	return i
}
