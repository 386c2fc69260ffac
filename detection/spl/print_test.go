package spl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// ruleSearch finds the search of a rule's file.
var ruleSearch = regexp.MustCompile(`(?m)^search: \|-\n((?:  .*\n)+)`)

// knownSearches are those of the built-in rules, the cases' files and the
// other tables of these tests.
func knownSearches(t *testing.T) (out []string) {
	t.Helper()
	rules, err := filepath.Glob("../rules/*.yml")
	if err != nil || len(rules) < 10 {
		t.Fatal(rules, err)
	}
	for _, path := range rules {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m := ruleSearch.FindSubmatch(data)
		if m == nil {
			t.Fatalf("%s has no search", path)
		}
		out = append(out, string(m[1]))
	}
	for _, path := range []string{"commands", "eval", "stats", "tstats", "whole", "more"} {
		for _, c := range readCases(t, "testdata/"+path+".txt") {
			out = append(out, c.search)
		}
	}
	return slices.Concat(out, mergeSearches, fuzzSearches, printSearches)
}

// printSearches are written in ways that String does not.
var printSearches = []string{
	`| search NOT (a=1 OR b=2) (c=3 OR d=4) "e f" TERM(g) CASE("H i") h NOT IN (1, "2 3") index=x "in" "not" "5" NOT NOT a=1`,
	`(a=1 (b=2 OR (c=3 d=4))) OR earliest=1 OR "x y"!="\"" OR z<=5 OR p="C:\\x\\" OR q="C:\Windows\\*"`,
	`* | where NOT a=1 AND b=2 OR c=3 XOR (d=4 OR e=5) AND (f=6 AND g=7)`,
	`* | where (a=b)=c AND a=(b=c) AND a NOT LIKE b AND NOT a IN (1,"x") AND a IN () AND like(a,b."%")`,
	`* | where (NOT a)="x" OR -(-b)+ -1*2/(3-4-(5-6))%7 . "x".8 . 'a b' . 'and' > 1.5 OR "1e3"=1e3`,
	`* | eval 'x y'=1, "z"=if(isnull(a),"q\"\\",a), c=a.b.(c.d), d=.5+1.50`,
	`* | bucket span=1w _time as week | bin n span=0.25 | bin span=2mon _time | bin _time span=90 | bin x span=36h`,
	`* | rex max_match=0 field="a b" "(?<x>\d)\\\\(?<y>\")" | rex mode=sed "s/\\\\/x/g" | regex a!="\\\\$" | regex "x|y"`,
	`* | makemv a | makemv allowempty=1 delim="|" a | makemv tokenizer="(\w+)\"" a | nomv a | mvexpand a limit=3 | ` +
		`mvcombine a`,
	`* | table a, "b c" d* | fields - x "-y" | fields + z 9 | fillnull | fillnull value="n/a" a by | addtotals | ` +
		`addtotals fieldname=f a`,
	`* | stats count | sort 10000 a | sort 5 -a, +num(b), - c | sort limit=0 by ip(d) str("e f") desc | sort ` +
		`"desc" "9" "by"`,
	`* | head | tail limit=3 | head 0 | reverse | dedup 3 a "sortby" keepempty=t consecutive=true sortby -a num(b)`,
	`* | top 5 a b by c | rare limit=0 showperc=f a | top a showcount=f percentfield="p c" | top countfield=n "by"`,
	`* | lookup tools.csv name as a, kind OUTPUT level as l | lookup rights short OUTPUTNEW | lookup nets range as ` +
		`"output"`,
	`* | spath | spath a.b{}.c | spath input=j output=o path="x y" | xmlkv | xmlkv "x y" | noop a=1 | fieldformat ` +
		`a="x|y".b`,
	`* | stats c(a) mean(b) as "by" count(eval(a > 1 AND b="x")) perc95(c) p5(c) median(c) dc(*) as d by e, f ` +
		`span=5m, _time`,
	`* | stats count distinct_count("a b") values(a) AS "count x" by "by" | eventstats allnum=t max(a) BY "b c"`,
	`* | streamstats current=f window=3 global=f sum(a) as b by c | streamstats count`,
	`| tstats prestats=f count, max(a.b) from datamodel Endpoint.Processes where (a=1 OR b=2) "by"=3 NOT c=4 ` +
		`groupby x _time span=1h`,
	`| tstats count from datamodel="Endpoint"."Registry" | rename Registry.* as *, "a b" as c`,
	`| tstats count where nodename=x by host`,
	"`outer(\"x y\")` | convert timeformat=\"%H:%M\" ctime(a) AS b, num(c) rmcomma(\"d e\") | convert auto(f*)",
}

// What a pipeline writes reads as an equal pipeline, that writes the same, has
// the same plan and makes the same rows.
func TestPrintedSearchesAreEqual(t *testing.T) {
	macros := fuzzMacros().Overlay(caseMacros).Overlay(spl.Macros{
		"outer(1)": {Definition: "a=\"$x$\" `inner`", Args: []string{"x"}}, "inner": {Definition: `b=2 | where "x|y"=c`}})
	env := detection.Env(macros, caseTables)
	printed := 0
	for _, search := range knownSearches(t) {
		pipe, err := env.Parse(search)
		if err != nil {
			if !slices.Contains(fuzzSearches, search) {
				t.Errorf("%s\n%v", search, err)
			}
			continue
		}
		text := pipe.String()
		again, err := env.Parse(text)
		if err != nil {
			t.Errorf("%s\nis written as\n%s\n%v", search, text, err)
			continue
		}
		if second := again.String(); second != text {
			t.Errorf("%s\nis written as\n%s\nand then as\n%s", search, text, second)
		}
		printed++
		equalPlans(t, env, search, text)
	}
	if printed < 200 {
		t.Errorf("only %d searches were written", printed)
	}
}

// equalPlans compiles and runs both; a search may be refused for its columns,
// as its text is then.
func equalPlans(t *testing.T, env spl.Env, search, text string) {
	t.Helper()
	a, err1 := env.Compile(search)
	b, err2 := env.Compile(text)
	if err1 != nil || err2 != nil {
		if err1 == nil || err2 == nil {
			t.Errorf("%s\n%v\n%s\n%v", search, err1, text, err2)
		}
		return
	}
	describe := func(p *spl.Plan) string {
		var rows []string
		for _, r := range p.Run(evs(printEvents...)).Rows {
			rows = append(rows, fmt.Sprintf("%q %s", r.Key, r.Verdict), listText(r.Row))
		}
		return fmt.Sprintf("by %q columns %q local %v model %v\n%s", p.By(), p.Columns(), p.Local(), p.Model() != nil,
			strings.Join(rows, "\n"))
	}
	if x, y := describe(a), describe(b); x != y {
		t.Errorf("%s\n%s\nis written as\n%s\n%s", search, x, text, y)
	}
}

var printEvents = []string{
	"a=1; b=2; c=3; d=4; e=5; n=1; t=x y; h=1; _raw=e f g h in not 5; x=1; _time=5",
	"a=x,y; b=1; c=x; n=10; t=y; p=C:\\x\\; _time=7200.5", "a=2; b=x; n=0.5; x y=3; _time=90000", "a=1; b=2; _time=1",
	"LogName=Microsoft-Windows-Sysmon/Operational; EventCode=1; ComputerName=w; Image=C:\\a.exe; CommandLine=x",
	"LogName=Microsoft-Windows-Sysmon/Operational; EventCode=13; TargetObject=HKLM\\x; Details=1; EventType=SetValue",
}

// What commands write, where it is not what they were given.
func TestPrinted(t *testing.T) {
	for search, want := range map[string]string{
		`index=* x`: `search index=* x`, `index IN (a) x`: `search index IN (a) x`,
		`index NOT IN (a, b) x`: `search (index!=a index!=b) x`,
		`a=1 AND b="2"`:         `search a=1 b=2`,
		`a=1 OR b=1 c=1`:        `search (a=1 OR b=1) c=1`,
		`NOT a IN (1,2)`:        `search a NOT IN (1, 2)`,
		`earliest=-1h x`:        `search earliest="-1h" x`,
		`| tstats c as n from datamodel Endpoint.Processes by a`: `| tstats count as n from ` +
			`datamodel=Endpoint.Processes by a`,
		`* | where a==1 and not (b<2 or c)`: `search * | where a = 1 AND NOT (b < 2 OR c)`,
		`* | eval x=(a+b)*c-d`:              `search * | eval x = (a + b) * c - d`,
		`* | eval x=a-(b-c)`:                `search * | eval x = a - (b - c)`,
		`* | eval x=a-b-c`:                  `search * | eval x = a - b - c`,
		`* | where NOT a LIKE "x%"`:         `search * | where a NOT LIKE "x%"`,
		`* | table a b  c`:                  `search * | table a, b, c`,
		`* | fields + a`:                    `search * | fields a`,
		`* | head`:                          `search * | head 10`,
		`* | head limit=5`:                  `search * | head 5`,
		`* | sort 10000 +a`:                 `search * | sort a`,
		`* | sort 0 a desc`:                 `search * | sort 0 -a`,
		`* | dedup 1 a`:                     `search * | dedup a`,
		`* | dedup 2 a keepempty=1`:         `search * | dedup 2 a keepempty=t`,
		`* | top 10 a`:                      `search * | top a`,
		`* | rare 3 a showperc=0`:           `search * | rare limit=3 showperc=f a`,
		`* | stats c(a) mean(b)`:            `search * | stats count(a) as "c(a)", avg(b) as "mean(b)"`,
		`* | stats COUNT median(a) P90(b) BY c`: `search * | stats count, perc50(a) as "median(a)", ` +
			`perc90(b) as "p90(b)" by c`,
		`* | stats count by _time span=3600s`:                 `search * | stats count by _time span=1h`,
		`* | bin span=120s _time`:                             `search * | bin span=2m _time`,
		`* | bin span=48h _time`:                              `search * | bin span=2d _time`,
		`* | bin span=61s _time`:                              `search * | bin span=61s _time`,
		`* | bin span=1q _time`:                               `search * | bin span=3mon _time`,
		`* | bucket n span=10.0`:                              `search * | bucket span=10 n`,
		`* | lookup local=t tools.csv name`:                   `search * | lookup tools.csv name`,
		`* | rex field=_raw max_match=1 "(?<a>\\\d)"`:         `search * | rex "(?<a>\\\d)"`,
		`* | fillnull value=0 a`:                              `search * | fillnull a`,
		`* | streamstats current=t window=0 count`:            `search * | streamstats count`,
		`* | eventstats count by a`:                           `search * | eventstats count by a`,
		`* | convert timeformat="%m/%d/%Y %H:%M:%S" ctime(a)`: `search * | convert ctime(a)`,
		`* |  | reverse |`:                                    `search * | reverse`,
		`* | fieldformat a = "b | c" . d`:                     `search * | fieldformat a = "b | c" . d`,
	} {
		pipe, err := caseEnv().Parse(search)
		if err != nil {
			t.Errorf("%s\n%v", search, err)
			continue
		}
		if got := pipe.String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", search, got, want)
		}
	}
}

// FuzzPrint looks for a search that is not written so that it reads as itself.
func FuzzPrint(f *testing.F) {
	for _, s := range slices.Concat(fuzzSearches, printSearches) {
		f.Add(s)
	}
	env := detection.Env(fuzzMacros(), caseTables)
	f.Fuzz(func(t *testing.T, search string) {
		pipe, err := env.Parse(search)
		if err != nil {
			return
		}
		text := pipe.String()
		again, err := env.Parse(text)
		if err != nil {
			t.Fatalf("%q\nis written as\n%q\n%v", search, text, err)
		}
		if second := again.String(); second != text {
			t.Fatalf("%q\nis written as\n%q\nand then as\n%q", search, text, second)
		}
		if len(again) != len(pipe) {
			t.Fatalf("%q\nis written as\n%q", search, text)
		}
		for i := range pipe {
			if fmt.Sprint(pipe[i].Reads(), pipe[i].Sets()) != fmt.Sprint(again[i].Reads(), again[i].Sets()) {
				t.Fatalf("%q\nis written as\n%q", search, text)
			}
		}
	})
}
