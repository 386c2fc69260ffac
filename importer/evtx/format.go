package evtx

import (
	"encoding/hex"
	"math"
	"strconv"
	"time"
)

// FileTime is a moment in steps of 100 ns since 1601-01-01 UTC.
type FileTime uint64

const (
	ticksPerSecond = 10_000_000
	secondsTo1970  = 11_644_473_600
	ticksPerDay    = 86_400 * ticksPerSecond
)

// Time is the moment in UTC.
func (t FileTime) Time() time.Time {
	return time.Unix(int64(t/ticksPerSecond)-secondsTo1970, int64(t%ticksPerSecond)*100).UTC()
}

// UnixNano is nanoseconds since 1970, which covers 1678 to 2261.
func (t FileTime) UnixNano() (n int64, ok bool) {
	const lowest, highest = (secondsTo1970 - 9_214_560_000) * ticksPerSecond,
		(secondsTo1970 + 9_214_646_400) * ticksPerSecond
	if t < lowest || t >= highest {
		return 0, false
	}
	return (int64(t) - secondsTo1970*ticksPerSecond) * 100, true
}

// String is the form of current Windows versions: 2006-01-02T15:04:05.1234567Z.
func (t FileTime) String() string { return string(t.append(nil)) }

func (t FileTime) append(dst []byte) []byte {
	y, m, d := civil(uint64(t) / ticksPerDay)
	s := uint64(t) % ticksPerDay
	frac := s % ticksPerSecond
	s /= ticksPerSecond
	dst = appendClock(dst, y, m, d, s/3600, s/60%60, s%60)
	return append(appendDigits(append(dst, '.'), frac, 7), 'Z')
}

// civil turns days since 1601-01-01 into a date, counting years from March so
// that a leap day is the last of its year.
func civil(days uint64) (y, m, d uint64) {
	days += 584_694 // since 0000-03-01
	era := days / 146097
	days %= 146097
	yoe := (days - days/1460 + days/36524 - days/146096) / 365
	doy := days - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y, m, d = era*400+yoe, mp+3, doy-(153*mp+2)/5+1
	if m > 12 {
		y, m = y+1, m-12
	}
	return y, m, d
}

func appendClock(dst []byte, y, mo, d, h, mi, s uint64) []byte {
	if y > 9999 {
		dst = strconv.AppendUint(dst, y, 10)
	} else {
		dst = appendDigits(dst, y, 4)
	}
	for i, v := range [5]uint64{mo, d, h, mi, s} {
		dst = append(dst, "--T::"[i], byte('0'+v/10%10), byte('0'+v%10))
	}
	return dst
}

func appendDigits(dst []byte, v uint64, width int) []byte {
	var buf [8]byte
	for i := width - 1; i >= 0; i-- {
		buf[i] = byte('0' + v%10)
		v /= 10
	}
	return append(dst, buf[:width]...)
}

// appendSystemTime shows a SYSTEMTIME, which counts milliseconds.
func appendSystemTime(dst, b []byte) []byte {
	f := func(i int) uint64 { return uint64(le.Uint16(b[2*i:])) }
	dst = appendClock(dst, f(0), f(1), f(3), f(4), f(5), f(6))
	return append(appendDigits(append(dst, '.'), f(7), 3), 'Z')
}

func fileTimeOf(b []byte) (FileTime, bool) {
	f := func(i int) int { return int(le.Uint16(b[2*i:])) }
	t := time.Date(f(0), time.Month(f(1)), f(3), f(4), f(5), f(6), f(7)*1e6, time.UTC)
	return ticks(t), f(0) >= 1601 && t.Day() == f(3) && t.Month() == time.Month(f(1)) && t.Hour() == f(4)
}

func parseFileTime(s string) (FileTime, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	return ticks(t), err == nil && t.Year() >= 1601
}

func ticks(t time.Time) FileTime {
	return FileTime(t.Unix()+secondsTo1970)*ticksPerSecond + FileTime(t.Nanosecond()/100)
}

// GUID is 16 bytes in the order of the file: the first three groups are
// little-endian.
type GUID [16]byte

// String is the usual form: 8, 4, 4, 4 and 12 hexadecimal digits in lower case,
// joined by hyphens, in braces.
func (g GUID) String() string { return string(g.append(nil)) }

var guidOrder = [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}

func (g GUID) append(dst []byte) []byte {
	const digits = "0123456789abcdef"
	var buf [38]byte
	buf[0], buf[37] = '{', '}'
	n := 1
	for i, at := range guidOrder {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			buf[n] = '-'
			n++
		}
		buf[n], buf[n+1] = digits[g[at]>>4], digits[g[at]&15]
		n += 2
	}
	return append(dst, buf[:]...)
}

func parseGUID(s string) (g GUID, ok bool) {
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return g, false
	}
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil {
		return g, false
	}
	for i, at := range guidOrder {
		g[at] = b[i]
	}
	return g, true
}

// appendSID shows S-1-authority-sub-sub…; bytes that are no SID show as hex.
func appendSID(dst, b []byte) []byte {
	n := int(b[1])
	if len(b) < 8+4*n {
		return appendHex(dst, b)
	}
	var authority uint64
	for _, c := range b[2:8] {
		authority = authority<<8 | uint64(c)
	}
	dst = strconv.AppendUint(append(dst, "S-"...), uint64(b[0]), 10)
	dst = append(dst, '-')
	if authority >= 1<<32 {
		dst = strconv.AppendUint(append(dst, "0x"...), authority, 16)
	} else {
		dst = strconv.AppendUint(dst, authority, 10)
	}
	for i := range n {
		dst = strconv.AppendUint(append(dst, '-'), uint64(le.Uint32(b[8+4*i:])), 10)
	}
	return dst
}

func appendHex(dst, b []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range b {
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}

func appendReal(dst []byte, f float64, bits int) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-5 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'g', -1, bits)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}
