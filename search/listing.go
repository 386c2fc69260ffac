package search

import (
	"cmp"

	"escutcheon/detection/spl"
)

// newestFound puts the newest event first.
func newestFound(a, b spl.Found) int {
	return cmp.Or(cmp.Compare(foundClock(b), foundClock(a)), cmp.Compare(number(b), number(a)))
}

func foundClock(f spl.Found) int64 {
	if f.Event == nil || f.Event.Time().IsZero() {
		return noClock
	}
	return f.Event.Time().UnixNano()
}

func number(f spl.Found) int64 {
	switch e := f.Event.(type) {
	case Event:
		return e.Number
	case trace:
		return e.number
	case *made:
		return e.number
	}
	return 0
}

// StoredNumber is the number of the stored event that a row is; 0 where it is none.
func StoredNumber(f spl.Found) int64 {
	if _, ok := f.Event.(*made); ok {
		return 0
	}
	return number(f)
}

// listing is what is kept of many events: those of a window, how many there were when,
// and what fields said.
type listing struct {
	window  Window
	total   int64
	before  int64 // those of them that are newer than what the window begins with
	older   edge
	newer   edge
	width   int64 // of a bar, in seconds
	when    map[int64]int64
	counts  map[string]map[string]*ValueCount // by field and class of values
	has     map[string]int64                  // in how many events a field is
	many    map[string]bool                   // fields with more values than are counted
	sampled int64
}

// mostSampled is how many events fields are counted in, mostValues how many values of
// each, mostNames how many fields.
const (
	mostSampled = 20_000
	mostValues  = 1000
	mostNames   = 500
)

func newListing(w Window) *listing {
	l := &listing{window: w, width: 1, when: map[int64]int64{}, counts: map[string]map[string]*ValueCount{},
		has: map[string]int64{}, many: map[string]bool{}, older: edge{most: w.Limit, turn: 1}, newer: edge{turn: -1}}
	switch w.Side {
	case Newer:
		l.older.most, l.newer.most = 0, w.Limit
	case Around:
		l.newer.most = w.Limit / 2
		l.older.most -= l.newer.most
	}
	return l
}

func (l *listing) add(f spl.Found) {
	if f.Verdict != spl.Kept {
		return
	}
	l.total++
	if at := foundClock(f); at != noClock {
		l.count(at)
	}
	if e, ok := f.Event.(spl.Named); ok && l.sampled < mostSampled {
		l.sampled++
		e.Names(func(name string) bool {
			l.field(e, name)
			return true
		})
	}
	l.put(f)
}
