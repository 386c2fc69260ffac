package spl_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

func TestReadTable(t *testing.T) {
	table, err := spl.ReadTable(strings.NewReader("\uFEFFname,kind,level\nnc.exe,net,3\n" +
		"\"a, b\",\"say \"\"x\"\"\"\nlong,x,y,z\n"))
	if err != nil || !slices.Equal(table.Fields, []string{"name", "kind", "level"}) {
		t.Fatal(err, table)
	}
	if want := [][]string{{"nc.exe", "net", "3"}, {"a, b", `say "x"`, ""}, {"long", "x",
		"y"}}; !reflect.DeepEqual(table.Rows, want) {
		t.Errorf("%q", table.Rows)
	}
	if _, err := spl.ReadTable(strings.NewReader("")); err == nil ||
		err.Error() != "the table has no line of field names" {
		t.Error(err)
	}
	if table, err := spl.ReadTable(strings.NewReader("a,b\n")); err != nil || len(table.Rows) != 0 {
		t.Error(err, table)
	}
	wide := strings.Repeat("x,", 999) + "x\n"
	for rows, ok := range map[int]bool{2000: true, 2001: false} {
		if _, err := spl.ReadTable(strings.NewReader(wide + strings.Repeat("1\n", rows))); (err == nil) != ok {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

// lookupRow runs a lookup on one event and writes the row.
func lookupRow(t *testing.T, table *spl.Table, event, command string) string {
	t.Helper()
	p, err := spl.Env{Tables: spl.Tables{"l": table}}.Compile(`* | eval m=split(mv,",") | lookup l ` + command +
		` | table k v w`)
	if err != nil {
		return err.Error()
	}
	rows := p.Run(evs(event)).Rows
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	return listText(rows[0].Row)
}

// Search Reference, lookup: OUTPUT replaces, OUTPUTNEW does not, without
// either all other fields come; of several rows the values are a list.
func TestLookup(t *testing.T) {
	table := &spl.Table{Fields: []string{"k", "v", "w"}, Rows: [][]string{{"a", "1", "x"}, {"b", "2", ""}, {"a",
		"3", "y"}, {"A", "4", "z"}, {"c", "", ""}}}
	for _, tt := range [][3]string{
		{"k=a", "k OUTPUT v", "k=a v=[1|3]"}, {"k=a", "k", "k=a v=[1|3] w=[x|y]"}, {"k=b", "k", "k=b v=2"},
		{"k=A", "k OUTPUT v", "k=A v=4"}, {"k=d", "k OUTPUT v", "k=d"}, {"q=a", "k OUTPUT v", ""},
		{"q=a", "k AS q OUTPUT v", "v=[1|3]"}, {"k=c; v=old", "k OUTPUT v", "k=c v=old"},
		{"k=a; v=old", "k OUTPUT v", "k=a v=[1|3]"}, {"k=a; v=old", "k OUTPUTNEW v", "k=a v=old"},
		{"k=a; v=old", "k OUTPUTNEW v w", "k=a v=old w=[x|y]"}, {"k=d; v=old", "k OUTPUT v", "k=d v=old"},
		{"k=a", "k OUTPUT v AS w", "k=a w=[1|3]"},
		{"k=a; w=y", "k w OUTPUT v", "k=a v=3 w=y"}, {"k=a; w=z", "k w OUTPUT v", "k=a w=z"},
		{"mv=a,b", "k AS m OUTPUT v", "v=[1|3|2]"}, {"mv=b,d,c", "k AS m OUTPUT v", "v=2"},
		{"k=a", "nope OUTPUT v", `lookup table "l" at line 1, column 35 (offset 34) has no field "nope"`},
		{"k=a", "k OUTPUT nope", `lookup table "l" at line 1, column 35 (offset 34) has no field "nope"`},
	} {
		if got := lookupRow(t, table, tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s on %s: %s, want %s", tt[1], tt[0], got, tt[2])
		}
	}
	if _, err := (spl.Env{Tables: spl.Tables{"m": table}}).Compile("* | lookup l k"); err == nil {
		t.Error("a table that is not there")
	}
	for _, names := range [][2]string{{"l", "l.csv"}, {"l.csv", "l"}, {"l.csv", "l.csv"}} {
		if _, err := (spl.Env{Tables: spl.Tables{names[0]: table}}).Compile("* | lookup " + names[1] +
			" k"); err != nil {
			t.Error(err)
		}
	}
}

// transforms.conf: match_type, case_sensitive_match, max_matches, min_matches
// and default_match.
func TestLookupOptions(t *testing.T) {
	rows := [][]string{{"ab*", "1", "10.0.0.0/8"}, {"*", "2", "10.1.0.0/16"}, {"exact", "3", "bad"}, {"AB*", "4",
		"2001:db8::/32"}}
	for _, tt := range []struct {
		table          spl.Table
		event, command string
		want           string
	}{
		{spl.Table{}, "k=abc", "k OUTPUT v", "k=abc"}, {spl.Table{}, "k=ab*", "k OUTPUT v", "k=ab* v=1"},
		{spl.Table{IgnoreCase: true}, "k=aB*", "k OUTPUT v", "k=aB* v=[1|4]"},
		{spl.Table{IgnoreCase: true}, "k=EXACT", "k OUTPUT v", "k=EXACT v=3"},
		{spl.Table{}, "k=EXACT", "k OUTPUT v", "k=EXACT"},
		{spl.Table{Wildcard: []string{"k"}}, "k=abc", "k OUTPUT v", "k=abc v=[1|2|4]"},
		{spl.Table{Wildcard: []string{"k"}}, "k=xyz", "k OUTPUT v", "k=xyz v=2"},
		{spl.Table{Wildcard: []string{"k"}, Max: 1}, "k=abc", "k OUTPUT v", "k=abc v=1"},
		{spl.Table{Wildcard: []string{"k"}, Max: 2}, "k=abc", "k OUTPUT v", "k=abc v=[1|2]"},
		{spl.Table{Wildcard: []string{"k"}}, "k=EXACT", "k OUTPUT v", "k=EXACT v=2"},
		{spl.Table{Wildcard: []string{"k"}, IgnoreCase: true}, "k=EXACT", "k OUTPUT v", "k=EXACT v=[2|3]"},
		{spl.Table{Wildcard: []string{"k"}}, "k=exact; w=bad", "k w OUTPUT v", "k=exact v=3 w=bad"},
		{spl.Table{Wildcard: []string{"k"}}, "k=exact; w=other", "k w OUTPUT v", "k=exact w=other"},
		{spl.Table{CIDR: []string{"w"}}, "w=10.1.2.3", "w OUTPUT v", "v=[1|2] w=10.1.2.3"},
		{spl.Table{CIDR: []string{"w"}}, "w=10.2.2.3", "w OUTPUT v", "v=1 w=10.2.2.3"},
		{spl.Table{CIDR: []string{"w"}}, "w=bad", "w OUTPUT v", "w=bad"},
		{spl.Table{CIDR: []string{"w"}}, "w=2001:db8::5", "w OUTPUT v", "v=4 w=2001:db8::5"},
		{spl.Table{Min: 1, Default: "none"}, "k=d", "k OUTPUT v", "k=d v=none"},
		{spl.Table{Min: 2, Default: "none"}, "k=ab*", "k OUTPUT v", "k=ab* v=[1|none]"},
		{spl.Table{Min: 1}, "k=d", "k OUTPUT v", "k=d"}, {spl.Table{Default: "none"}, "k=d", "k OUTPUT v", "k=d"},
		{spl.Table{Min: 1, Default: "none"}, "q=d", "k OUTPUT v", "v=none"},
	} {
		tt.table.Fields, tt.table.Rows = []string{"k", "v", "w"}, rows
		if got := lookupRow(t, &tt.table, tt.event, tt.command); got != tt.want {
			t.Errorf("%s on %s with %+v: %s, want %s", tt.command, tt.event, tt.table, got, tt.want)
		}
	}
	if got := lookupRow(t, &spl.Table{}, "k=a; v=old", "whatever AS k OUTPUT v"); got != "k=a v=old" {
		t.Error("a table without fields: ", got)
	}
	var many [][]string
	for i := range 1500 {
		many = append(many, []string{"a", fmt.Sprint(i), ""})
	}
	if got := lookupRow(t, &spl.Table{Fields: []string{"k", "v", "w"}, Rows: many}, "k=a",
		"k OUTPUT v"); strings.Count(got, "|") != 999 {
		t.Errorf("%d values", strings.Count(got, "|")+1)
	}
}
