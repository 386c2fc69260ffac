package views_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"escutcheon/event"
	"escutcheon/views"
)

const evil = `<script>alert(1)</script>"onload='x' javascript:alert(2) ` + "\u202egnp.exe\u200b\x00\x1b[31m\xff\r\n" +
	`</title></textarea><b class=evil>`

var long = strings.Repeat("W", 4096) + evil

// hostilePages are pages on which everything that a log or an analyst can say
// is hostile.
func hostilePages() map[string]templ.Component {
	hosts := hostsPage()
	hosts.Rows = append(hosts.Rows, views.HostRow{Dest: evil, Spelling: long, Verdict: long, Severity: "<x>",
		AsOfKind: "?"}, views.HostRow{Dest: "..", Spelling: evil}, views.HostRow{})
	hosts.Chips = append(hosts.Chips, views.Chip{Label: "q", Value: long, RemoveURL: "javascript:alert(3)"})
	hosts.Filter.Text, hosts.Search, hosts.Author, hosts.Title = evil, evil, long, long

	host := hostPage()
	host.Dest, host.Spelling, host.Title, host.AsOfText = evil, long, evil, evil
	for i := range host.Timeline.Marks {
		m := &host.Timeline.Marks[i]
		m.Message, m.RuleName, m.RiskMessage, m.FindingID, m.Change, m.RuleID = long, evil, evil, "../"+evil, evil, evil
	}
	host.Timeline.Dest = evil
	host.Drilldown[0].Object, host.Drilldown[0].RiskMessages = evil, []string{long}
	for i := range host.Findings.Rows {
		r := &host.Findings.Rows[i]
		r.Cells, r.ID, r.Dest, r.Change, r.ChangeKind = []string{evil, evil, evil, long, evil, evil, evil}, evil, evil, evil,
			`x" onclick="y`
	}
	host.Unattributed[0].Missing, host.Unattributed[0].URL = evil, "//evil.example"
	for i := range host.Notes {
		n := &host.Notes[i]
		n.Author, n.Text, n.FindingLabel, n.FindingID = evil, long, evil, evil
		for j := range n.History {
			n.History[j].Text, n.History[j].Author = evil, evil
		}
	}
	host.NewNote = views.NoteForm{Author: evil, Text: evil, Problem: evil,
		Findings: []views.Option{{Value: evil, Label: long}}}

	fp := findingPage()
	fp.Row, fp.Spelling = host.Findings.Rows[0], evil
	fp.Rule = views.RuleShort{ID: evil, Name: evil, Description: evil,
		References: []string{evil, "javascript:alert(4)", "https://a@evil.example", "//evil.example", "JAVASCRIPT:x",
			"http://ok.example/\"onload=x"}, ATTCK: []views.ATTCK{{ID: `T1/"><script>`}}}
	fp.Drilldowns = []views.Drilldown{{Name: evil, SPL: long, URL: `javascript:x`}}
	fp.Events = []views.EventRow{{Fields: []event.Field{{Name: evil, Value: long}, {Name: "Message", Value: evil},
		{Name: evil}}, ImportID: evil, ImportName: long, Brief: long, RecordNumber: event.None}}

	ep := eventPage(views.ShowRaw)
	ep.Event.Raw, ep.Event.TimeText, ep.Sources[0].Name, ep.Sources[0].SHA256, ep.Dest = strings.Repeat(evil, 2000), evil,
		long, evil, evil
	hex := ep
	hex.Show = views.ShowHex

	ip := importPage(2)
	ip.Import.Name, ip.Import.Format, ip.Import.Computer, ip.Import.Zone, ip.Import.Failure, ip.Import.By,
		ip.Import.ID = long, evil, evil, evil, long, evil, evil
	ip.Rejections = []views.Rejection{{Reason: long, Sample: []byte(evil)}}
	ip.Hosts = []views.HostRef{{Dest: evil, Spelling: evil}, {Dest: "."}}
	ask := askingPage()
	ask.Import.Name, ask.Archive.Name, ask.Archive.ID, ask.Next.Name, ask.Next.ID = long, long, evil, evil, evil
	ask.Ask.Zone, ask.Ask.Computer, ask.Ask.Dates, ask.Ask.Problem, ask.Ask.MonthFirst, ask.Ask.DayFirst,
		ask.Ask.ID = evil, evil, evil, long, evil, long, evil
	ask.Ask.Examples = []views.Example{{Written: long, Computer: evil, Start: long, Zone: evil}}
	zip := archivePage()
	zip.Import = ip.Import
	zip.Import.Note, zip.Import.Stalled, zip.Import.SameAs, zip.Import.Replaces, zip.Import.Compression,
		zip.Import.Dates = evil, long, evil, evil, evil, evil
	gone := zip.Import
	gone.Name = evil
	zip.Members.Rows = []views.ImportRow{zip.Import}
	zip.Again.Zone, zip.Again.Computer, zip.Again.Dates, zip.DeleteURL, zip.RejectedURL = evil, evil, evil, "javascript:x",
		"//evil.example"
	waits := waitGroups()
	waits[0].Files[0].Name, waits[0].Files[0].ID, waits[0].What, waits[0].URL = long, evil, evil, "javascript:x"
	asked := requestsPages()["requests"]
	asked.Dest, asked.Spelling, asked.AsOfText, asked.Changes[0].Name = evil, long, evil, long
	asked.Lists[0].Rows[0] = views.RequestsRow{Path: long, Client: evil, URL: "//evil.example"}
	asked.Lists[1].Rows = []views.RequestsRow{{Agent: evil}}
	return map[string]templ.Component{
		"requests": views.HostRequests(asked),
		"asking":   views.Import(ask), "archive": views.Import(zip),
		"delete":  views.Delete(views.DeletePage{Frame: frame(evil), Import: gone, Heir: evil}),
		"waiting": views.Imports(views.ImportsPage{Frame: frame(evil), Waits: waits, Deleted: evil}),
		"hosts":   views.Hosts(hosts), "host": views.Host(host), "finding": views.Finding(fp), "event": views.Event(ep),
		"event-hex": views.Event(hex),
		"import":    views.Import(ip), "imports": views.Imports(views.ImportsPage{Frame: frame(evil),
			Rows: []views.ImportRow{ip.Import}, Total: 1}),
		"error": views.Error(views.ErrorPage{Frame: frame(evil), Sentence: evil + long}),
		"audit": views.Audit(views.AuditPage{Frame: frame(evil), Total: 1, Form: views.AuditForm{evil, evil, evil, evil,
			evil, evil, evil}, Chips: []views.Chip{{Label: "q", Value: long, RemoveURL: "javascript:alert(3)"}},
			Exports: []views.Export{{Label: "x", URL: "//evil.example"}},
			Rows: []views.AuditRow{{At: now, Person: evil, Action: evil, Object: long, ObjectURL: "javascript:x", Field: long,
				Old: evil, New: long, Address: evil}}}),
		"edit": views.NoteEdit(views.NoteEditPage{Frame: frame(evil), Note: host.Notes[0], Draft: evil, Conflict: true}),
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for name, c := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			html := render(t, c)
			for _, bad := range []string{"<script>alert", `"onload=`, "<b class=evil", "</title></textarea>", `href="javascript`,
				`href="//`} {
				if strings.Contains(html, bad) {
					t.Errorf("the page holds %q", bad)
				}
			}
			d := document(t, html)
			visible := d.Find(".log").Text()
			for _, bad := range []string{"\u202e", "\u200b", "\x00", "\x1b"} {
				if strings.Contains(visible, bad) {
					t.Errorf("log text holds %q as it is", bad)
				}
			}
			d.Find("textarea, input, option, title").Remove() // these hold what was typed, to be edited
			if strings.ContainsAny(d.Find("main").Text(), "\u202e\u200b\x1b") {
				t.Error("the page holds a character that moves or hides others")
			}
			if name != "error" && name != "edit" && name != "event-hex" && !strings.Contains(visible, "[U+202E]") &&
				!strings.Contains(d.Text(), "[U+202E]") {
				t.Error("the override is not made visible")
			}
		})
	}
}

func TestLog(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", `<span class="log">plain</span>`},
		{"a<b>&\"'", `<span class="log">a&lt;b&gt;&amp;&#34;&#39;</span>`},
		{"\u202e", `<span class="log"><span class="ctrl" title="U+202E RIGHT-TO-LEFT OVERRIDE">[U+202E]</span></span>`},
		{"\x00", `<span class="log"><span class="ctrl" title="U+0000 NULL">[U+0000]</span></span>`},
		{"\xff", `<span class="log"><span class="ctrl" title="a byte that is no UTF-8">[xFF]</span></span>`},
		{"\U000e0041", `<span class="log"><span class="ctrl" title="U+E0041 (not visible)">[U+E0041]</span></span>`},
		{"é日\U0001f600", `<span class="log">é日😀</span>`},
	} {
		if got := render(t, views.Log(c.in)); got != c.want {
			t.Errorf("Log(%q) = %s, want %s", c.in, got, c.want)
		}
	}
	if got := render(t, views.LogBlock("a\n\tb\r")); !strings.Contains(got, "a\n\tb<span") {
		t.Errorf("LogBlock keeps line ends and tabs: %s", got)
	}
	if got := render(t, views.LogShort("日本語", 2)); !strings.Contains(got, "日本<span") ||
		!strings.Contains(got, "3 characters in all") {
		t.Errorf("LogShort cuts at a character and says so: %s", got)
	}
	for in, want := range map[string]string{
		"Changes to '/a' at 'M' have":       `Changes to &#39;<b>/a</b>&#39; at &#39;<b>M</b>&#39; have`,
		"Changes to 'it's.x' at":            `&#39;<b>it&#39;s.x</b>&#39; at`,
		"don't 'open":                       `don&#39;t &#39;open`,
		"The status code is: '0x00000000'.": `&#39;<b>0x00000000</b>&#39;.`,
	} {
		if got := render(t, views.LogMessage(in, 0)); !strings.Contains(got, want) {
			t.Errorf("LogMessage(%q) = %s, want %s", in, got, want)
		}
	}
}

// TestMuchIsBounded: a text of nothing but characters that are not seen is no page a
// hundred times as long, and one of more markup than is written is shown as typed.
func TestMuchIsBounded(t *testing.T) {
	hidden := strings.Repeat("\x01\u202e", 25_000)
	for name, c := range map[string]templ.Component{"log": views.LogBlock(hidden), "note": views.Markdown(hidden),
		"report": views.MarkdownUnlinked(hidden), "message": views.LogMessage(strings.Repeat("'\x01' ", 30_000), 0)} {
		html := render(t, c)
		if len(html) > 11*len(hidden) || strings.ContainsAny(html, "\x01\u202e") {
			t.Errorf("%s: %d bytes became %d", name, len(hidden), len(html))
		}
		if d := document(t, html); d.Find(".ctrl").Length() != 2000 {
			t.Errorf("%s: %d marks are elements", name, d.Find(".ctrl").Length())
		}
	}
	much := strings.Repeat("> <b>a\n\n", 10_000)
	for _, c := range []templ.Component{views.Markdown(much), views.Markdown(much), views.MarkdownUnlinked(much)} {
		d := document(t, render(t, c))
		if d.Find("blockquote, b").Length() > 0 || d.Find("pre").Text() != much ||
			!strings.Contains(d.Find("p.told").Text(), "shown as it was typed") {
			t.Errorf("a note of %d quotes: %.200s", 10_000, d.Text())
		}
	}
}

func TestURLs(t *testing.T) {
	for in, want := range map[string]string{
		"web02.corp.example": "/hosts/web02.corp.example", "": "/hosts/?dest=", ".": "/hosts/?dest=.",
		"..":     "/hosts/?dest=..",
		"a/../b": "/hosts/a%2F..%2Fb", "a?b#c d%": "/hosts/a%3Fb%23c%20d%25", "\x00\"<": "/hosts/%00%22%3C",
	} {
		if got := views.HostURL(in); got != want {
			t.Errorf("HostURL(%q) = %q, want %q", in, got, want)
		}
	}
	if got := views.HostNotesURL(".."); got != "/hosts/notes?dest=.." {
		t.Error(got)
	}
	if got := views.WithQuery("/findings?q=a&after=x", "after", "", "sort", "-count"); got != "/findings?q=a&sort=-count" {
		t.Error(got)
	}
	for ref, ok := range map[string]bool{"https://a.example/x": true, " http://a.example": true,
		"javascript:alert(1)": false, "//a.example": false, "https:a": false, "https://u:p@a.example": false,
		"ftp://a.example": false, "": false} {
		if _, got := views.WebLink(ref); got != ok {
			t.Errorf("WebLink(%q) = %v", ref, got)
		}
	}
	for id, want := range map[string]string{"T1505.004": "https://attack.mitre.org/techniques/T1505/004/", "T1/..": "",
		"": "", "x": ""} {
		if got := views.ATTCKURL(id); got != want {
			t.Errorf("ATTCKURL(%q) = %q", id, got)
		}
	}
}

func FuzzLog(f *testing.F) {
	f.Add(evil)
	f.Add("Changes to 'a' at 'b'.")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []templ.Component{views.Log(s), views.LogBlock(s), views.LogMessage(s, 40)} {
			html := render(t, c)
			d := document(t, html)
			if n := d.Find("body *").Not("span, b, wbr").Length(); n > 0 {
				t.Errorf("%q became elements: %s", s, html)
			}
			if strings.ContainsAny(html, "\x00\x1b\u202e\u200b\u2066") {
				t.Errorf("%q is not made visible: %q", s, html)
			}
		}
	})
}
