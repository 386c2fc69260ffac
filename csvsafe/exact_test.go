package csvsafe_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"escutcheon/csvsafe"
)

func TestExact(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "=1": "'=1", "'=1": "''=1", "''@x": "'''@x", "'": "'", "''": "''", "'a": "'a",
		"'\tx": "''\tx", "\r\n": "'\r\n", "'' =x": "'' =x", "a'=": "a'=", "x\xff": "x\uFFFD",
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
		if c := strings.TrimLeft(got[i], "'"); c == got[i] && c != "" && strings.Contains("=+-@\t\r", c[:1]) {
			t.Fatalf("%q begins a formula", got[i])
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
		"'\r", "\ufeff", " ", "\t", ",", "x\xff", "\u2028"} {
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
