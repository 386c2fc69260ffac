package spl_test

import "testing"

// Search Reference, multivalue functions; m is the list b, a, b.
func TestListFunctions(t *testing.T) {
	evaluations{
		{`split("a,b",",")`, "[a|b]"}, {`split("a",",")`, "a"}, {`split("",",")`, ""},
		{`split("a,,b",",")`, "[a||b]"}, {`split("abc","")`, "[a|b|c]"}, {`split("a::b","::")`, "[a|b]"},
		{`split(nope,",")`, null}, {`split(s,nope)`, null},
		{`mvcount(m)`, "3"}, {`mvcount(s)`, "1"}, {`mvcount(e)`, "1"}, {`mvcount(nope)`, null},
		{`mvcount(null())`, null},
		{`mvappend("a","b")`, "[a|b]"}, {`mvappend(m,"c")`, "[b|a|b|c]"}, {`mvappend(nope,"c")`, "c"},
		{`mvappend(nope)`, null}, {`mvappend("a",nope,m)`, "[a|b|a|b]"},
		{`mvdedup(m)`, "[b|a]"}, {`mvdedup(mvappend("x","x"))`, "x"}, {`mvdedup(mvappend("x","X"))`, "[x|X]"},
		{`mvdedup(s)`, "AbC"}, {`mvdedup(nope)`, null},
		{`mvsort(m)`, "[a|b|b]"}, {`mvsort(split("10,9,A,a",","))`, "[10|9|A|a]"}, {`mvsort(nope)`, null},
		{`mvsort(s)`, "AbC"}, {`mvcount(mvsort(m)).m`, "3b\na\nb"},
		{`mvjoin(m,"-")`, "b-a-b"}, {`mvjoin(s,"-")`, "AbC"}, {`mvjoin(nope,"-")`, null}, {`mvjoin(m,"")`, "bab"},
		{`mvjoin(m,nope)`, "bab"},
		{`mvzip(m,split("1,2,3",","))`, "[b,1|a,2|b,3]"}, {`mvzip(m,split("1,2",","),"|")`, "[b|1|a|2]"},
		{`mvzip(s,n)`, "AbC,5"}, {`mvzip(nope,m)`, null}, {`mvzip(m,nope)`, null}, {`mvzip(m,m,"")`, "[bb|aa|bb]"},
	}.check(t)
}

// mvindex counts from 0, from the end when negative; both ends are in, and
// what is out of range is null.
func TestMVIndex(t *testing.T) {
	evaluations{
		{`mvindex(m,0)`, "b"}, {`mvindex(m,1)`, "a"}, {`mvindex(m,2)`, "b"}, {`mvindex(m,3)`, null},
		{`mvindex(m,-1)`, "b"}, {`mvindex(m,-2)`, "a"}, {`mvindex(m,-3)`, "b"}, {`mvindex(m,-4)`, null},
		{`mvindex(m,0,1)`, "[b|a]"}, {`mvindex(m,1,2)`, "[a|b]"}, {`mvindex(m,1,-1)`, "[a|b]"},
		{`mvindex(m,-2,-1)`, "[a|b]"}, {`mvindex(m,1,1)`, "a"}, {`mvindex(m,0,-1)`, "[b|a|b]"},
		{`mvindex(m,1,3)`, null}, {`mvindex(m,2,1)`, null}, {`mvindex(m,-4,1)`, null}, {`mvindex(m,nope)`, null},
		{`mvindex(m,0,nope)`, null}, {`mvindex(m,"x")`, null}, {`mvindex(nope,0)`, null}, {`mvindex(s,0)`, "AbC"},
		{`mvindex(m,1e300)`, null},
	}.check(t)
}

// mvrange takes its start and not its end.
func TestMVRange(t *testing.T) {
	evaluations{
		{`mvrange(1,11,2)`, "[1|3|5|7|9]"}, {`mvrange(1,4)`, "[1|2|3]"}, {`mvrange(1,2)`, "1"},
		{`mvrange(1,1)`, null}, {`mvrange(2,1)`, null}, {`mvrange(3,0,-1)`, "[3|2|1]"},
		{`mvrange(0,1,0.5)`, "[0|0.5]"}, {`mvrange(0,3,-1)`, null}, {`mvrange(3,3,-1)`, null},
		{`mvrange(1,5,0)`, null}, {`mvrange(nope,5)`, null}, {`mvrange(1,nope)`, null}, {`mvrange(1,5,nope)`, null},
		{`mvrange("x",5)`, null},
		{`mvcount(mvrange(0,10001))`, "10000"}, {`mvindex(mvrange(0,1e9),-1)`, "9999"},
		{`mvcount(mvappend(mvrange(0,9999),m,m))`, "10000"},
	}.check(t)
}

// mvfind, mvfilter and mvmap look at each value; what the others say of the
// field stays as it was.
func TestOverEachValue(t *testing.T) {
	evaluations{
		{`mvfind(m,"^a")`, "1"}, {`mvfind(m,"b")`, "0"}, {`mvfind(m,"c")`, null}, {`mvfind(nope,"a")`, null},
		{`mvfind(s,"(?i)abc")`, "0"}, {`mvfind(m,mvindex(m,1))`, "1"}, {`mvfind(m,nope)`, "0"},
		{`mvfind(m,"("."(")`, null},
		{`mvfilter(m="b")`, "[b|b]"}, {`mvfilter(match(m,"a"))`, "a"}, {`mvfilter(m="c")`, null},
		{`mvfilter(nope="c")`, null}, {`mvfilter(isnotnull(nope))`, null}, {`mvfilter(NOT m="b")`, "a"},
		{`mvfilter(s="AbC")`, "AbC"}, {`mvfilter("b"=m)`, "[b|b]"},
		{`mvmap(m,upper(m))`, "[B|A|B]"}, {`mvmap(m,m.n)`, "[b5|a5|b5]"}, {`mvmap(m,if(m="a",null(),m))`, "[b|b]"},
		{`mvmap(nope,1)`, null}, {`mvmap(s,len(s))`, "3"}, {`mvmap(m,mvappend(m,"x"))`, "[b|x|a|x|b|x]"},
		{`mvmap(mvdedup(m),m.m)`, "[bb|aa]"},
		{`mvjoin(mvmap(m,upper(m)),"").mvjoin(m,"")`, "BABbab"}, {`mvmap(m,mvcount(mvfilter(m!="q")))`, "[1|1|1]"},
		{`mvfilter(1=1)`, `error: function "mvfilter" at line 1, column 35 (offset 34) needs a condition on a field`},
		{`mvmap(1,2)`, `error: function "mvmap" at line 1, column 35 (offset 34) needs a field`},
		{`mvfind(m,"(")`,
			`error: regular expression of "mvfind" at line 1, column 35 (offset 34) cannot be read: ` +
				"missing closing ): `(`"},
	}.check(t)
}
