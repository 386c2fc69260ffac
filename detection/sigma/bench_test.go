//go:build unix

package sigma_test

import (
	"syscall"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/sigma"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// BenchmarkLoad reads and compiles all rules of a checkout.
func BenchmarkLoad(b *testing.B) {
	var files [][]byte
	ruleFiles(b, func(_ string, data []byte) { files = append(files, data) })
	env := detection.Env(detection.BuiltInMacros(), nil)
	for _, c := range []struct {
		name  string
		steps int
	}{{"parse", 1}, {"and write", 2}, {"and compile", 3}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, data := range files {
					load(data, env, c.steps)
				}
			}
			b.ReportMetric(float64(len(files)), "files")
		})
	}
}

func load(data []byte, env spl.Env, steps int) {
	docs, err := sigma.Parse(data)
	if err != nil || steps == 1 {
		return
	}
	for i := range docs {
		if search, err := docs[i].Search(sigma.Env{}); err == nil && steps == 3 {
			_, _ = env.Compile(search)
		}
	}
}

// BenchmarkMatch runs all rules of a checkout over the events of its regression data,
// each of which some rule was recorded for, and over those of a fleet.
func BenchmarkMatch(b *testing.B) {
	plans, _ := plansOf(b)
	var recorded []*event.Event
	recordings(b, func(_ string, all []*event.Event) { recorded = append(recorded, all...) })
	var log []byte
	for r := range logwriter.Bulk(2000, 1) {
		log = logwriter.AppendXML(log, r, false)
	}
	ix := index.NewIndex(plans)
	for _, c := range []struct {
		name   string
		events []*event.Event
	}{{"recorded", recorded}, {"fleet", decode(b, log)}} {
		b.Run(c.name, func(b *testing.B) { benchmarkMatch(b, ix, c.events) })
	}
}

func benchmarkMatch(b *testing.B, ix *index.Index, events []*event.Event) {
	var found []int
	plans := ix.Plans()
	b.Run("index", func(b *testing.B) {
		n, began := 0, processorTime(b)
		for b.Loop() {
			for _, e := range events {
				found = ix.Candidates(e, found[:0])
				n += len(found)
			}
		}
		perEvent(b, len(events), n, began)
	})
	b.Run("all", func(b *testing.B) {
		var parts []spl.Part
		var memo spl.Memo
		n, began := 0, processorTime(b)
		for b.Loop() {
			for _, e := range events {
				found = ix.Candidates(e, found[:0])
				memo.Set(e)
				for _, i := range found {
					parts = plans[i].Feed(&memo, parts[:0])
					n += len(parts)
				}
			}
		}
		perEvent(b, len(events), n, began)
	})
}

// perEvent reports what of the processors' time one event took, and how many of
// something there were.
func perEvent(b *testing.B, events, found int, began time.Duration) {
	each := float64(b.N * events)
	b.ReportMetric(float64((processorTime(b)-began).Nanoseconds())/each, "ns-cpu/event")
	b.ReportMetric(float64(found)/each, "found/event")
	b.ReportMetric(0, "ns/op")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
