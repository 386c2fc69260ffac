package csvsafe_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"escutcheon/csvsafe"
)

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"=1+1":          "'=1+1",
		"+1":            "'+1",
		"-1":            "'-1",
		"@SUM(A1)":      "'@SUM(A1)",
		"\tx":           "'\tx",
		"\rx":           "'\rx",
		"'=x":           "'=x",
		" =x":           " =x",
		"a=b":           "a=b",
		"bad\xffbyte":   "bad\uFFFDbyte",
		"\xff=still ok": "\uFFFD=still ok",
	} {
		if got := csvsafe.Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	var b strings.Builder
	w, err := csvsafe.NewWriter(&b, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{{"x,y", `say "hi"`}, {"two\nlines", "=cmd|' /C calc'!A0"}, {"cr\r\nlf", ""}} {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "\"cr\r\nlf\",\r\n"; !strings.HasSuffix(b.String(), want) ||
		!strings.Contains(b.String(), "\"two\nlines\"") {
		t.Errorf("line ends inside cells changed: %q", b.String())
	}
	if !strings.HasPrefix(b.String(), "a,b\r\n") {
		t.Errorf("no CRLF after the header, or a byte order mark: %q", b.String())
	}
	got, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[1][1] != `say "hi"` || got[2][0] != "two\nlines" || got[2][1] != "'=cmd|' /C calc'!A0" {
		t.Errorf("read back %q", got)
	}
}

// Only a cell with a comma, a quote, CR or LF is quoted.
func TestQuoting(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a b": "a b", "a;b": "a;b", " ": " ",
		"a,b": `"a,b"`, `a"b`: `"a""b"`, `""`: `""""""`, "a\nb": "\"a\nb\"", "a\rb": "\"a\rb\"",
		"=a,b": `"'=a,b"`, "\r": "\"'\r\"",
	} {
		var b strings.Builder
		w, err := csvsafe.NewWriter(&b, in, "x")
		if err == nil {
			err = w.Flush()
		}
		if got := b.String(); err != nil || got != want+",x\r\n" {
			t.Errorf("%q is written as %q, %v; want %q", in, got, err, want)
		}
	}
}

// failing fails from the n-th write on, with an error of its own each time.
type failing struct{ n, writes int }

func (f *failing) Write(b []byte) (int, error) {
	if f.writes++; f.writes >= f.n {
		return 0, fmt.Errorf("write %d", f.writes)
	}
	return len(b), nil
}

// The first error is the one that is told, and nothing is written after it.
func TestWriterFails(t *testing.T) {
	f := &failing{n: 2}
	w, err := csvsafe.NewWriter(f, "a")
	if err != nil {
		t.Fatal(err)
	}
	var first error
	for range 100 {
		if first = w.Row(strings.Repeat("x", 1000)); first != nil {
			break
		}
	}
	if first == nil || first.Error() != "write 2" {
		t.Errorf("the first error is %v", first)
	}
	if again := w.Row("y"); again != first {
		t.Errorf("then %v", again)
	}
	if end := w.Flush(); end != first || f.writes != 2 {
		t.Errorf("in the end %v after %d writes", end, f.writes)
	}
	w, _ = csvsafe.NewWriter(&failing{n: 1}, "a") // buffered: no error yet
	if err := w.Flush(); err == nil || w.Flush() == nil {
		t.Error("a flush that fails is no error")
	}
}
