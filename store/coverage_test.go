package store_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/store"
)

// naive are the spans of seconds, one by one.
func naive(seconds []int64) (out []store.Span) {
	sorted := slices.Clone(seconds)
	slices.Sort(sorted)
	for i, s := range sorted {
		if i == 0 || s-sorted[i-1] >= store.GapLength {
			out = append(out, store.Span{From: s, To: s})
		}
		out[len(out)-1].To = s
	}
	return out
}

// TestActivity: in whatever order and pieces seconds are told, the spans are those
// of the sorted ones.
func TestActivity(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 4))
	for range 300 {
		var parts [2]store.Activity
		var all []int64
		days := 1 + r.Int64N(400)
		for range r.IntN(300) {
			s := r.Int64N(days*store.GapLength) - 100*store.GapLength
			if r.IntN(3) == 0 { // on the edges of a gap
				s -= s % store.GapLength
			}
			all = append(all, s)
			parts[r.IntN(2)].Add(s)
			if r.IntN(50) == 0 {
				parts[0].Spans()
			}
		}
		for _, s := range parts[1].Spans() {
			parts[0].AddSpan(s)
		}
		got, want := parts[0].Spans(), naive(all)
		if !slices.Equal(got, want) {
			t.Fatalf("%v gave\n%v, want\n%v", all, got, want)
		}
		if gaps := store.Gaps(got); len(gaps) != max(len(got)-1, 0) {
			t.Fatalf("%d gaps between %d spans", len(gaps), len(got))
		}
	}
}

func TestUntil(t *testing.T) {
	spans := []store.Span{{From: 10, To: 20}, {From: 100_000, To: 100_000}, {From: 300_000, To: 400_000}}
	for at, want := range map[int64][]store.Span{
		9:       nil,
		10:      {{From: 10, To: 10}},
		50:      {{From: 10, To: 20}},
		100_000: spans[:2],
		350_000: {spans[0], spans[1], {From: 300_000, To: 350_000}},
		400_001: spans,
	} {
		if got := store.Until(spans, at); !slices.Equal(got, want) {
			t.Errorf("until %d: %v, want %v", at, got, want)
		}
	}
}

// TestActivityFar: what lies farther apart than a number can say is apart.
func TestActivityFar(t *testing.T) {
	var a store.Activity
	for _, s := range []int64{math.MaxInt64, math.MinInt64, 0} {
		a.Add(s)
	}
	if got := a.Spans(); len(got) != 3 {
		t.Errorf("%v", got)
	}
}
