package search_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/search"
)

// hostile are texts that a log may have for a value, or a name.
var hostile = []string{`a b`, `"q"`, `c:\x\`, `\\unc\s`, `p|q`, `[s]`, "back`tick", `x=y`, `(p)`, `NOT`, `and`, `029`, `1e3`,
	"t\tab", `<script>`, `ü`, `'s'`, `10.0.0.0/8`, "```c```", `$d$`, `\"`, `,`, `a!=b`, "line\nend", `-1`, `.5`, `{}`, `a{}`}

// hostileHouse has an event for each: as the value of Custom, and as a name.
func hostileHouse(t *testing.T, more ...string) *house {
	t.Helper()
	var log []byte
	for i, v := range slices.Concat(hostile, more) {
		line, err := json.Marshal(map[string]any{"EventTime": noon.Add(time.Duration(i) * time.Second).Format(time.DateTime),
			"Hostname": "web01", "EventID": 900, "SourceName": "x", "Channel": "Application", "RecordNumber": i + 1,
			"Custom": v, "x" + v: "named"})
		if err != nil {
			t.Fatal(err)
		}
		log = append(append(log, line...), '\n')
	}
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	return newHouse(t, path)
}

// known has a macro of each kind, and a lookup.
var known = detection.Env(spl.Macros{"sysmon": {Definition: "index=*\n x"}, "my_filter": {Definition: "search *"},
	"ctime(1)": {Definition: "convert ctime($f$)", Args: []string{"f"}}},
	spl.Tables{"bad-files": {Fields: []string{"sha256", "a b"}, Rows: [][]string{{"1", "2"}}}})

// suggested are what is suggested at the end of a text.
func suggested(seen *search.Seen, text string) (out []string) {
	for _, s := range search.Complete(known, text, len([]rune(text)), seen).Items {
		out = append(out, s.Kind+" "+s.Text)
	}
	return out
}

func TestComplete(t *testing.T) {
	seen, err := demoHouse(t).See(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"* | st":                              "command stats",
		"| tst":                               "command tstats",
		"* | sta":                             "command stats",
		"Event":                               "field EventCode",
		"eventc":                              "field EventCode",
		"EventCode=2":                         "value 29",
		"EventID=2":                           "value 29",
		"NOT host=we":                         "value web01.corp.example",
		"dest IN (x, we":                      "value web01.corp.example",
		"LogName=secu":                        "value Security",
		"source=":                             "value WinEventLog:Security",
		"index=no":                            "value notable",
		"* | where Ev":                        "field EventCode",
		"* | where EventCode=2":               "value 29",
		"* | eval x=low":                      "function lower",
		"* | eval x=lower(Mess":               "field Message",
		"* | stats val":                       "function values",
		"* | stats count by Comp":             "field ComputerName",
		"* | table Mess":                      "field Message",
		"* [ search Even":                     "field EventCode",
		"* [ search x | he":                   "command head",
		"* [ search x ] | he":                 "command head",
		"(EventCode=29 OR Ev":                 "field EventCode",
		"OpCode=\"In":                         "value Info",
		"* | search LogName=secu":             "value Security",
		"* | timechart span=1h count b":       "",
		"* ":                                  "",
		"* `sys":                              "macro `sysmon`",
		"* | `CTI":                            "macro `ctime(f)`",
		"* `ctime(x":                          "",
		"* `sysmon`":                          "",
		"* | lookup ":                         "lookup bad-files",
		"* | lookup local=true ba":            "lookup bad-files",
		"| inputlookup append=t FILES":        "lookup bad-files",
		"* | lookup bad-files sh":             "field sha256",
		"* | lookup bad-files Comp":           "field ComputerName",
		"| inputlookup \"bad-files\" where a": "field a b",
		"| inputlookup bad-files where Comp":  "",
		"index=risk [ search Comp":            "field ComputerName",
		"* \"done\"":                          "",
		"* ```comm":                           "",
	} {
		got := suggested(seen, text)
		if want == "" && len(got) > 0 && !strings.HasSuffix(text, " b") || want != "" && !slices.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if c := search.Complete(known, "* `sy`", 5, seen); c.To != 6 || c.Items[0].Insert != "`sysmon`" {
		t.Errorf("a macro within its marks: %+v", c)
	}
	if got := suggested(nil, "* | st"); !slices.Contains(got, "command stats") {
		t.Errorf("without a look: %q", got)
	}
	c := search.Complete(known, "ü host=weABC x", 9, seen)
	if c.From != 7 || c.To != 12 {
		t.Errorf("the word around a place is %d to %d", c.From, c.To)
	}
	for range 2000 { // whatever the text, there is no panic, and the place is in it
		text := randomText(r)
		at := r.IntN(len(text) + 2)
		if c := search.Complete(known, text, at, seen); c.From > c.To || c.To > len([]rune(text)) {
			t.Fatalf("%q at %d: %d to %d", text, at, c.From, c.To)
		}
	}
}

// TestCompleteHostile: what is suggested for a value finds the events that have it.
func TestCompleteHostile(t *testing.T) {
	h := hostileHouse(t)
	seen, err := h.See(ctx)
	if err != nil || !seen.All || seen.Sampled != int64(len(hostile)) {
		t.Fatalf("%+v, %v", seen, err)
	}
	found := func(text string) (n int) {
		t.Helper()
		s, err := h.Prepare(text, time.Time{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return 0
		}
		a, err := s.Run(ctx, search.Range{}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(a.Rows)
	}
	for _, v := range hostile {
		if n := found("Custom=" + spl.QuoteValue(v)); n != 1 {
			t.Errorf("%q: %d events", v, n)
		}
		if n := found(spl.QuoteName("x"+v) + "=named"); n != 1 {
			t.Errorf("%q as a name: %d events", v, n)
		}
		for _, before := range []string{"Custom=", `* | where Custom=`, "Custom IN ("} {
			part := v[:1]
			if part == `"` || part == "|" || v[0] >= 0x80 || strings.ContainsAny(part, "([`=,-.'\\{<$!") {
				part = ""
			}
			c := search.Complete(known, before+part, len(before+part), seen)
			at := slices.IndexFunc(c.Items, func(s search.Suggestion) bool { return s.Text == v })
			if at < 0 {
				continue // others come before
			}
			text := before + c.Items[at].Insert
			if strings.HasSuffix(before, "(") {
				text += ")"
			}
			if n := found(text); n != 1 {
				t.Errorf("%s finds %d", text, n)
			}
		}
	}
}

var r = rand.New(rand.NewPCG(1, 2))

// randomText is some of what searches are made of.
func randomText(r *rand.Rand) string {
	parts := []string{"|", "[", "]", `"`, "`", "```", "(", ")", "=", "IN", "in", ",", " ", "search", "eval", "stats", "by",
		"where", "host", "'", "\\", "ü", "\xff", "NOT", "x", "!=", "\n", "29"}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}
