package event_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/event"
)

func TestNames(t *testing.T) {
	e := &event.Event{Computer: "w1", Channel: "Security", Message: "m"}
	for _, n := range []string{"EventCode", "TargetUserName", "EventCode", "LogName"} {
		e.Add(n, "1")
	}
	got := slices.Collect(e.Names)
	if want := "ComputerName LogName EventCode TargetUserName Message"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %s", got, want)
	}
	for _, n := range got {
		if _, ok := e.Get(n); !ok {
			t.Errorf("has no %s", n)
		}
	}
	for range e.Names {
		break
	}
	small := e.Size()
	e.Add("x", strings.Repeat("y", 1000))
	if e.Size() < small+1000 {
		t.Error("a thousand bytes more are not seen")
	}
}
