package importer_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"escutcheon/demo/logwriter"
	"escutcheon/intake"
)

// requestFile is a log of requests, whose lines do not say whose they are.
type requestFile struct {
	log      []byte
	computer string
}

// requestFiles are logs of two servers that overlap, with lines that are equal in
// every byte, and one of the files with something else above it.
func requestFiles(r *rand.Rand) (files []requestFile) {
	start := time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
	for n := range 6 {
		from := r.IntN(20)
		log := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, start, logwriter.W3CFields)
		for i := from; i < from+20; i++ {
			log = logwriter.AppendW3C(log, &logwriter.Request{Time: start.Add(time.Duration(i/3) * time.Second),
				ServerIP: "10.0.0.5", Port: 80, Method: "GET", Stem: fmt.Sprintf("/%d", i/4), Client: "203.0.113.7",
				Status: 200}, logwriter.W3CFields)
		}
		files = append(files, requestFile{log, fmt.Sprintf("web0%d", 1+n%2)})
	}
	again := files[r.IntN(len(files))]
	return append(files, requestFile{append([]byte("#Remark: again\r\n"), again.log...), again.computer})
}

// eventsIn is how many events these are: a line of a host counts as often as the file
// has it that has it most often.
func eventsIn(files []requestFile) (n int64) {
	most := map[string]int64{}
	for _, f := range files {
		mine := map[string]int64{}
		for line := range bytes.Lines(f.log) {
			if line[0] != '#' {
				mine[f.computer+" "+string(line)]++
			}
		}
		for k, times := range mine {
			most[k] = max(most[k], times)
		}
	}
	for _, times := range most {
		n += times
	}
	return n
}

// TestRequestsAnyOrder: the same line of the same host is one event in whatever files
// it comes and in whatever order these are imported; equal lines of one file are as
// many events.
func TestRequestsAnyOrder(t *testing.T) {
	for round := range rounds(6) {
		r := rand.New(rand.NewPCG(3, round))
		files := requestFiles(r)
		b := newBench(t)
		var fresh, read int64
		for _, i := range r.Perm(len(files)) {
			one := b.add(fmt.Sprintf("u_ex%d.log", i), files[i].log, intake.Import{Computer: files[i].computer})
			if one.Status != intake.Done || one.Rejected != 0 || one.Read != 20 {
				t.Fatalf("%+v", one)
			}
			fresh, read = fresh+one.New, read+one.New+one.Duplicate
		}
		if want := eventsIn(files); fresh != want || read != 20*int64(len(files)) {
			t.Errorf("round %d: %d events of %d lines, want %d", round, fresh, read, want)
		}
	}
}

// TestRequestsTold: what is odd in a log is in the note of its import, what is torn is
// rejected, and nothing that is built in finds anything in the rest.
func TestRequestsTold(t *testing.T) {
	b := newFullBench(t)
	in := "#Fields: date time c-ip cs-method cs-uri-stem cs-username sc-status\r\n" +
		"2026-03-14 10:00:00 1.2.3.4 GET /  ann 200\r\n2026-03-14 10:00:00 1.2.3.4 GET\r\n" +
		"#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n2026-03-14 10:00:01 1.2.3.4 GET / 200\r\n"
	i := b.add("u_ex260314.log", []byte(in), intake.Import{Computer: "web01"})
	const note = "Its #Fields change once: each line is read by those above it. 1 line has a second space before a " +
		"value, as IIS writes it before some users: it is passed over."
	if i.Status != intake.Done || i.New != 2 || i.Rejected != 1 || i.Note != note {
		t.Errorf("%+v", i)
	}
	if got := strings.Count(b.findings(), "\n"); got != 1 {
		t.Errorf("%d lines of findings, want the header alone", got)
	}
}

// TestRejectedLines: a rejection says in which line it begins, however the log is encoded,
// compressed or cut into pieces, and equal rejections in a row stay one.
func TestRejectedLines(t *testing.T) {
	var log strings.Builder
	log.WriteString("#Fields: date time c-ip cs-method cs-uri-stem sc-status\n")
	want := ""
	for i := range 30000 { // several pieces
		if i%2999 == 5 {
			log.WriteString("2026-03-14 10:00:00 1.2.3.4 GET\r\n")
			want += fmt.Sprint(2+i+i/2999, " ")
		}
		fmt.Fprintf(&log, "2026-03-14 10:00:00 1.2.3.4 GET /Ċ/਀/%d 200\r\n", i)
	}
	text := log.String()
	short := text[:strings.Index(text, "/3100 ")]
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"in pieces": {[]byte(text), want},
		"packed":    {tarball(t, file{"u_ex.log", []byte(short)}), "7 3007 3104 "},
		"UTF-16":    {wide(short), "7 3007 3104 "},
		"junk":      {[]byte("a b\nc d\n\n" + short), "1 10 3010 3107 "},
	} {
		b := newBench(t)
		i := b.add("u_ex260314.log", c.in, intake.Import{Computer: "web01"})
		of, err := b.store.Members(t.Context(), i.ID)
		if err != nil {
			t.Fatal(err)
		}
		rejections, err := b.store.Rejections(t.Context(), append(of, i)[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range rejections {
			got += fmt.Sprint(r.Line, " ")
		}
		if got != c.want {
			t.Errorf("%s: lines %s\nwant %s; %+v", name, got, c.want, i)
		}
	}
}

// wide is a text as UTF-16.
func wide(text string) (out []byte) {
	for _, u := range utf16.Encode([]rune("\uFEFF" + text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
