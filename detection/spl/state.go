package spl

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// State is what a plan keeps of the events of one row: a few numbers, however
// many events there are. States of the same plan merge in any order to the
// state of all their events.
type State struct {
	plan  *Plan
	count int64
	first int64 // nanoseconds; mean something when count > 0
	last  int64
	slots []slot // one for each aggregate over a field other than _time
}

// slot is what one aggregate keeps. Whether all values are numbers is known
// only at the end, so both orders are kept.
type slot struct {
	N    int64 `json:"n,omitempty"` // events that have the field
	Text bytes `json:"t,omitempty"` // first or last value as text
	Num  bytes `json:"d,omitempty"` // least or greatest number; "" when there is none
	NaN  bool  `json:"x,omitempty"` // some value is no number
}

// bytes is a string that survives JSON even when it is no valid UTF-8.
type bytes string

// New is the state of no event.
func (p *Plan) New() *State {
	s := &State{plan: p}
	for _, a := range p.stats.Aggs {
		if a.stored() {
			s.slots = append(s.slots, slot{})
		}
	}
	return s
}

// stored says whether an aggregate needs a slot; the others are made from the
// count and the times.
func (a Agg) stored() bool { return a.Field != "" && a.Field != timeField }

// Count is how many events the state is of.
func (s *State) Count() int64 { return s.count }

// Times are the first and the last event's time in nanoseconds since 1970
// UTC; ok is false when the state is of no event.
func (s *State) Times() (first, last int64, ok bool) { return s.first, s.last, s.count > 0 }

// Add counts one event in. It must match, and Key must not say that it misses
// anything.
func (s *State) Add(e Event) {
	t := e.Time().UnixNano()
	s.span(1, t, t)
	k := 0
	for _, a := range s.plan.stats.Aggs {
		if !a.stored() {
			continue
		}
		if v, ok := lookup(e, a.Field); ok {
			s.slots[k].add(a.Func, v)
		}
		k++
	}
}

func (s *State) span(n, first, last int64) {
	if s.count == 0 {
		s.first, s.last = first, last
	}
	s.count += n
	s.first, s.last = min(s.first, first), max(s.last, last)
}

func (t *slot) add(fn, v string) {
	one := slot{N: 1, Text: bytes(v)}
	if fn == "count" {
		t.N++
		return
	}
	if _, ok := parseNumber(v); ok {
		one.Num = bytes(v)
	} else {
		one.NaN = true
	}
	t.merge(fn, one)
}

func (t *slot) merge(fn string, o slot) {
	switch {
	case o.N == 0:
		return
	case fn == "count":
		t.N += o.N
		return
	case t.N == 0:
		*t = o
		return
	}
	t.N += o.N
	t.NaN = t.NaN || o.NaN
	if o.Text != t.Text && (fn == "min") == (o.Text < t.Text) {
		t.Text = o.Text
	}
	if o.Num != "" && (t.Num == "" || betterNumber(fn, string(o.Num), string(t.Num))) {
		t.Num = o.Num
	}
}

// betterNumber says whether a goes before b as fn's result. Numbers that are
// equal but written differently are told apart by their text, so that the
// order of events does not matter.
func betterNumber(fn, a, b string) bool {
	x, _ := parseNumber(a)
	y, _ := parseNumber(b)
	c := x.compare(y)
	if c == 0 {
		return a < b
	}
	return (fn == "min") == (c < 0)
}

// Merge counts the events of o in. It fails on the state of another plan.
func (s *State) Merge(o *State) error {
	if s.plan != o.plan && (s.plan.fingerprint != o.plan.fingerprint || len(s.slots) != len(o.slots)) {
		return errors.New("the states are of different searches")
	}
	if o.count == 0 {
		return nil
	}
	s.span(o.count, o.first, o.last)
	k := 0
	for _, a := range s.plan.stats.Aggs {
		if a.stored() {
			s.slots[k].merge(a.Func, o.slots[k])
			k++
		}
	}
	return nil
}

// value is an aggregate's result; k counts the slots used. It is null when no
// event had the field.
func (s *State) value(a Agg, k *int) (string, bool) {
	switch {
	case a.Field == "" || a.Field == timeField && a.Func == "count":
		return strconv.FormatInt(s.count, 10), true
	case a.Field == timeField && a.Func == "min":
		return FormatEpoch(s.first), s.count > 0
	case a.Field == timeField:
		return FormatEpoch(s.last), s.count > 0
	}
	t := s.slots[*k]
	*k++
	switch {
	case a.Func == "count":
		return strconv.FormatInt(t.N, 10), true
	case t.NaN:
		return string(t.Text), true
	}
	return string(t.Num), t.N > 0
}

// stateJSON is a state as it is stored; the names are short because there may
// be millions.
type stateJSON struct {
	Count int64  `json:"n"`
	First int64  `json:"a"`
	Last  int64  `json:"z"`
	Slots []slot `json:"s,omitempty"`
}

// MarshalJSON writes the state for Plan.Load. It is small and exact.
func (s *State) MarshalJSON() ([]byte, error) {
	return json.Marshal(stateJSON{s.count, s.first, s.last, s.slots})
}

// Load reads what MarshalJSON of a state of the same search wrote.
func (p *Plan) Load(data []byte) (*State, error) {
	var j stateJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("stored state: %w", err)
	}
	s := p.New()
	bad := func(t slot) bool { return t.N < 0 || t.N > j.Count }
	if len(j.Slots) != len(s.slots) || j.Count < 0 || j.First > j.Last || slices.ContainsFunc(j.Slots, bad) {
		return nil, errors.New("stored state: it does not fit the search")
	}
	s.count, s.first, s.last = j.Count, j.First, j.Last
	copy(s.slots, j.Slots)
	return s, nil
}

// MarshalJSON writes valid UTF-8 as a string and all else as [base64].
func (b bytes) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal([1][]byte{[]byte(b)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *bytes) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var raw [1][]byte
		err := json.Unmarshal(data, &raw)
		*b = bytes(raw[0])
		return err
	}
	var s string
	err := json.Unmarshal(data, &s)
	*b = bytes(s)
	return err
}
