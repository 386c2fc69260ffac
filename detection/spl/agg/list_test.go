package agg_test

import (
	"strconv"
	"strings"
	"testing"

	"escutcheon/detection/spl/agg"
)

func TestList(t *testing.T) {
	for _, c := range []check{
		{"list", nil, null},
		{"list", l("b a b"), "b\na\nb"},
		{"list", l("c a b"), "b\na\nc"}, // inputs() has the last first
		{"list", []string{"", "x"}, "x\n"},
	} {
		c.run(t)
	}
}

// Values in one place stand in the order of bytes; a value that counts several
// times stands there as often.
func TestListPlaces(t *testing.T) {
	k := keep(t, "list")
	for _, in := range []agg.Input{{Text: "z", Pos: 2, N: 1}, {Text: "b", Pos: 1, N: 2}, {Text: "a", Pos: 1,
		N: 1}, {Text: "m", Pos: -1, N: 1}} {
		k.Add(in)
	}
	if got := text(k); got != "m\na\nb\nb\nz" {
		t.Errorf("%q", got)
	}
}

// The first hundred are kept, and a later one that stands before them.
func TestListLimit(t *testing.T) {
	if agg.MaxListed != 100 {
		t.Fatal("limits.conf: list_maxsize is 100")
	}
	for _, n := range []int{99, 100, 101, 250} {
		k := keep(t, "list")
		for i := range n {
			k.Add(agg.Input{Text: strconv.Itoa(i), Pos: int64(i), N: 1})
		}
		got := strings.Split(text(k), "\n")
		if len(got) != min(n, 100) || got[0] != "0" || got[len(got)-1] != strconv.Itoa(min(n, 100)-1) {
			t.Errorf("%d: %d from %s to %s", n, len(got), got[0], got[len(got)-1])
		}
		k.Add(agg.Input{Text: "front", Pos: -1, N: 1})
		if got := strings.Split(text(k), "\n"); got[0] != "front" || len(got) != min(n+1, 100) {
			t.Errorf("%d: %s, %d", n, got[0], len(got))
		}
		if err := load(keep(t, "list"), store(t, k)); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
	k := keep(t, "list")
	k.Add(agg.Input{Text: "x", N: 1 << 40})
	if got := strings.Count(text(k), "x"); got != 100 {
		t.Errorf("%d", got)
	}
	if stored := `{"n":101,"l":[` + strings.Repeat(`{"p":1,"v":"a"},`, 100) + `{"p":1,"v":"a"}]}`; load(k,
		stored) == nil {
		t.Error("101 values are taken")
	}
}
