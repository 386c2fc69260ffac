package rx_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"escutcheon/detection/spl/rx"
)

// What states say of a text is what Go's engine says.
func TestStatesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	known := map[bool]int{}
	for range 4000 {
		pattern := randomPattern(r, 4)
		if r.IntN(3) == 0 {
			pattern += `\z`
		}
		re, err := rx.Compile(pattern)
		if err != nil {
			continue
		}
		plain := re.Plain()
		for range 8 { // with the states that the texts before made
			text := randomText(r)
			if matches, ok := re.Quick(text); ok {
				known[matches]++
				if want := plain.Match(text, rx.Plenty()); matches != want {
					t.Fatalf("%s on %q: %v, not %v", pattern, text, matches, want)
				}
			}
		}
	}
	if known[true] < 2000 || known[false] < 2000 {
		t.Errorf("known of too few: %v", known)
	}
}

func TestStatesKnow(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		matches, ok   bool
	}{
		{`evil`, "xxevilxx", true, true},
		{`evil`, "xxevlxx", false, true},
		{`^evil`, "xevil", false, true},
		{`^evil\z`, "evil", true, true},
		{`^evil\z`, "evil\n", false, true},
		{`^\z`, "", true, true},
		{`\z`, "abc", true, true},
		{`(?i)kiss`, "KISS", true, true},
		{`(?i)kiss`, "\u212aISS", false, false}, // Go's engine knows that this is a K
		{`evil`, "evil\u00e9", true, true},      // before there is a character that is none of ASCII
		{`^evil`, "xx\u00e9", false, true},
		{`\bevil`, "evil", false, false}, // asks what stands before
		{`(?m)^evil`, "evil", false, false},
	} {
		re, err := rx.Compile(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if matches, ok := re.Quick(tt.text); matches != tt.matches || ok != tt.ok {
			t.Errorf("%s on %q: %v %v", tt.pattern, tt.text, matches, ok)
		}
	}
}

// An expression with very many states is left to Go's engine, and says the same.
func TestStatesAreBounded(t *testing.T) {
	re, err := rx.Compile(`(?s)[ab]*a[ab]{12}c`)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 8))
	unknown := 0
	var all sync.WaitGroup
	for range 40 {
		var b strings.Builder
		for range 5000 {
			b.WriteByte("ab"[r.IntN(2)])
		}
		text := b.String()
		if _, known := re.Quick(text); !known {
			unknown++
		}
		all.Go(func() {
			if re.Match(text, rx.Plenty()) || !re.Match(text+"c", rx.Plenty()) {
				if text[len(text)-13] == 'a' { // else it need not match
					t.Error("states change what matches")
				}
			}
		})
	}
	all.Wait()
	if unknown != 40 {
		t.Errorf("%d of 40 texts have too many states", unknown)
	}
}
