package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"escutcheon/views/report"
)

const bad = "<script>x</script> | `a` **b** [c](https://evil.example/) \u202e\nsecond"

func sample() *report.Report {
	at := time.Unix(1765766400, 0)
	n := int64(7)
	return &report.Report{Kind: "case", Title: bad, Number: "ESC-1", Made: at, Zone: "UTC",
		Case: &report.Case{Status: "New", Verdict: bad, Owner: bad, Author: bad, Created: at},
		Hosts: []report.Host{{Dest: bad, Spelling: bad, Verdict: bad, Gravity: "high",
			Findings: []report.Finding{{What: bad, Rule: bad, First: at, Last: at, Count: 1}},
			Notes:    []report.Note{{Author: bad, Text: bad, Created: at}}, NotSeen: []string{bad},
			Modules: []report.Module{{Name: bad, Image: bad, By: bad, At: &at, Marked: bad}},
			Ledger: []report.LedgerRow{{Name: bad, Image: bad, Present: bad, AddedBy: bad, Judgement: bad, Reason: bad,
				SHA256: bad}}, Config: []report.ConfigChange{{Text: bad, Where: bad, Detail: bad, Version: bad, Why: bad}},
			MachineKeys: []report.MachineKey{{Path: bad, Which: bad, Scope: bad}},
			Files:       []report.File{{Name: bad, SHA256: strings.Repeat("a", 64)}}}},
		Questions:       []report.Question{{Question: bad, Answer: bad, Carried: []string{bad}}},
		Recommendations: []report.Recommendation{{Text: bad}},
		Evidence: []report.Evidence{{ID: 3, Title: bad, Dest: bad, Where: bad, Record: &n, Why: bad,
			Copies: []report.Copy{{File: bad, FileSHA256: strings.Repeat("b", 64)}}}},
		Attached: []report.Attached{{Name: bad, Why: bad}}, Verified: &report.Verified{Differences: []string{bad}}}
}

// TestHTML: whatever is written somewhere stays text, leads nowhere, and all of it is
// there.
func TestHTML(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.HTML(sample()).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, not := range []string{"<script", `href="http`, "src=", "\u202e"} {
		if strings.Contains(got, not) {
			t.Errorf("the report has %q", not)
		}
	}
	if n := strings.Count(got, "&lt;script&gt;"); n < 30 {
		t.Errorf("what was written stands in %d places", n)
	}
	if !strings.Contains(got, "c (https://evil.example/)") {
		t.Error("an address is not told")
	}
}

// TestMarkdown: a text of a log or a person ends no cell, no code and no quote.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := sample().Markdown(&b); err != nil {
		t.Fatal(err)
	}
	columns := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		switch n := strings.Count(line, "|"); {
		case strings.HasPrefix(line, "| ---"):
			columns = n
		case strings.HasPrefix(line, "| ") && columns > 0:
			if n != columns {
				t.Errorf("a row of %d columns, not %d: %s", n, columns, line)
			}
		case !strings.HasPrefix(line, "| "):
			columns = 0
		}
		if strings.HasPrefix(line, "second") || strings.ContainsRune(line, '\u202e') {
			t.Errorf("a text begins a line of its own: %q", line)
		}
		if !strings.HasPrefix(line, "> ") && strings.Contains(strings.ReplaceAll(line, "`` ", "` "), "> <script>") {
			t.Errorf("markup: %q", line)
		}
	}
	if !strings.Contains(b.String(), "> second") || !strings.Contains(b.String(), "## Evidence") {
		t.Errorf("something is missing:\n%s", b.String())
	}
}

// TestJSON: it is whole.
func TestJSON(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := sample().JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got report.Report
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil || got.Hosts[0].Notes[0].Text != bad ||
		*got.Evidence[0].Record != 7 {
		t.Errorf("%+v %v", got, err)
	}
	if h := got.Hosts[0]; h.Chain == nil || h.Incidents == nil || h.Coverage == nil {
		t.Errorf("a list is null: %s", b.String())
	}
}
