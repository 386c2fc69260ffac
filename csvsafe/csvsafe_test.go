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
		"":               "",
		"plain":          "plain",
		"=1+1":           "'=1+1",
		"+1":             "'+1",
		"-1":             "'-1",
		"@SUM(A1)":       "'@SUM(A1)",
		"\tx":            "'\tx",
		"\rx":            "'\rx",
		"'=x":            "'=x",
		" =x":            "' =x",
		"a=b":            "a=b",
		"\nx":            "\nx",
		"\u200b\u202e=x": "'\u200b\u202e=x",
		"\u00a0\x1b-1":   "'\u00a0\x1b-1",
		"＝1+1":           "'＝1+1",
		" ＠x":            "' ＠x",
		"﹢1":             "'﹢1",
		"−1":             "'−1",
		"\x00=x":         "␀=x",
		"a\x00":          "a␀",
		" ":              " ",
		";":              ";",
		"a;=b":           "a;'=b",
		"a;\u200b @b":    "a;\u200b '@b",
		"a;'=b":          "a;'=b",
		"a;'\u200b=b":    "a;'\u200b=b",
		"a\t＝b":          "a\t'＝b",
		"a\r\n@b\n=c":    "a\r\n'@b\n'=c",
		"a\r=b":          "a\r'=b",
		"a\n- b\n+ c":    "a\n- b\n+ c",
		"a\nb=c;d=e":     "a\nb=c;d=e",
		"\n=x":           "\n'=x",
		";;=x":           ";;'=x",
		"bad\xffbyte":    "bad\uFFFDbyte",
		"\xff=still ok":  "\uFFFD=still ok",
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
	const want = "\"a\",\"b\"\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n" +
		"\"two\nlines\",\"'=cmd|' /C calc'!A0\"\r\n\"cr\r\nlf\",\"\"\r\n"
	if b.String() != want {
		t.Errorf("written as %q, want %q", b.String(), want)
	}
	got, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[1][1] != `say "hi"` || got[2][0] != "two\nlines" || got[2][1] != "'=cmd|' /C calc'!A0" {
		t.Errorf("read back %q", got)
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
