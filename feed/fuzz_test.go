package feed

import (
	"bytes"
	"io"
	"testing"
	"time"

	"escutcheon/importer"
	"escutcheon/intake"
)

// still takes any deadline.
type still struct{}

func (still) SetReadDeadline(time.Time) error { return nil }

// TestPaced: who sends next to nothing, for as long as it likes, is hung up on.
func TestPaced(t *testing.T) {
	now := time.Unix(0, 0)
	for name, c := range map[string]struct {
		each int // bytes a second
		err  error
	}{"a drip": {100, errSlow}, "a slow line": {2000, io.EOF}} {
		body := bytes.NewReader(make([]byte, 200_000))
		p := &paced{r: body, to: still{}, now: func() time.Time { return now }}
		for {
			now = now.Add(time.Second)
			if _, err := p.Read(make([]byte, c.each)); err != nil {
				if err != c.err {
					t.Errorf("%s: %v, want %v", name, err, c.err)
				}
				break
			}
		}
		if c.err == errSlow && body.Len() < 100_000 {
			t.Errorf("%s: it was listened to for %d bytes", name, 200_000-body.Len())
		}
	}
}

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
