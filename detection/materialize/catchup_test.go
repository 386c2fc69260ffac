package materialize_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
)

// A transaction does so much work on matching and no more, however many events it may
// take: a rule whose regular expression goes back and back is run over few at a time,
// with the same result.
func TestStepsAreBoundedByWork(t *testing.T) {
	cruel := mt.Rule(t, "cruel", `EventCode=29 | regex Message!="^(?=(.*)*(.*)*X)" | stats count by ComputerName`, "")
	plain := rule(t, "stats")
	w := world(t)
	for i := range 40 {
		message := strings.Repeat("a", 2000)
		if i%8 == 3 {
			message = "X"
		}
		w.Add(mt.Change(fmt.Sprintf("web%02d", i), hour, message))
	}
	w.Use(cruel, plain)
	steps := 0
	for last := int64(0); w.Behind(); steps++ {
		w.Do(func(c *materialize.Cascade) error { return c.CatchUp(1000) })
		if now := at(w)["cruel"]; now <= last {
			t.Fatalf("step %d stays at %d", steps, now)
		} else {
			last = now
		}
	}
	if steps < 2 {
		t.Errorf("all events were matched in %d steps", steps)
	}
	fresh := w.Fresh()
	if got, want := w.Dump(), fresh.Dump(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
