package agg_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/detection/spl/agg"
)

// many are distinct values whose order is that of their numbers.
func many(n int) []agg.Input {
	out := make([]agg.Input, n)
	for i := range out {
		out[i] = agg.Input{Text: fmt.Sprintf("%06d", i), N: 1}
	}
	return out
}

// Of more than MaxValues the first in the order of bytes are kept, whatever the
// order and the parts.
func TestBagLimit(t *testing.T) {
	for _, n := range []int{agg.MaxValues - 1, agg.MaxValues, agg.MaxValues + 1, 2*agg.MaxValues + 1} {
		all := many(n)
		rand.New(rand.NewPCG(uint64(n), 1)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
		k, rest := keep(t, "values"), keep(t, "values")
		for _, in := range all[:n/2] {
			k.Add(in)
		}
		for _, in := range all[n/2:] {
			rest.Add(in)
		}
		if err := k.Merge(rest); err != nil {
			t.Fatal(err)
		}
		got := strings.Split(text(k), "\n")
		if want := min(n,
			agg.MaxValues); len(got) != want || got[0] != "000000" || got[want-1] != fmt.Sprintf("%06d", want-1) {
			t.Errorf("%d: %d values, to %s", n, len(got), got[len(got)-1])
		}
		back := keep(t, "values")
		if err := load(back, store(t, k)); err != nil || text(back) != text(k) {
			t.Errorf("%d: stored and loaded it differs, %v", n, err)
		}
	}
}

// Values beyond the limit are as if they were not there, in memory as in what is
// stored.
func TestBagBeyondLimit(t *testing.T) {
	mode, median := keep(t, "mode"), keep(t, "median")
	for i, in := range many(agg.MaxValues + 1) {
		median.Add(in)
		if i == 5 {
			in.N = 2
		}
		if i == agg.MaxValues {
			in.N = 9
		}
		mode.Add(in)
	}
	if text(mode) != "000005" || text(median) != "4999.5" {
		t.Errorf("%s, %s", text(mode), text(median))
	}
	one := `,{"v":"a","n":1}`
	for n, fits := range map[int]bool{agg.MaxValues: true, agg.MaxValues + 1: false} {
		var b strings.Builder
		for i := range n - 1 {
			fmt.Fprintf(&b, `,{"v":"%d","n":1}`, i)
		}
		if err := load(keep(t, "mode"), `{"n":1,"v":[`+b.String()[1:]+one+`]}`); (err == nil) != fits {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// Counts of values that are kept are exact, also over a cut.
func TestBagCounts(t *testing.T) {
	k := keep(t, "mode")
	for range 3 {
		for _, in := range many(2*agg.MaxValues + 10) {
			k.Add(in)
		}
	}
	k.Add(agg.Input{Text: "000007", N: 1})
	if text(k) != "000007" || !strings.Contains(store(t, k), `{"v":"000007","n":4},{"v":"000008","n":3}`) {
		t.Error(text(k))
	}
	if !strings.HasPrefix(store(t, k), fmt.Sprintf(`{"n":%d,`, 3*(2*agg.MaxValues+10)+1)) {
		t.Error("the number of values")
	}
}
