package search

import (
	"math"
	"slices"

	"escutcheon/detection/spl"
)

// edge is one side of a list: the nearest to where it begins are kept.
type edge struct {
	most  int
	turn  int // 1: the newest are the nearest; -1: the oldest
	rows  []spl.Found
	bytes int64
	last  *spl.Found // what is further is let go; nil: nothing
}

// mostListed is how many bytes of events a page may hold: of larger ones it shows
// fewer.
const mostListed = 16 << 20

func (e *edge) order(a, b spl.Found) int { return e.turn * newestFound(a, b) }

func (e *edge) add(f spl.Found) {
	if e.most == 0 || e.last != nil && e.order(f, *e.last) > 0 {
		return
	}
	e.rows = append(e.rows, f)
	if e.bytes += sizeOf(f); len(e.rows) >= 2*e.most || e.bytes > 2*mostListed {
		e.trim()
	}
}

// trim keeps the nearest, but at least one.
func (e *edge) trim() {
	slices.SortFunc(e.rows, e.order)
	n := 0
	for e.bytes = 0; n < min(len(e.rows), e.most); n++ {
		size := sizeOf(e.rows[n])
		if n > 0 && e.bytes+size > mostListed {
			break
		}
		e.bytes += size
	}
	if n > 0 && (n == e.most || n < len(e.rows)) {
		last := e.rows[n-1]
		e.last = &last
	}
	clear(e.rows[n:])
	e.rows = e.rows[:n]
}

// end is the time of the last that is kept, when there is no room for more.
func (e *edge) end() (nanos int64, full bool) {
	if e.most == 0 {
		return 0, false
	}
	if len(e.rows) >= e.most {
		e.trim()
	}
	if e.last == nil {
		return 0, false
	}
	return foundClock(*e.last), true
}

func sizeOf(f spl.Found) int64 {
	n := int64(64)
	for _, x := range f.Row {
		n += 64 + int64(len(x.Name)+len(x.Value))
	}
	if s, ok := f.Event.(interface{ Size() int }); ok {
		n += int64(s.Size())
	}
	return n
}

// wanted are the times of events that a list may still want: others need only be
// counted.
type wanted struct{ after, before, at int64 }

// passes says whether an event of a time need only be counted.
func (s wanted) passes(nanos int64) bool {
	return nanos != s.at && (nanos <= s.after || nanos >= s.before)
}

const noClock = math.MinInt64

// wants are the times that the list may still want.
func (l *listing) wants() wanted {
	s := wanted{after: noClock, before: math.MaxInt64, at: noClock}
	if l.window.Side != Newest {
		s.at = l.window.At.Nanos
	}
	if l.older.most == 0 && s.at != noClock {
		s.after = s.at - 1
	} else if at, full := l.older.end(); full {
		s.after = at
	}
	if l.window.Side == Older {
		s.before = s.at + 1
	} else if at, full := l.newer.end(); full {
		s.before = at
	}
	return s
}

// put keeps an event that the window shows.
func (l *listing) put(f spl.Found) {
	c := -1
	if l.window.Side != Newest {
		c = l.window.At.order(f)
	}
	switch {
	case c > 0:
		l.before++
		l.newer.add(f)
	case c == 0 && l.window.Side != Around:
		if l.window.Side == Older {
			l.before++
		}
	default:
		l.older.add(f)
	}
}

// shown are the events of the window, the newest first, and how many are newer.
func (l *listing) shown() (rows []spl.Found, before int64) {
	l.newer.trim()
	l.older.trim()
	rows = slices.Clone(l.newer.rows)
	slices.Reverse(rows)
	return append(rows, l.older.rows...), l.before - int64(len(l.newer.rows))
}
