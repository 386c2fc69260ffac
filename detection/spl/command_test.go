package spl_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// What every command says of itself: the fields that it reads and sets, and
// where it may run.
func TestCommandsSayWhatTheyTouch(t *testing.T) {
	for _, tt := range []struct {
		command, reads, sets string
		place                spl.Place
	}{
		{`search a=1 OR (b>2 NOT c IN (3)) "word"`, "a b c", "", spl.EachRow},
		{`where a=1 AND NOT match(b,"x") OR c IN (d,-e)`, "a b c d e", "", spl.EachRow},
		{`regex a!="x"`, "a", "", spl.EachRow},
		{`regex "x"`, "_raw", "", spl.EachRow},
		{`eval a=b+1, c=lower(d)`, "b d", "a c", spl.EachRow},
		{`fillnull a, b`, "a b", "a b", spl.EachRow},
		{`fillnull`, "", "", spl.EachRow},
		{`rename a as b, c* as *`, "a c*", "b *", spl.EachRow},
		{`convert ctime(a) as b num(c)`, "a c", "b c", spl.EachRow},
		{`bin a span=5 as b`, "a", "b", spl.EachRow},
		{`bucket a span=5`, "a", "a", spl.EachRow},
		{`rex field=a "(?<b>.)(.)(?<c>.)"`, "a", "b c", spl.EachRow},
		{`rex mode=sed "s/a/b/"`, "_raw", "_raw", spl.EachRow},
		{`makemv a`, "a", "a", spl.EachRow},
		{`nomv a`, "a", "a", spl.EachRow},
		{`mvexpand a`, "a", "a", spl.EachRow},
		{`mvcombine a`, "a", "a", spl.AllRows},
		{`table a b*`, "a b*", "", spl.EachRow},
		{`fields a b`, "a b", "", spl.EachRow},
		{`fields - a b`, "", "", spl.EachRow},
		{`lookup t a as b, c OUTPUT d as e f`, "b c", "e f", spl.EachRow},
		{`lookup t a`, "a", "", spl.EachRow},
		{`addtotals a b`, "a b", "Total", spl.EachRow},
		{`sort a -num(b)`, "a b", "", spl.Ordering},
		{`reverse`, "", "", spl.Ordering},
		{`head 5`, "", "", spl.AllRows},
		{`tail 5`, "", "", spl.AllRows},
		{`dedup a b sortby c`, "a b c", "", spl.AllRows},
		{`top a b by c`, "a b c", "count percent", spl.AllRows},
		{`rare a showcount=f showperc=f`, "a", "", spl.AllRows},
		{`rare a countfield=n showperc=f`, "a", "n", spl.AllRows},
		{`spath input=a path=b.c`, "a", "b.c", spl.EachRow},
		{`spath`, "_raw", "", spl.EachRow},
		{`spath output=x`, "_raw", "x", spl.EachRow},
		{`xmlkv a`, "a", "", spl.EachRow},
		{`noop x=1`, "", "", spl.EachRow},
		{`fieldformat x=1`, "", "", spl.EachRow},
		{`stats count sum(a) count(eval(b>c)) as n by d e`, "d e a b c", "count sum(a) n", spl.Aggregates},
		{`eventstats max(a) as m by b`, "b a", "m", spl.AllRows},
		{`streamstats max(a) by b`, "b a", "max(a)", spl.AllRows},
		{`tstats count max(a) where b=1 by c`, "b c a", "count max(a)", spl.Starts},
		{`tstats count`, "", "count", spl.Starts},
		{`bin a`, "a", "a", spl.Whole},
		{`replace x WITH y IN a b`, "a b", "a b", spl.EachRow},
		{`foreach a b* [eval c=<<FIELD>>]`, "a", "c", spl.EachRow},
		{`join a b [search c=1]`, "a b", "", spl.Whole},
		{`append [search c=1]`, "", "", spl.Whole},
		{`appendcols [search c=1]`, "", "", spl.Whole},
		{`appendpipe [where c=1]`, "", "", spl.Whole},
		{`union [search c=1]`, "", "", spl.Whole},
		{`multisearch [search c=1] [search d=1]`, "", "", spl.Whole},
		{`format`, "", "search", spl.Whole},
		{`return a $b c=d`, "a b d", "search", spl.Whole},
		{`inputlookup tools where kind=x`, "kind", "", spl.Whole},
		{`makeresults`, "", "_time", spl.Whole},
		{`datamodel Endpoint Processes flat`, "", "", spl.Whole},
		{`from datamodel:Endpoint.Processes`, "", "", spl.Whole},
		{`transaction a startswith=(b=1) endswith=eval(c=1)`, "a b c", "duration eventcount closed_txn", spl.Whole},
		{`chart sum(a) over b by c`, "b c a", "", spl.Whole},
		{`timechart count by a`, "_time a", "", spl.Whole},
	} {
		pipe, err := caseEnv().Parse("| " + tt.command)
		if err != nil {
			t.Errorf("%s: %v", tt.command, err)
			continue
		}
		c := pipe[0]
		if got := strings.Join(c.Reads(), " "); got != tt.reads {
			t.Errorf("%s reads %q, want %q", tt.command, got, tt.reads)
		}
		if got := strings.Join(c.Sets(), " "); got != tt.sets {
			t.Errorf("%s sets %q, want %q", tt.command, got, tt.sets)
		}
		if c.Place() != tt.place {
			t.Errorf("%s: place %d, want %d", tt.command, c.Place(), tt.place)
		}
		if o := c.From(); o.Name != strings.Fields(tt.command)[0] || o.Pos.Offset != 2 {
			t.Errorf("%s is from %+v", tt.command, o)
		}
	}
}

// Where a command is from: its name, its place in the search as given, and
// the macros that it stands in.
func TestOrigin(t *testing.T) {
	env := spl.Env{Macros: spl.Macros{
		"outer": {Definition: "`inner` | where b"}, "inner": {Definition: "regex a"},
		"aside": {Definition: "`outer`", Aside: true},
	}}
	pipe, err := env.Parse("a=1\n| `outer` | HEAD | `aside`")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range pipe {
		o := c.From()
		s := o.Name + " " + o.Pos.String() + " " + strings.Join(o.Macros, ">")
		if o.Aside {
			s += " aside"
		}
		got = append(got, s)
	}
	want := []string{
		"search line 1, column 1 (offset 0) ",
		"regex line 2, column 3 (offset 6) outer>inner",
		"where line 2, column 3 (offset 6) outer",
		"head line 2, column 13 (offset 16) ",
		"regex line 2, column 20 (offset 23) aside>outer>inner aside",
		"where line 2, column 20 (offset 23) aside>outer aside",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s := pipe.String(); s != "search a=1 | regex \"a\" | where b | head 10 | regex \"a\" | where b" {
		t.Error(s)
	}
}
