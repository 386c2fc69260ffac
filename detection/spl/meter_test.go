package spl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// cruel is a regular expression that goes back without end.
const cruel = `(?=(?=(?=(.*)*(.*)*X).*)*.*)*(?!.*Q).*(.+)+\1Z`

// screened is the environment of searches whose `screen` sets rows aside.
func screened(definition string) spl.Env {
	return spl.Env{Macros: spl.Macros{"screen": {Definition: definition, Aside: true}}}
}

func planOf(t *testing.T, search, screen string) *spl.Plan {
	t.Helper()
	p, err := screened(screen).Compile(search)
	if err != nil {
		t.Fatalf("%s: %v", search, err)
	}
	return p
}

// An event for which a search takes more than it may is not decided, however the
// search asks: it is in no row, and is counted apart from those that do not match.
func TestUndecidedEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of plain computing; run without -short")
	}
	long := spl.Map{"_time": "1", "a": strings.Repeat("a", 3000), "x": "1"}
	for _, search := range []string{
		`* | regex a="` + cruel + `" | stats count by x`,
		`* | regex a!="` + cruel + `" | stats count by x`,
		`* | where NOT match(a, "^(a|aa)+\\1b") | stats count by x`,
		`* | rex field=a "(?<y>^(a|aa)+\\2b)" | stats count by x`,
		`* | rex field=a mode=sed "s/^(a|aa)+\\1b/-/g" | stats count by x`,
		`* | eval b=replace(a, "^(a|aa)+\\1b", "-") | stats count by x b`,
		`* | stats count(eval(match(a, "^(a|aa)+\\1b"))) as n by x`,
		`* | makemv tokenizer="(a(?=(a|aa)+\\2b))" a | stats count by x`,
		`* | eval m=mvrange(0,9999), n=mvmap(m, mvcount(mvrange(m,9999))) | stats count by x`,
		`* | eval m=mvrange(0,9999), n=mvrange(0,9999) | mvexpand m | mvexpand n | where m<0 | stats count by x`,
		`* | eval m=mvrange(0,9999), n=mvrange(0,9999), o=n, p=n | mvexpand m | where mvcount(n)=1 AND m<0 | stats count by x`,
	} {
		out := planOf(t, search, "search *").Run(slices.Values([]spl.Event{long, spl.Map{"_time": "1", "a": "b", "x": "2"}}))
		if out.Undecided == 0 || slices.ContainsFunc(out.Rows, func(r spl.Result) bool { return r.Key[0] == "1" }) {
			t.Errorf("%s: %d of 2 are undecided, rows %v", search, out.Undecided, out.Rows)
		}
	}
}

// longGroups are those of a plan over events of x=1 … n, whose a is long.
func longGroups(p *spl.Plan, n int) (out []spl.Group) {
	for i := range n {
		s := p.New()
		var parts []spl.Part
		for _, part := range p.Feed(spl.Map{"_time": "1", "a": strings.Repeat("a", 300), "x": fmt.Sprint(i)}, parts) {
			s.Add(&part)
			out = append(out, spl.Group{Key: part.Key, State: s})
		}
	}
	return out
}

// A row that what sets aside cannot decide about is kept, and says so; one that
// the search cannot finish is dropped, and says so. Rows beside them are decided.
func TestDoubts(t *testing.T) {
	const (
		slow = `^(a|aa)+\\1b`
		by   = "* | stats count by x a "
		asks = "| where match(a, \"" + slow + "\") "
	)
	for name, tt := range map[string]struct {
		search, screen string
		verdict        spl.Verdict
		doubt          spl.Doubt
	}{
		"filter": {by + "| `screen`", `regex a="` + cruel + `"`, spl.Kept, spl.AsideDoubt},
		"filter not": {by + "| `screen`", `where NOT match(a, "` + slow + `")`, spl.Kept,
			spl.AsideDoubt},
		"search": {by + asks + "| `screen`", "search *", spl.Dropped, spl.SearchDoubt},
		"both":   {by + "| `screen` " + asks, `search x=none`, spl.Dropped, spl.SearchDoubt},
		"filter, all": {by + "| sort - x | head 5 | `screen`", `regex a="` + cruel + `"`, spl.Kept,
			spl.AsideDoubt},
		"search, all": {by + "| sort - x | head 5 " + asks + "| `screen`", "search *", spl.Dropped,
			spl.SearchDoubt},
	} {
		p := planOf(t, tt.search, tt.screen)
		groups := longGroups(p, 2)
		w := &spl.Work{}
		rows, err := p.RowsOf(w, groups)
		if err != nil || len(rows) != 2 || w.Steps == 0 {
			t.Fatalf("%s: %d rows, %v, %d steps", name, len(rows), err, w.Steps)
		}
		for _, r := range rows {
			if r.Verdict != tt.verdict || r.Doubt != tt.doubt || (r.Row == nil) != (tt.verdict == spl.Dropped) ||
				len(r.Groups) != 1 {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if r := p.Result(groups[0].Key, groups[0].State); r.Verdict != tt.verdict || r.Doubt != tt.doubt {
			t.Errorf("%s: by itself %+v", name, r)
		}
	}
}

// What needs all rows takes no more memory and work than it may, whatever it is.
func TestDoubtsOfAllRows(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of plain computing; run without -short")
	}
	for _, tail := range []string{
		`eval m=mvrange(0,9999), n=m | mvexpand m | mvexpand n`,
		`eval m=mvrange(0,9999) | mvexpand m | streamstats values(m) as v list(m) as l`,
		`eval m=mvrange(0,9999) | mvexpand m | eventstats values(m) as v`,
		`eval m=mvrange(0,9999) | mvexpand m | streamstats window=10000 values(m) as v`,
	} {
		p := planOf(t, "* | stats count by x a | "+tail, "search *")
		rows := p.Rows(longGroups(p, 3))
		if len(rows) != 3 || rows[0].Doubt != spl.SearchDoubt || rows[0].Verdict != spl.Dropped {
			t.Errorf("%s: %d rows, the first %v %v", tail, len(rows), rows[0].Verdict, rows[0].Doubt)
		}
	}
}

// Plain work leaves out what sets rows aside, and says so; work whose context is
// done ends with its error.
func TestWork(t *testing.T) {
	done, cancel := context.WithCancelCause(context.Background())
	why := errors.New("a reason")
	cancel(why)
	for _, search := range []string{"* | stats count by x a | `screen`", "* | stats count by x a | sort x | head 9 | `screen`"} {
		p := planOf(t, search, "search x=none")
		groups := longGroups(p, 2)
		for _, r := range p.Rows(groups) {
			if r.Verdict != spl.Aside || r.Doubt != spl.Decided {
				t.Errorf("%s: %v %v", search, r.Verdict, r.Doubt)
			}
		}
		rows, err := p.RowsOf(&spl.Work{Plain: true}, groups)
		if err != nil || len(rows) != 2 || rows[0].Verdict != spl.Kept || rows[1].Doubt != spl.Pending {
			t.Errorf("%s, plain: %v, %v", search, rows, err)
		}
		slow := planOf(t, search, `where match(a, "`+`^(a|aa)+\\1b`+`")`)
		if _, err := slow.RowsOf(&spl.Work{Context: done}, longGroups(slow, 2)); err == nil {
			t.Errorf("%s: goes on when nobody waits for it", search)
		}
	}
}
