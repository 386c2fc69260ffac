package spl_test

import (
	"fmt"
	"slices"
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// TestMemo: what a memo says is what its event says, however often it is asked and
// for however many fields, and nothing of the event before it.
func TestMemo(t *testing.T) {
	var m spl.Memo
	for n := range 3 {
		e := &event.Event{Computer: fmt.Sprint("host", n)}
		for k := n; k < 40+n; k++ {
			e.Fields = append(e.Fields, event.Field{Name: fmt.Sprint("f", k), Value: fmt.Sprint(n, k)},
				event.Field{Name: event.Unnamed, Value: fmt.Sprint(k)})
		}
		m.Set(e)
		for range 2 {
			for k := range 45 {
				name := fmt.Sprint("f", k)
				got, ok := m.Get(name)
				if want, there := e.Get(name); got != want || ok != there {
					t.Errorf("event %d, %s: %q %v, want %q %v", n, name, got, ok, want, there)
				}
			}
		}
		if got, _ := m.Get("ComputerName"); got != e.Computer {
			t.Errorf("event %d is of %q", n, got)
		}
		if !slices.Equal(m.List(event.Unnamed), e.List(event.Unnamed)) || m.List("f1") != nil {
			t.Errorf("event %d: lists %q, %q", n, m.List(event.Unnamed), m.List("f1"))
		}
		if !slices.Equal(slices.Collect(m.Names), slices.Collect(e.Names)) {
			t.Errorf("event %d: names %q", n, slices.Collect(m.Names))
		}
	}
}
