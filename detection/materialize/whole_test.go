package materialize_test

import (
	"testing"

	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
)

// A subsearch that comes to its limit is told: what was found counts, and some of it
// is missing.
func TestCutWindows(t *testing.T) {
	for count, want := range map[string]int{"10000": 0, "10001": 1} {
		r := mt.Rule(t, "cut", "EventCode=29 | append [| makeresults count="+count+"] | stats count", "")
		w := world(t, r)
		w.Add(mt.Change("web01", hour, "a"), mt.Change("web02", hour+7200, "a"))
		for w.RunWindows(9) > 0 {
		}
		if got := doubts(w); got[spl.CutDoubt] != 2*want || got[spl.SearchDoubt] != 0 {
			t.Errorf("%s rows: %v", count, got)
		}
		if f := w.Dump(); f == "" {
			t.Errorf("%s rows: nothing was found", count)
		}
	}
}
