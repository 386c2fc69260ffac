package agg_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"testing"

	"escutcheon/detection/spl/agg"
)

func TestDistinct(t *testing.T) {
	for _, c := range []check{
		{"dc", nil, "0"},
		{"dc", l("a"), "1"},
		{"dc", l("a b a"), "2"},
		{"distinct_count", l("1 1.0 A a"), "4"},
		{"estdc", []string{"", ""}, "1"},
	} {
		c.run(t)
	}
}

// The count is exact up to MaxValues, and beyond it an estimate that is out by
// less than four times 1/sqrt(MaxValues), in any order, stored between or not.
func TestDistinctLimit(t *testing.T) {
	for _, n := range []int{agg.MaxValues - 1, agg.MaxValues, agg.MaxValues + 1, 2*agg.MaxValues + 1,
		2*agg.MaxValues + 2,
		2*agg.MaxValues + 3, 2*agg.MaxValues + 4, 60_000} {
		all := many(n)
		k, back := keep(t, "dc"), keep(t, "dc")
		for i := range all {
			k.Add(all[i])
			back.Add(all[n-1-i])
		}
		got, _ := strconv.Atoi(text(k))
		if off := math.Abs(float64(got-n)) / float64(n); n <= agg.MaxValues && got != n || off > 0.04 {
			t.Errorf("%d: %d", n, got)
		}
		if store(t, back) != store(t, k) || text(back) != text(k) {
			t.Errorf("%d: backwards it is %s", n, text(back))
		}
		again := keep(t, "dc")
		if err := load(again, store(t, k)); err != nil || text(again) != text(k) {
			t.Errorf("%d: loaded it is %s, %v", n, text(again), err)
		}
		if err := again.Merge(k); err != nil || text(again) != text(k) {
			t.Errorf("%d: merged with itself it is %s, %v", n, text(again), err)
		}
	}
}

func TestDistinctStoredTooMany(t *testing.T) {
	for n, fits := range map[int]bool{agg.MaxValues + 1: true, agg.MaxValues + 2: false} {
		raw := base64.StdEncoding.EncodeToString(make([]byte, 8*n))
		if err := load(keep(t, "dc"), fmt.Sprintf(`{"n":%d,"h":%q}`, n, raw)); (err == nil) != fits {
			t.Errorf("%d: %v", n, err)
		}
	}
}
