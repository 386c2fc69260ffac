package spl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"escutcheon/detection/spl/agg"
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
	slots []agg.Kept // one for each aggregate that is stored
}

// New is the state of no event.
func (p *Plan) New() *State {
	s := &State{plan: p, slots: make([]agg.Kept, p.stored)}
	for k := range s.slots {
		s.slots[k] = p.slots[k].keep()
	}
	return s
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
		e = &modelled{e, s.plan.model, s.plan.prefix}
	}
	s.plan.stream1(e, func(r *rec) bool {
		s.add(&Part{at: at, in: s.plan.inputs(r)})
		return true
	})
}

func (s *State) add(p *Part) {
	s.span(1, p.at, p.at)
	for k, in := range p.in {
		one := agg.Input{Time: p.at, Pos: ^p.at, N: 1} // the newest event comes first
		if in.IsText() {
			one.Text = in.Text()
			s.slots[k].Add(one)
			continue
		}
		for _, v := range in.List() {
			one.Text = v
			s.slots[k].Add(one)
		}
	}
}

// Spanned is the state of so many events from one time to another, in nanoseconds,
// of a plan that keeps no aggregates.
func (p *Plan) Spanned(n, first, last int64) *State {
	s := p.New()
	s.span(n, first, last)
	return s
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
	for k := range s.slots {
		if err := s.slots[k].Merge(o.slots[k]); err != nil {
			return err
		}
	}
	s.span(o.count, o.first, o.last)
	return nil
}

// value is an aggregate's result; null when no event had the field.
func (s *State) value(a aggPlan) value.Value {
	switch {
	case a.slot >= 0:
		return s.slots[a.slot].Value()
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
	Count int64        `json:"n"`
	First int64        `json:"a"`
	Last  int64        `json:"z"`
	Slots []agg.Stored `json:"s,omitempty"`
}

// MarshalJSON writes the state for Plan.Load. It is small and exact.
func (s *State) MarshalJSON() ([]byte, error) {
	if len(s.slots) == 0 {
		b := strconv.AppendInt(append(make([]byte, 0, 64), `{"n":`...), s.count, 10)
		b = strconv.AppendInt(append(b, `,"a":`...), s.first, 10)
		b = strconv.AppendInt(append(b, `,"z":`...), s.last, 10)
		return append(b, '}'), nil
	}
	j := stateJSON{s.count, s.first, s.last, make([]agg.Stored, len(s.slots))}
	for k := range s.slots {
		j.Slots[k] = s.slots[k].Encode()
	}
	return json.Marshal(j)
}

// Load reads what MarshalJSON of a state of the same search wrote.
func (p *Plan) Load(data []byte) (*State, error) {
	j, ok := plainState(string(data))
	if !ok {
		j = stateJSON{}
		if err := json.Unmarshal(data, &j); err != nil {
			return nil, fmt.Errorf("stored state: %w", err)
		}
	}
	s := p.New()
	if len(j.Slots) != len(s.slots) || j.Count < 0 || j.First > j.Last {
		return nil, errors.New("stored state: it does not fit the search")
	}
	for k := range j.Slots {
		if err := s.slots[k].Decode(j.Slots[k]); err != nil {
			return nil, fmt.Errorf("stored state: it does not fit the search: %w", err)
		}
	}
	s.count, s.first, s.last = j.Count, j.First, j.Last
	return s, nil
}

// plainState reads a state without slots as MarshalJSON writes it: most are.
func plainState(s string) (j stateJSON, ok bool) {
	number := func(name string) (n int64) {
		rest, named := strings.CutPrefix(s, name)
		end := max(strings.IndexAny(rest, ",}"), 0)
		n, err := strconv.ParseInt(rest[:end], 10, 64)
		ok, s = ok && named && err == nil, rest[end:]
		return n
	}
	ok = true
	j.Count, j.First, j.Last = number(`{"n":`), number(`,"a":`), number(`,"z":`)
	return j, ok && s == "}"
}
