package value

import (
	"strconv"
	"strings"
	"time"
)

// FormatEpoch writes nanoseconds since 1970 UTC as decimal seconds, exactly:
// 1765046631.5. Without a fraction there is no point.
func FormatEpoch(nanos int64) string {
	neg := nanos < 0
	u := uint64(nanos)
	if neg {
		u = -u
	}
	s := strconv.FormatUint(u/1e9, 10)
	if frac := u % 1e9; frac != 0 {
		f := strconv.FormatUint(1e9+frac, 10)
		s += "." + strings.TrimRight(f[1:], "0")
	}
	if neg {
		s = "-" + s
	}
	return s
}

// ParseEpoch reads decimal seconds since 1970, to the nanosecond.
func ParseEpoch(value string) (time.Time, bool) {
	n, ok := ParseDecimal(value)
	if !ok || len(n.int) > 12 {
		return time.Time{}, false
	}
	sec, _ := strconv.ParseInt("0"+n.int, 10, 64)
	nanos, _ := strconv.ParseInt((n.frac + "000000000")[:9], 10, 64)
	if n.neg { // time.Unix carries the sign on both
		sec, nanos = -sec, -nanos
	}
	t := time.Unix(sec, nanos).UTC()
	return t, t.Year() >= 0 && t.Year() <= 9999
}
