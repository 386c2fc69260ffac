package block_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"escutcheon/eventstore/block"
)

// filterOf is the filter of a block of these records.
func filterOf(raws ...string) []byte {
	return block.Pack(len(raws), func(i int) (int64, string) { return 0, raws[i] }).Words
}

func holds(filter []byte, word string) bool {
	return block.MayHold(filter, []uint64{block.WordHash(word)})
}

// wordsOf are the words of a text, found the simple way.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// TestWords: the words that are seen in a record are in its filter, whatever
// escapes it is written with, and in any case; others are not.
func TestWords(t *testing.T) {
	for _, c := range []struct{ raw, in, out string }{
		{"", "", "a"},
		{"one", "one ONE One", "on ne onee"},
		{"a b_c-d.e", "a b c d e", "b_c ab"},
		{"0x1f4 svchost17.exe", "0x1f4 svchost17 exe", "svchost 1f4 17"},
		{strings.Repeat("x", 100) + " " + strings.Repeat("y", 16), strings.Repeat("X", 100) + " " + strings.Repeat("y", 16),
			"x y " + strings.Repeat("y", 15)},
		{`{"m":"up.\r\n\tSystem\tnew\n"}`, "m up System tSystem tnew new", "ystem nSystem"},
		{`C:\new\temp\readme`, "new temp readme", "tem"},
		{`C:\\new\\temp`, "new temp", "tem"},
		{`caf\u00e9s \u00c9T\u00c9`, "cafés CAFÉS été u00e9s", "caf\u00e8s cafes"},
		{`\u0041dmin x\u0041b \u0041\u0042`, "admin xab AB", "bdmin"},
		{`a\u003cb\u003ec`, "a b c u003cb", "ab abc"},
		{`\ud83d\ude00x \ud83dy`, "😀x \ufffdy", "ud83dx"},
		{`a\u00zz b\u12`, "a b u00zz u12", "c"},
		{`\u003cd\u003ecaf\u0026#233;s\u003c/d\u003e`, "d cafés 233", "cafs"},
		{`<D>caf&#233;s &#x41;B &#65;&#66;C don&#39;t &#;</D>`, "cafés AB ABC don t D", "dont"},
		{`&#xD;&#xA;next &#99999999999999999999999;`, "next xD", "ext"},
		{"Ünïcode ДОМЕН straße", "ünÏcode домен STRASSE STRAßE", "unicode"},
		{"\u212Aelvin \u017Fystem", "kelvin KELVIN system SYSTEM \u212Aelvin", "elvin ystem"},
		{"caf\xe9 na\xefve, r\xe9sum\xe9", "café naïve résumé anythingé", "caf na anything"},
		{"<Event>a <b>x</b> <![CDATA[y]]>z</Event>", "yz whatever", ""},
		{`\u003cEvent\u003e \u003c!--y--\u003e`, "whatever", ""},
	} {
		f := filterOf("first record", c.raw, "last")
		for _, w := range strings.Fields(c.in) {
			if c.raw != "Ünïcode ДОМЕН straße" || w != "STRASSE" { // ß is no ss
				if !holds(f, w) {
					t.Errorf("%q: %q is not found", c.raw, w)
				}
			}
		}
		for _, w := range strings.Fields(c.out) {
			if holds(f, w) {
				t.Errorf("%q: %q is found", c.raw, w)
			}
		}
		if !holds(f, "record") || !holds(f, "last") || !block.MayHold(nil, []uint64{1}) {
			t.Errorf("%q: the words of other records are not found", c.raw)
		}
	}
	if f := filterOf("one two"); !block.MayHold(f, nil) || block.MayHold(f, []uint64{block.WordHash("one"),
		block.WordHash("three")}) {
		t.Error("all of the words must be there")
	}
}

// TestWordsOfEVTX: of a record from an EVTX file the XML counts, not the bytes
// behind it; what only looks like one counts whole.
func TestWordsOfEVTX(t *testing.T) {
	own := "**\x00\x00\x28\x00\x00\x00" + "secret" + strings.Repeat("\x00", 22) + "\x28\x00\x00\x00"
	const doc = "<Event><Data>seen</Data></Event>"
	if f := filterOf(doc + "\x00" + own); !holds(f, "seen") || holds(f, "secret") {
		t.Error("the bytes of the record count")
	}
	for _, raw := range []string{doc + own, doc + "\x00" + own + " ", " " + doc + "\x00" + own,
		doc + "\x00**\x00\x00 secret"} {
		if f := filterOf(raw); !holds(f, "seen") || !holds(f, "secret") {
			t.Errorf("%q: words are missing", raw)
		}
	}
}

// piece is a piece of random text.
func piece(r *rand.Rand) string {
	return []string{"a", "Ab", "zz9", " ", "\n", "\t", "\\", "\"", "<", "&", "é", "Ж", "\u212a", "😀", "ſ", "u0041", "n", "#65;",
		"system32", "-", "'", "\r", "x", "_", "longerthaneight", "!", "/", "u"}[r.IntN(28)]
}

// writers are ways in which formats write a text.
func writers(r *rand.Rand) map[string]func(string) string {
	asJSON := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err) // a string
		}
		return string(b)
	}
	asXML := func(s string) string {
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(s)); err != nil {
			panic(err) // a builder
		}
		return b.String()
	}
	return map[string]func(string) string{"as it is": func(s string) string { return s }, "JSON": asJSON, "XML": asXML,
		"XML in JSON":  func(s string) string { return asJSON(asXML(s)) },
		"JSON in JSON": func(s string) string { return asJSON(asJSON(s)) },
		"escapes": func(s string) string { // every UTF-16 unit, or every second rune
			var b strings.Builder
			for _, c := range s {
				switch {
				case r.IntN(2) == 0 && c != '"' && c != '\\' && c >= 0x20:
					b.WriteRune(c)
				case c > 0xffff:
					c -= 0x10000
					fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+c>>10, 0xdc00+c&0x3ff)
				default:
					fmt.Fprintf(&b, `\u%04x`, c)
				}
			}
			return b.String()
		},
		"references": func(s string) string {
			var b strings.Builder
			for _, c := range s {
				fmt.Fprintf(&b, []string{"&#%d;", "&#x%x;", "&#x%X;", "%c", "&#0%d;"}[r.IntN(5)], c)
			}
			return b.String()
		}}
}

// text is a random text.
func text(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(piece(r))
	}
	return b.String()
}

// TestWordsSurviveWriters: what is written as JSON, by way of several writers,
// or as XML has the words of the text, and so has JSON within XML and the other
// way round.
func TestWordsSurviveWriters(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := range rounds(3000) {
		text := text(r)
		for name, write := range writers(r) {
			raw := "<" + write(text) + ">"
			f := filterOf("x", raw)
			for _, w := range wordsOf(text) {
				if !holds(f, w) || !holds(f, strings.ToUpper(strings.ToLower(w))) && !strings.ContainsAny(w, "ſ\u212a") {
					t.Fatalf("%d, %s: %q does not hold %q of %q", n, name, raw, w, text)
				}
			}
		}
	}
}

// TestWordsIn: what a text surely holds whole.
func TestWordsIn(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "one": "", "one two": "", "one two three": "two", " one": "", " one ": "one", `\Windows\System32\`: "Windows System32",
		"x é-ж-y ": "é ж y", "..a..": "a", "a.b": "",
	} {
		if got := strings.Join(block.WordsIn(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range rounds(20_000) {
		text := text(r)
		from := r.IntN(len(text) + 1)
		part := text[from : from+r.IntN(len(text)-from+1)]
		if strings.ToValidUTF8(part, "") != part {
			continue
		}
		for _, w := range block.WordsIn(part) {
			if !slices.Contains(wordsOf(text), w) {
				t.Fatalf("%q in %q: %q is no word of it", part, text, w)
			}
		}
	}
}

// TestLongRecords: words are found wherever a record is cut to be looked at, and
// long ones.
func TestLongRecords(t *testing.T) {
	const cut = 64 << 10
	for _, word := range []string{"word", strings.Repeat("long", 9000), strings.Repeat("lang\u00e9", 40_000),
		strings.Repeat("x", cut)} {
		for _, before := range []int{cut - len(word) - 1, cut - len(word), cut - 3, cut - 1, cut, cut + 1, 2*cut - 2} {
			raw := strings.Repeat("a ", cut)[:max(before, 0)/2*2] + word + " end"
			if before%2 != 0 {
				raw = "." + raw
			}
			f := filterOf(raw)
			for _, w := range []string{word, "a", "end"} {
				if w = strings.ToUpper(w); !holds(f, w) && (w != "A" || before > 1) {
					t.Errorf("%d bytes before: a word of %d bytes is not found", before, len(w))
				}
			}
			if holds(f, "en") || holds(f, "wor") || holds(f, "ord") || holds(f, "nd") {
				t.Errorf("%d bytes before: parts of words are found", before)
			}
		}
	}
}

// TestFilterSize: few words that a block does not hold pass, and a filter takes
// two bytes a word; of what has too many words there is none.
func TestFilterSize(t *testing.T) {
	others, passing := 100_000, 300
	if testing.Short() {
		others, passing = 50_000, 150
	}
	for _, n := range []int{1, 50, 3000, 40_000} {
		var raw strings.Builder
		for i := range n {
			fmt.Fprintf(&raw, "w%d ", i)
		}
		f := filterOf(raw.String())
		if len(f) > 2*n+9 {
			t.Errorf("%d words take %d bytes", n, len(f))
		}
		passed := 0
		for i := range others {
			if holds(f, fmt.Sprintf("x%d", i)) {
				passed++
			}
			if i < n && !holds(f, fmt.Sprintf("W%d", i)) {
				t.Fatalf("word %d is not found", i)
			}
		}
		if passed > passing {
			t.Errorf("%d words: %d of %d others pass", n, passed, others)
		}
	}
	var raw strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&raw, "%d ", i)
	}
	if f := filterOf(raw.String()); len(f) > 9 || !holds(f, "anything") {
		t.Errorf("a filter of too many words takes %d bytes", len(f))
	}
}

// TestHostileFilters: any bytes are a filter.
func TestHostileFilters(t *testing.T) {
	words := []uint64{block.WordHash("one"), block.WordHash("é"), 0, 1 << 63, 1<<64 - 1}
	mutations(filterOf("one two three é"), rounds(2000), func(bad []byte) { block.MayHold(bad, words) })
}
