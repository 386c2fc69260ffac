package unseen_test

import (
	"encoding/json"
	"strings"
	"testing"

	"escutcheon/unseen"
)

func TestRune(t *testing.T) {
	for _, r := range "\x00\t\n\r\x1b\x7f\u0085\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u2028\u2029\u202e" +
		"\u2060\u2066\u2800\u3000\u3164\ufe0f\ufeff\uffa0\U000e0001\U000e0100\ue000\uffff" {
		if !unseen.Rune(r) {
			t.Errorf("%U is seen", r)
		}
	}
	for _, r := range " ~aäж日═␀＝\ufffd\u0301😀" {
		if unseen.Rune(r) {
			t.Errorf("%U is not seen", r)
		}
	}
}

// TestJSON: the text says the same, and shows all of it.
func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 日 😀": `"plain é 日 😀"`, "\u202ea\u200b": `"\u202ea\u200b"`, "\x7f": `"\u007f"`,
		"\U000e0041x": `"\udb40\udc41x"`, "\x00\n": `"\u0000\n"`, "": `""`,
	} {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		got := unseen.JSON(text)
		if err := json.Unmarshal(got, &back); string(got) != want || back != in || err != nil {
			t.Errorf("%q is %s and comes back as %q, %v; want %s", in, got, back, err, want)
		}
	}
	if got := string(unseen.JSON([]byte("{\n\t\"a\": 1\r\n}"))); got != "{\n\t\"a\": 1\r\n}" {
		t.Errorf("what stands between texts became %q", got)
	}
	var b strings.Builder
	if n, err := (unseen.Writer{W: &b}).Write([]byte("\"\u202e\"\n")); n != 6 || err != nil || b.String() != "\"\\u202e\"\n" {
		t.Errorf("%d, %v, %q", n, err, b.String())
	}
}
