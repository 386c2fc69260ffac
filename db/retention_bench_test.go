package db_test

import (
	"fmt"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/intake"
	"escutcheon/store"
)

// BenchmarkRetention removes 65,536 events of which something rests on one in twenty, and
// deletes as many for comparison: ns/event, deletion-ns/event.
func BenchmarkRetention(b *testing.B) {
	const batches, each = 16, 4096
	rule := mt.Rule(b, "seen", `EventCode=4688 NewProcessName="*evil*" | stats count by ComputerName`+
		` | rename ComputerName as dest`, "")
	fill := func() (*house, int64) {
		h := newHouse(b, rule)
		i := h.begin(intake.Import{Name: "a"})
		for n := range batches {
			recs := make([]logwriter.Record, each)
			for k := range recs {
				number := n*each + k
				image := "plain.exe"
				if number%20 == 0 {
					image = "evil.exe"
				}
				recs[k] = started(fmt.Sprintf("web%02d", k%50), number, int64(number), image)
			}
			h.put(i, recs...)
		}
		h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
		h.now = base.Add(1000 * time.Hour)
		return h, i.ID
	}
	var retained, deleted time.Duration
	b.ReportAllocs()
	for range b.N {
		b.StopTimer()
		h, _ := fill()
		other, id := fill()
		b.StartTimer()
		began := time.Now()
		h.retain(store.Keep{Age: 24 * time.Hour})
		retained += time.Since(began)
		b.StopTimer()
		began = time.Now()
		other.ok(other.DeleteImport(ctx, id))
		deleted += time.Since(began)
		b.StartTimer()
	}
	n := float64(b.N * batches * each)
	b.ReportMetric(float64(retained.Nanoseconds())/n, "ns/event")
	b.ReportMetric(float64(deleted.Nanoseconds())/n, "deletion-ns/event")
}
