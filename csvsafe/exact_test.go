package csvsafe_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/csvsafe"
)

func TestExact(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "=1": "'=1", "'=1": "''=1", "''@x": "'''@x", "'": "'", "''": "''", "'a": "'a",
		"'\tx": "''\tx", "\r\n": "'\r\n", "'' =x": "''' =x", "a'=": "a'=", "x\xff": "x\uFFFD",
		" =": "' =", "' =": "'' =", "\n=": "\n'=", "a\n=": "a\n'=", "a\n'=": "a\n''=", "a;'' @": "a;'' @",
		"a;\u200b'＠": "a;\u200b''＠", "\x00": "'␀", "␀": "␀", "'␀": "''␀", "'\x00": "'''␀", "\x00\x00=": "'␀'␀=",
		";'\x00=": ";'''␀=", "'\n'=": "'\n''=",
	} {
		got := csvsafe.Exact(in)
		if got != want {
			t.Errorf("Exact(%q) = %q, want %q", in, got, want)
		}
		if back := csvsafe.Plain(got); back != strings.ToValidUTF8(in, "\uFFFD") {
			t.Errorf("Plain(%q) = %q, want %q", got, back, in)
		}
	}
}

// through writes a row and reads it.
func through(t testing.TB, cells ...string) []string {
	t.Helper()
	var b strings.Builder
	w, err := csvsafe.NewWriter(&b, "one", "two")
	if err == nil {
		w.Exactly()
		err = errors.Join(w.Row(cells...), w.Flush())
	}
	if err != nil {
		t.Fatal(err)
	}
	r := csvsafe.NewReader(strings.NewReader(b.String()), 1<<20)
	head, err := r.Row()
	if err != nil || !slices.Equal(head, []string{"one", "two"}) {
		t.Fatalf("the header is %q, %v", head, err)
	}
	got, err := r.Row()
	if err != nil || r.Line() != 2 {
		t.Fatalf("%q is read as %q in line %d, %v", b.String(), got, r.Line(), err)
	}
	for i := range got {
		if csvsafe.Cell(got[i]) != got[i] {
			t.Fatalf("%q may be taken for a formula", got[i])
		}
		got[i] = csvsafe.Plain(got[i])
	}
	if more, err := r.Row(); err != io.EOF {
		t.Fatalf("after the row %q, %v", more, err)
	}
	return got
}

// Any text through out and in is the same.
func FuzzThrough(f *testing.F) {
	for _, s := range []string{"", "'", "=1", "'=1", "''''-", "a\r\nb\rc\n", "\x00", `"`, `""`, "',\"", "\r", "\n", "\r\n",
		"'\r", "\ufeff", " ", "\t", ",", "x\xff", "\u2028",
		"␀", "'␀\x00", "''\x00", ";=", "a\n''=", "\n\t=", " '=", "'\u200b＝", ";\u202e'@"} {
		f.Add(s, "")
		f.Add("x", s)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		want := []string{strings.ToValidUTF8(one, "\uFFFD"), strings.ToValidUTF8(two, "\uFFFD")}
		if got := through(t, one, two); !slices.Equal(got, want) {
			t.Errorf("%q came back as %q", want, got)
		}
	})
}

// TestThroughAnything: texts of the characters that guards are about, in any order.
func TestThroughAnything(t *testing.T) {
	of := []rune("'';\t\n\r =@+-＝＠\x00␀\u200ba")
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		text := make([]rune, rnd.IntN(9))
		for i := range text {
			text[i] = of[rnd.IntN(len(of))]
		}
		cell := csvsafe.Exact(string(text))
		if got := csvsafe.Plain(cell); got != string(text) || csvsafe.Cell(cell) != cell {
			t.Fatalf("%q leaves as %q, safe %q, and comes back as %q", string(text), cell, csvsafe.Cell(cell), got)
		}
	}
}

func TestReader(t *testing.T) {
	for in, want := range map[string][][]string{
		"":                              nil,
		"a,b":                           {{"a", "b"}},
		"\ufeffa,b\n\n\r\n\"c\",\"\"\n": {{"a", "b"}, {"c", ""}},
		"a\"b,c \r\n,\r\n":              {{"a\"b", "c "}, {"", ""}},
		"\rx,\r\"y\"":                   {{"\rx", "\r\"y\""}},
		"\"x\r\ny\rz\n\",\r":            {{"x\r\ny\rz\n", "\r"}},
	} {
		for _, cut := range []bool{false, true} {
			var src io.Reader = strings.NewReader(in)
			if cut {
				src = oneByte{src}
			}
			r := csvsafe.NewReader(src, 100)
			var got [][]string
			row, err := r.Row()
			for ; err == nil; row, err = r.Row() {
				got = append(got, row)
			}
			if err != io.EOF || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
				t.Errorf("%q is read as %q, %v; want %q", in, got, err, want)
			}
		}
	}
	for in, says := range map[string]string{"\"a": "not closed", "\"a\"b,c": "after a closing quote",
		"x\n" + strings.Repeat("y", 101): "longer than 100 bytes"} {
		r := csvsafe.NewReader(strings.NewReader(in), 100)
		_, err := r.Row()
		if err == nil {
			_, err = r.Row()
		}
		if !errors.Is(err, csvsafe.ErrRow) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.10q: %v", in, err)
		}
	}
}

// oneByte gives a byte at a time.
type oneByte struct{ io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.Reader.Read(b[:1]) }
