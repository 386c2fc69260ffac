package spl_test

import (
	"slices"
	"testing"

	"escutcheon/detection/spl"
)

// Search Reference, match: a regular expression that is found anywhere, with
// case; of a list one value is enough.
func TestMatchFunction(t *testing.T) {
	truths(t, map[string]bool{
		`match(s,"b")`: true, `match(s,"^b")`: false, `match(s,"B")`: false, `match(s,"(?i)B")`: true,
		`match(s,"^AbC$")`: true, `match(e,"^$")`: true, `match(n,"^\d$")`: true,
		`match(nope,".*")`: false, `NOT match(nope,".*")`: true, `match(m,"^a$")`: true, `match(m,"c")`: false,
		`match(path,"\\\\Temp\\\\")`: true, `match(path,"(?i)^c:\\\\temp")`: true,
		`match(s,s)`: true, `match(s,"^".s)`: true, `match(s,nope)`: true, `match(s,"("."b")`: false,
		`match("aba","(a)b\1")`: true, `match("abc","a(?=b)")`: true,
	})
}

// Search Reference, like: % is any run, _ one character, with case, the whole
// value.
func TestLikeFunction(t *testing.T) {
	truths(t, map[string]bool{
		`like(s,"AbC")`: true, `like(s,"abc")`: false, `like(s,"Ab")`: false, `like(s,"bC")`: false,
		`like(s,"A%")`: true, `like(s,"%C")`: true, `like(s,"%b%")`: true, `like(s,"%B%")`: false,
		`like(s,"%")`: true, `like(s,"%%")`: true,
		`like(s,"A_C")`: true, `like(s,"___")`: true, `like(s,"____")`: false, `like(s,"__")`: false,
		`like(s,"_%_")`: true, `like(s,"_%__")`: true, `like(s,"__%__")`: false, `like(s,"A%bC%")`: true,
		`like(s,"A%x%C")`: false,
		`like(u,"___")`:   true, `like(u,"_ö_")`: true, `like(u,"%_Ü")`: true, `like(u,"%_ö_")`: true,
		`like(e,"")`: true, `like(e,"%")`: true, `like(e,"_")`: false, `like(s,"")`: false,
		`like("ab*","ab*")`: true, `like("abc","ab*")`: false, `like("a.c","a.c")`: true, `like("abc","a.c")`: false,
		`like("aab","%ab")`: true, `like("abab","ab%ab")`: true, `like("aba","ab%ba")`: false,
		`like("xaxbx","%a_b%")`: true, `like("xaxxb","%a_b")`: false, `like("a1b2b","%_b")`: true,
		`like(nope,"%")`: false, `like(s,nope)`: false, `like(m,"a")`: true, `like(m,"c")`: false,
		`like(s,"A"."%")`: true, `like(s,"a"."%")`: false,
	})
}

// Search Reference, replace: groups as \1, whatever is not found stays.
func TestReplaceFunction(t *testing.T) {
	evaluations{
		{`replace("1/14/2023","^(\d{1,2})/(\d{1,2})/","\2/\1/")`, "14/1/2023"}, {`replace("aaa","a","b")`, "bbb"},
		{`replace(s,"x","y")`, "AbC"}, {`replace(s,"b","")`, "AC"}, {`replace(s,"b","[\0]")`, "A[b]C"},
		{`replace(m,"b","c")`, "[c|a|c]"}, {`replace(nope,"a","b")`, null}, {`replace(s,"b",nope)`, null},
		{`replace(s,nope,"x")`, "xAxbxCx"}, {`replace(s,"("."b","x")`, null}, {`replace("ab","","-")`, "-a-b-"},
		{`replace(n,"5","6")`, "6"},
		{`replace("a","(","b")`,
			`error: regular expression of "replace" at line 1, column 35 (offset 34) cannot be read: ` +
				"missing closing ): `(`"},
	}.check(t)
}

func TestCIDRMatch(t *testing.T) {
	truths(t, map[string]bool{
		`cidrmatch("10.0.0.0/8",ip)`: true, `cidrmatch("10.1.2.3/32",ip)`: true, `cidrmatch("10.1.2.2/32",ip)`: false,
		`cidrmatch("11.0.0.0/8",ip)`: false, `cidrmatch("0.0.0.0/0",ip)`: true, `cidrmatch("10.1.2.2/31",ip)`: true,
		`cidrmatch("10.1.2.4/30",ip)`:               false,
		`cidrmatch("10.0.0.0/8","::ffff:10.1.2.3")`: true, `cidrmatch("2001:db8::/32","2001:db8::1")`: true,
		`cidrmatch("2001:db8::/32","2001:db9::1")`: false, `cidrmatch("0.0.0.0/0","x")`: false,
		`cidrmatch("0.0.0.0/0",nope)`: false,
		`cidrmatch(nope,ip)`:          false, `cidrmatch("10.0.0.0/33",ip)`: false, `cidrmatch("10.1.2.3",ip)`: false,
		`cidrmatch("10.0.0.0/8",mvappend("x",ip))`: true, `cidrmatch("10.0.0.0/8","10.1.2.3.4")`: false,
	})
}

// Search Reference, searchmatch: as the search command would match.
func TestSearchMatch(t *testing.T) {
	truths(t, map[string]bool{
		`searchmatch("s=abc")`: true, `searchmatch("s=a* n>4")`: true, `searchmatch("n=5 OR n=6 s=x")`: false,
		`searchmatch("NOT nope=1")`: true, `searchmatch("m=A")`: true, `searchmatch("m=c")`: false,
		`searchmatch("*")`: true, `searchmatch("n IN (4, 5)")`: true,
	})
	for _, c := range [][2]string{
		{`searchmatch(s)`, "needs a search in quotes"}, {`searchmatch("n=")`, "has a search that cannot be read"},
		{`searchmatch("n=5)")`, "has a search that cannot be read"},
		{`searchmatch("n=5 | stats count")`, "has a search that cannot be read"},
	} {
		if got, want := evaluate(t,
			c[0]), `error: function "searchmatch" at line 1, column 35 (offset 34) `+c[1]; got != want {
			t.Errorf("%s: %s", c[0], got)
		}
	}
	p := compile(t, `* | where searchmatch("an error") | stats count`)
	if !p.Matches(spl.Map{"_raw": "there was an Error!", "_time": "1"}) || p.Matches(spl.Map{"_raw": "an errors",
		"_time": "1"}) {
		t.Error("terms of searchmatch")
	}
}

// Search Reference, JSON functions: a.b{0}.c, {} for all of a list.
func TestJSONFunctions(t *testing.T) {
	evaluations{
		{`json_extract(js,"p.q{0}")`, "1"}, {`json_extract(js,"p.q{1}")`, "x"},
		{`json_extract(js,"p.q{2}.r")`, "true"}, {`json_extract(js,"p.q{}")`, `[1|x|{"r":true}]`},
		{`json_extract(js,"p.q{}.r")`, "true"}, {`json_extract(js,"p.q{3}")`, null},
		{`json_extract(js,"p.q{-1}")`, null}, {`json_extract(js,"p.q{x}")`, null},
		{`json_extract(js,"p.n")`, "null"}, {`json_extract(js,"big")`, "12345678901234567890"},
		{`json_extract(js,"p.z")`, null}, {`json_extract(js,"p.q.r")`, null}, {`json_extract(js,"big{}")`, null},
		{`json_extract(js,"p{}")`, null}, {`json_extract(js,"big.x")`, null},
		{`json_extract("[1,2]","{1}")`, "2"}, {`json_extract("[1,2]","{}")`, "[1|2]"},
		{`json_extract(js,"")`, `{"big":12345678901234567890,"p":{"n":null,"q":[1,"x",{"r":true}]}}`},
		{`json_extract(s,"a")`, null}, {`json_extract(nope,"a")`, null}, {`json_extract("{\"a\":","a")`, null},
		{`spath(js,"p.q{1}")`, "x"}, {`spath(nope,"a")`, null},
	}.check(t)
	truths(t, map[string]bool{
		`json_valid(js)`: true, `json_valid("[]")`: true, `json_valid("1")`: true, `json_valid(s)`: false,
		`json_valid("{")`: false, `json_valid("{} x")`: false, `json_valid(nope)`: false, `json_valid(e)`: false,
	})
}

// spath without a path and xmlkv make fields of what a text holds.
func TestKeysOfText(t *testing.T) {
	for search, want := range map[string]string{
		`* | spath input=js | table big p.n "p.q{}" "p.q{}.r"`: "big=12345678901234567890 p.n=null p.q{}=[1|x] p.q{}.r=true",
		`* | spath input=xml | table a b c`:                    "a=1 b=x y c=",
		`* | eval _raw=xml | xmlkv | table a b c d`:            "a=1 b=x y c=",
		`* | spath input=nope | table a s`:                     "s=AbC",
	} {
		e := spl.Map{"xml": `<d><a>1</a><b k="v">x y</b><c></c></d>`}
		for k, v := range evalEvent {
			e[k] = v
		}
		rows := compile(t, search).Run(slices.Values([]spl.Event{e})).Rows
		if len(rows) != 1 || listText(rows[0].Row) != want {
			t.Errorf("%s: %v, want %s", search, rows, want)
		}
	}
}
