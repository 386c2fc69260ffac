package search

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
	"escutcheon/fault"
)

// Window says which rows a job keeps for its page: of events the newest, or those
// beside a place; of a table those after the first From, in an order.
type Window struct {
	Limit int // rows

	At   Place
	Side Side

	From       int
	Sort       string // a column; "" for the order of the search
	Descending bool
}

// Side is which events a window holds.
type Side int

// The sides of a place.
const (
	Newest Side = iota // there is no place
	Older              // than the place: the newest of them
	Newer              // the oldest of them
	Around             // what is at the place, and as many on either side
)

// Place is where an event stands in a list, the newest first.
type Place struct{ Nanos, Number int64 }

// PlaceOf is the place of an event of a list.
func PlaceOf(f spl.Found) Place { return Place{foundClock(f), number(f)} }

// String is the place as an address has it: 1700000000000000000.12.
func (p Place) String() string {
	return strconv.FormatInt(p.Nanos, 10) + "." + strconv.FormatInt(p.Number, 10)
}

// ParsePlace reads what String writes.
func ParsePlace(s string) (p Place, err error) {
	nanos, number, _ := strings.Cut(s, ".")
	if p.Nanos, err = strconv.ParseInt(nanos, 10, 64); err == nil {
		p.Number, err = strconv.ParseInt(number, 10, 64)
	}
	if err != nil {
		return p, fault.New(fault.Invalid, "%q is no place in a list of events.", s)
	}
	return p, nil
}

// order puts the newest first.
func (p Place) order(f spl.Found) int {
	return cmp.Or(cmp.Compare(foundClock(f), p.Nanos), cmp.Compare(number(f), p.Number))
}

// mostWhole is how many rows of a table are kept, and wholeBytes of how many bytes: of
// a greater one those of the window alone.
const (
	mostWhole  = 10_000
	wholeBytes = 4 << 20
)

// keep lets the rows go that nobody is shown.
func (job *Job) keep() {
	if job.answer == nil || job.list != nil {
		return
	}
	rows := slices.DeleteFunc(job.answer.Rows, func(f spl.Found) bool { return f.Verdict != spl.Kept })
	job.rows, job.whole = int64(len(rows)), len(rows) <= mostWhole
	for _, f := range rows[:min(len(rows), mostWhole)] {
		job.bytes += sizeOf(f)
	}
	if job.whole = job.whole && job.bytes <= wholeBytes; !job.whole {
		rows = slices.Clone(job.window.of(rows))
	}
	job.answer.Rows = rows
}

// letWords say that a table had to make room.
const letWords = "Newer searches needed the room: of this table the rows shown here are kept. Another page or order " +
	"runs the search again, and so does its chart."

// bound lets the rows of the oldest tables go, but those of their pages, where all that
// are kept are too large together.
func (j *Jobs) bound() {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := slices.SortedFunc(maps.Values(j.jobs), func(a, b *Job) int { return b.Began.Compare(a.Began) })
	room := j.Room
	for _, job := range all { // the newest first
		job.mu.Lock()
		if job.whole {
			if room -= job.bytes; room < 0 {
				job.whole, job.let = false, true
				job.answer.Rows = slices.Clone(job.window.of(job.answer.Rows))
			}
		}
		job.mu.Unlock()
	}
}

// Shows says whether the job can show a window: its own, and any of a table that it
// keeps whole.
func (job *Job) Shows(w Window) bool {
	job.mu.Lock()
	defer job.mu.Unlock()
	return w == job.window || job.whole
}

// Has says whether the job has ended as it was to, and Shows a window.
func (job *Job) Has(w Window) bool {
	if !job.Ended() || !job.Shows(w) {
		return false
	}
	job.mu.Lock()
	defer job.mu.Unlock()
	return !job.stopped && job.err == nil
}

// Ordered are the rows of a table in the order of a window.
func Ordered(rows []spl.Found, w Window) []spl.Found {
	if w.Sort == "" {
		return rows
	}
	return sorted(rows, w.Sort, w.Descending)
}

// of are the rows of a table that a window holds.
func (w Window) of(rows []spl.Found) []spl.Found {
	rows = Ordered(rows, w)
	rows = rows[min(w.From, len(rows)):]
	return rows[:min(w.Limit, len(rows))]
}

// sortKey is a cell as a column is sorted by it.
type sortKey struct {
	missing, number bool
	n               float64
	text            string
	at              int
}

// sorted are rows by a column: numbers as such, before texts; rows without it last,
// either way.
func sorted(rows []spl.Found, column string, descending bool) []spl.Found {
	keys := make([]sortKey, len(rows))
	for i, f := range rows {
		v, ok := f.Row.Get(column)
		keys[i] = sortKey{missing: !ok, text: v, at: i}
		keys[i].n, keys[i].number = value.ParseFloat(v)
	}
	slices.SortStableFunc(keys, func(a, b sortKey) int {
		c := compareKeys(a, b)
		if descending && !a.missing && !b.missing {
			return -c
		}
		return c
	})
	out := make([]spl.Found, len(rows))
	for i, k := range keys {
		out[i] = rows[k.at]
	}
	return out
}

func compareKeys(a, b sortKey) int {
	switch {
	case a.missing != b.missing && a.missing:
		return 1
	case a.missing != b.missing:
		return -1
	case a.number != b.number && a.number:
		return -1
	case a.number != b.number:
		return 1
	case a.number && a.n != b.n:
		return cmp.Compare(a.n, b.n)
	}
	return value.CompareText(a.text, b.text)
}
