package detection_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
)

// TestDraft: what a form makes of a search is a rule that says what was typed, however
// it was typed.
func TestDraft(t *testing.T) {
	t.Parallel()
	content, err := detection.Assemble(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, search := range []string{`EventCode=29 Message="*a: b #c*"`, "EventCode=29\n\t| search x=\"- y\"  \n",
		"  EventCode=29 \"\u202e\x01\xc2\xa0\" | rex \"(?<a>\\\\d+)\"", "EventCode=29 \"%YAML\" 'é😀'\r\n\"---\""} {
		d := detection.Draft{ID: "0f6a3c1e-9b0b-4a65-8f0e-6a4f1f6f9b11", Name: `Odd: "name" # 1`, Description: "a\n- b: c\n",
			Type: "TTP", Author: "ben", Date: "2026-03-10", Message: "on $dest$: {x}", Technique: "T1505.004",
			Objects: []detection.RiskObject{{Field: "dest", Type: "system", Score: 64}},
			Search:  detection.RuleSearch(search, `Odd: "name" # 1`, true)}
		text, err := d.YAML()
		if err != nil {
			t.Fatal(err)
		}
		rules, refused := content.Check(text)
		if refused != nil {
			t.Errorf("%q: %v\n%s", search, refused, text)
			continue
		}
		r := rules[0]
		if r.Name != d.Name || r.ID != d.ID || r.Type != "TTP" || strings.TrimSpace(r.Description) != "a\n- b: c" ||
			r.RBA.Message != d.Message || len(r.RBA.RiskObjects) != 1 || r.RBA.RiskObjects[0] != d.Objects[0] ||
			strings.TrimSpace(r.Search) != d.Search || r.FilterMacro() != "odd_name_1_filter" ||
			len(r.Tags.MitreAttackID) != 1 || len(r.Warnings) != 0 {
			t.Errorf("%q: %+v\n%s", search, r, text)
		}
	}
	d := detection.Draft{ID: "x", Name: "Hunt", Type: "Hunting", Search: "EventCode=29 | stats count by dest | `hunt_filter`"}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if r, refused := content.Check(text); refused != nil || len(r[0].RBA.RiskObjects) != 0 ||
		detection.RuleSearch(r[0].Search, "Hunt", false) != d.Search {
		t.Errorf("%+v, %v", r, refused)
	}
}
