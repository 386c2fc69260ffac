package spl_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// A search whose words are found elsewhere than before has another fingerprint
// than one without them would have; others keep theirs.
func TestTermsAreRevised(t *testing.T) {
	plain := spl.Env{Macros: detection.BuiltInMacros()}
	told := plain
	told.Revised = func(spl.Model, string) bool { return false }
	for search, want := range map[string]bool{
		`foo | stats count`:                                 true,
		`a=1 (b=2 OR NOT "two words") | stats count`:        true,
		`foo* | stats count`:                                true,
		`a=1 | where searchmatch("foo") | stats count`:      true,
		`a=1 | eval x=if(searchmatch("foo"),1,0) | table x`: true,
		`a=1 | stats count | search foo`:                    true,
		`*foo* | stats count`:                               false,
		`* a=1 | stats count`:                               false,
		`a=foo* b IN (x, y) NOT c="d e" | stats count`:      false,
		`a=1 | where match(b, "foo") | stats count by a`:    false,
		"`sysmon` EventCode=1 | stats count by dest":        false,
	} {
		a, err := plain.Compile(search)
		if err != nil {
			t.Fatal(search, err)
		}
		b, err := told.Compile(search)
		if err != nil {
			t.Fatal(search, err)
		}
		if got := a.Fingerprint() != b.Fingerprint(); got != want {
			t.Errorf("%s: revised %v", search, got)
		}
	}
}
