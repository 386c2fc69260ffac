package feed

import (
	"bytes"
	"testing"

	"escutcheon/importer"
	"escutcheon/intake"
)

// FuzzRead: no bytes of a sender's bring the readers of requests down, and what they
// hand on stands in what came.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"event":"a"}{"event":{}}[{"event":1},{"event":2}]`, "{\"index\":{}}\n{}\n{\"delete\":{}}\n",
		`<13>1 2026-05-04T03:02:01Z h a 1 - [x@1 a="]\""] {}`, "<13>May 4 x {", `{"resourceLogs":[{"scopeLogs":[]}]}`,
		"[[[["} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, end, wrong := hecObjects(data)
		if end > len(data) || n == 0 && wrong == nil || n > len(data) {
			t.Fatal(n, end, wrong)
		}
		if again, at, _ := hecObjects(data[:end]); n > 0 && (again != n || at != end) {
			t.Fatalf("%d events up to %d, then %d up to %d", n, end, again, at)
		}
		items, docs, bad := readBulk(data, "x")
		for i := range items {
			if items[i].end > len(docs) || i > 0 && items[i].end < items[i-1].end {
				t.Fatal("a document's end lies elsewhere")
			}
		}
		if bad == "" {
			answer(items, importer.Taken{Events: []int64{0, int64(len(docs))}, Rejections: []intake.Rejection{{Offset: -1}}})
		}
		if _, text, bad := parseSyslog(data); bad == "" && !bytes.HasSuffix(data, text) {
			t.Fatal("what a message carries is its end")
		}
		for _, form := range []string{asJSON, asProtobuf} {
			if _, n, err := readOTLP(form, data); err == nil && n < 0 {
				t.Fatal(n)
			}
		}
	})
}
