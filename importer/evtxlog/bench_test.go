package evtxlog_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// readSmall reads a log as an import does, and counts its events.
func readSmall(t testing.TB, data []byte) (n int) {
	rd, _, err := sniff.Open(bytes.NewReader(data), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rd.(io.Closer).Close()
	for {
		var e event.Event
		if err := rd.Next(&e); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

// BenchmarkSmallLogs reads logs of three records each: what a file costs.
func BenchmarkSmallLogs(b *testing.B) {
	data := log(3)
	b.ReportAllocs()
	for b.Loop() {
		if n := readSmall(b, data); n != 3 {
			b.Fatal(n)
		}
	}
}

// TestSmallLogsAreCheap: for a log of three records, the memory of the one before
// is used again.
func TestSmallLogsAreCheap(t *testing.T) {
	data := log(3)
	const logs = 200
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range logs {
		readSmall(t, data)
	}
	runtime.ReadMemStats(&after)
	if mean := (after.TotalAlloc - before.TotalAlloc) / logs; mean > 128<<10 {
		t.Errorf("%d bytes a log", mean)
	}
}
