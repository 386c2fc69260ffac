package search

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"escutcheon/detection/spl/value"
	"escutcheon/event"
)

// Bar is how many events are of [From, To).
type Bar struct {
	From, To time.Time
	Count    int64
}

// widths of bars that people read easily, in seconds.
var widths = []int64{1, 5, 10, 30, 60, 5 * 60, 10 * 60, 30 * 60, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400,
	30 * 86400, 90 * 86400, 365 * 86400}

// mostBars is how many bars a histogram has at most; of mostCounted, which are kept,
// they are made.
const (
	mostBars    = 120
	mostCounted = 20_000
)

// count counts an event. The bars become wider when there are too many.
func (l *listing) count(nanos int64) {
	l.when[value.FloorTo(event.FloorSecond(nanos), l.width)]++
	for len(l.when) > mostCounted {
		l.width = wider(l.width)
		l.when = merged(l.when, l.width)
	}
}

func merged(when map[int64]int64, width int64) map[int64]int64 {
	out := map[int64]int64{}
	for at, n := range when {
		out[value.FloorTo(at, width)] += n
	}
	return out
}

func wider(width int64) int64 {
	for _, w := range widths {
		if w > width && w%width == 0 {
			return w
		}
	}
	return 2 * width
}

// bars are the histogram, from the first event to the last, without gaps.
func (l *listing) bars() (out []Bar) {
	if len(l.when) == 0 {
		return nil
	}
	keys := slices.Collect(maps.Keys(l.when))
	first, last := slices.Min(keys), slices.Max(keys)
	width := l.width
	for (last-value.FloorTo(first, width))/width+1 > mostBars {
		width = wider(width)
	}
	when := merged(l.when, width)
	for at := value.FloorTo(first, width); at <= last; at += width {
		out = append(out, Bar{time.Unix(at, 0).UTC(), time.Unix(at+width, 0).UTC(), when[at]})
	}
	return out
}

// FieldCount is what a field says in some events.
type FieldCount struct {
	Name   string
	Events int64 // that have it
	Values int   // different ones
	More   bool  // and more, which were not counted
	Often  []ValueCount
	Rare   []ValueCount // of those that are not among Often
}

// ValueCount is a value, as it was met first, and in how many events it or one is that a
// search takes for the same: in other letters' case, or as another form of the number.
type ValueCount struct {
	Value string
	Count int64
	Cut   bool // only the beginning, of all values that begin so
}

// shownValues is how many values of each kind are given of a field.
const shownValues = 5

// fields are those that events have, the ones that most have first.
func (l *listing) fields() (out []FieldCount) {
	for name, counts := range l.counts {
		f := FieldCount{Name: name, Values: len(counts), More: l.many[name]}
		f.Events = l.has[name]
		all := make([]ValueCount, 0, len(counts))
		for _, v := range counts {
			all = append(all, *v)
		}
		slices.SortFunc(all, func(a, b ValueCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		n := min(len(all), shownValues)
		f.Often = all[:n:n]
		if rest := all[n:]; !f.More {
			f.Rare = rest[max(len(rest)-shownValues, 0):]
			slices.Reverse(f.Rare)
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b FieldCount) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
	})
	return out
}
