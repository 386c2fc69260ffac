package eventxml_test

import (
	"strings"
	"testing"

	"escutcheon/importer/eventxml"
	"escutcheon/importer/record"
	"escutcheon/importer/record/recordtest"
)

// plain reads what a scanner gives.
func plain(s *record.Scanner) record.Reader { return eventxml.New(s, record.Options{}) }

// TestQuick: an event that is in the window as a whole is mostly found at one
// look, one that comes byte by byte is not. Both say the same.
func TestQuick(t *testing.T) {
	const head, tail = "<Event><System><EventID>1</EventID></System><EventData>", "</EventData></Event>"
	for _, c := range []struct{ data, want string }{
		{`<Data Name='a'>1</Data><Data Name="b" x='2'/>`, "{Name:a Value:1}"},
		{`<Data Name = 'a' >1</Data >`, "{Name:a Value:1}"},
		{`<Data x='1'Name='a'>1</Data>`, "{Name:a Value:1}"},
		{`<Data Name='a>b</Event>'>1</Data>`, "do not match"},
		{`<Data Name='a&lt;b'>1 &amp;&#x41;</Data>`, "{Name:a<b Value:1 &A}"},
		{`<Data Name='a`, "do not match"},
		{`<a-b.c>1</a-b.c><p:q>2</p:q>`, "{Name:a-b.c Value:1} {Name:q Value:2}"},
		{`<Data Name='a'>1<!-- </Event> -->2</Data>`, "{Name:a Value:12}"},
		{`<Data Name='a'><![CDATA[<Event>]]></Data>`, "{Name:a Value:<Event>}"},
		{`<Data Name='a'>Even!! Event> E</Data>`, "{Name:a Value:Even!! Event> E}"},
		{`<Event>`, "the next <Event"},
		{`</Event >`, "do not match"},
		{`<Data>1` + "\x00\x00\x00\x00\x00\x00\x00\x00" + `</Data>`, "zero bytes"},
		{`<Data>` + strings.Repeat("E", 20<<10) + `</Data>`, "EEE} "},
		{`<Data Name='a'>1</Datx>`, "do not match"},
		{`<Data Name='a'/><Data/ >`, "do not match"},
		{"<Data " + strings.Repeat("x='1' ", 20) + "Name='a'>1</Data>", "{Name:a Value:1}"},
	} {
		whole := recordtest.Both(t, plain, head+c.data+tail+"\n"+head+tail)
		if !strings.Contains(whole, c.want) && !strings.Contains(strings.ReplaceAll(whole, "]", " "), c.want) {
			t.Errorf("%.100s: %.500s\nwant %s", c.data, whole, c.want)
		}
	}
}
