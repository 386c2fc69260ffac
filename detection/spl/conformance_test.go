package spl_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// conformance is one case: events in, a search, rows out. The rule says where
// the behaviour is documented: a page of Splunk's Search Reference or a
// section of our design.
type conformance struct {
	rule, search string
	in, out      []string
	line         int
}

// readCases reads the cases of a file. A case is a block of lines:
//
//	rule: eval, if
//	in: a=1; b=2
//	spl: * | eval x=if(a=1,"y","n") | table x
//	out: x=y
//
// Events without a _time are of second 1000. "in" and "out" may repeat or be
// left out; of a column with several values they stand in brackets: x=[a|b].
// A line without a keyword goes on with the one before.
func readCases(t *testing.T, path string) []conformance {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []conformance
	var c conformance
	flush := func() {
		if c.search != "" {
			cases = append(cases, c)
		}
		c = conformance{rule: c.rule}
	}
	n := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		n++
		key, value, ok := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "":
			flush()
		case strings.HasPrefix(lines.Text(), "#"):
		case ok && key == "rule":
			c.rule = value
		case ok && key == "in":
			c.in = append(c.in, value)
		case ok && key == "spl":
			c.search, c.line = value, n
		case ok && key == "out":
			c.out = append(c.out, value)
		default:
			t.Fatalf("%s:%d: %q", path, n, lines.Text())
		}
	}
	flush()
	return cases
}

// caseTables are the lookup tables of the cases.
var caseTables = spl.Tables{
	"tools": {
		Fields:     []string{"name", "kind", "level"},
		Rows:       [][]string{{"nc*", "network", "3"}, {"mimi.exe", "credentials", "5"}, {"nc.exe", "shell", "4"}},
		Wildcard:   []string{"name"},
		IgnoreCase: true,
	},
	"rights": {Fields: []string{"short", "long"}, Rows: [][]string{{"CC", "create"}, {"DC", "delete"}}},
	"nets": {Fields: []string{"range", "zone"}, Rows: [][]string{{"10.0.0.0/8", "inside"}}, CIDR: []string{"range"},
		Min: 1, Default: "outside"},
}

func TestConformance(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	total := 0
	for _, path := range files {
		for _, c := range readCases(t, path) {
			total++
			if c.rule == "" {
				t.Errorf("%s:%d: names no rule", path, c.line)
			}
			plan, err := wholeEnv().Compile(c.search)
			if err != nil {
				t.Errorf("%s:%d: %s\n%v", path, c.line, c.search, err)
				continue
			}
			var got []string
			if plan.Whole() {
				got, _ = runQuery(t, c.search, c.in)
			} else {
				got = rowTexts(plan.Run(evs(c.in...)).Rows)
			}
			if !slices.Equal(got, c.out) {
				t.Errorf("%s:%d: %s (%s)\n got %s\nwant %s", path, c.line, c.search, c.rule, strings.Join(got, "\n     "),
					strings.Join(c.out, "\n     "))
			}
		}
	}
	if total < 150 {
		t.Errorf("only %d cases", total)
	}
	t.Logf("%d cases", total)
}

// listText is text with the values of lists in brackets.
func listText(r spl.Row) string {
	var parts []string
	for _, f := range r {
		v := f.Value
		if l := f.Values(); len(l) > 1 {
			v = "[" + strings.Join(l, "|") + "]"
		}
		parts = append(parts, f.Name+"="+strings.ReplaceAll(v, "\n", `\n`))
	}
	return strings.Join(parts, " ")
}
