package spl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

var nums = []string{"a=x; n=1; _time=1", "a=y; n=2; _time=2", "a=x; n=3; _time=3", "n=9; _time=4"}

func TestStatsAggregates(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count`, nums, []string{"count=4"}},
		{`* | stats c count() as n count(*) as m`, nums, []string{"c=4 n=4 m=4"}},
		{`* | stats count(a) c(a)`, nums, []string{"count(a)=3 c(a)=3"}},
		{`* | stats count, sum(n) AS "the sum", max(n)`, nums, []string{"count=4 the sum=15 max(n)=9"}},
		{`* | stats count sum(n) by a`, nums, []string{"a=x count=2 sum(n)=4", "a=y count=1 sum(n)=2"}},
		{`* | stats COUNT Max(n) MEAN(n) BY a`, nums,
			[]string{"a=x count=2 max(n)=3 mean(n)=2", "a=y count=1 max(n)=2 mean(n)=2"}},
		{`* | stats count max("my n")`, []string{"my n=5"}, []string{"count=1 max(my n)=5"}},
		{`* | stats count max( n )`, nums, []string{"count=4 max(n)=9"}},
		{`* | stats count count as c count`, nums, []string{"count=4 c=4"}},
		{`* | stats sum(n) sum(n)`, nums, []string{"sum(n)=15"}},
		{`* | stats perc50(n) p0(n) perc100(n) median(n)`, nums,
			[]string{"perc50(n)=2.5 p0(n)=1 perc100(n)=9 median(n)=2.5"}},
	})
}

// Of count(eval(…)) the events count for which the condition holds, of others
// the values that there are.
func TestStatsOfExpressions(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count(eval(n>1)) as big`, nums, []string{"big=3"}},
		{`* | stats count(eval(n > 1))`, nums, []string{"count(eval(n > 1))=3"}},
		{`* | stats count(eval(if(n>1,1,null()))) as big`, nums, []string{"big=3"}},
		{`* | stats sum(eval(n*2)) as s by a`, nums, []string{"a=x s=8", "a=y s=4"}},
		{`* | stats values(eval(n>1)) as v`, nums, []string{"v=[false|true]"}},
		{`* | stats count by a | stats count(eval(count>1)) as n`, nums, []string{"n=1"}},
	})
}

// A BY field that is null leaves the event out; one of several values is in a
// row for each.
func TestStatsBy(t *testing.T) {
	in := []string{"a=1; b=2; _time=1", "a=1; b=3; _time=2", "a=2; _time=3"}
	runCases(t, []runCase{
		{`* | stats count by a b`, in, []string{"a=1 b=2 count=1", "a=1 b=3 count=1"}},
		{`* | stats count by a, b`, in, []string{"a=1 b=2 count=1", "a=1 b=3 count=1"}},
		{`* | stats count by a a`, in, []string{"a=1 count=2", "a=2 count=1"}},
		{`* | stats count by b, a`, in, []string{"b=2 a=1 count=1", "b=3 a=1 count=1"}},
		{`* | stats count by z`, in, nil},
		{`* | eval a=split("1,2",","), b=split("x,y",",") | stats count by a b`, in[:1],
			[]string{"a=1 b=x count=1", "a=1 b=y count=1", "a=2 b=x count=1", "a=2 b=y count=1"}},
		{`* | stats count by _time span=2s`, in, []string{"_time=0 count=1", "_time=2 count=2"}},
		{`* | stats count by a span=2s _time`, in,
			[]string{"a=1 _time=0 count=1", "a=1 _time=2 count=1", "a=2 _time=2 count=1"}},
		{`* | stats count by a, _time, span=2s`, in,
			[]string{"a=1 _time=0 count=1", "a=1 _time=2 count=1", "a=2 _time=2 count=1"}},
	})
}

// Over rows: sorted by the BY fields, numbers as numbers; a row of several
// values in a BY field counts for each.
func TestStatsOverRows(t *testing.T) {
	in := []string{"a=10; b=x", "a=9; b=x", "a=9; b=y", "a=z; b=y"}
	runCases(t, []runCase{
		{`* | stats count by a b | stats sum(count) as n by a`, in, []string{"a=9 n=2", "a=10 n=1", "a=z n=1"}},
		{`* | stats count by a b | stats count`, in, []string{"count=4"}},
		{`* | stats count by a b | stats count(b) dc(b) as d values(a) as a`, in, []string{"count(b)=4 d=2 a=[10|9|z]"}},
		{`* | stats values(b) as b by a | stats count by b`, in, []string{"b=x count=2", "b=y count=2"}},
		{`* | stats count min(q) as q by a | stats count by q`, in, nil},
		{`* | stats count min(_time) as _time by a | stats count by _time span=1h`, in, []string{"_time=0 count=3"}},
		{`* | stats count by a b | stats first(b) as f last(b) as l list(b) as all by a`, in,
			[]string{"a=9 f=x l=y all=[x|y]", "a=10 f=x l=x all=x", "a=z f=y l=y all=y"}},
		{`* | stats count by a b | where b="none" | stats count`, in, nil},
	})
}

// Wildcards stand for the columns that are known, but the BY fields.
func TestStatsWildcards(t *testing.T) {
	in := []string{"P.a=1; P.b=2"}
	by := `* | stats count by P.a P.b `
	runCases(t, []runCase{
		{by + `| stats values(*) as * by P.a`, in, []string{"P.a=1 P.b=2 count=1"}},
		{by + `| stats values(P.*) as *`, in, []string{"a=1 b=2"}},
		{by + `| stats values(P.*)`, in, []string{"values(P.a)=1 values(P.b)=2"}},
		{by + `| stats max(P.*) as m`, in, []string{"max(P.a)=1 max(P.b)=2"}},
		{by + `| stats values(q*) as *`, in, []string{""}},
		{`* | table P.a P.b | stats values(*) as *`, in, []string{"P.a=1 P.b=2"}},
	})
	refusals(t, "stats", []refusal{
		{by + `| stats values(*) as * sum(count) as P.a`, `column "P.a" at line 1, column 30 (offset 29) is there twice`},
		{`* | table a b | stats count as a values(*) as *`, `column "a" at line 1, column 17 (offset 16) is there twice`},
	})
}

// The times of a row's events are its state's; where a command may have
// changed _time, min and max are of what it made.
func TestStatsTimes(t *testing.T) {
	in := []string{"a=1; _time=5.25", "a=1; _time=3"}
	runCases(t, []runCase{
		{`* | stats min(_time) as f max(_time) as l count(_time) as n`, in, []string{"f=3 l=5.25 n=2"}},
		{`* | eval _time=_time*2 | stats min(_time) as f max(_time) as l`, in, []string{"f=6 l=10.5"}},
		{`* | bin _time span=2s | stats min(_time) as f max(_time) as l`, in, []string{"f=2 l=4"}},
		{`* | bin _time span=2s as t | stats min(_time) as f max(_time) as l`, in, []string{"f=3 l=5.25"}},
		{`* | where _time>4 | stats min(_time) as f`, in, []string{"f=5.25"}},
		{`* | rename _time as t | stats count min(_time) as f min(t) as t`, in, []string{"count=2 t=3"}},
		{`* | fields - a | stats min(_time) as f`, in, []string{"f=3"}},
	})
}

// A state has a place for each aggregate that the times do not give; stored
// states are of that length, so it stays as it is.
func TestStatsSlots(t *testing.T) {
	for search, want := range map[string]int{
		`* | stats count min(_time) max(_time) by a`:                  0,
		`* | stats count(_time)`:                                      0,
		`* | stats count(a) min(_time)`:                               1,
		`* | stats latest(_time)`:                                     1,
		`* | stats min(eval(_time)) as f`:                             1,
		`* | eval x=_time | stats min(_time)`:                         1,
		`* | table _time a | stats min(_time) max(_time)`:             2,
		`* | fields a | stats min(_time)`:                             0,
		`* | fields - _time | stats min(_time)`:                       0,
		`* | where _time>1 | regex _time="." | stats min(_time)`:      0,
		`* | mvexpand _time | sort _time | stats min(_time)`:          0,
		`* | bin _time span=1h | stats min(_time)`:                    1,
		`* | bin _time span=1h as h | stats min(_time)`:               0,
		`* | convert ctime(_time) as t | stats min(_time)`:            1,
		`* | rex field=_time "(?<x>.)" | stats min(_time)`:            1,
		`* | lookup tools name as _time | stats min(_time)`:           1,
		`_time>5 | noop | reverse | stats min(_time) max(_time)`:      0,
		`| tstats count min(_time) values(a) where _time>1 by host`:   1,
		`* | rename _time as t | search t=1 | stats count min(_time)`: 1,
	} {
		data, err := compileCase(t, search).New().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(data), "{") - 1; got != want {
			t.Errorf("%s: %d places in %s", search, got, data)
		}
	}
}

func TestStatsOptions(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats allnum=t delim="," partitions=2 count`, nums, []string{"count=4"}},
		{`* | stats count allnum=f by a`, nums, []string{"a=x count=2", "a=y count=1"}},
	})
	refusals(t, "stats", []refusal{
		{`* | stats window=2 count`, `option "window=2" at line 1, column 11 (offset 10) is not supported`},
		{`* | stats current=f count`, `option "current=f" at line 1, column 11 (offset 10) is not supported`},
		{`* | stats count by _time span=1mon`, `option "span=1mon" at line 1, column 26 (offset 25) is not supported`},
		{`* | stats count by _time span=x`, `option "span=x" at line 1, column 26 (offset 25) is not supported`},
		{`* | stats count by a prestats=t`, `option "prestats=t" at line 1, column 22 (offset 21) is not supported`},
	})
}

func TestStatsRefusals(t *testing.T) {
	refusals(t, "stats", []refusal{
		{`* | stats`,
			`end of the search at line 1, column 10 (offset 9) stands where the stats command needs an aggregate such as count`},
		{`* | stats by a`,
			`"a" at line 1, column 14 (offset 13) stands where the stats command needs an aggregate such as count`},
		{`* | stats count by`,
			`end of the search at line 1, column 19 (offset 18) stands where the stats command needs a field name`},
		{`* | stats nosuch(a)`, `aggregate "nosuch" at line 1, column 11 (offset 10) is not supported`},
		{`* | stats perc101(a)`, `aggregate "perc101" at line 1, column 11 (offset 10) is not supported`},
		{`* | stats sum`, `aggregate "sum" at line 1, column 11 (offset 10) needs a field in parentheses`},
		{`* | stats sum()`, `")" at line 1, column 15 (offset 14) stands where the stats command needs a field name`},
		{`* | stats sum(a`, `parenthesis after "sum" at line 1, column 11 (offset 10) is not closed after one field`},
		{`* | stats sum(a, b)`, `parenthesis after "sum" at line 1, column 11 (offset 10) is not closed after one field`},
		{`* | stats sum(lower(a))`, `expression "lower()" at line 1, column 15 (offset 14) is not supported`},
		{`* | stats sum(eval a)`,
			`"a" at line 1, column 20 (offset 19) stands where the stats command needs an expression in parentheses after eval`},
		{`* | stats sum(eval(a)`, `parenthesis after "sum" at line 1, column 11 (offset 10) is not closed`},
		{`* | stats (a)`, `"(" at line 1, column 11 (offset 10) is not expected in the stats command`},
		{`* | stats count as x sum(a) as x`, `column "x" at line 1, column 22 (offset 21) is there twice`},
		{`* | stats count(eval(a=1)) as x count(eval(a=1)) as x`,
			`column "x" at line 1, column 33 (offset 32) is there twice`},
		{`* | stats count as x by x`, `column "x" at line 1, column 25 (offset 24) is there twice`},
		{`* | stats sum(*)`,
			`wildcard in "sum(*)" at line 1, column 5 (offset 4) is not supported where the fields are not known`},
	})
}

// One event is in at most 10,000 rows.
func TestStatsPartsOfOneEvent(t *testing.T) {
	p := compileCase(t, `* | eval a=mvrange(0,200), b=mvrange(0,60) | stats count by a b`)
	parts := p.Feed(ev("x=1"), nil)
	if len(parts) != 10_000 {
		t.Errorf("%d parts", len(parts))
	}
	keys := map[string]bool{}
	for _, part := range parts {
		keys[spl.KeyText(part.Key)] = true
	}
	if len(keys) != len(parts) {
		t.Errorf("%d keys of %d parts", len(keys), len(parts))
	}
	few := compileCase(t, `* | eval a=mvrange(0,3), b=mvrange(0,2) | stats count by a b`).Feed(ev("x=1"), nil)
	var got []string
	for _, part := range few {
		got = append(got, strings.Join(part.Key, ""))
	}
	if want := []string{"00", "01", "10", "11", "20", "21"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	over := compileCase(t, `* | eval a=mvrange(0,200), b=mvrange(0,60) | stats values(a) as a values(b) as b `+
		`| stats count by a b | stats count`)
	if rows := over.Run(evs("x=1")).Rows; fmt.Sprint(rowTexts(rows)) != "[count=10000]" {
		t.Errorf("%v", rowTexts(rows))
	}
}
