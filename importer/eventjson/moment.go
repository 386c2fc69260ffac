package eventjson

import (
	"math"
	"strconv"
	"strings"
	"time"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// moment reads a time as the shapes write it: ISO 8601, PowerShell 5.1's
// /Date(milliseconds)/, or a number of seconds, milliseconds, microseconds or
// nanoseconds since 1970, which its size tells apart. has says that it names
// its offset from UTC; one that does not is in zone.
func moment(s string, zone *time.Location) (nanos int64, has, ok bool) {
	if in, found := strings.CutPrefix(s, "/Date("); found {
		in, found = strings.CutSuffix(in, ")/")
		if i := strings.LastIndexAny(in, "+-"); i > 0 {
			in = in[:i] // the sender's offset: the number itself is in UTC
		}
		ms, err := strconv.ParseInt(in, 10, 64)
		if !found || err != nil || ms > math.MaxInt64/1000000 || ms < math.MinInt64/1000000 {
			return 0, true, false
		}
		return ms * 1e6, true, true
	}
	if nanos, ok = epoch(s); ok {
		return nanos, true, true
	}
	for _, utc := range [...]string{" UTC", " GMT"} {
		if in, found := strings.CutSuffix(s, utc); found {
			nanos, ok = record.ParseISO(in, nil)
			return nanos, true, ok
		}
	}
	nanos, ok = record.ParseISO(s, zone)
	return nanos, record.HasOffset(s), ok
}

// epoch reads a decimal number of seconds since 1970, or of smaller units when
// it is too big for that. All its digits count, down to the nanosecond.
func epoch(s string) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) < 9 || len(whole) > 19 || !isDigits(whole) || frac != "" && !isDigits(frac) {
		return 0, false
	}
	exp := 9 // the unit is 10^exp nanoseconds
	switch {
	case len(whole) > 17:
		exp = 0
	case len(whole) > 14:
		exp = 3
	case len(whole) > 11:
		exp = 6
	}
	digits := whole + (frac + "000000000")[:exp]
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// settle gives e the time that the record around it names, where it has none
// or one without a zone: when the two differ by an offset from UTC (whole
// quarters of an hour, 26 hours at most), that is the log's zone.
func settle(e *event.Event, outer string) {
	nanos, has, ok := moment(outer, nil)
	if !ok || !has {
		return
	}
	if !e.HasTime {
		record.SetTime(e, outer, nanos, true)
		return
	}
	const quarter, most = 15 * 60, 26 * 3600
	by := event.FloorSecond(nanos) - e.Second()
	if e.Zoneless && by%quarter == 0 && by <= most && by >= -most {
		e.Nanos += by * 1e9
		e.Zoneless = false
	}
}
