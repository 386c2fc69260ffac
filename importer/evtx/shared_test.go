package evtx_test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"escutcheon/importer/evtx"
)

// shared is the folder of real logs beside the project; the test is skipped
// where there is none.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			dir = filepath.Join(dir, "..", "shared", "samples", "evtx")
			if _, err := os.Stat(dir); err != nil {
				t.Skip("no real logs here: ", err)
			}
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("no go.mod above the tests")
	return ""
}

// expectation is a line of EXPECTED.tsv.
type expectation struct {
	file           string
	records        int
	lowest, higher uint64
	chunks         int
}

func expected(t testing.TB) (out []expectation) {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t), "EXPECTED.tsv"))
	if err != nil {
		t.Skip("no list of what the real logs hold: ", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		cols := strings.Split(lines.Text(), "\t")
		if len(cols) < 5 || strings.HasPrefix(cols[0], "#") {
			continue
		}
		var n [4]uint64
		for i := range n {
			if n[i], err = strconv.ParseUint(cols[i+1], 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, expectation{cols[0], int(n[0]), n[1], n[2], int(n[3])})
	}
	return out
}

func TestRealLogs(t *testing.T) {
	for _, want := range expected(t) {
		t.Run(want.file, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(shared(t), want.file))
			if err != nil {
				t.Fatal(err)
			}
			f, err := evtx.Open(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			n, chunks, torn := 0, map[int]bool{}, 0
			lowest, highest := ^uint64(0), uint64(0)
			for r, err := range f.Records() {
				var skip *evtx.Skip
				if errors.As(err, &skip) {
					t.Log(skip, skip.RecordID)
					if skip.RecordID != 0 {
						torn++
					}
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				n++
				chunks[r.Chunk] = true
				lowest, highest = min(lowest, r.ID), max(highest, r.ID)
				if _, ok := r.System.EventID(); !ok {
					t.Errorf("record %d: no EventID", r.ID)
				}
				if _, ok := r.System.TimeCreated(); !ok {
					t.Errorf("record %d: no time", r.ID)
				}
				sameAsXML(t, r)
			}
			if n < want.records || lowest != want.lowest || highest != want.higher || len(chunks) < want.chunks {
				t.Errorf("got %d records, ids %d to %d, %d chunks; want %+v", n, lowest, highest, len(chunks), want)
			}
			t.Log(n, "records", torn, "torn")
		})
	}
}

// sameAsXML reads the XML of a record and compares it with the fields.
func sameAsXML(t *testing.T, r *evtx.Record) {
	t.Helper()
	text, err := r.XML()
	if err != nil {
		t.Fatal(err)
	}
	var event struct {
		System struct {
			Provider struct {
				Name string `xml:",attr"`
			}
			EventID, EventRecordID, Channel, Computer string
		}
		EventData struct {
			Data []struct {
				Name string `xml:",attr"`
				Text string `xml:",chardata"`
			}
			Binary []string
		}
	}
	if err := xml.Unmarshal([]byte(text), &event); err != nil {
		t.Fatalf("record %d: %v in %s", r.ID, err, text)
	}
	s := &r.System
	for _, f := range [][2]string{
		{event.System.Provider.Name, s.ProviderName()}, {event.System.EventID, s.Value(evtx.EventID).String()},
		{event.System.EventRecordID, s.Value(evtx.EventRecordID).String()}, {event.System.Channel, s.Channel()},
		{event.System.Computer, s.Computer()},
	} {
		if f[0] != f[1] {
			t.Errorf("record %d: %q in the XML, %q in System", r.ID, f[0], f[1])
		}
	}
	var inXML, inFields []string
	for _, d := range event.EventData.Data {
		inXML = append(inXML, d.Name+"="+d.Text)
	}
	for _, b := range event.EventData.Binary {
		inXML = append(inXML, "Binary="+b)
	}
	for _, f := range r.Fields {
		if text := f.Value.String(); f.Section == "EventData" && f.Attr == "" &&
			(text != "" || !f.Value.Missing() || strings.Contains(f.Element, "Data")) {
			inFields = append(inFields, f.Name+"="+lines.Replace(text))
		}
	}
	slices.Sort(inXML)
	slices.Sort(inFields)
	empty := func(s string) bool { return strings.HasSuffix(s, "=") } // the XML leaves some missing ones out
	if a, b := slices.DeleteFunc(inXML, empty), slices.DeleteFunc(inFields, empty); !slices.Equal(a, b) {
		t.Errorf("record %d:\n%q\n%q", r.ID, a, b)
	}
}

// lines does what reading XML does to line ends and to what XML cannot hold.
var lines = func() *strings.Replacer {
	pairs := []string{"\r\n", "\n", "\r", "\n"}
	for c := range byte(0x20) {
		if c != '\t' && c != '\n' && c != '\r' {
			pairs = append(pairs, string(rune(c)), "\uFFFD")
		}
	}
	return strings.NewReplacer(pairs...)
}()
