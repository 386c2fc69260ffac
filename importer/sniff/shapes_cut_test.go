package sniff_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestShapesCut cuts every shape: events that are whole stay as they are, and
// a file whose first event is cut is still known.
func TestShapesCut(t *testing.T) {
	records := recorded()[1:4]
	step := 13
	if testing.Short() {
		step = 97
	}
	for _, s := range shapes {
		in := s.write(nil, records)
		all := read(t, bytes.NewReader(in), record.Options{})
		if len(all.events) != 3 {
			t.Fatalf("%s: %v", s.name, all)
		}
		first := int(all.events[0].Offset) + len(all.events[0].Raw)
		for n := first - first/10; n < len(in); n += step {
			res := read(t, bytes.NewReader(in[:n]), record.Options{})
			if res.err != nil || res.info.Format != s.format {
				t.Errorf("%s cut at %d of %d: %s %v", s.name, n, len(in), res.info.Format, res.err)
				break
			}
			whole := 0
			for _, e := range all.events {
				if int(e.Offset)+len(e.Raw) <= n {
					whole++
				}
			}
			if len(res.events) < whole {
				t.Errorf("%s cut at %d: %d events of %d", s.name, n, len(res.events), whole)
			}
			for i := range min(whole, len(res.events)) {
				if summary(&res.events[i], "") != summary(&all.events[i], "") {
					t.Errorf("%s cut at %d: %s", s.name, n, summary(&res.events[i], ""))
				}
			}
		}
	}
}

// TestRefusedFiles says what a file is whose objects are known and no events.
func TestRefusedFiles(t *testing.T) {
	for what, in := range map[string]string{
		"Hayabusa timeline":            `[{"Timestamp":"2026-06-01 09:00:00.000 +00:00","RuleTitle":"T","Level":"high","Computer":"c","Channel":"Sec","EventID":4688,"RecordID":1,"Details":{"Cmdline":"<Event>"}}]`,
		"Chainsaw hit is not of":       `{"group":"MFT","kind":"individual","document":{"kind":"mft","path":"$MFT","data":{"FullPath":"a"}},"name":"n","timestamp":"2026-06-01T09:00:00Z"}`,
		"LogMonitor entry comes":       `{"Source":"File","LogEntry":{"Logline":"x","FileName":"y"}}`,
		"row of a Splunk export is no": `{"preview":false,"offset":0,"result":{"_raw":"app started"}}`,
		"HEC payload":                  `{"time":1,"sourcetype":"app","event":"started"}`,
		"Log Analytics API":            `{"tables":[{"name":"x","columns":[{"name":"EventID","type":"int"}],"rows":[[1]]}]}`,
	} {
		res := read(t, strings.NewReader(in), record.Options{})
		var u *sniff.Unknown
		if !errors.As(res.err, &u) || !strings.Contains(u.What, what) || !strings.HasPrefix(u.What, "This ") &&
			!strings.HasPrefix(u.What, "What ") {
			t.Errorf("%s: %v", what, res.err)
		}
	}
}

// TestHostileJSON reads long streams that hold almost nothing, of what the
// reader looks further into.
func TestHostileJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300 MB; not in -short")
	}
	const one = `{"Id":7,"LogName":"L"}` + "\n"
	for _, unit := range []string{
		`{"records":[`, `{"records":[` + "\n", `{"hits":{"hits":[{`, `{"hits":{"hits":[{` + "\n", `{"name":`, `{"name":{},`,
		`{"count":[[`, `"records":[`, `{"took":"\`,
		`{},`, `{"preview":true}`, `{"index":{}}`, "Record 1\n", "Record 1", "[1,", "[1", "1.", `{"event":"{`,
		`{"_raw":"<Event>"}`, `{"RawXml":"<Event>`,
		`{"message":{"data":`, `{"message":"{\"message\":\"{`, `{"System":{"EventID":`, `{"tables":[]}`, `]}`,
		`{"Event":[],"records":{}}`, `{"body":{"kvlistValue":{"values":[`, `{"name":` + "\n", `{"name":[` + "\n",
		`{"a":[` + "\n", "[1,\n", "app: [1, x{",
	} {
		size := record.MaxRecord + 1<<19
		in := io.MultiReader(strings.NewReader(one), strings.NewReader(strings.Repeat(unit, size/len(unit))),
			strings.NewReader("\n\n"+one+one))
		rd, _, err := sniff.Open(in, record.Options{})
		if err != nil {
			t.Fatalf("%s: %v", unit, err)
		}
		if n, rejected := drain(t, rd); n != 3 || rejected > size/len(unit)+1 {
			t.Errorf("%s: %d events, %d rejected", unit, n, rejected)
		}
	}
}

// FuzzShapes reads streams that start as one of the shapes, in every way of
// reading, and decodes each event alone.
func FuzzShapes(f *testing.F) {
	records := recorded()[5:7]
	for _, s := range shapes {
		f.Add(s.write(nil, records))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		res := read(t, bytes.NewReader(in), record.Options{})
		cut := read(t, &odd{in: in}, record.Options{})
		if cut.String() != res.String() {
			t.Fatalf("odd reads give\n%v, whole ones\n%v", cut, res)
		}
		last := int64(-1)
		for _, r := range res.rejected {
			if r.Offset < last || r.Length < 0 {
				t.Fatalf("%d bytes rejected at %d, after %d", r.Length, r.Offset, last)
			}
			last = r.Offset
		}
		for i := range res.events {
			want := &res.events[i]
			var e event.Event
			if err := sniff.One(res.info.Format, want.Raw, record.Options{Encoding: res.info.Encoding}, &e); err != nil {
				t.Fatalf("%s alone: %v\n%s", res.info.Format, err, want.Raw)
			}
			if summary(&e, "") != summary(want, "") || len(e.Fields) != len(want.Fields) {
				t.Fatalf("alone:\n%+v\n%+v", e, *want)
			}
		}
	})
}
