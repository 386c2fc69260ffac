package detection_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// rowOf is a row of column, value pairs.
func rowOf(pairs ...string) (out spl.Row) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, spl.Field{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

func TestNewRow(t *testing.T) {
	r := seed(t)
	columns := r.Plan().Columns()
	cells := make([]string, len(columns)+1) // one more than the rule has columns
	cells[1], cells[len(columns)] = "x", "beyond"
	if got := r.NewRow(cells); len(got) != 1 || got[0].Name != columns[1] || got[0].Value != "x" {
		t.Errorf("got %v: an empty cell is missing, and so is one beyond the columns", got)
	}
	if got := r.NewRow([]string{"first"}); len(got) != 1 || got[0].Name != columns[0] {
		t.Errorf("a row that is shorter than the columns: %v", got)
	}
}

func TestTelling(t *testing.T) {
	for _, tt := range []struct {
		row  spl.Row
		want string
	}{
		{rowOf("dest", "web01", "count", "3", "Message", "m", "process", "p"), "m"},
		{rowOf("process", "p", "CommandLine", "c"), "p"},
		{rowOf("dest", "web01", "firstTime", "1", "lastTime", "2", "count", "3", "own", "o", "other", "x"), "o"},
		{rowOf("user", "u", "own", "o"), "u"},
		{rowOf("dest", "web01", "_time", "5"), "5"},
		{rowOf("dest", "web01", "firstTime", "1", "lastTime", "2", "count", "3"), ""},
		{nil, ""},
	} {
		if got := detection.Telling(tt.row); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.row, got, tt.want)
		}
	}
}

func TestLikeness(t *testing.T) {
	long := strings.Repeat("m", 8001)
	for name, tt := range map[string]struct {
		row  spl.Row
		want []string
	}{
		"the telling column comes first, the dest alone last": {
			rowOf("dest", "web01", "count", "3", "other", "o", "Message", "m"),
			[]string{`NOT (dest="web01" Message="m")`, `NOT (dest="web01" other="o")`, `NOT (dest="web01")`}},
		"three columns at most": {
			rowOf("dest", "d", "a", "1", "b", "2", "c", "3", "e", "4"),
			[]string{`NOT (dest="d" a="1")`, `NOT (dest="d" b="2")`, `NOT (dest="d" c="3")`, `NOT (dest="d")`}},
		"no dest": {rowOf("process", "p"), []string{`NOT (process="p")`}},
		"counts tell nothing": {rowOf("dest", "d", "count", "1", "firstTime", "2", "lastTime", "3", "_time", "4"),
			[]string{`NOT (dest="d")`}},
		"a name that would need ''":   {rowOf("dest", "d", "Search Name", "x"), []string{`NOT (dest="d")`}},
		"a value too long to propose": {rowOf("dest", "d", "Message", long), []string{`NOT (dest="d")`}},
		"the longest that is":         {rowOf("Message", long[1:]), []string{`NOT (Message="` + long[1:] + `")`}},
		"nothing":                     {nil, nil},
	} {
		if got := detection.Likeness(tt.row); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tt.want)
		}
	}
}

// hostile are values that a search could take for something else.
var hostile = []string{`plain`, `say "hi"`, `C:\Windows\inetsrv\`, `a\"b`, `100% *`, `*`, `x* OR dest=*`, "two\nlines",
	"tab\there",
	"zero\u200bwidth", "nul\x00byte", `$dest$`, "`macro`", `(a|b)+[c]`, "Ünïcode", `'single'`, ` spaces `, `where NOT`,
	`| delete`}

// TestUnlike runs each expression: the row that it is made of goes, every
// other stays.
func TestUnlike(t *testing.T) {
	for _, value := range hostile {
		left := filtered(t, detection.Unlike("dest", "web01", "Message", value))
		for _, other := range hostile {
			for _, dest := range []string{"web01", "web02"} {
				want := other != value || dest != "web01"
				if left[dest+" "+other] != want {
					t.Errorf("Unlike of %q: %q on %s is shown: %v, want %v", value, other, dest, !want, want)
				}
			}
		}
	}
}

// filtered are the dests and messages that an expression leaves of all hostile
// values on two hosts.
func filtered(t *testing.T, expression string) map[string]bool {
	t.Helper()
	definition, err := detection.FilterDefinition(expression, nil)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	plan, err := spl.Compile("* | stats count by dest Message | "+definition, nil)
	if err != nil {
		t.Fatalf("%s: %v", definition, err)
	}
	var events []spl.Event
	for _, v := range hostile {
		for _, dest := range []string{"web01", "web02"} {
			events = append(events, spl.Map{"_time": "1", "dest": dest, "Message": v})
		}
	}
	left := map[string]bool{}
	for _, res := range plan.Run(slices.Values(events)).Rows {
		dest, _ := res.Row.Get("dest")
		m, _ := res.Row.Get("Message")
		left[dest+" "+m] = true
	}
	return left
}

func TestUnlikeText(t *testing.T) {
	for want, pairs := range map[string][]string{
		`NOT (a="x" b="y\\z\"")`: {"a", "x", "b", `y\z"`},
		`where NOT (coalesce('a', "")="x*" AND coalesce('b', "")="y")`:                     {"a", "x*", "b", "y"},
		`where NOT (match(coalesce('a', ""), "^\\x{200b}\\.$") AND coalesce('b', "")="y")`: {"a", "\u200b.", "b", "y"},
		`NOT (a="x` + "\n" + `y")`: {"a", "x\ny"},
	} {
		if got := detection.Unlike(pairs...); got != want {
			t.Errorf("%q:\n got %s\nwant %s", pairs, got, want)
		}
	}
}

func TestJoinFilters(t *testing.T) {
	for _, tt := range []struct{ present, one, want string }{
		{"", "NOT (a=1)", "NOT (a=1)"},
		{" | ", "NOT (a=1)", "NOT (a=1)"},
		{"", "where NOT (a=1)", "where NOT (a=1)"},
		{`dest="x" OR dest="y"`, "NOT (a=1)", "(dest=\"x\" OR dest=\"y\")\nNOT (a=1)"},
		{`dest="x"`, "where a=1", "dest=\"x\"\n| where a=1"},
		{"where count > 3", "NOT (a=1)", "where count > 3\n| search NOT (a=1)"},
		{"| SEARCH x=1", "NOT (a=1)", "SEARCH x=1\n| search NOT (a=1)"},
		{"regex x=y", "where a=1", "regex x=y\n| where a=1"},
		{"x=1 | where y=2", "NOT (a=1)", "x=1 | where y=2\n| search NOT (a=1)"},
		{"searching=1", "NOT (a=1)", "(searching=1)\nNOT (a=1)"},
	} {
		got := detection.JoinFilters(tt.present, tt.one)
		if got != tt.want {
			t.Errorf("%q with %q: %q, want %q", tt.present, tt.one, got, tt.want)
		}
		if _, err := detection.FilterDefinition(got, nil); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	}
}

// TestJoinedFiltersBoth says that what either filter keeps out stays out.
func TestJoinedFiltersBoth(t *testing.T) {
	first, second := detection.Unlike("Message", "plain"), detection.Unlike("dest", "web02", "Message", "*")
	left := filtered(t, detection.JoinFilters(`dest="web01" OR dest="web02"`+"\n"+first, second))
	for key, want := range map[string]bool{"web01 plain": false, "web02 plain": false, "web02 *": false, "web01 *": true,
		"web02 100% *": true} {
		if left[key] != want {
			t.Errorf("%s is shown: %v, want %v", key, left[key], want)
		}
	}
}
