package risk_test

import (
	"testing"

	"escutcheon/detection/risk"
)

// The period is (as-of − 168 h, as-of].
func TestIn(t *testing.T) {
	for _, asOf := range []int64{0, T, -5} {
		for d, want := range map[int64]bool{
			-168*h - 1: false, -168 * h: false, -168*h + 1: true, -1: true, 0: true, 1: false,
		} {
			if got := risk.In(asOf+d, asOf); got != want {
				t.Errorf("as of %d, %+d: %v", asOf, d, got)
			}
		}
	}
	if risk.Period != 604_800 || risk.Lookback != 2*risk.Period {
		t.Error(risk.Period, risk.Lookback)
	}
}

func TestAsOf(t *testing.T) {
	at := func(s int64) *int64 { return &s }
	const now = T
	for name, tt := range map[string]struct {
		asked, past, newest *int64
		at                  int64
		kind                risk.AsOfKind
	}{
		"asked":                           {at(7), at(now - 1), at(now - 1), 7, risk.Asked},
		"asked, with nothing":             {at(7), nil, nil, 7, risk.Asked},
		"asked for 1970":                  {at(0), at(now), at(now), 0, risk.Asked},
		"one this second":                 {nil, at(now), at(now), now, risk.Now},
		"the first second of the period":  {nil, at(now - 168*h + 1), at(now - 168*h + 1), now, risk.Now},
		"the last second before":          {nil, at(now - 168*h), at(now - 168*h), now - 168*h, risk.Newest},
		"long ago":                        {nil, at(0), at(0), 0, risk.Newest},
		"nothing at all":                  {nil, nil, nil, now, risk.Now},
		"in the future only":              {nil, nil, at(now + 5), now + 5, risk.Newest},
		"recent, and one in the future":   {nil, at(now - 1), at(now + 5), now, risk.Now},
		"long ago, and one in the future": {nil, at(0), at(now + 5), now + 5, risk.Newest},
	} {
		if at, kind := risk.AsOf(tt.asked, now, tt.past, tt.newest); at != tt.at || kind != tt.kind {
			t.Errorf("%s: %d %s, want %d %s", name, at, kind, tt.at, tt.kind)
		}
	}
}
