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
	asked, newest, early := int64(7), int64(900), int64(0)
	for name, tt := range map[string]struct {
		asked  *int64
		recent bool
		newest *int64
		at     int64
		kind   risk.AsOfKind
	}{
		"asked":                        {&asked, false, &newest, 7, risk.Asked},
		"asked, with recent ones":      {&asked, true, &newest, 7, risk.Asked},
		"asked, with none":             {&asked, false, nil, 7, risk.Asked},
		"asked for 1970":               {&early, true, &newest, 0, risk.Asked},
		"recent":                       {nil, true, &newest, 1000, risk.Now},
		"none later than a week ago":   {nil, false, &newest, 900, risk.Newest},
		"the newest in 1970":           {nil, false, &early, 0, risk.Newest},
		"none at all: it is safe, now": {nil, false, nil, 1000, risk.Now},
	} {
		if at, kind := risk.AsOf(tt.asked, 1000, tt.recent, tt.newest); at != tt.at || kind != tt.kind {
			t.Errorf("%s: %d %s, want %d %s", name, at, kind, tt.at, tt.kind)
		}
	}
}
