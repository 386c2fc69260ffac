package spl_test

import (
	"strings"
	"testing"
)

// Search Reference, comparison and conditional functions.
func TestConditions(t *testing.T) {
	evaluations{
		{`if(n=5,"y","z")`, "y"}, {`if(n=6,"y","z")`, "z"}, {`if(nope,"y","z")`, "z"}, {`if(nope=1,"y",nope)`, null},
		{`if(n=5,nope,"z")`, null}, {`if(1,"y","z")`, "z"}, {`if(0+1,"y","z")`, "y"}, {`if("true","y","z")`, "z"},
		{`case(n=4,"four",n=5,"five",n=5,"again")`, "five"}, {`case(n=4,"four")`, null},
		{`case(nope=1,"a",true(),"b")`, "b"}, {`case(n=5,nope,true(),"b")`, null},
		{`validate(n=5,"not five",n=6,"not six",n=7,"not seven")`, "not six"}, {`validate(n=5,"not five")`, null},
		{`validate(nope=1,"null")`, "null"},
		{`coalesce(nope,n,s)`, "5"}, {`coalesce(n,s)`, "5"}, {`coalesce(e,n)`, ""}, {`coalesce(nope,null())`, null},
		{`coalesce(nope,m)`, "[b|a|b]"},
		{`nullif(n,5)`, null}, {`nullif(n,"5.0")`, null}, {`nullif(n,6)`, "5"}, {`nullif(nope,5)`, null},
		{`nullif(n,nope)`, "5"}, {`nullif(s,"abc")`, "AbC"},
		{`null()`, null}, {`true()`, "true"}, {`false()`, "false"},
	}.check(t)
	for _, name := range []string{"case", "validate"} {
		if got := evaluate(t, `"a".`+name+`(n=5,1,n=6)`); !strings.Contains(got,
			`function "`+name+`" at line 1, column 39 (offset 38) needs a value for each condition`) {
			t.Error(got)
		}
	}
}

// Search Reference, informational functions. A text that reads as a number is
// one.
func TestKindsOfValues(t *testing.T) {
	truths(t, map[string]bool{
		`isnull(nope)`: true, `isnull(n)`: false, `isnull(e)`: false, `isnull(m)`: false, `isnotnull(nope)`: false,
		`isnotnull(n)`: true, `isnotnull(e)`: true,
		`isnum(n)`: true, `isnum(neg)`: true, `isnum(s)`: false, `isnum(nope)`: false, `isnum(e)`: false,
		`isnum(1=1)`: false, `isnum(m)`: false, `isnum(2*2)`: true, `isnum("1e3")`: true, `isnum(hex)`: false,
		`isint(n)`: true, `isint(neg)`: false, `isint(-3)`: true, `isint(s)`: false, `isint(nope)`: false,
		`isint("4.0")`: true, `isint(1=1)`: false, `isint(1e300)`: false,
		`isstr(s)`: true, `isstr(n)`: false, `isstr(nope)`: false, `isstr(e)`: true, `isstr(m)`: true,
		`isstr(1=1)`:  false,
		`isbool(1=1)`: true, `isbool(s)`: false, `isbool("true")`: false, `isbool(nope)`: false, `isbool(n)`: false,
		`isbool(NOT n)`: true,
	})
	evaluations{
		{`typeof(12)`, "Number"}, {`typeof("string")`, "String"}, {`typeof(1==2)`, "Boolean"},
		{`typeof(nope)`, "Invalid"}, {`typeof(m)`, "Multivalue"}, {`typeof(n+1)`, "Number"}, {`typeof(e)`, "String"},
		{`typeof(null())`, "Invalid"},
	}.check(t)
}
