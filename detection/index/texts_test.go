package index

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Every text that a value holds is found, few or many, and none that it does not.
func TestFewTextsAndMany(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	random := func(least, most int) string {
		b := make([]byte, least+r.IntN(most-least+1))
		for i := range b {
			b[i] = "abAB\\.\xc3\x00"[r.IntN(8)]
		}
		return string(b)
	}
	few, hits := 0, 0
	for range 3000 {
		lists := map[string][]int32{}
		for i := range 1 + r.IntN(12) {
			lists[lowASCII(random(minText+r.IntN(5), maxTextLen))] = []int32{int32(i)}
		}
		find := newTexts(lists)
		if find.few != nil {
			few++
		}
		for range 20 {
			v := random(0, 60)
			for w := range lists {
				if r.IntN(8) == 0 {
					v += strings.ToUpper(w) + random(0, 20)
				}
			}
			var got, want []int32
			find.in(v, func(plans []int32) { got = append(got, plans...) })
			for w, plans := range lists {
				if strings.Contains(lowASCII(v), w) {
					want = append(want, plans...)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Fatalf("%q in %q: %v, want %v", lists, v, got, want)
			}
			hits += len(want)
		}
	}
	if few < 500 || hits == 0 {
		t.Errorf("%d times few texts, %d found", few, hits)
	}
}

// lowASCII is a text with its ASCII letters in lower case.
func lowASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
