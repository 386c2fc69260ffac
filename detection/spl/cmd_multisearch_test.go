package spl_test

import "testing"

func TestMultisearchRefusals(t *testing.T) {
	wholeRefusals(t, "multisearch", []refusal{
		{`| multisearch [search a]`, `end of the search at line 1, column 25 (offset 24) stands where the multisearch ` +
			`command needs two subsearches or more`},
		{`* | multisearch [search a] [search b]`, `command "multisearch" at line 1, column 5 (offset 4) is supported as ` +
			`the first command only`},
	})
	wholeRefusals(t, "stats", []refusal{
		{`| multisearch [search a] [search b | stats count]`, `command "stats" at line 1, column 38 (offset 37) is not ` +
			`supported in multisearch, which wants commands that work on single events`},
	})
}
