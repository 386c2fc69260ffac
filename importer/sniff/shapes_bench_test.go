package sniff_test

import (
	"bytes"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// BenchmarkShapes decodes IIS configuration events in every shape of JSON.
func BenchmarkShapes(b *testing.B) {
	var records []logwriter.Record
	for range 400 {
		records = append(records, recorded()...)
	}
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			in := s.write(nil, records)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				rd, _, err := sniff.Open(bytes.NewReader(in), record.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if got, rejected := drain(b, rd); got != len(records) || rejected != 0 {
					b.Fatalf("%d events, %d rejected", got, rejected)
				}
			}
			b.ReportMetric(float64(b.N*len(records))/b.Elapsed().Seconds(), "events/s")
		})
	}
}
