package csvsafe_test

import (
	"encoding/csv"
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
	if want := "\"cr\r\nlf\",\r\n"; !strings.HasSuffix(b.String(), want) || !strings.Contains(b.String(), "\"two\nlines\"") {
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
