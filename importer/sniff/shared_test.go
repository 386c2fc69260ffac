package sniff_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	_ "time/tzdata"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// shared is a file of the reference material beside the project, which is not
// there everywhere.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "shared", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the reference material is absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// result is all that a stream gave.
type result struct {
	info     sniff.Info
	events   []event.Event
	rejected []record.Rejected
	err      error
}

func (r result) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.info, r.err)
	for _, e := range r.events {
		fmt.Fprintf(&b, "%+v\n", e)
	}
	for _, e := range r.rejected {
		fmt.Fprintf(&b, "%d %s %q\n", e.Offset, e.Reason, e.Sample)
	}
	return b.String()
}

func read(t testing.TB, r io.Reader, opt record.Options) result {
	t.Helper()
	rd, info, err := sniff.Open(r, opt)
	res := result{info: info, err: err}
	if err != nil {
		return res
	}
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			res.events = append(res.events, e)
		case errors.As(err, &rej):
			res.rejected = append(res.rejected, *rej)
		default:
			if err != io.EOF {
				res.err = err
			}
			return res
		}
	}
}

func key(e *event.Event) string {
	return fmt.Sprintf("%s|%d|%d|%d|%v|%s|%s|%s", event.NormalizeHost(e.Computer), e.RecordNumber, e.EventCode, e.Second(),
		e.HasTime, e.Channel, e.OpCode, e.Message)
}

func TestAcceptance(t *testing.T) {
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	files := []struct {
		name   string
		zone   *time.Location
		format sniff.Format
		enc    record.Encoding
		pack   string
	}{
		{"text.log", nil, sniff.SplunkText, record.UTF8, ""},
		{"text-kolkata.log", kolkata, sniff.SplunkText, record.UTF8, ""},
		{"xml-oneline.xml", nil, sniff.EventXML, record.UTF8, ""},
		{"xml-wrapped-rendered-utf16.xml", nil, sniff.EventXML, record.UTF16LE, ""},
		{"nxlog.ndjson", nil, sniff.NXLogJSON, record.UTF8, ""},
		{"winlogbeat.ndjson.gz", nil, sniff.WinlogbeatJSON, record.UTF8, "gzip"},
	}
	var want map[string]int
	for _, f := range files {
		in := shared(t, "acceptance/"+f.name)
		res := read(t, bytes.NewReader(in), record.Options{Zone: f.zone})
		if res.info != (sniff.Info{Format: f.format, Encoding: f.enc, Compression: f.pack}) || res.err != nil {
			t.Errorf("%s: %+v %v", f.name, res.info, res.err)
		}
		if len(res.events) != 251 || len(res.rejected) != 0 {
			t.Errorf("%s: %d events, %d rejected", f.name, len(res.events), len(res.rejected))
		}
		got := map[string]int{}
		for i := range res.events {
			got[key(&res.events[i])]++
		}
		if want == nil {
			want = got
		}
		for k := range got {
			if want[k] == 0 {
				t.Errorf("%s has %s, which %s has not", f.name, k, files[0].name)
			}
		}
		if len(got) != 242 || len(want) != 242 {
			t.Errorf("%s: %d distinct events, %s has %d", f.name, len(got), files[0].name, len(want))
		}
		checkOffsets(t, f.name, in, res)
		checkCuts(t, f.name, in, record.Options{Zone: f.zone}, res)
	}
}

// checkOffsets finds each event's bytes where it says they are.
func checkOffsets(t *testing.T, name string, in []byte, res result) {
	t.Helper()
	if res.info.Compression == "gzip" {
		return
	}
	for _, e := range res.events {
		_, original := sniff.Split(res.info.Format, e.Raw)
		raw := record.Encode(original, res.info.Encoding)
		if !bytes.HasPrefix(in[e.Offset:], raw) {
			t.Fatalf("%s: the event at %d is not there", name, e.Offset)
		}
	}
}

// checkCuts reads in through readers that cut it in other places.
func checkCuts(t *testing.T, name string, in []byte, opt record.Options, want result) {
	t.Helper()
	for how, r := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(bytes.NewReader(in)),
		"half":     iotest.HalfReader(bytes.NewReader(in)),
		"data err": iotest.DataErrReader(bytes.NewReader(in)),
		"odd":      &odd{in: in},
	} {
		if got := read(t, r, opt); got.String() != want.String() {
			t.Errorf("%s through %s differs: %d events, %d rejected; want %d, %d", name, how,
				len(got.events), len(got.rejected), len(want.events), len(want.rejected))
		}
	}
}

// odd reads in steps of changing size.
type odd struct {
	in []byte
	n  int
}

func (o *odd) Read(p []byte) (int, error) {
	if len(o.in) == 0 {
		return 0, io.EOF
	}
	o.n = (o.n*7 + 5) % 997
	n := copy(p[:min(len(p), o.n+1)], o.in)
	o.in = o.in[n:]
	return n, nil
}

func TestSamples(t *testing.T) {
	for _, f := range []struct {
		name             string
		events, rejected int
	}{
		{"a-splunk-classic-text/blank-line-between-headers-critical.txt", 1, 0},
		{"a-splunk-classic-text/cribl-lf-only.txt", 9, 0},
		{"a-splunk-classic-text/date-key-variant-head.txt", 1, 0},
		{"a-splunk-classic-text/gitbook-powershell-4103-4104-verbose.txt", 2, 0},
		{"a-splunk-classic-text/no-date-line-wmi5859-and-kringlecon4103-heads.txt", 2, 0},
		{"a-splunk-classic-text/sysmon-millisecond-date-heads.txt", 1, 0},
		{"b-splunk-xml/cloudwatch-agent-7036-renderinginfo.xml", 1, 0},
		{"b-splunk-xml/escu-data_sources-oneline.xml.log", 27, 0},
		{"b-splunk-xml/renderinginfo-concatenated-no-separator.xml", 2, 0},
		{"e-winlogbeat/sekoia-winlogbeat.ndjson", 20, 0},
		{"f-nxlog-json/sekoia-nxlog-2.ndjson", 9, 0},
		{"f-nxlog-json/sekoia-nxlog-pretty-multiline.json", 1, 1},
		{"event29/sqeye-blog-event29.xml", 1, 0},
		{"c-xml-json-evtx/eventviewer-copy-as-text-plus-xml.txt", 1, 0},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_user_data.xml", 1, 0},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_entity_ref.xml", 1, 0},
	} {
		in := shared(t, "samples/"+f.name)
		res := read(t, bytes.NewReader(in), record.Options{})
		if len(res.events) != f.events || len(res.rejected) != f.rejected || res.err != nil {
			t.Errorf("%s: %d events, %d rejected, want %d, %d\n%v", f.name, len(res.events), len(res.rejected), f.events,
				f.rejected, res)
		}
		for _, e := range res.events {
			if e.Computer == "" && !strings.Contains(f.name, "concatenated") {
				t.Errorf("%s: no computer", f.name)
			}
		}
		checkOffsets(t, f.name, in, res)
		checkCuts(t, f.name, in, record.Options{}, res)
	}
}
