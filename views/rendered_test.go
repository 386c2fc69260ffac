package views

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestRendered: each text is rendered once for each way while there is room, what was asked
// for longest ago goes first, and there is never more than the bound.
func TestRendered(t *testing.T) {
	k := newRenders(10 * (1000 + madeBytes))
	renders := 0
	ask := func(way, text string) string {
		return k.once(way, text, func() string {
			renders++
			return way + text + strings.Repeat("x", 1000-len(way+text))
		})
	}
	for range 3 {
		for i := range 10 {
			if got := ask("a", fmt.Sprint(i)); !strings.HasPrefix(got, fmt.Sprint("a", i)) {
				t.Fatalf("%d is %.10q", i, got)
			}
		}
	}
	if renders != 10 {
		t.Errorf("10 texts were rendered %d times", renders)
	}
	ask("a", "0") // the first is the newest now
	ask("b", "1") // 1 has to go
	if renders = 0; !strings.HasPrefix(ask("b", "1"), "b1") || renders != 0 {
		t.Error("one text in two ways is one")
	}
	if ask("a", "0"); renders != 0 {
		t.Error("what was asked for just now went")
	}
	if ask("a", "1"); renders != 1 {
		t.Error("what was asked for longest ago stayed")
	}
	if k.size > k.most || len(k.of) != 10 || k.order.Len() != 10 {
		t.Errorf("%d bytes of %d, %d texts in %d places", k.size, k.most, len(k.of), k.order.Len())
	}
	if k.once("", "large", func() string { return strings.Repeat("x", k.most) }); len(k.of) != 10 {
		t.Error("a text that fills all drove the others out")
	}
}

// TestRenderedByMany: many pages at once get their own texts.
func TestRenderedByMany(t *testing.T) {
	k := newRenders(2000)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 500 {
				want := fmt.Sprint(n%7, " of ", i%2)
				if got := k.once("w", want, func() string { return want }); got != want {
					t.Errorf("%q is %q", want, got)
				}
			}
		})
	}
	all.Wait()
}
