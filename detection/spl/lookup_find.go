package spl

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"escutcheon/detection/spl/value"
)

// finder looks rows up by some of a table's fields. What that takes is made when
// a row is looked up for the first time.
type finder struct {
	t      *Table
	exact  []int // columns compared whole
	sifted int   // the first column of patterns with a star, whose patterns the sieves are of; -1: none
	loose  []int // the other columns of patterns
	max    int
	once   sync.Once
	byKey  map[string]*sieve // by the columns compared whole
	globs  [][]value.Pattern // of each row, one for each loose column
	ranges [][]netip.Prefix
}

// newFinder prepares a lookup by the columns given.
func newFinder(t *Table, columns []int) *finder {
	f := &finder{t: t, max: t.Max, sifted: -1}
	if f.max <= 0 {
		f.max = 1000
	}
	if len(t.Fields) == 0 {
		return f
	}
	for _, c := range columns {
		if slices.Contains(t.Wildcard, t.Fields[c]) || slices.Contains(t.CIDR, t.Fields[c]) {
			if f.sifted < 0 && !slices.Contains(t.CIDR, t.Fields[c]) {
				f.sifted = c
				continue
			}
			f.loose = append(f.loose, c)
		} else {
			f.exact = append(f.exact, c)
		}
	}
	return f
}

// fill puts the rows of the table where they are found.
func (f *finder) fill() {
	f.byKey = map[string]*sieve{}
	rows := 0 // of one sieve, where that is known
	if len(f.exact) == 0 {
		rows = len(f.t.Rows)
	} else {
		f.byKey = make(map[string]*sieve, len(f.t.Rows))
	}
	for i, row := range f.t.Rows {
		key := f.key(f.exact, func(c int) string { return row[c] })
		s := f.byKey[key]
		if s == nil {
			if s = (&sieve{}); f.sifted >= 0 {
				s = newSieve(rows)
			}
			f.byKey[key] = s
		}
		if f.sifted < 0 {
			s.all = append(s.all, i)
		} else {
			s.add(i, row[f.sifted])
		}
		var globs []value.Pattern
		var ranges []netip.Prefix
		for _, c := range f.loose {
			globs = append(globs, value.NewPattern(row[c]))
			p, _ := netip.ParsePrefix(row[c])
			ranges = append(ranges, p)
		}
		if f.loose != nil {
			f.globs, f.ranges = append(f.globs, globs), append(f.ranges, ranges)
		}
	}
	for _, s := range f.byKey {
		s.made()
	}
}

func (f *finder) key(columns []int, get func(c int) string) string {
	var b []byte
	for _, c := range columns {
		s := get(c)
		if f.t.IgnoreCase {
			s = strings.ToLower(s)
		}
		b = append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
	}
	return string(b)
}

// rows are the rows that match, in the order of the table; get returns the
// value to look up for a column.
func (f *finder) rows(get func(c int) string) []int {
	f.once.Do(f.fill)
	s := f.byKey[f.key(f.exact, get)]
	if s == nil {
		return nil
	}
	list := s.all
	if f.sifted >= 0 {
		list = s.rows(get(f.sifted), !f.t.IgnoreCase)
	}
	var out []int
	for _, i := range list {
		if f.fits(i, get) {
			if out = append(out, i); len(out) >= f.max {
				break
			}
		}
	}
	return out
}

func (f *finder) fits(row int, get func(c int) string) bool {
	for k, c := range f.loose {
		v := get(c)
		if slices.Contains(f.t.CIDR, f.t.Fields[c]) {
			if !f.ranges[row][k].IsValid() || !value.InPrefix(f.ranges[row][k], v) {
				return false
			}
			continue
		}
		if !f.globs[row][k].Match(v) || !f.t.IgnoreCase && !f.globs[row][k].Wild() && f.t.Rows[row][c] != v {
			return false
		}
	}
	return true
}
