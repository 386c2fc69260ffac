package spl_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/spl"
)

// fuzzSearches cover the commands and the shapes of expressions.
var fuzzSearches = []string{
	seedSearch, `a=1 OR NOT (b IN (x, "y*")) | stats count by c | rename c.* as * | search "d e"=1`,
	`x | stats min(n) max(t) by a | convert timeformat="%Y %3N" ctime(a) as b`, "`m(\"a\", b)` ```c```", `a="\\`,
	"\xff|\x00",
	`* | eval x=if(match(a,"(?i)^[\w-.]{1,3}\\"),split(b,","),a.b+1/2%3) | mvexpand x | stats values(x) list(eval(x)) by a | sort - x | head 3`,
	`| tstats count values(Processes.process) as p from datamodel=Endpoint.Processes where Processes.user!=x by Processes.dest _time span=1h | rename Processes.* as *`,
	`* | rex field=a mode=sed "s/(.)/\1\1/g" | rex max_match=0 "(?<y>.)" | bin _time span=2mon | eventstats count by y | streamstats window=2 sum(n) | dedup y sortby -n`,
	`* | makemv delim="," a | mvcombine a | lookup tools name as a OUTPUTNEW kind | top 3 a by kind | fillnull value="" | addtotals | xmlkv | spath input=a path=b{}.c`,
	`* | rex field=a "(?i)(?<=x)(?<y>(a|b)+)\2(?!.*\k<y>)" | regex b!="^(?!.*(?=c)).{2,1001}\1?" | where match(b,a) OR searchmatch("a=*x* OR 10.0.0.0/8")`,
	`* | eval a=strptime(b,"%Y-%m-%d"), c=relative_time(a,"-3mon@w2"), d=printf("%9.3f|%x",a,b), e=mvmap(a,mvzip(a,a)), f=substr(d,-3,2), g=replace(a,b,"\0\9") | table *`,
	`a=* [search b=1 | table a | return 3 a $b] | transaction a maxspan=1h startswith=(a=1) mvlist=t | chart count over a by b`,
	`* | join max=0 type=left a [| inputlookup tools where kind=x | rename name as a] | append [| makeresults | eval t=1]`,
	`* | bin n bins=5 | replace a* WITH b* | foreach * [eval <<FIELD>>=1] | timechart bins=9 sum(n) by a | appendpipe [stats sum(*)]`,
	`| multisearch [search a=1] [search b=1] | appendcols [| from datamodel:Endpoint.Processes] | format | union [search c]`,
}

func fuzzMacros() spl.Macros {
	return detection.BuiltInMacros().Overlay(spl.Macros{"m(2)": {Definition: "$a$ `n` $b$", Args: []string{"a", "b"}},
		"n": {Definition: "| stats count"}})
}

// Whatever the search is, it compiles or has an error with a place in it; and
// what compiles runs on whatever the event holds.
func FuzzCompile(f *testing.F) {
	for _, s := range fuzzSearches {
		f.Add(s, "a=1; n=2; t=\xff; _raw=x y")
	}
	env := detection.Env(fuzzMacros(), caseTables)
	env.Whole = true
	f.Fuzz(func(t *testing.T, search, fields string) {
		p, err := env.Compile(search)
		if err != nil {
			var e *spl.Error
			if !errors.As(err, &e) || e.Pos.Offset < 0 || e.Pos.Line < 1 || e.Pos.Column < 1 ||
				e.Pos.Offset > len(search) || e.Error() == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		fuzzRun(t, p, fields)
	})
}

// FuzzRun keeps to searches that compile and varies the event.
func FuzzRun(f *testing.F) {
	for i := range fuzzSearches {
		f.Add(uint8(i), "a=1,2; b=2025-01-01; n=1e3; t=\xff; _raw=x <a>1</a> y; _time=5")
		f.Add(uint8(i), "LogName=Microsoft-Windows-Sysmon/Operational; EventCode=1; Image=C:\\a.exe; a={\"b\":[{\"c\":1}]}")
	}
	env := detection.Env(fuzzMacros(), caseTables)
	env.Whole = true
	var plans []*spl.Plan
	for _, s := range fuzzSearches {
		if p, err := env.Compile(s); err == nil {
			plans = append(plans, p)
		}
	}
	ix := index.NewIndex(plans)
	f.Fuzz(func(t *testing.T, n uint8, fields string) {
		i := int(n) % len(plans)
		fuzzRun(t, plans[i], fields)
		e := fuzzEvent(fields)
		if plans[i].Matches(e) && !slices.Contains(ix.Candidates(e, nil), i) {
			t.Fatal("matches, and is no candidate")
		}
	})
}

func fuzzRun(t *testing.T, p *spl.Plan, fields string) {
	events := []spl.Event{fuzzEvent(fields), fuzzEvent(fields), fuzzEvent("a=2; n=x; b=1,2,3")}
	columns := p.Columns()
	if p.Whole() {
		fuzzQuery(t, p.Query(), events)
		return
	}
	for _, r := range p.Run(slices.Values(events)).Rows {
		for _, f := range r.Row {
			if !slices.Contains(columns, f.Name) {
				t.Fatalf("%s: column %q is not announced (%q)", p.Search(), f.Name, columns)
			}
		}
		data, err := json.Marshal(r.State)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Load(data); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
}

func fuzzEvent(fields string) (e spl.Event) {
	defer func() {
		if recover() != nil { // a time that ev does not read
			e = ev("a=1")
		}
	}()
	return ev(fields)
}

// fuzzQuery runs a search whole, over events in either order: that changes
// nothing.
func fuzzQuery(t *testing.T, q *spl.Query, events []spl.Event) {
	run := func() (*spl.Answer, error) {
		return q.Run(context.Background(), spl.Events(slices.Values(events)),
			spl.Options{Limits: spl.Limits{Rows: 5_000, Bytes: 8 << 20, SubTime: time.Hour}})
	}
	a, err := run()
	slices.Reverse(events)
	b, err2 := run()
	var e *spl.Error
	if err != nil && !errors.As(err, &e) || (err == nil) != (err2 == nil) {
		t.Fatalf("%s: %v, %v", q.Search(), err, err2)
	}
	if a.Complete != b.Complete || a.Complete && !slices.Equal(foundTexts(a), foundTexts(b)) {
		t.Fatalf("%s\n%q\n%q", q.Search(), foundTexts(a), foundTexts(b))
	}
	for _, r := range a.Rows {
		for _, f := range r.Row {
			if !slices.Contains(a.Columns, f.Name) {
				t.Fatalf("%s: column %q is not announced (%q)", q.Search(), f.Name, a.Columns)
			}
		}
	}
}

func foundTexts(a *spl.Answer) (out []string) {
	for _, r := range a.Rows {
		out = append(out, listText(r.Row)+" "+r.Verdict.String())
	}
	return out
}
