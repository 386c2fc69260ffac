package spl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"escutcheon/detection/spl/value"
)

// State is what a plan keeps of the events of one row: little, however many
// events there are. States of the same plan merge in any order to the state of
// all their events.
type State struct {
	plan  *Plan
	count int64
	first int64 // nanoseconds; mean something when count > 0
	last  int64
	slots []slot // one for each aggregate that is stored
}

// bytes is a string that survives JSON even when it is no valid UTF-8.
type bytes string

// New is the state of no event.
func (p *Plan) New() *State {
	return &State{plan: p, slots: make([]slot, p.stored)}
}

// Count is how many events the state is of.
func (s *State) Count() int64 { return s.count }

// Times are the first and the last event's time in nanoseconds since 1970
// UTC; ok is false when the state is of no event.
func (s *State) Times() (first, last int64, ok bool) { return s.first, s.last, s.count > 0 }

// Add counts a Part in, one that misses nothing. Any other event is taken as
// one that matches and is in this state's row: all rows that the streaming part
// makes of it are counted in, which is right where the plan makes one of each
// event.
func (s *State) Add(e Event) {
	if p, ok := e.(*Part); ok {
		s.add(p)
		return
	}
	at := e.Time().UnixNano()
	if s.plan.stored == 0 && len(s.plan.before) == 0 {
		s.span(1, at, at)
		return
	}
	if s.plan.model != nil {
		e = &modelled{e, s.plan.model}
	}
	s.plan.stream1(e, func(r *rec) bool {
		s.add(&Part{at: at, in: s.plan.inputs(r)})
		return true
	})
}

func (s *State) add(p *Part) {
	s.span(1, p.at, p.at)
	for k, in := range p.in {
		fn := s.plan.slots[k].Func
		if in.IsText() {
			s.slots[k].add(fn, in.Text(), p.at, ^p.at, 1)
			continue
		}
		for _, v := range in.List() {
			s.slots[k].add(fn, v, p.at, ^p.at, 1)
		}
	}
}

func (s *State) span(n, first, last int64) {
	if s.count == 0 {
		s.first, s.last = first, last
	}
	s.count += n
	s.first, s.last = min(s.first, first), max(s.last, last)
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
	for k := range s.slots {
		s.slots[k].merge(s.plan.slots[k].Func, o.slots[k])
	}
	return nil
}

// value is an aggregate's result; null when no event had the field.
func (s *State) value(a aggPlan) value.Value {
	switch {
	case a.slot >= 0:
		return s.slots[a.slot].value(a.Agg)
	case a.Func == "count":
		return value.Text(strconv.FormatInt(s.count, 10))
	case s.count == 0:
		return value.Null
	case a.Func == "min":
		return value.Text(value.FormatEpoch(s.first))
	}
	return value.Text(value.FormatEpoch(s.last))
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
	bad := func(k int) bool { return !j.Slots[k].fits(p.slots[k].Func) }
	if len(j.Slots) != len(s.slots) || j.Count < 0 || j.First > j.Last {
		return nil, errors.New("stored state: it does not fit the search")
	}
	for k := range j.Slots {
		if bad(k) {
			return nil, errors.New("stored state: it does not fit the search")
		}
	}
	s.count, s.first, s.last = j.Count, j.First, j.Last
	copy(s.slots, j.Slots)
	return s, nil
}

// fits says whether a stored slot can be one of the aggregate.
func (s *slot) fits(fn string) bool {
	switch k := kindOf(fn); {
	case s.N < 0:
		return false
	case s.N == 0:
		return s.Sum == nil && s.Set == nil && s.Hash == nil && s.List == nil
	case k == "min" || k == "max":
		return s.Num != "" || s.NaN
	case k == "sum":
		return s.Sum != nil
	case k == "square" || k == "range":
		return s.Sum != nil && s.Sq != nil
	case k == "set":
		return len(s.Set) > 0
	case k == "dc":
		return len(s.Hash) > 0
	case k == "list":
		return len(s.List) > 0
	}
	return true
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
