package search

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/event"
)

// Seen is what stored events say: the fields and the values that a search may ask for,
// as far as the newest events and some of each kind tell.
type Seen struct {
	At      time.Time // when was looked
	Events  int64     // that were counted by their columns, the newest of all
	Sampled int64     // of them: those whose fields were counted
	All     bool      // Sampled are all that there are

	fields map[string]int64 // in how many of Sampled a field is
	values map[string]map[string]int64
	apart  map[string]*Seen // of the other indexes
}

// Of is what the events of an index say.
func (s *Seen) Of(index string) *Seen {
	if s != nil && s.apart[index] != nil {
		return s.apart[index]
	}
	return s
}

// mostSeen is how many values of a field are kept, mostNamed how many of one that
// columns hold, longestSeen how long a name or value may be in bytes.
const (
	mostSeen    = 500
	mostNamed   = 20_000
	longestSeen = 200
)

// inColumns are the fields whose values are counted by columns.
var inColumns = []string{"ComputerName", "SourceName", "LogName", "EventCode"}

func newSeen() *Seen {
	return &Seen{At: time.Now(), fields: map[string]int64{}, values: map[string]map[string]int64{}}
}

// event counts the fields of one, also those that it answers to.
func (s *Seen) event(e *event.Event, derived []string) {
	s.Sampled++
	for name := range e.Names {
		s.field(e, name)
	}
	for _, name := range derived {
		if name != "_raw" && !slices.ContainsFunc(e.Fields, func(f event.Field) bool { return f.Name == name }) {
			s.field(e, name)
		}
	}
}

func (s *Seen) field(e interface{ Get(string) (string, bool) }, name string) {
	v, ok := e.Get(name)
	if _, known := s.fields[name]; !ok || len(name) > longestSeen || !known && len(s.fields) >= 2*mostNames {
		return
	}
	if s.fields[name]++; !slices.Contains(inColumns, event.AliasOf(name)) {
		s.value(name, v, 1, mostSeen)
	}
}

func (s *Seen) value(name, v string, n int64, most int) {
	all := s.values[name]
	if all == nil {
		all = map[string]int64{}
		s.values[name] = all
	}
	if _, known := all[v]; known || len(all) < most && v != "" && len(v) <= longestSeen {
		all[v] += n
	}
}

// Has is in how many of the sampled events a field is. A name with underscores may
// stand for one with spaces.
func (s *Seen) Has(name string) (n int64) {
	n = s.fields[name]
	for _, of := range event.Needs(name)[1:] {
		if strings.Contains(of, " ") {
			n = max(n, s.fields[of])
		}
	}
	return n
}

// Names are the fields that begin with a text, whatever its case, or else hold it:
// those that most events have first.
func (s *Seen) Names(like string, most int) []ValueCount { return best(s.fields, like, most) }

// Values are those of a field, likewise.
func (s *Seen) Values(field, like string, most int) []ValueCount {
	return best(s.values[event.AliasOf(field)], like, most)
}

// best are the texts of a count that are like one: those that begin with it first.
func best(of map[string]int64, like string, most int) (out []ValueCount) {
	low := strings.ToLower(like)
	rank := func(v string) int {
		switch {
		case strings.HasPrefix(v, like):
			return 0
		case strings.HasPrefix(strings.ToLower(v), low):
			return 1
		}
		return 2
	}
	for v, n := range of {
		if rank(v) < 2 || len(like) > 2 && strings.Contains(strings.ToLower(v), low) {
			out = append(out, ValueCount{Value: v, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(rank(a.Value), rank(b.Value)), cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), most)]
}

// of says in how many events something is, of so many; 0 of those counted.
func (s *Seen) of(n, all int64) string {
	words := strconv.FormatInt(n, 10)
	if all > 0 && n < all {
		words += " of " + strconv.FormatInt(all, 10)
	}
	if n == 1 && all <= 1 {
		return words + " event"
	}
	return words + " events"
}
