package value_test

import (
	"testing"

	"escutcheon/detection/spl/value"
)

// A term stands between what are no letters and no digits: Splunk cuts events
// into terms there (Search Manual, "Event segmentation and searching").
func TestTerm(t *testing.T) {
	for _, c := range []struct {
		term, raw string
		want      bool
	}{
		{"error", "an error happened", true},
		{"error", "ERROR", true},
		{"error", "errors", false},
		{"error", "terror", false},
		{"error", "[error]", true},
		{"error", "x=error;", true},
		{"error", "error_code", true},
		{"error", "1error", false},
		{"error", "", false},
		{"error", "terror error", true},
		{"error", "errors error", true}, // a later one counts
		{"two words", "of two words.", true},
		{"two words", "two  words", false},
		{"two words", "two wordsx", false},
		{"10.0.0.1", "from 10.0.0.1 to", true},
		{"10.0.0.1", "from 10.0.0.10", false},
		{"10.0.0.1", "110.0.0.1", false},
		{"29", "code 29.", true},
		{"29", "code 029", false},
		{"29", "29.0", true}, // a text here, also of digits
		{"-enc", "x -enc y", true},
		{"-enc", "x-enc", true},
		{"-enc", "-encode", false},
		{"é", "é", true},
		{"É", "xé", false},
		{"É", "x é", true},
		{"straße", "STRASSE straße", true},
		{"straße", "straßen", false},
		// A star goes on within what is no white space.
		{"err*", "an Errors", true},
		{"err*", "an terror", false},
		{"*ror", "terror", true},
		{"*ror", "terrors", false},
		{"*rro*", "terrors", true},
		{"e*r", "error", true},
		{"e*r", "e x r", false},
		{"e*r", "ex errr", true},
		{"e*r", "errors", false},
		{"a*b*c", "aXbXc", true},
		{"a*b*c", "aXcXb", false},
		{"w3wp*cmd", "w3wp.exe,cmd", true},
		{"w3wp*cmd", "w3wp.exe cmd", false},
		{"err*", "", false},
		// Of a phrase with a star it may go on over white space.
		{"two * words", "two long words", true},
		{"two * words", "two words", false},
		{"two* words", "two, or more words", true},
		{"two* words", "two, wordsx", false},
		{"*É*", "xéx", true},
	} {
		term := value.NewTerm(c.term)
		if got := term.Find(c.raw); got != c.want {
			t.Errorf("%q in %q: %v", c.term, c.raw, got)
		}
	}
}
