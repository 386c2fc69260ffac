package value_test

import (
	"testing"

	"escutcheon/detection/spl/value"
)

// A term stands between breakers: Splunk cuts events into terms there (Search
// Manual, "Event segmentation and searching"; segmenters.conf).
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
		{"error", "error~1", false}, // no breaker
		{"error", "a`error^", false},
		{"error", "x%20error", true}, // %20 is a major one
		{"error", "x%2Cerror", true},
		{"error", "x%41error", false},
		{"error", "<a>error</a>", true},
		{"error", "a/error:b@c$d#e", true},
		// A star goes on within what is no major breaker.
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
		{"w3wp*cmd", "w3wp.exe-cmd", true},
		{"w3wp*cmd", "w3wp.exe,cmd", false}, // a comma is a major breaker
		{"w3wp*cmd", "w3wp(cmd)", false},
		{"*mi*katz*", "xmimikatz~", true},
		{"*mi*katz*", "xmi;katz", false},
		{"*katz*", "(mimikatz)", true},
		{"*.exe", "a.exe;", true},
		{"*.exe", "a.exe2", false},
		{"*(x)*", "a(x)b", true},
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
