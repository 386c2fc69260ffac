package search_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/search"
)

// TestBounds: a search that takes too long or too much is cut, and says so and how to
// narrow it.
func TestBounds(t *testing.T) {
	t.Parallel()
	h := demoHouse(t)
	slow := newHouse(t)
	slow.Store = &held{slow.store, make(chan struct{})}
	slow.Bounds = search.Bounds{Time: time.Millisecond}
	for _, c := range []struct {
		h     *house
		text  string
		bytes int64
		want  []string
	}{
		{h, "* | sort Message", 64 << 10, []string{"the command sort had to hold more", "a shorter time"}},
		{h, "* | stats count by _raw", 64 << 10, []string{"the command stats had to hold more", "a shorter time"}},
		{h, "* | sort Message", 0, nil},
		{slow, "x", 0, []string{"was stopped after 1ms", "Narrow the time"}},
	} {
		c.h.Bounds.Bytes = c.bytes
		s, err := c.h.Prepare(c.text, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Run(ctx, search.Range{}, nil, nil)
		if err != nil || a.Complete != (c.want == nil) {
			t.Errorf("%s in %d bytes: complete %t, %v", c.text, c.bytes, a.Complete, err)
			continue
		}
		told := ""
		for _, m := range a.Messages {
			told += m.Text + "\n"
		}
		for _, part := range c.want {
			if !strings.Contains(told, part) {
				t.Errorf("%s in %d bytes: %q is not told: %s", c.text, c.bytes, part, told)
			}
		}
	}
}
