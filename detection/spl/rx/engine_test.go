package rx_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"escutcheon/detection/spl/rx"
)

// What Go's engine can run, ours runs to the same end: (?=) asks for nothing and
// can be run by ours only.
func TestEnginesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ran := 0
	for range 3000 {
		pattern := randomPattern(r, 4)
		fast, err := rx.Compile(pattern)
		if err != nil {
			continue
		}
		slow, err := rx.Compile("(?=)(?:" + pattern + ")")
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		text := randomText(r)
		got, want := slow.FindAllStringSubmatchIndex(text, 1), fast.FindAllStringSubmatchIndex(text, 1)
		if len(got) != len(want) || len(got) > 0 && !slices.Equal(got[0], want[0]) {
			t.Errorf("%s on %q: %v, not %v", pattern, text, got, want)
		}
		ran++
	}
	if ran < 2000 {
		t.Errorf("only %d patterns", ran)
	}
}

// randomPattern leaves $ out, after which Go's engine can match no line end.
func randomPattern(r *rand.Rand, depth int) string {
	pick := func(l string) string { return strings.Fields(l)[r.IntN(len(strings.Fields(l)))] }
	if depth == 0 {
		return pick(`a b ab é . [ab] [^a] \d \w \s \b \B ^ \z \A \n (?i:A) \x61`)
	}
	one := randomPattern(r, depth-1)
	switch r.IntN(6) {
	case 0:
		return "(" + one + ")"
	case 1:
		return "(?:" + one + ")" + pick(`* + ? *? +? ?? {2} {1,2} {0,2}?`)
	case 2:
		return one + "|" + randomPattern(r, depth-1)
	case 3:
		return "(?" + pick("i s m U i-s") + ":" + one + ")"
	}
	return one + randomPattern(r, depth-1)
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString([]string{"a", "b", "A", "1", " ", "\n", "é", "\xff", "ab"}[r.IntN(9)])
	}
	return b.String()
}

// One expression serves many at once.
func TestConcurrent(t *testing.T) {
	re, err := rx.Compile(`(?<x>\w+)(?=;)(?!(;);)`)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			text := strings.Repeat("a", i+1) + ";"
			for range 100 {
				if m := re.FindAllStringSubmatchIndex(text, 1); len(m) != 1 || m[0][3] != i+1 {
					t.Errorf("%q: %v", text, m)
				}
			}
		})
	}
	wait.Wait()
}
