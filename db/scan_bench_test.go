package db_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/importer"
	"escutcheon/intake"
)

// BenchmarkScan says what a scan of stored events takes, an event: for a word
// that one of them holds, for a text inside words, for a count by code, and for a
// count by a field that is decoded: into the same memory, and into new.
func BenchmarkScan(b *testing.B) {
	const events, batch = 40_000, 4000
	h := newHouse(b)
	h.changes(events, batch, func(int, *logwriter.Record) {})
	byCode := func(c *eventstore.Chunk) (func() error, error) {
		counts := map[int64]int{}
		for _, row := range c.Rows {
			counts[c.Columns.Code[row]]++
		}
		return nil, nil
	}
	byField := func(c *eventstore.Chunk) (func() error, error) {
		counts := map[string]int{}
		e := &event.Event{}
		for _, row := range c.Rows {
			_, raw := c.Originals.Record(int(row))
			if err := importer.DecodeInto(e, c.Reading, raw); err != nil {
				return nil, err
			}
			v, _ := e.Get("Configuration")
			if _, known := counts[v]; !known {
				v = strings.Clone(v) // the record's memory is used again
			}
			counts[v]++
		}
		return nil, nil
	}
	whole := func(c *eventstore.Chunk) (func() error, error) {
		counts := map[string]int{}
		for _, row := range c.Rows {
			_, raw := c.Originals.Record(int(row))
			e, err := importer.Decode(c.Reading, raw)
			if err != nil {
				return nil, err
			}
			v, _ := e.Get("Configuration")
			counts[v]++
		}
		return nil, nil
	}
	for _, c := range []struct {
		name string
		q    eventstore.Query
		look func(*eventstore.Chunk) (func() error, error)
	}{
		{"word", eventstore.Query{Words: []string{"planted777"}, Columns: block.CodeColumn}, byCode},
		{"inside words", eventstore.Query{Texts: []string{"lanted777"}, Columns: block.CodeColumn}, byCode},
		{"by code", eventstore.Query{Columns: block.CodeColumn}, byCode},
		{"by a field", eventstore.Query{Originals: true, Brief: true}, byField},
		{"by a field, all kept", eventstore.Query{Originals: true}, whole},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				h.ok(h.Scan(ctx, c.q, c.look))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}

// changes stores changes to the configuration of 700 hosts, each as it is made
// by edit, so many in a batch.
func (h *house) changes(events, batch int, edit func(at int, r *logwriter.Record)) {
	i := h.begin(intake.Import{Name: "a"})
	for from := 0; from < events; from += batch {
		recs := make([]logwriter.Record, batch)
		for n := range recs {
			at := from + n
			recs[n] = iis(fmt.Sprintf("web%04d", at%700), at, int64(at), fmt.Sprintf(`/add[@name="planted%d"]`, at))
			edit(at, &recs[n])
		}
		h.put(i, recs...)
	}
}
