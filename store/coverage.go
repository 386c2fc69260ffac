package store

import (
	"cmp"
	"slices"
	"time"
)

// Coverage says which logs of a host were seen.
type Coverage struct {
	Channels []ChannelCoverage // by name
	// Gaps are those of the host: no event in any channel.
	Gaps     []Span
	Counting bool // not all stored events are counted yet
	// Lost are damaged blocks in which events of the host may lie: channels and gaps are
	// those of the others.
	Lost []Lost
	// Gone: of what is older only that is there on which something rests (Retention), so
	// that it has no gaps; zero: all is there.
	Gone time.Time
}

// ChannelCoverage is what was seen of one channel of a host.
type ChannelCoverage struct {
	Channel  string // "" has the events that name none
	HasTime  bool   // false: none of its events has a time, or none is as old as was asked
	From, To int64  // seconds of its first and newest event; To is cut at the moment that was asked for
	Events   int64  // all of them, whatever moment was asked for
	Gaps     []Span // between From and To
}

// Span is a stretch of time, both ends included, in seconds since 1970 UTC. As a
// gap it lies between the events at its ends.
type Span struct{ From, To int64 }

// GapLength is how long nothing happens in a gap at least, in seconds.
const GapLength = 24 * 60 * 60

// follows says whether a gap lies between a span and a later one.
func (s Span) follows(earlier Span) bool {
	return s.From > earlier.To && uint64(s.From)-uint64(earlier.To) >= GapLength
}

// Activity gathers when there were events, in whatever order they are told. Its
// memory is bounded by how many gaps there are.
type Activity struct {
	spans []Span // the first joined ones sorted, a gap between any two; the others as they came
	joins int    // how many they are when they are joined next
}

// fewSpans are not worth joining.
const fewSpans = 32

// Add tells of an event at a second.
func (a *Activity) Add(second int64) { a.AddSpan(Span{second, second}) }

// AddSpan tells of a span of time that begins and ends with events and has no gap.
func (a *Activity) AddSpan(s Span) {
	if n := len(a.spans); n > 0 {
		if last := &a.spans[n-1]; !s.follows(*last) && !last.follows(s) {
			last.From, last.To = min(last.From, s.From), max(last.To, s.To)
			return
		}
	}
	if a.spans = append(a.spans, s); len(a.spans) > a.joins {
		a.joins = max(fewSpans, 2*len(a.Spans()))
	}
}

// Spans are the stretches of time between gaps, sorted. They are the caller's
// until the next call.
func (a *Activity) Spans() []Span {
	slices.SortFunc(a.spans, func(x, y Span) int { return cmp.Compare(x.From, y.From) })
	joined := a.spans[:0]
	for _, s := range a.spans {
		if n := len(joined); n > 0 && !s.follows(joined[n-1]) {
			joined[n-1].To = max(joined[n-1].To, s.To)
			continue
		}
		joined = append(joined, s)
	}
	a.spans = joined
	return joined
}

// Until are spans as they are cut at a second.
func Until(spans []Span, second int64) []Span {
	n, _ := slices.BinarySearchFunc(spans, second, func(s Span, at int64) int {
		if s.From <= at {
			return -1
		}
		return 1
	})
	out := slices.Clone(spans[:n])
	if n > 0 {
		out[n-1].To = min(out[n-1].To, second)
	}
	return out
}

// Since are gaps as they are behind a second: how things were before it nobody knows.
func Since(gaps []Span, second int64) (out []Span) {
	for _, g := range gaps {
		if g.From = max(g.From, second); g.To > g.From && uint64(g.To)-uint64(g.From) >= GapLength {
			out = append(out, g)
		}
	}
	return out
}

// Gaps are what lies between spans.
func Gaps(spans []Span) (out []Span) {
	for i := 1; i < len(spans); i++ {
		out = append(out, Span{spans[i-1].To, spans[i].From})
	}
	return out
}
