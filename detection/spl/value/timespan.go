package value

import (
	"strconv"
	"strings"
	"time"
)

// Span is a span of time: Months when not 0, else Every.
type Span struct {
	Every  time.Duration
	Months int
}

// maxYears bounds a span, so that its start is a time that nanoseconds can tell.
const maxYears = 200

// timeUnits are the units of spans and relative times.
var timeUnits = map[string]Span{}

func init() {
	for names, u := range map[string]Span{
		"s sec secs second seconds":   {Every: time.Second},
		"m min mins minute minutes":   {Every: time.Minute},
		"h hr hrs hour hours":         {Every: time.Hour},
		"d day days":                  {Every: 24 * time.Hour},
		"w week weeks":                {Every: 7 * 24 * time.Hour},
		"mon month months":            {Months: 1},
		"q qtr qtrs quarter quarters": {Months: 3},
		"y yr yrs year years":         {Months: 12},
	} {
		for name := range strings.FieldsSeq(names) {
			timeUnits[name] = u
		}
	}
}

// ParseSpan reads 5m, 1h, 2mon; a number alone is no span of time.
func ParseSpan(s string) (Span, bool) {
	n := Digits(s)
	u, ok := timeUnits[s[n:]]
	if !ok || n > 6 {
		return Span{}, false
	}
	k := 1
	if n > 0 {
		k, _ = strconv.Atoi(s[:n])
	}
	if k == 0 {
		return Span{}, false
	}
	if k*u.Months > 12*maxYears || u.Every > 0 && k > int(maxYears*366*24*time.Hour/u.Every) {
		return Span{}, false
	}
	if u.Months > 0 {
		return Span{Months: k * u.Months}, true
	}
	return Span{Every: time.Duration(k) * u.Every}, true
}

// Unit finds a unit of time by one of its names.
func Unit(name string) (Span, bool) {
	u, ok := timeUnits[name]
	return u, ok
}

// Seconds is a number of seconds as a duration, within what one can say.
func Seconds(n float64) time.Duration {
	return time.Duration(max(min(n, 6e9), 1e-9) * float64(time.Second))
}

// Floor is the start of the span that t is in, counted from 1970; weeks start
// on Sunday, as Splunk's do.
func (s Span) Floor(t time.Time) time.Time {
	if s.Months > 0 {
		n := t.Year()*12 + int(t.Month()) - 1
		n -= n % s.Months
		return time.Date(n/12, time.Month(n%12+1), 1, 0, 0, 0, 0, time.UTC)
	}
	at := t.UnixNano()
	shift := int64(0)
	if s.Every%(7*24*time.Hour) == 0 {
		shift = int64(4 * 24 * time.Hour) // 1970 began on a Thursday
	}
	return time.Unix(0, FloorTo(at+shift, int64(s.Every))-shift).UTC()
}

// FloorTo is the greatest multiple of a unit that is not above n, also below zero.
func FloorTo(n, unit int64) int64 {
	rest := n % unit
	if rest < 0 {
		rest += unit
	}
	return n - rest
}
