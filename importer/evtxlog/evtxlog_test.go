package evtxlog_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// filetime is noon of 2026-01-05 UTC in 100 ns since 1601.
const filetime = 134120880000000000

// change is an IIS configuration change as EVTX has it.
func change(n int) evtxtest.Event {
	return evtxtest.IIS29(evtxtest.IISChange{Record: uint64(1000 + n), Time: filetime + uint64(n)*10_000_000,
		Computer:     "WEB01.corp.example",
		PhysicalPath: `\\?\C:\Windows\system32\inetsrv\config\applicationHost.config`, ConfigPath: "MACHINE/WEBROOT/APPHOST",
		Configuration: fmt.Sprintf(`/system.webServer/globalModules/add[@name="M%d <&>"]`, n), Edit: 1})
}

func log(n int) []byte {
	var l evtxtest.Log
	for i := range n {
		l.Add(change(i))
	}
	return l.Bytes()
}

// read reads a stream to its end.
func read(t *testing.T, r io.Reader) (events []event.Event, rejected []*record.Rejected) {
	t.Helper()
	rd, info, err := sniff.Open(r, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if info.Format != sniff.EVTX {
		t.Fatalf("format %q", info.Format)
	}
	for {
		var e event.Event
		var rej *record.Rejected
		err := rd.Next(&e)
		switch {
		case errors.As(err, &rej):
			rejected = append(rejected, rej)
		case errors.Is(err, io.EOF):
			if err := rd.(io.Closer).Close(); err != nil {
				t.Error(err)
			}
			return events, rejected
		case err != nil:
			t.Fatal(err)
		default:
			events = append(events, e)
		}
	}
}

// TestEvent: an event from EVTX has the fields, the message and the order that
// its XML would have, and can be decoded again from what is kept of it.
func TestEvent(t *testing.T) {
	const n = 700 // several chunks
	data := log(n)
	events, rejected := read(t, strings.NewReader(string(data)))
	if len(events) != n || len(rejected) != 0 {
		t.Fatalf("%d events, %d rejected, want %d", len(events), len(rejected), n)
	}
	for i := range events {
		e := &events[i]
		path := fmt.Sprintf(`/system.webServer/globalModules/add[@name="M%d <&>"]`, i)
		if e.RecordNumber != int64(1000+i) || e.EventCode != 29 || e.Computer != "WEB01.corp.example" || e.OpCode != "Info" ||
			!e.Rendered ||
			e.Message != "Changes to '"+path+"' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed." ||
			e.Channel != event.IISConfiguration || !e.HasTime || e.Zoneless {
			t.Fatalf("event %d: %+v", i, e)
		}
		if v, _ := e.Get("Configuration"); v != path {
			t.Errorf("event %d: Configuration %q", i, v)
		}
		xml, raw := evtxlog.Split(e.Raw)
		if !strings.HasPrefix(xml, "<Event ") || raw != string(data[e.Offset:int(e.Offset)+len(raw)]) ||
			!strings.HasPrefix(raw, "**\x00\x00") {
			t.Fatalf("event %d: kept %q", i, e.Raw)
		}
		var again event.Event
		if err := sniff.One(sniff.EVTX, e.Raw, record.Options{}, &again); err != nil {
			t.Fatal(err)
		}
		again.Offset = e.Offset
		if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", *e) {
			t.Fatalf("event %d decoded again:\n%+v\nwant\n%+v", i, again, *e)
		}
	}
	if want := "2026-01-05 12:00:00 +0000 UTC"; events[0].Time().String() != want {
		t.Errorf("time %s, want %s", events[0].Time(), want)
	}
}

// TestStreams: how the bytes arrive changes nothing, and a cut file gives what
// is whole in it.
func TestStreams(t *testing.T) {
	data := string(log(300))
	want, _ := read(t, strings.NewReader(data))
	for name, r := range map[string]io.Reader{"one byte": iotest.OneByteReader(strings.NewReader(data)),
		"half":            iotest.HalfReader(strings.NewReader(data)),
		"data with error": iotest.DataErrReader(strings.NewReader(data))} {
		got, rejected := read(t, r)
		if fmt.Sprint(got) != fmt.Sprint(want) || len(rejected) > 0 {
			t.Errorf("%s: %d events and %d rejected, want %d", name, len(got), len(rejected), len(want))
		}
	}
	step := 6007
	if testing.Short() {
		step *= 5
	}
	for cut := 4096 + 512; cut < len(data); cut += step {
		got, _ := read(t, strings.NewReader(data[:cut]))
		whole := 0
		for whole < len(want) {
			_, raw := evtxlog.Split(want[whole].Raw)
			if want[whole].Offset+int64(len(raw)) > int64(cut) {
				break
			}
			whole++
		}
		if len(got) < whole || len(got) > whole || len(got) > 0 && fmt.Sprint(got) != fmt.Sprint(want[:whole]) {
			t.Errorf("cut at %d: %d events, want %d", cut, len(got), whole)
		}
	}
}

// TestDamage: a damaged record is rejected with its place and its first bytes,
// and the others stay.
func TestDamage(t *testing.T) {
	var l evtxtest.Log
	for i := range 50 {
		l.Add(change(i))
	}
	data := l.Bytes()
	place := l.Records()[20]
	for i := 24; i < place.Size-4; i++ {
		data[place.Offset+i] = 0xEE
	}
	events, rejected := read(t, strings.NewReader(string(evtxtest.Sum(data))))
	if len(events) != 49 || len(rejected) != 1 {
		t.Fatalf("%d events and %d rejected, want 49 and 1", len(events), len(rejected))
	}
	r := rejected[0]
	if r.Offset != int64(place.Offset) || !strings.Contains(r.Reason, "Chunk 0") ||
		!strings.HasPrefix(string(r.Sample), "**\x00\x00") || len(r.Sample) > record.MaxSample {
		t.Errorf("rejected at %d (want %d): %s %q", r.Offset, place.Offset, r.Reason, r.Sample)
	}
}

// TestClose: a reader that is left in the middle ends its workers, also when
// its source never ends.
func TestClose(t *testing.T) {
	data := string(log(300))
	rd, _, err := sniff.Open(io.MultiReader(strings.NewReader(data), endless{}), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	if err := rd.Next(&e); err != nil {
		t.Fatal(err)
	}
	if err := rd.(io.Closer).Close(); err != nil {
		t.Error(err)
	}
}

// TestInspect: what is asked for of a log is seen in more than the few bytes
// that tell its format.
func TestInspect(t *testing.T) {
	in, err := sniff.Inspect(strings.NewReader(string(log(300))), record.Options{}, 3)
	if err != nil || in.Events != 300 || len(in.Examples) != 3 || in.NoComputer != 0 {
		t.Errorf("%d events, %d examples, %d without a computer, %v", in.Events, len(in.Examples), in.NoComputer, err)
	}
}

// endless gives zeros for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestSamples reads the real files of the reference material: at least the
// records that are counted there.
func TestSamples(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "samples", "evtx")
	table, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	if err != nil {
		t.Skipf("the reference material is not beside the project: %v", err)
	}
	for line := range strings.Lines(string(table)) {
		f := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(f) < 2 {
			continue
		}
		var want int
		if _, err := fmt.Sscan(f[1], &want); err != nil {
			t.Fatal(err)
		}
		data, err := os.Open(filepath.Join(dir, f[0]))
		if err != nil {
			t.Fatal(err)
		}
		events, rejected := read(t, data)
		data.Close()
		if len(events) < want {
			t.Errorf("%s: %d events and %d rejected, want %d events", f[0], len(events), len(rejected), want)
		}
		for i := range events {
			var again event.Event
			if err := sniff.One(sniff.EVTX, events[i].Raw, record.Options{}, &again); err != nil ||
				again.Message != events[i].Message || len(again.Fields) != len(events[i].Fields) {
				t.Errorf("%s, event at %d: decoded again: %v", f[0], events[i].Offset, err)
			}
		}
	}
}
