package spl

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// conversions are the strftime conversions that are known, as Go layouts.
// Those with an empty layout are written in strftime.
var conversions = map[string]string{
	"Y": "2006", "y": "06", "m": "01", "d": "02", "e": "_2", "j": "002",
	"H": "15", "I": "03", "M": "04", "S": "05", "p": "PM",
	"a": "Mon", "A": "Monday", "b": "Jan", "B": "January",
	"F": "2006-01-02", "T": "15:04:05", "D": "01/02/06", "R": "15:04",
	"z": "-0700", "Z": "MST", "s": "", "%": "", "w": "", "k": "", "l": "", "V": "",
	"h": "Jan", "c": "Mon Jan _2 15:04:05 2006", "x": "01/02/06", "X": "15:04:05", "n": "\n", "t": "\t",
	"N": "000000000", "3N": "000", "6N": "000000", "9N": "000000000",
	"Q": "000", "3Q": "000", "6Q": "000000", "9Q": "000000000",
}

// conversion cuts the conversion that follows a % off s.
func conversion(s string) string {
	n := 1
	if len(s) > 1 && s[0] >= '1' && s[0] <= '9' {
		n = 2
	}
	return s[:min(n, len(s))]
}

// badTimeFormat returns the first conversion in a format that is not known,
// with its %, or "".
func badTimeFormat(format string) string {
	for {
		_, rest, ok := strings.Cut(format, "%")
		if !ok {
			return ""
		}
		c := conversion(rest)
		if _, known := conversions[c]; !known {
			return "%" + c
		}
		format = rest[len(c):]
	}
}

// strftime writes a time in a format without bad conversions.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(format, "%")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		c := conversion(rest)
		format = rest[len(c):]
		switch layout := conversions[c]; {
		case c == "%":
			b.WriteByte('%')
		case c == "s":
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case layout == "":
			b.WriteString(unlaid(c, t))
		case layout[0] == '0' && strings.Trim(layout, "0") == "":
			b.WriteString(fmt.Sprintf("%09d", t.Nanosecond())[:len(layout)])
		default:
			b.WriteString(t.Format(layout))
		}
	}
}

// unlaid writes the conversions for which Go has no layout: the weekday's
// number, hours padded with a space, the week of the year.
func unlaid(c string, t time.Time) string {
	switch c {
	case "w":
		return strconv.Itoa(int(t.Weekday()))
	case "k":
		return fmt.Sprintf("%2d", t.Hour())
	case "l":
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1)
	}
	_, week := t.ISOWeek()
	return fmt.Sprintf("%02d", week)
}

// ctime writes epoch seconds in a format, in UTC. What is no number, or lies
// beyond the year 9999, stays as it is.
func ctime(v, format string) string {
	t, ok := value.ParseEpoch(v)
	if !ok {
		return v
	}
	return strftime(format, t)
}
