package blocks_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/blocks"
	"escutcheon/importer/record"
)

// A format of the tests': a record starts with a line "EVENT", and the last
// one of a file is whole only where it says "end".
var format = blocks.Format{
	MostHead: len("EVENT\n"), Junk: "junk", Cut: "cut", Zeros: "zeros",
	Starts: func(w []byte, ended bool) (head int, wait bool) {
		const line = "EVENT\n"
		if len(w) < len(line) {
			return 0, !ended && strings.HasPrefix(line, string(w))
		}
		if string(w[:len(line)]) == line {
			return len(line), false
		}
		return 0, false
	},
	Decode: func(e *event.Event, _ record.Options, followed bool) string {
		switch {
		case strings.Contains(e.Raw, "bad"):
			return "bad"
		case !followed && !strings.Contains(e.Raw, "end"):
			return "not whole"
		}
		return ""
	},
}

// read lists what a reader returns: of an event its offset and text, of a
// rejection its offset, length and reason.
func read(r io.Reader, opt record.Options) string {
	rd := blocks.New(record.NewScanner(r, record.UTF8), opt, &format)
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			fmt.Fprintf(&b, "%d %q; ", e.Offset, e.Raw)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d+%d %s; ", rej.Offset, rej.Length, rej.Reason)
		case err == io.EOF:
			return strings.TrimSuffix(b.String(), "; ")
		default:
			return b.String() + err.Error()
		}
	}
}

func TestReader(t *testing.T) {
	zeros := strings.Repeat("\x00", 8) // as many as no text holds
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"blank lines", "\n \r\n\n", ""},
		{"one", "EVENT\nend", `0 "EVENT\nend"`},
		{"two, trimmed", "EVENT\na \r\n\n\nEVENT\nend\n\n", `0 "EVENT\na"; 12 "EVENT\nend"`},
		{"the last is not whole", "EVENT\na\nEVENT\nb\n", `0 "EVENT\na"; 8+8 not whole`},
		{"one of three is bad", "EVENT\na\nEVENT\nbad\nEVENT\nend", `0 "EVENT\na"; 8+10 bad; 18 "EVENT\nend"`},
		{"a start within a line is none", "EVENT\nx EVENT\nEVENT\nend", `0 "EVENT\nx EVENT"; 14 "EVENT\nend"`},
		{"junk before", "x\ny\nEVENT\nend", `0+4 junk; 4 "EVENT\nend"`},
		{"junk alone", "x\ny", `0+3 junk`},
		{"junk longer than what tells a start", strings.Repeat("x", 99) + "\nEVENT\nend", `0+100 junk; 100 "EVENT\nend"`},
		{"a zero before", "\x00EVENT\nend", `0+1 ` + record.ReasonZeros + `; 1 "EVENT\nend"`},
		{"zeros behind a line", "EVENT\nend\n" + zeros + "EVENT\nend",
			`0 "EVENT\nend"; 10+8 ` + record.ReasonZeros + `; 18 "EVENT\nend"`},
		{"zeros within a line", "EVENT\nen" + zeros + "EVENT\nend", `0+8 zeros; 8+8 ` + record.ReasonZeros + `; 16 "EVENT\nend"`},
		{"seven zeros are text", "EVENT\nend" + zeros[1:], `0 "EVENT\nend\x00\x00\x00\x00\x00\x00\x00"`},
	} {
		if got := read(strings.NewReader(c.in), record.Options{}); got != c.want {
			t.Errorf("%s:\n %s, want\n %s", c.name, got, c.want)
		}
		for step := 1; step < 8; step++ {
			if got := read(&steps{[]byte(c.in), step}, record.Options{}); got != c.want {
				t.Errorf("%s, %d bytes at a time:\n %s, want\n %s", c.name, step, got, c.want)
			}
		}
	}
}

// steps reads so many bytes at a time.
type steps struct {
	rest []byte
	n    int
}

func (s *steps) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(s.n, len(p))], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// A record of which nothing can follow is whole, as one that is decoded again
// from what is stored.
func TestWhole(t *testing.T) {
	if got := read(strings.NewReader("EVENT\na"), record.Options{Whole: true}); got != `0 "EVENT\na"` {
		t.Error(got)
	}
}

// A stream that breaks cuts its last record, and only that.
func TestCut(t *testing.T) {
	in := io.MultiReader(strings.NewReader("EVENT\na\nEVENT\nend"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if got, want := read(in, record.Options{}), `0 "EVENT\na"; 8+9 cut; unexpected EOF`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A record of more than record.MaxRecord is rejected once, up to the next.
func TestTooLong(t *testing.T) {
	long := "EVENT\n" + strings.Repeat("x", 2*record.MaxRecord) + "\n"
	got := read(strings.NewReader(long+"EVENT\nend"), record.Options{})
	want := fmt.Sprintf(`0+%d %s; %d "EVENT\nend"`, record.MaxRecord, record.ReasonTooLong, len(long))
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestIn(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "EVENT\n": true, "x\nEVENT\n": true, "xEVENT\n": false, "EVENT": false,
	} {
		if format.In([]byte(in)) != want {
			t.Errorf("%q: %v, want %v", in, !want, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("EVENT\na\nEVENT\nbad\n\x00\x00EVENT\nend"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := read(bytes.NewReader(in), record.Options{})
		if cut := read(iotest.OneByteReader(bytes.NewReader(in)), record.Options{}); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}
