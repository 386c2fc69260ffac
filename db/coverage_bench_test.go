package db_test

import (
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
)

// BenchmarkCountCoverage says what counting stored events for coverage takes, an
// event, all of them by one host or by 700 in turns, and what a page then takes
// that reads as much as it may directly, or only what was counted.
func BenchmarkCountCoverage(b *testing.B) {
	const events, batch = 64_000, 1000
	for name, edit := range map[string]func(int, *logwriter.Record){
		"one host":  func(_ int, r *logwriter.Record) { r.Computer = "web0000" },
		"700 hosts": func(int, *logwriter.Record) {},
	} {
		h := newHouse(b)
		h.changes(events, batch, edit)
		ask := func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := h.Coverage(ctx, "web0000", nil)
				h.ok(err)
			}
		}
		b.Run(name+", 64 blocks read", ask)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ok(h.WriteLarge(ctx, func(p db.Part) error {
					return p.Exec(`DELETE FROM coverage; UPDATE sequence SET last = 0 WHERE name = 'coverage'`)
				}))
				h.ok(h.CountCoverage(ctx, time.Hour))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
		b.Run(name+", counted", ask)
	}
}
