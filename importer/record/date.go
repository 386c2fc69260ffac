package record

import (
	"strings"
	"time"

	"escutcheon/event"
)

// SetLocalTime sets the time, which the log wrote as text in somebody's own
// way; opt has the zone and the order of day and month.
func SetLocalTime(e *event.Event, text string, opt Options) {
	nanos, order, ok := ParseLocal(text, opt.Zone, opt.Dates)
	SetTime(e, text, nanos, ok)
	e.Dates = order
	e.Zoneless = ok && !HasOffset(text)
}

// ParseLocal reads a date and time as the settings of Windows write them: day,
// month and year as numbers in any order between slashes, dots or hyphens, or
// with the month's English name; hours 0 to 23, or 1 to 12 with AM or PM;
// seconds and their fraction if given; also ISO 8601 and RFC 1123. A time that
// names no offset is in zone (nil is UTC).
//
// dates is MDY, DMY or "", which is MDY for a time with AM or PM and DMY for
// any other. A date that only the order not asked for can give is no time: it
// is never turned round. order says in any case which orders give a date.
func ParseLocal(text string, zone *time.Location, dates string) (nanos int64, order event.DateOrder, ok bool) {
	if len(text) >= 19 && text[4] == '-' && text[7] == '-' {
		nanos, ok = ParseISO(text, zone)
		return nanos, event.DatesFixed, ok
	}
	for i := range len(text) {
		if text[i] >= 0x80 {
			text = blanks.Replace(text)
			break
		}
	}
	if len(text) > 64 {
		return 0, event.DatesFixed, false
	}
	s := dateScan{s: text}
	if !s.date() || !s.clock() {
		return 0, event.DatesFixed, false
	}
	if s.zoned {
		zone = nil
	}
	return s.nanos(zone, dates)
}

// dateScan reads one date and time from the left.
type dateScan struct {
	s        string
	i        int
	y        int
	first    int  // of day and month, when these are numbers
	second   int  // the other
	named    bool // first is the month for sure
	h, m     int
	sec      int
	fraction int
	half     bool // the time has AM or PM
	zoned    bool
}

func (s *dateScan) peek() byte {
	if s.i < len(s.s) {
		return s.s[s.i]
	}
	return 0
}

// skip goes over all of chars that come next.
func (s *dateScan) skip(chars string) {
	for s.i < len(s.s) && strings.IndexByte(chars, s.s[s.i]) >= 0 {
		s.i++
	}
}

// number reads one of at most four digits and says how many it has.
func (s *dateScan) number() (v, width int) {
	v, next, _ := digits(s.s, s.i, 4)
	width = next - s.i
	s.i = next
	return v, width
}

// word reads letters.
func (s *dateScan) word() string {
	from := s.i
	for s.i < len(s.s) && s.s[s.i]|0x20 >= 'a' && s.s[s.i]|0x20 <= 'z' {
		s.i++
	}
	return s.s[from:s.i]
}

// monthNames are compared without case, whole or by their first three letters.
var monthNames = [13]string{"", "january", "february", "march", "april", "may", "june", "july", "august", "september",
	"october", "november", "december"}

func month(word string) int {
	if len(word) < 3 {
		return 0
	}
	for m := 1; m <= 12; m++ {
		n := monthNames[m]
		if strings.EqualFold(word, n) || strings.EqualFold(word, n[:3]) || m == 9 && strings.EqualFold(word, "sept") {
			return m
		}
	}
	return 0
}

// date reads all up to the time.
func (s *dateScan) date() bool {
	s.skip(" \t")
	if w := s.word(); w != "" {
		if s.first = month(w); s.first > 0 {
			return s.afterMonth()
		}
		s.skip("., ") // the day of the week
		if w := s.word(); w != "" {
			s.first = month(w)
			return s.first > 0 && s.afterMonth()
		}
	}
	a, width := s.number()
	if width == 0 {
		return false
	}
	sep := s.peek()
	s.skip("/.- ")
	if w := s.word(); w != "" {
		s.first, s.second, s.named = month(w), a, true
		s.skip("/.-, ")
		return s.first > 0 && width <= 2 && s.year()
	}
	b, bWidth := s.number()
	if bWidth == 0 || bWidth > 2 || s.peek() != sep || sep != '/' && sep != '.' && sep != '-' {
		return false
	}
	s.skip("/.- ")
	if width == 4 {
		var w int
		s.y, s.first, s.named = a, b, true
		s.second, w = s.number()
		return w > 0 && w <= 2
	}
	s.first, s.second = a, b
	return width <= 2 && s.year()
}

// afterMonth reads the day and the year behind a month's name.
func (s *dateScan) afterMonth() bool {
	var width int
	s.skip(". ")
	s.second, width = s.number()
	s.skip(", ")
	s.named = true
	return width > 0 && width <= 2 && s.year()
}

// year reads one of four digits, or of two, which are of 1950 to 2049.
func (s *dateScan) year() bool {
	var width int
	s.y, width = s.number()
	if width == 2 {
		if s.y += 1900; s.y < 1950 {
			s.y += 100
		}
	}
	return width == 2 || width == 4
}

// clock reads the time of day and all that follows.
func (s *dateScan) clock() bool {
	s.skip(".,T \t")
	var w int
	if s.h, w = s.number(); w == 0 || w > 2 {
		return false
	}
	sep := s.peek()
	if sep != ':' && sep != '.' {
		return false
	}
	s.i++
	if s.m, w = s.number(); w != 2 {
		return false
	}
	if s.peek() == sep {
		s.i++
		if s.sec, w = s.number(); w != 2 {
			return false
		}
		s.fraction, s.i = fraction(s.s, s.i)
	}
	s.skip(" \t")
	return s.halfDay() && s.zone()
}

// halfDay reads AM or PM in any of its spellings and turns the hour.
func (s *dateScan) halfDay() bool {
	c := s.peek() | 0x20
	if c != 'a' && c != 'p' {
		return true
	}
	s.i++
	s.skip(". ")
	if s.peek()|0x20 != 'm' {
		return false
	}
	s.i++
	s.skip(". ")
	if s.h < 1 || s.h > 12 {
		return false
	}
	s.half = true
	if s.h %= 12; c == 'p' {
		s.h += 12
	}
	return true
}

// zone reads what may stand last: nothing, or a name of UTC.
func (s *dateScan) zone() bool {
	rest := trimSpaces(s.s[s.i:])
	s.zoned = rest == "GMT" || rest == "UTC" || rest == "Z"
	return rest == "" || s.zoned
}

// nanos is the time, in the order asked for.
func (s *dateScan) nanos(zone *time.Location, dates string) (n int64, order event.DateOrder, ok bool) {
	month, day := s.first, s.second
	if !s.named {
		if dates == "" {
			dates = DMY
			if s.half {
				dates = MDY
			}
			if !validDate(s.y, day, month) {
				dates = MDY
			} else if !validDate(s.y, month, day) {
				dates = DMY
			}
		}
		switch mdy, dmy := validDate(s.y, month, day), validDate(s.y, day, month); {
		case mdy && dmy:
			order = event.DatesOpen
		case mdy:
			order = event.MonthFirst
		case dmy:
			order = event.DayFirst
		}
		if dates == DMY {
			month, day = day, month
		}
	}
	n, ok = Nanos(s.y, month, day, s.h, s.m, s.sec, s.fraction, zone)
	return n, order, ok
}
