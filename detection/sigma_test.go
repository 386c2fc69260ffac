package detection_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/event"
)

// sigmaRule is a rule about processes, with a selection of one line.
func sigmaRule(name, selection, status string) string {
	return fmt.Sprintf(`title: The %[1]s
id: 00000000-0000-4000-8000-%012[4]x
name: %[1]s
status: %[3]s
level: high
license: MIT
author: anna
description: What it is.
date: 2026-01-02
references: [https://example.com/a]
tags: [attack.t1505.004, attack.defense_evasion, attack.persistence, cve.2021-1, attack.g0001]
falsepositives: [Rollouts, Tests]
logsource: {product: windows, category: process_creation}
detection:
    selection:
        %[2]s
    condition: selection
`, name, selection, status, len(name)+256*int(name[0]))
}

const sigmaPair = `title: Two of them
level: critical
correlation:
    type: event_count
    rules: [one]
    group-by: [Computer]
    timespan: 1h
    condition: {gte: 2}
`

func valuesFile(text string) detection.SourceFile {
	return detection.SourceFile{Kind: detection.ValuesFile, Path: detection.ValuesPath, Content: []byte(text)}
}

func documents(path, text string) []detection.SourceFile {
	return detection.Documents(file(path, text))
}

func process(host, image, user string) *event.Event {
	e := &event.Event{Channel: "Microsoft-Windows-Sysmon/Operational", EventCode: 1, Computer: host, HasTime: true,
		Nanos: 1.7e18}
	e.Add("EventCode", "1")
	e.Add("Image", image)
	if user != "" {
		e.Add("User", user)
	}
	return e
}

func TestSigmaRule(t *testing.T) {
	c := assemble(t, nil, file("a.yml", sigmaRule("one", `Image|endswith: '\evil.exe'`, "test")))
	r := detection.Find(c.Rules, "The one")
	if r == nil {
		t.Fatal(c.Refused)
	}
	got := fmt.Sprint(r.Language(), r.Type, r.Sigma.Level, r.Sigma.License, r.Sigma.LogSource, r.Status, r.Author, r.Date,
		r.References, r.Tags.MitreAttackID, r.Tactics(), r.RBA, r.Off) + r.KnownFalsePositives + r.SearchName()
	want := fmt.Sprint("sigma", "TTP", "high", "MIT", "windows/process_creation", "test", "anna", "2026-01-02",
		"[https://example.com/a]", "[T1505.004]", "[defense-evasion persistence]",
		"{The one on $dest$ [{dest system 64} {User user 64}] []}", "") + "Rollouts; Tests" + "Sigma - The one - Rule"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s\nwant %s", got, want)
	}
	for user, want := range map[string]string{"": "ws1/system/64", "CORP\\Ann": "corp\\ann/user/64 ws1/system/64"} {
		if got := risksOf(t, r, process("WS1", `C:\evil.exe`, user)); got != want {
			t.Errorf("user %q: %s, want %s", user, got, want)
		}
	}
	if got := risksOf(t, r, process("WS1", `C:\good.exe`, "x")); got != "" {
		t.Errorf("another process: %s", got)
	}
}

// risksOf are the risk events that a rule makes of events of one window.
func risksOf(t *testing.T, r *detection.Rule, events ...*event.Event) string {
	t.Helper()
	var out []string
	for _, e := range events {
		for _, part := range r.Plan().Feed(e, nil) {
			state := r.Plan().New()
			state.Add(&part)
			for _, risk := range r.RiskEvents(part.Key, state, detection.WindowOf(1.7e9)) {
				out = append(out, fmt.Sprintf("%s/%s/%d", risk.RiskObject, risk.ObjectType, risk.Score))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Documents of a file are rules of their own; what is wrong in one stands where it
// stands in the file.
func TestSigmaDocuments(t *testing.T) {
	text := "# two rules\n---\n" + sigmaRule("one", "Image: a", "test") + "---\n# nothing\n---\n" +
		sigmaRule("bad", "Image|nosuch: a", "test")
	files := documents("d/x.yml", text)
	c := assemble(t, nil, files...)
	if len(files) != 2 || files[0].Path != "d/x.yml" || files[1].Path != "d/x.yml#2" {
		t.Fatalf("%d files, %+v", len(files), files)
	}
	line := 1 + strings.Count(text[:strings.Index(text, "Image|nosuch")], "\n")
	if detection.Find(c.Rules, "The one") == nil || len(c.Refused) != 1 || c.Refused[0].Pos.Line != line ||
		!strings.HasPrefix(c.Refused[0].String(), fmt.Sprintf("line %d, column ", line)) {
		t.Errorf("%+v, want line %d", c.Refused, line)
	}
	if escu := "name: x\nid: x\nsearch: |\n  a=1\n---\nname: y\n"; len(documents("y.yml", escu)) != 1 {
		t.Error("another file is cut")
	}
}

// A correlation refers to rules of other files, by name or id; these are no rules of
// their own then, but where it says so.
func TestSigmaCorrelation(t *testing.T) {
	one := file("b.yml", sigmaRule("one", "Image: a", "test"))
	byID := strings.ReplaceAll(sigmaPair, "[one]", "[00000000-0000-4000-8000-000000006f03]")
	for name, tt := range map[string]struct {
		pair, off string
	}{
		"by name": {sigmaPair, "the correlation Two of them refers to it"}, "by id": {byID, "the correlation Two of them"},
		"generates": {strings.Replace(sigmaPair, "    type", "    generate: true\n    type", 1), ""},
	} {
		c := assemble(t, nil, file("a.yml", tt.pair), one)
		pair, r := detection.Find(c.Rules, "Two of them"), detection.Find(c.Rules, "The one")
		if pair == nil || r == nil || !strings.HasPrefix(r.Off, tt.off) || (r.Off == "") != (tt.off == "") || pair.Off != "" {
			t.Errorf("%s: %v, %+v", name, c.Refused, r)
			continue
		}
		if pair.Type != "Correlation" || !strings.Contains(pair.Search, `"a"`) && !strings.Contains(pair.Search, "=a") {
			t.Errorf("%s: %s", name, pair.Search)
		}
	}
	if c := assemble(t, nil, file("a.yml", sigmaPair)); len(c.Refused) != 1 || c.Refused[0].Pos.Line == 0 {
		t.Errorf("without its rule: %+v", c.Refused)
	}
}

// A correlation is made anew where the rule to which it refers has changed, with cards
// and without.
func TestSigmaCorrelationAnew(t *testing.T) {
	cards := noCards("one")
	pair := func(image string, cards detection.Cards) *detection.Rule {
		c, _ := again(t, cards, nil, file("a.yml", sigmaPair), file("b.yml", sigmaRule("one", "Image: "+image, "test")))
		return detection.Find(c.Rules, "Two of them")
	}
	a := pair("first", cards)
	if b := pair("first", cards); detection.IsCompiled(b) || b.Fingerprint() != a.Fingerprint() {
		t.Error("it is compiled again")
	}
	if b := pair("second", cards); b.Fingerprint() == a.Fingerprint() ||
		b.Fingerprint() != pair("second", noCards("two")).Fingerprint() {
		t.Error("it is as it was")
	}
}

func TestSigmaValues(t *testing.T) {
	rule := file("a.yml", sigmaRule("expand", "Image|expand: '%tools%'", "test"))
	if c := assemble(t, nil, rule); len(c.Refused) != 1 || !strings.Contains(c.Refused[0].Reason, "tools") {
		t.Errorf("%+v", c.Refused)
	}
	c := assemble(t, nil, rule, valuesFile("tools: [psexec.exe, nc.exe]"))
	r := detection.Find(c.Rules, "The expand")
	if r == nil || risksOf(t, r, process("w", "nc.exe", "")) == "" || risksOf(t, r, process("w", "x.exe", "")) != "" {
		t.Errorf("%+v", c.Refused)
	}
	if c := assemble(t, nil, rule, valuesFile("- x")); len(c.Problems) != 1 || len(c.Refused) != 1 {
		t.Errorf("%+v %+v", c.Problems, c.Refused)
	}
}

func TestSigmaOffAndScored(t *testing.T) {
	c := assemble(t, nil, file("a.yml", sigmaRule("one", "Image: a", "deprecated")),
		file("b.yml", sigmaRule("two", "Image: b", "unsupported")), file("c.yml", sigmaRule("three", "Image: b", "stable")))
	for name, want := range map[string]bool{"one": true, "two": true, "three": false} {
		if r := detection.Find(c.Rules, "The "+name); (r.Off != "") != want {
			t.Errorf("%s: %q", name, r.Off)
		}
	}
	s := detection.DefaultScores()
	s[3] = 50
	scored := c.Scored(s)
	if r := detection.Find(scored.Rules, "The one"); r.TopScore() != 50 || scored.ByID(r.ID) != r ||
		detection.Find(c.Rules, "The one").TopScore() != 64 || r.ScoresRead() == c.ByID(r.ID).ScoresRead() {
		t.Errorf("%+v", r.RBA)
	}
	if s[3] = 101; s.Valid() || !detection.DefaultScores().Valid() {
		t.Error("no score")
	}
}

func TestSigmaCheck(t *testing.T) {
	c := assemble(t, nil, file("a.yml", sigmaRule("one", "Image: a", "test")))
	rules, refused := c.Check([]byte(sigmaPair + "---\n" + sigmaRule("two", "Image: b", "test")))
	if refused != nil || len(rules) != 2 || rules[1].Name != "The two" ||
		rules[0].File != detection.PostedPath(rules[0].ID) {
		t.Errorf("%v %v", rules, refused)
	}
	_, refused = c.Check([]byte(sigmaRule("two", "Image|nosuch: b", "test")))
	if refused == nil || refused.Pos.Line == 0 {
		t.Errorf("%+v", refused)
	}
}
