package spl_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// tails are commands that may follow an aggregation by a and t; late is a column
// that depends on more than these.
var tails = []string{
	"search a=x*", "search NOT t=y", "search late>3", "search late>3 OR a=x", "search _raw=x", "where a=t", "where late>2",
	"where isnotnull(c)", "where now()>5", "where isnull(mvfilter(match(a,\"x\")))", "regex a=\"x|y\"",
	"eval b=upper(a)", "eval b=late.a", "eval c=len(t), d=c+1", "eval a=late", "eval late=a", "search b=X*", "where d>2",
	"rename a as b, t as c", "rename late as a", "rename a as late", "rename * as x_*", "rename x_* as *",
	"fillnull value=x c", "fillnull", "fields a t", "fields - a", "table a late", "rex field=a \"(?<c>.)\"",
	"rex field=late \"(?<a>.)\"", "makemv delim=\"x\" a", "nomv t", "bin span=2 a as d", "convert ctime(late)",
	"convert num(*)", "convert num(late) as a",
	"lookup rights short AS a OUTPUT long", "lookup rights short AS late OUTPUT long AS t", "lookup rights short AS a",
	"where isnotnull(long)", "mvexpand a", "head 2", "sort a", "dedup a", "`x_filter`", "`keep_filter`",
	"where late>0 AND a=t", "where late>0 AND (a=\"x\" OR t=\"y\") AND late<9", "search late>0 a=x*",
	"stats count as late by a", "stats sum(late) as late, values(c) as m by t b", "stats count as c by a t late",
	"stats values(a) as t", "eval a=split(a.\",x\", \",\")",
}

// What is idle is in no row, whatever commands stand behind the aggregation.
func TestIdle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	macros := detection.BuiltInMacros()
	macros["keep_filter"] = spl.Macro{Definition: "search NOT a=x"}
	env := detection.Env(macros, caseTables)
	idle, parts := 0, 0
	for range 1500 {
		search := "* | stats count as late max(n) as m by a t"
		for range 1 + r.IntN(5) {
			search += " | " + tails[r.IntN(len(tails))]
		}
		p, err := env.Compile(search)
		if err != nil {
			continue
		}
		var all, some groupsByKey
		for _, e := range randomEvents(r, 12) {
			for _, part := range p.Feed(e, nil) {
				parts++
				all.add(p, part.Key, e)
				if !part.Idle {
					some.add(p, part.Key, e)
					continue
				}
				idle++
				s := p.New()
				s.Add(e)
				if row, v := p.Row(part.Key, s); v != spl.Dropped {
					t.Fatalf("%s: %q is idle, and has the row %s (%v)", search, part.Key, row, v)
				}
			}
		}
		if got, want := resultTexts(p.Rows(some)), resultTexts(p.Rows(all)); !slices.Equal(got, want) {
			t.Fatalf("%s: without what is idle\n%q, with it\n%q", search, got, want)
		}
	}
	if idle < parts/10 || idle > parts*9/10 {
		t.Errorf("%d of %d are idle", idle, parts)
	}
}

// groupsByKey are the groups of some events.
type groupsByKey []spl.Group

func (g *groupsByKey) add(p *spl.Plan, key []string, e spl.Event) {
	i := slices.IndexFunc(*g, func(o spl.Group) bool { return slices.Equal(o.Key, key) })
	if i < 0 {
		i, *g = len(*g), append(*g, spl.Group{Key: key, State: p.New()})
	}
	(*g)[i].State.Add(e)
}

// resultTexts are rows as texts, with their keys.
func resultTexts(rows []spl.Result) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%q %s %v", r.Key, r.Row, r.Verdict))
	}
	return out
}

// TestIdleTails: which keys need no state.
func TestIdleTails(t *testing.T) {
	for tail, want := range map[string]bool{
		"": false, "search a=1": false, "search a=2": true, "search NOT a=1": true, "where a!=\"1\"": true,
		"search count=2": false, "search a=2 OR count=2": false, "search a=2 | search count=2": true,
		"search count=2 | search a=2": true, "eval count=1 | search a=2": true, "eval b=count | search b=2": false,
		"eval b=a | search b=2": true, "rename a as b | search b=2": true, "rename count as a | search a=2": false,
		"where now()>9": false, "where a=2 AND now()>9": true, "where a=1 AND now()>9": false,
		"`x_filter` | search a=2": false, "sort a | search a=2": true,
		"where a=2 AND count>0": true, "where count>0 AND (a=2 OR a=1) AND count<9": false,
		"where count>0 AND NOT (a=2 OR a=1)": true, "where count>0 OR a=2": false, "search a=2 count=1": true,
		"search a=1 count=2": false, "search count=1 (a=2 OR a=3)": true,
		"rename count as b, a as count | search count=2": true, "rename count as a, b as count | search a=2": false,
		"head 1 | search a=2": false, "search a=2 | head 1": true, "mvexpand a | search a=2": false, "regex a=\"2\"": true,
		"rex field=a \"(?<c>.)\" | search c=2": true, "rex field=count \"(?<c>.)\" | search c=2": false,
		"fields - a | search a=1": true, "table count | search a=1": true,
		"lookup rights short AS a OUTPUT long | where isnotnull(long)":     true,
		"lookup rights short AS a OUTPUT long | where isnull(long)":        false,
		"lookup rights short AS count OUTPUT long | where isnotnull(long)": false,
		"lookup rights short AS count OUTPUT long AS a | search a=2":       false,
		"convert ctime(count) | search a=2":                                true,
		"stats count by a | search a=2":                                    true,
		"stats count by a | search count=2":                                false,
		"stats count as a by b | search a=2":                               true,
		"eval b=a | stats count as a by b | search a=2":                    false,
		"stats count as n by count | search n=2":                           false,
		"stats count by a | stats count as n by a | search a=2":            true,
		"eval b=if(a=2, 1, null()) | stats count by b":                     true,
		"eval b=split(a.\",2\", \",\") | stats count by b | search b=3":    false,
		"eventstats count as n | stats count by a | search a=2":            false,
		"stats count by a | eventstats count as n | search a=2":            false,
		"fillnull value=3 b | search b=2":                                  true,
		"eval x=mvfilter(match(a,\"2\")) | search x=2":                     false,
		"search a=2 | stats count by a":                                    true,
	} {
		p, err := detection.Env(detection.BuiltInMacros(), caseTables).Compile(
			strings.TrimSuffix("* | stats count by a | "+tail, " | "))
		if err != nil {
			t.Fatal(tail, err)
		}
		parts := p.Feed(ev("a=1"), nil)
		if len(parts) != 1 || parts[0].Idle != want {
			t.Errorf("%q: %v", tail, parts)
		}
	}
}
