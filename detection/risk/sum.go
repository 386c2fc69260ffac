package risk

import (
	"cmp"
	"slices"

	"escutcheon/detection"
)

// Step is one step of a step line: from the run At on the value is Sum, until
// the next step.
type Step struct {
	At  int64
	Sum int
}

// SumAt is what a step line is at a run.
func SumAt(steps []Step, run int64) int {
	i, at := slices.BinarySearchFunc(steps, run, func(s Step, run int64) int { return cmp.Compare(s.At, run) })
	if !at {
		i--
	}
	if i < 0 {
		return 0
	}
	return steps[i].Sum
}

// Sum24 is the 24-hour sum of one risk object as its hourly runs see it, from
// before the first risk event to after the last. Each step differs from the
// one before it; the last is 0.
func (s Settings) Sum24(events []detection.RiskEvent) []Step { return s.sum24(Hours(events)) }

// Sum24Over is Sum24 of hours.
func (s Settings) Sum24Over(hours []Hour) []Step { return s.sum24(hours) }

func (s Settings) sum24(hours []Hour) []Step {
	var out []Step
	sum, before := running{settings: s, rules: map[string]*scores{}}, 0
	replay(hours, day, func(h Hour, sign int) { sum.count(h.RuleID, h.Tally, sign) }, func(run int64) {
		if sum.total != before {
			out, before = append(out, Step{run, sum.total}), sum.total
		}
	})
	return out
}

// running is a sum that scores come into and leave.
type running struct {
	settings Settings
	rules    map[string]*scores
	total    int
}

// scores are those of one rule in a running sum.
type scores struct {
	sum   int
	times map[int]int // how often each greatest score of an hour is in the sum
}

func (r *running) count(rule string, t Tally, sign int) {
	s := r.rules[rule]
	if s == nil {
		s = &scores{times: map[int]int{}}
		r.rules[rule] = s
	}
	r.total -= r.settings.Counts(s.tally())
	s.sum += sign * t.Sum
	if r.settings.CapPerRule { // else nobody asks for the greatest
		bump(s.times, t.Top, sign)
	}
	r.total += r.settings.Counts(s.tally())
}

func (s *scores) tally() Tally {
	t := Tally{Sum: s.sum}
	for score := range s.times {
		t.Top = max(t.Top, score)
	}
	return t
}

// bump counts a key up or down; what is counted 0 times is not in the map.
func bump[K comparable](m map[K]int, key K, by int) {
	if m[key] += by; m[key] == 0 {
		delete(m, key)
	}
}

// change is an hour coming into a sum at a run (sign 1), or leaving it.
type change struct {
	run  int64
	hour int // index into the hours
	sign int
}

// replay goes through the hourly runs at which a sum over the last span seconds
// changes: count is told of each hour of risk events that comes in (1) or
// leaves (−1), seen of the run once all of its changes are told. A run H counts
// the events of runs ≤ H with a time in (H − span, H].
func replay(hours []Hour, span int64, count func(Hour, int), seen func(run int64)) {
	list := make([]change, 0, 2*len(hours))
	for i, h := range hours {
		enter := max(h.RunAt, ceil(h.Last))
		leave := ceil(h.Last + span)
		if enter < leave {
			list = append(list, change{enter, i, 1}, change{leave, i, -1})
		}
	}
	slices.SortFunc(list, func(a, b change) int { return cmp.Compare(a.run, b.run) })
	for i, c := range list {
		count(hours[c.hour], c.sign)
		if i+1 == len(list) || list[i+1].run != c.run {
			seen(c.run)
		}
	}
}

// ceil rounds a second up to a full hour, also below 0.
func ceil(second int64) int64 {
	r := second % hour
	if r > 0 {
		r -= hour
	}
	return second - r
}
