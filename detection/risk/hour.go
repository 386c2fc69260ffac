package risk

import (
	"cmp"
	"slices"

	"escutcheon/detection"
)

// Hour is what the risk events of one risk object come to that one run of a
// rule made, that fall into one hour, (H − 1 h, H], and that say the same. It
// comes into a sum and leaves it as a whole: it is all that steps, incidents
// and the drilldown's row need to know of its risk events.
type Hour struct {
	RuleID, Message string
	RunAt           int64 // of the run
	First, Last     int64 // second of the first and the last risk event
	Count           int   // of risk events
	Tally
}

// Hours takes each risk event for an hour of its own.
func Hours(events []detection.RiskEvent) []Hour {
	out := make([]Hour, len(events))
	for i, e := range events {
		out[i] = hourOf(e)
	}
	return out
}

func hourOf(e detection.RiskEvent) Hour {
	return Hour{RuleID: e.RuleID, Message: e.Message, RunAt: e.RunAt(), First: e.Time, Last: e.Time, Count: 1,
		Tally: Tally{Sum: e.Score, Top: e.Score}}
}

// Tile puts hours together that are of the same rule, run, hour and message. It
// sorts them by time, and changes the slice.
func Tile(hours []Hour) []Hour {
	slices.SortFunc(hours, func(a, b Hour) int {
		return cmp.Or(cmp.Compare(HourOf(a.Last), HourOf(b.Last)), cmp.Compare(a.RunAt, b.RunAt),
			cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.Message, b.Message))
	})
	out := hours[:0]
	for _, h := range hours {
		if n := len(out) - 1; n >= 0 && out[n].like(h) {
			out[n].add(h)
			continue
		}
		out = append(out, h)
	}
	return out
}

// HourOf numbers the hour that a second falls into: hour n is (3600·(n − 1),
// 3600·n].
func HourOf(second int64) int64 { return ceil(second) / hour }

func (h Hour) like(o Hour) bool {
	return HourOf(h.Last) == HourOf(o.Last) && h.RunAt == o.RunAt && h.RuleID == o.RuleID && h.Message == o.Message
}

func (h *Hour) add(o Hour) {
	h.First, h.Last, h.Count = min(h.First, o.First), max(h.Last, o.Last), h.Count+o.Count
	h.Tally = Tally{h.Sum + o.Sum, max(h.Top, o.Top)}
}

// ScoreOver is the score of hours that lie within a period.
func (s Settings) ScoreOver(hours []Hour) int {
	rules := map[string]Tally{}
	for _, h := range hours {
		t := rules[h.RuleID]
		rules[h.RuleID] = Tally{t.Sum + h.Sum, max(t.Top, h.Top)}
	}
	sum := 0
	for _, t := range rules {
		sum += s.Counts(t)
	}
	return sum
}
