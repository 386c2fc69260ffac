package rulebook_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
)

// cruel goes back and back over each long name: a millisecond and more for an event.
const cruel = `name: Cruel
id: cruel
type: TTP
search: EventCode=29 | regex Configuration!="(x+)+\1Z" | stats count by ComputerName | rename ComputerName as dest
rba:
  message: m
  risk_objects: [{field: dest, type: system, score: 5}]
`

// names is changes to modules with long names and short ones, of which some formats
// say more than others.
func names(n int, write func(dst []byte, r *logwriter.Record) []byte) (out []byte) {
	for i := range n {
		name := fmt.Sprint("M", i%7)
		if i%10 == 3 {
			name = strings.Repeat("x", 13)
		}
		r := logwriter.IISChange(logwriter.Change{Edit: 1,
			Path: fmt.Sprintf(`/system.webServer/globalModules/add[@name="%s"]`, name)})
		r.Computer, r.RecordNumber, r.Time = fmt.Sprintf("web%02d", i%3), int64(i+1),
			time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC)
		out = write(out, &r)
	}
	return out
}

func xml(dst []byte, r *logwriter.Record) []byte {
	return append(logwriter.AppendXML(dst, r, false), '\n')
}

func nxlog(dst []byte, r *logwriter.Record) []byte {
	return append(logwriter.AppendNXLog(dst, r, time.UTC), '\n')
}

// TestCruelRule: a rule that takes very much for many events is set aside while they
// are imported, and what they say changes, and is run over them in steps; what it finds
// is what it would have found at once.
func TestCruelRule(t *testing.T) {
	at := func(d *desk) (cursor int64, leaving, behind bool) {
		stats, err := d.store.RuleStats(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s := stats["cruel"]
		return s.Cursor, s.Leaving, s.Behind
	}
	prepare := func(patience int) *desk {
		d := newDesk(t)
		if err := d.book.Load(ctx, []detection.SourceFile{{Kind: detection.RuleFile, Path: "cruel.yml",
			Content: []byte(cruel)}}); err != nil {
			t.Fatal(err)
		}
		d.book.Rules().Patience = patience
		return d
	}
	patient, hasty := prepare(1<<40), prepare(1_000_000)
	for i, log := range [][]byte{names(2000, nxlog), names(500, xml)} {
		patient.add(log)
		hasty.add(log)
		if _, _, behind := at(patient); behind {
			t.Error("the rule is behind though there is patience for it")
		}
		if cursor, leaving, behind := at(hasty); !behind || leaving != (i == 1) || cursor > 1000 {
			t.Errorf("log %d: the rule was run over %d events, leaving %v, behind %v", i, cursor, leaving, behind)
		}
		hasty.catchUp()
		if hasty.of("cruel") == 0 {
			t.Error("the rule finds nothing")
		}
		if got, want := hasty.found(), patient.found(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
