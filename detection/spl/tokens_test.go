package spl_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// tokens writes those of a search: text and kind of each.
func tokens(search string) string {
	var out []string
	for _, k := range spl.Tokens(search) {
		out = append(out, search[k.From:k.To]+":"+string(k.Kind))
	}
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	for search, want := range map[string]string{
		"": "", "  ": "", "foo": "foo:word", "4624": "4624:number",
		`EventCode=4624 host="w 1" NOT foo`: `EventCode:field =:operator 4624:number host:field =:operator "w 1":string ` +
			"NOT:operator foo:word",
		`a!=C:\x, b<=5`: `a:field !=:operator C:\x,:string b:field <=:operator 5:number`,
		"a IN (1, x) OR TERM(y)": "a:field IN:operator (:mark 1:number ,:mark x:word ):mark OR:operator TERM:function " +
			"(:mark y:word ):mark",
		"search a=1": "search:command a:field =:operator 1:number",
		"search=1":   "search:field =:operator 1:number",
		"x | stats count max(n) as m BY host": "x:word |:pipe stats:command count:function max:function (:mark " +
			"n:field ):mark as:operator m:field BY:operator host:field",
		"x | stat count": "x:word |:pipe stat:error count:field",
		"x | stats count(eval(a > 1 AND lower(b)=\"c\")) by d": "x:word |:pipe stats:command count:function (:mark " +
			"eval:function (:mark a:field >:operator 1:number AND:operator lower:function (:mark b:field ):mark =:operator " +
			"\"c\":string ):mark ):mark by:operator d:field",
		"x | eval a = b.c + 1.5 - nope(d)": "x:word |:pipe eval:command a:field =:operator b:field .:operator c:field " +
			"+:operator 1.5:number -:operator nope:error (:mark d:field ):mark",
		"x | eval 'a b'=if(c,\"d\",null())": "x:word |:pipe eval:command 'a b':field =:operator if:function (:mark " +
			"c:field ,:mark \"d\":string ,:mark null:function (:mark ):mark ):mark",
		"x | timechart span=1h limit=5 count by a": "x:word |:pipe timechart:command span:option =:operator 1h:string " +
			"limit:option =:operator 5:number count:function by:operator a:field",
		"`sysmon` EventCode=1 | `m(\"a|b\", c)`": "`sysmon`:macro EventCode:field =:operator 1:number |:pipe " +
			"`m(\"a|b\", c)`:macro",
		"a ```b | c``` d": "a:word ```b | c```:comment d:word",
		"a [search b=1 | table c] d": "a:word [:bracket search:command b:field =:operator 1:number |:pipe " +
			"table:command c:field ]:bracket d:word",
		"a | append [stats count] | head 5": "a:word |:pipe append:command [:bracket stats:command count:function " +
			"]:bracket |:pipe head:command 5:number",
		"| tstats count from datamodel=Endpoint.Processes where Processes.user=x by Processes.dest": "|:pipe " +
			"tstats:command count:function from:operator datamodel:option =:operator Endpoint.Processes:string where:operator " +
			"Processes.user:field =:operator x:string by:operator Processes.dest:field",
		`"open`: `"open:error`, "`open": "`open:error", "```open": "```open:error", "a ] b": "a:word ]:error b:word",
		"a || b": "a:word |:pipe |:pipe b:error", "é | ü": "é:word |:pipe ü:error",
	} {
		if got := tokens(search); got != want {
			t.Errorf("%s\n got %s\nwant %s", search, got, want)
		}
	}
}

// No search of these tests that can be read has a token of error in it.
func TestTokensOfSearches(t *testing.T) {
	env := caseEnv()
	env.Whole = true
	for _, search := range slices.Concat(knownSearches(t), fuzzSearches) {
		checkTokens(t, search)
		if _, err := env.Parse(search); err != nil {
			continue
		}
		for _, k := range spl.Tokens(search) {
			if k.Kind == spl.ErrorToken {
				t.Errorf("%s\n%q is an error", search, search[k.From:k.To])
			}
		}
	}
}

// checkTokens: they are in order and not empty, with nothing but white space between.
func checkTokens(t *testing.T, search string) {
	at := 0
	for _, k := range spl.Tokens(search) {
		if k.From < at || k.To <= k.From || k.To > len(search) || k.Kind == "" ||
			strings.Trim(search[at:k.From], " \t\r\n\v\f") != "" {
			t.Fatalf("%q: %+v after %d", search, k, at)
		}
		at = k.To
	}
	if strings.Trim(search[at:], " \t\r\n\v\f") != "" {
		t.Fatalf("%q: the tokens end at %d", search, at)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range slices.Concat(fuzzSearches, printSearches) {
		f.Add(s)
	}
	f.Add("[[[|[]]`\"'")
	f.Fuzz(func(t *testing.T, search string) { checkTokens(t, search) })
}
