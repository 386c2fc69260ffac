package db_test

import (
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/importer"
)

// BenchmarkCatchUp says what running a rule over stored events takes, an event:
// one whose code no event has, one whose code one in twenty of each block has, and
// one that asks for no code.
func BenchmarkCatchUp(b *testing.B) {
	const events, batch = 20_000, 2000
	h := newHouse(b)
	h.changes(events, batch, func(at int, r *logwriter.Record) {
		if at%20 > 0 {
			r.EventCode = 50
		}
	})
	for _, c := range []struct{ name, search string }{
		{"a code of none", "EventCode=1102"}, {"a code of some", "EventCode=29"}, {"no code", "Message=*nothing*"},
	} {
		rule := mt.Rule(b, "rule", c.search+" | stats count by EventCode | eval dest=\"x\"", "")
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h.use()
				h.ok(h.UseRules(ctx, detection.NewRules([]*detection.Rule{rule}), importer.Decoder{}))
				b.StartTimer()
				for left, err := h.CatchUp(ctx, 8192); left.Rules > 0; left, err = h.CatchUp(ctx, 8192) {
					h.ok(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}
