package record

import (
	"strings"
	"time"
)

// digits reads 1 to most digits of s from i.
func digits(s string, i, most int) (v, next int, ok bool) {
	next = i
	for next < len(s) && next-i < most && s[next]-'0' <= 9 {
		v = v*10 + int(s[next]-'0')
		next++
	}
	return v, next, next > i
}

// fraction reads ".ddd" at i as nanoseconds; digits past the ninth are dropped.
func fraction(s string, i int) (nanos, next int) {
	if i >= len(s) || (s[i] != '.' && s[i] != ',') {
		return 0, i
	}
	next = i + 1
	for unit := 100_000_000; next < len(s) && s[next]-'0' <= 9; next++ {
		nanos += int(s[next]-'0') * unit
		unit /= 10
	}
	if next == i+1 {
		return 0, i
	}
	return nanos, next
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDate(y, m, d int) bool {
	if m < 1 || m > 12 || d < 1 {
		return false
	}
	leap := y%4 == 0 && (y%100 != 0 || y%400 == 0)
	return d <= monthDays[m] || (m == 2 && d == 29 && leap)
}

// Nanos is a date and time in a zone (nil is UTC) as nanoseconds since 1970.
// It is not ok for a date that does not exist or lies outside 1678–2261.
func Nanos(y, mo, d, h, mi, s, nanos int, zone *time.Location) (n int64, ok bool) {
	if y < 1678 || y > 2261 || !validDate(y, mo, d) || h > 23 || mi > 59 || s > 59 {
		return 0, false
	}
	if zone != nil && zone != time.UTC {
		return time.Date(y, time.Month(mo), d, h, mi, s, nanos, zone).UnixNano(), true
	}
	// Days since 1970, counting years from March so that a leap day is last.
	yy, mm := y, mo-3
	if mm < 0 {
		yy, mm = y-1, mm+12
	}
	days := 365*yy + yy/4 - yy/100 + yy/400 + (153*mm+2)/5 + d - 719469
	return (int64(days)*86400+int64(h*3600+mi*60+s))*1e9 + int64(nanos), true
}

// ParseISO reads "2006-01-02T15:04:05[.fraction][Z|±hh:mm]", also with a blank
// for the T. A time without an offset is in zone (nil is UTC).
func ParseISO(s string, zone *time.Location) (nanos int64, ok bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != ' ') || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	var f [6]int
	for i, at := range [6]int{0, 5, 8, 11, 14, 17} {
		width := 2
		if i == 0 {
			width = 4
		}
		v, next, ok := digits(s, at, width)
		if !ok || next != at+width {
			return 0, false
		}
		f[i] = v
	}
	frac, next := fraction(s, 19)
	shift, hasZone, ok := offset(s[next:])
	if !ok {
		return 0, false
	}
	if hasZone {
		zone = nil
	}
	n, ok := Nanos(f[0], f[1], f[2], f[3], f[4], f[5], frac, zone)
	if !ok {
		return 0, false
	}
	return n - shift, true
}

// offset reads "", "Z", "UTC", "+hh:mm", "+hhmm" or "+hh" as nanoseconds east of UTC.
func offset(s string) (nanos int64, has, ok bool) {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	if s == "" {
		return 0, false, true
	}
	if s == "Z" || s == "z" || s == "UTC" || s == "GMT" {
		return 0, true, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false, false
	}
	h, i, ok := digits(s, 1, 2)
	if !ok || i != 3 {
		return 0, false, false
	}
	if i < len(s) && s[i] == ':' {
		i++
	}
	m := 0
	if i < len(s) {
		m, i, ok = digits(s, i, 2)
	}
	if !ok || i != len(s) || h > 23 || m > 59 {
		return 0, false, false
	}
	nanos = int64(h*3600+m*60) * 1e9
	if s[0] == '-' {
		nanos = -nanos
	}
	return nanos, true, true
}

// HasOffset says whether a time as a log writes it names its own offset from
// UTC, so that no zone was needed to read it.
func HasOffset(text string) bool {
	if len(text) < 19 {
		return false
	}
	if text[4] != '-' {
		return strings.HasSuffix(text, " GMT") || strings.HasSuffix(text, " UTC")
	}
	_, next := fraction(text, 19)
	_, has, ok := offset(text[next:])
	return has && ok
}

// blanks are what stands for a blank in some logs: a middle dot, and the
// narrow spaces and those that do not break. The marks that only turn the
// writing direction stand for nothing.
var blanks = strings.NewReplacer("\u00b7", " ", "\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u200e", "", "\u200f", "")

// ParseUS reads the date line of classic Splunk text, "01/02/2006 03:04:05
// PM", with an optional fraction; without AM or PM it is in 24 hours. looks
// says whether the line has that form; ok, whether it is also a time.
func ParseUS(s string, zone *time.Location) (nanos int64, ok, looks bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			s = blanks.Replace(s)
			break
		}
	}
	var f [6]int
	i := 0
	for k, sep := range [6]byte{'/', '/', ' ', ':', ':', 0} {
		most := 2
		if k == 2 {
			most = 4
		}
		v, next, ok := digits(s, i, most)
		if !ok || (k == 2 && next-i != 4) || (k > 3 && next-i != 2) {
			return 0, false, false
		}
		f[k], i = v, next
		if sep != 0 {
			if i >= len(s) || s[i] != sep {
				return 0, false, false
			}
			i++
		}
	}
	frac, i := fraction(s, i)
	hour, ok := f[3], true
	switch rest := trimSpaces(s[i:]); rest {
	case "":
	case "AM", "am", "PM", "pm":
		ok = hour >= 1 && hour <= 12
		hour %= 12
		if rest[0] == 'P' || rest[0] == 'p' {
			hour += 12
		}
	default:
		return 0, false, false
	}
	if !ok {
		return 0, false, true
	}
	nanos, ok = Nanos(f[2], f[0], f[1], hour, f[4], f[5], frac, zone)
	return nanos, ok, true
}

func trimSpaces(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}
