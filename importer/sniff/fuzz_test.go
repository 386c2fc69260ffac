package sniff_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// FuzzOpen reads any bytes as whatever they are found to be. Each event is
// where it says it is and can be decoded from what is kept of it; no stretch
// overlaps another; cuts make no difference.
func FuzzOpen(f *testing.F) {
	records := changes()[4:]
	for _, w := range writers {
		f.Add([]byte(w.log(records)))
		f.Add(record.Encode("\uFEFF"+w.log(records[:1]), record.UTF16LE))
	}
	for _, form := range forms {
		f.Add([]byte(events(form, 2)))
	}
	f.Add([]byte("Schema=\"Microsoft.IIs.PowerShell.Framework.X\"\nname=\"\xe4\"\n"))
	for _, r := range requestLogs {
		f.Add(r.write(requestsOf(2, "WEB01")))
	}
	f.Add([]byte("#Date: 2026-03-14 23:00:00\n#Fields: time c-ip sc-status\n23:59:59 ::1  200\n00:00:01 ::1 200\n#Fields: x\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		opt := record.Options{Computer: "asked"}
		res := read(t, bytes.NewReader(in), opt)
		text := res.info.Format != sniff.EVTX && res.info.Compression != "gzip"
		opt.Encoding = res.info.Encoding
		for i := range res.events {
			e := &res.events[i]
			_, original := sniff.Split(res.info.Format, e.Raw)
			if raw := record.Encode(original, res.info.Encoding); text && !bytes.HasPrefix(in[e.Offset:], raw) &&
				!(len(in)%2 == 1 && res.info.Encoding != record.UTF8) {
				t.Fatalf("%s: the event at %d is not there", res.info.Format, e.Offset)
			}
			var again event.Event
			if err := sniff.One(res.info.Format, e.Raw, opt, &again); err != nil {
				t.Fatalf("%s: %v for %q", res.info.Format, err, e.Raw)
			}
			again.Offset = e.Offset
			if a, b := fmt.Sprintf("%+v", again), fmt.Sprintf("%+v", *e); a != b {
				t.Fatalf("again\n%s\nfirst\n%s", a, b)
			}
		}
		past, size := int64(0), int64(len(in))
		if size%2 == 1 && res.info.Encoding != record.UTF8 { // half a unit counts as one
			size++
		}
		for _, r := range res.rejected {
			if text && (r.Offset < past || r.Offset+r.Length > size) {
				t.Fatalf("rejected %d+%d after %d of %d", r.Offset, r.Length, past, len(in))
			}
			past = r.Offset + r.Length
		}
		if text {
			if cut := read(t, iotest.OneByteReader(bytes.NewReader(in)),
				record.Options{Computer: "asked"}); cut.String() != res.String() {
				t.Fatalf("by bytes\n%s\nwhole\n%s", cut, res)
			}
		}
		if _, err := sniff.Inspect(bytes.NewReader(in), opt, 3); (err == nil) != (res.info.Format != "") {
			t.Fatalf("inspected: %v, opened: %v", err, res.err)
		}
	})
}
