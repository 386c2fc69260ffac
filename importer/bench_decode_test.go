package importer_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

type benchLog struct {
	name string
	log  []byte
}

// benchLogs are logs of some thousand varied events in each of the formats that
// fleets send, and changes of IIS as EVTX.
func benchLogs() (logs []benchLog) {
	const n = 10000
	for _, w := range writers {
		var log []byte
		for r := range logwriter.Bulk(n, 1) {
			log = w.append(log, r)
		}
		logs = append(logs, benchLog{w.name, log})
	}
	var l evtxtest.Log
	for i := range uint64(n) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: i + 1, Computer: "WEB01.corp.example", Edit: 1,
			Time: 134_000_000_000_000_000 + i, ConfigPath: "MACHINE/WEBROOT/APPHOST",
			Configuration: `/system.webServer/modules/add[@name="x"]`}))
	}
	return append(logs, benchLog{"evtx", l.End().Bytes()})
}

// drainLog decodes a log and calls each with its events, which it may keep.
func drainLog(b *testing.B, log []byte, each func(*event.Event)) (events int, format sniff.Format) {
	b.Helper()
	rd, info, err := sniff.Open(bytes.NewReader(log), record.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var e event.Event
	for {
		e.Reset()
		if err := rd.Next(&e); errors.Is(err, io.EOF) {
			return events, info.Format
		} else if err != nil {
			b.Fatal(err)
		}
		events++
		each(&e)
	}
}

// BenchmarkDecode measures what an event costs before it is stored: decoded, then
// matched with the built-in rules; and decoded again from its record, as rules
// that catch up have it.
func BenchmarkDecode(b *testing.B) {
	builtIn, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	rules := detection.NewRules(builtIn)
	for _, l := range benchLogs() {
		name, log := l.name, l.log
		perEvent := func(b *testing.B, events int) {
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*events), "µs/event")
		}
		run := func(what string, each func(*event.Event)) {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.SetBytes(int64(len(log)))
				b.ReportAllocs()
				var n int
				for b.Loop() {
					n, _ = drainLog(b, log, each)
				}
				perEvent(b, n)
			})
		}
		run("decoded", func(*event.Event) {})
		var matches []detection.Match
		run("matched", func(e *event.Event) { matches = rules.Match(matches[:0], 0, e) })
		b.Run(name+"/again", func(b *testing.B) {
			var records []string
			_, format := drainLog(b, log, func(e *event.Event) { records = append(records, e.Raw) })
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				for _, raw := range records {
					if _, err := importer.Decode(intake.Reading{Format: format}, raw); err != nil {
						b.Fatal(err)
					}
				}
			}
			perEvent(b, len(records))
		})
	}
}
