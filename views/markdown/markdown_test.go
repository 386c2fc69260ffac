package markdown_test

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"time"
	"unicode"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"escutcheon/views/markdown"
)

func escape(b *strings.Builder, text string) { b.WriteString(html.EscapeString(text)) }

func write(text string) string {
	var b strings.Builder
	markdown.Write(&b, text, escape)
	return b.String()
}

// TestEvidence: what an analyst pastes stands on the page to the letter.
func TestEvidence(t *testing.T) {
	for _, text := range []string{
		`<add name="X" image="%windir%\System32\inetsrv\x.dll" />`,
		`\\?\C:\Windows\Temp\_tmp_\__init__.py`,
		`1*2*3 and _tmp_ and __x__`,
		`dir *.* /s & del *.dll C:\*\*.exe **\bin\**`,
		`Get-ChildItem -Filter "*http*" -Exclude '*.log' *foo*.dll`,
		`Accept: */*`,
		`*/5 * * * * root curl`,
		`* * * * * root curl`,
		"one\n  two\n\tthree   wide  \nfour\\\nfive",
		`&lt;script&gt; &amp; &#x41; \&`,
		`<script>alert(1)</script><img src=x onerror=alert(1)>`,
		`\*a\* \_b\_ \[c\](d) \# \> \-`,
		`![alt](https://evil.example/x.png`,
		`[ref]: https//evil.example "title"`,
		`[x](javascript:alert(1)) [y](//evil.example) [z](data:text/html,x) [w](https://u:p@evil.example/)`,
		`[x](https://evil.example/" onmouseover="alert(1)) [y](https://x.example\@evil.example)`,
		"Name\n----\nHttpLoggingModule",
		"+ added\n#no heading\n>no quote\n1) no list\n-no list\n007. no list",
		"| not | a table |\ntext",
		"``` C:\\evil.exe /x\n`` unclosed `",
		"10.0.0.1 - - [15/Dec/2025] ~tilde~ ~~~",
		"https:// http://\u202eevil http://-x http:///x",
		"\u202e\u200b",
	} {
		if got := read(t, write(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
		if got := write(text); strings.ContainsAny(text, "<[") && (strings.Contains(got, "<script") ||
			strings.Contains(got, "<img") || strings.Contains(got, "<add")) {
			t.Errorf("%q became markup: %s", text, got)
		}
	}
}

func TestMarkup(t *testing.T) {
	const rel = ` rel="noopener noreferrer nofollow"`
	for text, want := range map[string]string{
		"":                               "",
		"\n \n":                          "",
		"a\nb\n\n\nc":                    "<p>a\nb</p><p>c</p>",
		"*a* **b c** ***d*** ~~e~~":      "<p><em>a</em> <strong>b c</strong> <b>d</b> <s>e</s></p>",
		"(**a.**), *b*: **Module:** x":   "<p>(<strong>a.</strong>), <em>b</em>: <strong>Module:</strong> x</p>",
		"**a *b* c** **`d*`**":           "<p><strong>a <em>b</em> c</strong> <strong><code>d*</code></strong></p>",
		"*a **b* c**":                    "<p><em>a **b</em> c**</p>",
		"*a *b*":                         "<p>*a <em>b</em></p>",
		"**a":                            "<p>**a</p>",
		"*a\nb*":                         "<p>*a\nb*</p>",
		"`a*b*` ``c`d`` `e":              "<p><code>a*b*</code> <code>c`d</code> `e</p>",
		"`\\` `<b>`":                     "<p><code>\\</code> <code>&lt;b&gt;</code></p>",
		"# A\n## B\n### C *d*":           "<h3>A</h3><h4>B</h4><h5>C <em>d</em></h5>",
		"### A\n# B ##":                  "<h3>A</h3><h3>B ##</h3>",
		"a\n\n---\n\nb":                  "<p>a</p><hr><p>b</p>",
		"> a\n> > b\nc":                  "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>",
		"- a\n- b\n\n  c\n* d":           `<ul class="dash"><li><p>a</p></li><li><p>b</p><p>c</p></li></ul><ul><li><p>d</p></li></ul>`,
		"3. a\n   - b\n7. c":             `<ol><li value="3"><p>a</p><ul class="dash"><li><p>b</p></li></ul></li><li value="7"><p>c</p></li></ol>`,
		"- a\n  more\n    deep\nend":     `<ul class="dash"><li><p>a` + "\nmore\n  deep</p></li></ul><p>end</p>",
		"x\n- a":                         `<p>x</p><ul class="dash"><li><p>a</p></li></ul>`,
		"```xml\n<a>\n\n *b*\n```\nc":    "<p class=\"language\">xml</p><pre><code>&lt;a&gt;\n\n *b*\n</code></pre><p>c</p>",
		"~~~\na\n```\n~~~~\nb":           "<pre><code>a\n```\n</code></pre><p>b</p>",
		"```\nopen":                      "<pre><code>open\n</code></pre>",
		"- a\n  ```\n  b\n  ```":         `<ul class="dash"><li><p>a</p><pre><code>b` + "\n</code></pre></li></ul>",
		"|a|*b*|\n|-|:-:|\n|c\\|d|e|\nf": "<table><thead><tr><th>a</th><th><em>b</em></th></tr></thead><tbody><tr><td>c\\</td><td>d</td><td>e</td></tr></tbody></table><p>f</p>",
		"see https://a.example/x?y=1&z=(2).": `<p>see <a href="https://a.example/x?y=1&amp;z=(2)"` + rel +
			`>https://a.example/x?y=1&amp;z=(2)</a>.</p>`,
		"<https://a.example>": `<p>&lt;<a href="https://a.example"` + rel + `>https://a.example</a>&gt;</p>`,
		"[our *bank*](https://evil.example:8443/p#q)!": `<p><a href="https://evil.example:8443/p#q"` + rel +
			`>our *bank*</a> <span class="host">(evil.example:8443)</span>!</p>`,
		"[f](/findings/a1)": `<p><a href="/findings/a1"` + rel + `>f</a></p>`,
		"![i](https://a.example/i.png)": `<p>![i](<a href="https://a.example/i.png"` + rel +
			`>https://a.example/i.png</a>)</p>`,
		"hxxps://a.example xhttps://b.example https://u:p@c.example": "<p>hxxps://a.example xhttps://b.example https://u:p@c.example</p>",
	} {
		if got := write(text); got != want {
			t.Errorf("%q became\n%s, want\n%s", text, got, want)
		}
	}
}

// hostile are the shapes that make Markdown costly, each n times.
var hostile = []string{"> ", ">", "- ", "* ", "1. ", "*a ", "**a *b ", "a* ", "a**", "`a``", "```", "[", "[a](", "](", "[a](http://",
	"http://a(", "|", "|-", "| a\n|-\n", "#", "# a\n", "> > > > > > > > x\n\n", "- a\n  - b\n    - c\n", "~~a ", "((*a",
	"*a).,", "<", "&", "\\", "_a_ ", "---\n\n", "```\n", "- ```\n", "  \n- a\n", "1. a\n\n", "h", "*`a"}

// TestBounded: no text nests deeper than MaxDepth or is written as more than a
// fixed multiple of itself.
func TestBounded(t *testing.T) {
	const most = 30 // times the text, and for its ends
	for _, part := range hostile {
		text := strings.Repeat(part, 90_000/len(part))
		var b strings.Builder
		whole := markdown.Write(&b, text, escape)
		got := b.String()
		if n := strings.Count(got, "<") - strings.Count(got, "</"); n > 2*markdown.MaxElements+10 {
			t.Errorf("%q: %d elements, whole: %v", part, n, whole)
		}
		if len(got) > most*len(text)+1000 {
			t.Errorf("%q: %d bytes became %d", part, len(text), len(got))
		}
		if d := depth(parse(t, got)); d > 2*markdown.MaxDepth+8 {
			t.Errorf("%q: elements %d deep", part, d)
		}
	}
}

// TestTooMuch: one element more than the bound is too much, in all blocks and in a line.
func TestTooMuch(t *testing.T) {
	for part, elements := range map[string]int{"a\n\n": 1, "> a\n\n": 2, "# a\n": 1, "\n\n---\n": 1, "*a* ": 1} {
		for n, want := range map[int]bool{markdown.MaxElements/elements - 2: true, markdown.MaxElements/elements + 1: false} {
			var b strings.Builder
			text := strings.Repeat(part, n) + "@host:a"
			if got := markdown.Write(&b, text, escape); got != want || (len(markdown.Mentions(text)) == 1) != want {
				t.Errorf("%d of %q: %v, mentions %v", n, part, got, markdown.Mentions(text))
			}
		}
	}
	rows := "|a|b|\n|-|-|\n" + strings.Repeat("|a|b|\n", markdown.MaxElements/2)
	items := strings.Repeat("- a\n", markdown.MaxElements)
	for _, text := range []string{rows, items, strings.Repeat("|", 2*markdown.MaxElements) + "\n|-|"} {
		var b strings.Builder
		if markdown.WriteUnlinked(&b, text, escape) || strings.Count(b.String(), "<") > 3*markdown.MaxElements {
			t.Errorf("%.20q is written as %d bytes", text, b.Len())
		}
	}
}

// BenchmarkWrite has hostile texts of the greatest length. "growth" is the time
// of a text as a multiple of that of its quarter four times: 1 is linear, 4 is
// quadratic.
func BenchmarkWrite(b *testing.B) {
	for _, part := range append([]string{"Checked `httpstrm.dll` on **web02**, see https://a.example/1.\n"}, hostile...) {
		b.Run(fmt.Sprintf("%.12q", part), func(b *testing.B) {
			text := strings.Repeat(part, 100_000/len(part))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var whole, quarters time.Duration
			for b.Loop() {
				began := time.Now()
				write(text)
				whole += time.Since(began)
				b.StopTimer()
				began = time.Now()
				for range 4 {
					write(text[:len(text)/4])
				}
				quarters += time.Since(began)
				b.StartTimer()
			}
			b.ReportMetric(float64(whole)/float64(quarters), "growth")
		})
	}
}

// FuzzWrite: nothing but markup leaves the text, and nothing of it becomes an
// element, an attribute or something to fetch.
func FuzzWrite(f *testing.F) {
	for _, s := range append(hostile, "a [b](http://c/d) `e` *f*\n\n> - g\n\n|h|\n|-|\n|i|\n", "<a href=x>",
		"3. x\n4. y") {
		f.Add(s)
		f.Add("x " + s + "y\n" + s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.Map(func(r rune) rune { // what no HTML can hold: views shows it by name
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
				return '?'
			}
			return r
		}, s)
		got := write(s)
		if a, b := bare(read(t, got)), bare(s); a != b {
			t.Errorf("%q became %s: %q is left of %q", s, got, a, b)
		}
	})
}

// bare is a text without the characters of markup and without space.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("#>-*.`~|:[]() \t\n", r) {
			return -1
		}
		return r
	}, s)
}

func parse(t *testing.T, s string) []*nethtml.Node {
	t.Helper()
	nodes, err := nethtml.ParseFragment(strings.NewReader(s), &nethtml.Node{Type: nethtml.ElementNode,
		Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

func depth(nodes []*nethtml.Node) (most int) {
	for _, n := range nodes {
		var kids []*nethtml.Node
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			kids = append(kids, c)
		}
		most = max(most, 1+depth(kids))
	}
	return most
}

// may are the elements of a note and the attributes that they have.
var may = map[string]string{"p": "class", "h3": "", "h4": "", "h5": "", "h6": "", "hr": "", "blockquote": "",
	"ul": "class", "ol": "", "li": "value", "pre": "", "code": "", "table": "", "thead": "", "tbody": "", "tr": "",
	"th": "", "td": "", "em": "", "strong": "", "b": "", "s": "", "a": "href rel", "span": "class"}

// read is what a reader sees, with the address of a link that hides it and the
// number of an item. Paragraphs stand on lines of their own.
func read(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for _, n := range parse(t, s) {
		readNode(t, &b, n)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func readNode(t *testing.T, b *strings.Builder, n *nethtml.Node) {
	t.Helper()
	if n.Type == nethtml.TextNode {
		b.WriteString(n.Data)
		return
	}
	allowed, ok := may[n.Data]
	if !ok {
		t.Errorf("an element %s", n.Data)
	}
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
		if !strings.Contains(allowed, a.Key) {
			t.Errorf("%s has an attribute %s=%q", n.Data, a.Key, a.Val)
		}
	}
	if n.Data == "span" { // the host, again
		return
	}
	b.WriteString(attrs["value"])
	start := b.Len()
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		readNode(t, b, c)
	}
	if href := attrs["href"]; n.Data == "a" {
		if !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "/") ||
			strings.HasPrefix(href, "//") {
			t.Errorf("a link to %q", href)
		}
		if b.String()[start:] != href {
			b.WriteString(href)
		}
	}
	if n.Data == "p" {
		b.WriteString("\n")
	}
}
