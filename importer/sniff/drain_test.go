package sniff_test

import (
	"errors"
	"io"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// drain reads rd to its end with one Event. Offsets must grow, samples be short.
func drain(t testing.TB, rd record.Reader) (events, rejected int) {
	t.Helper()
	var e event.Event
	last := int64(-1)
	for {
		err := rd.Next(&e)
		at := e.Offset
		var rej *record.Rejected
		switch {
		case err == nil:
			events++
		case errors.As(err, &rej):
			rejected++
			at = rej.Offset
			if len(rej.Sample) > record.MaxSample {
				t.Fatalf("a sample of %d bytes", len(rej.Sample))
			}
		default:
			if err != io.EOF {
				t.Fatal(err)
			}
			return events, rejected
		}
		if at <= last {
			t.Fatalf("offset %d after %d", at, last)
		}
		last = at
	}
}
