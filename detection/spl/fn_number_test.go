package spl_test

import "testing"

// Search Reference, mathematical functions: what is no number gives null.
func TestNumberFunctions(t *testing.T) {
	evaluations{
		{`abs(-5)`, "5"}, {`abs(neg)`, "2.5"}, {`abs(0)`, "0"}, {`floor(1.9)`, "1"}, {`floor(-1.1)`, "-2"},
		{`floor(2)`, "2"},
		{`ceiling(1.1)`, "2"}, {`ceil(-1.9)`, "-1"}, {`ceil(2)`, "2"}, {`sqrt(9)`, "3"}, {`sqrt(0)`, "0"},
		{`sqrt(-1)`, null},
		{`exp(0)`, "1"}, {`exp(1)`, "2.718281828459045"}, {`exp(1000)`, null}, {`ln(1)`, "0"}, {`ln(0)`, null},
		{`ln(-1)`, null}, {`pi()`, "3.141592653589793"},
		{`pow(2,10)`, "1024"}, {`pow(2,-1)`, "0.5"}, {`pow(-8,0.5)`, null}, {`log(1000)`, "3"}, {`log(100)`, "2"},
		{`log(8,2)`, "3"}, {`log(0)`, null}, {`log(8,1)`, null}, {`log(8,0)`, "0"},
		{`abs(nope)`, null}, {`abs(s)`, null}, {`abs(sp)`, "7"}, {`pow(nope,2)`, null}, {`pow(2,nope)`, null},
		{`pow(2,s)`, null}, {`log(nope)`, null}, {`log(8,nope)`, null}, {`sqrt(nope)`, null},
		{`floor(nope)`, null}, {`ceiling(nope)`, null}, {`exp(nope)`, null}, {`ln(nope)`, null},
		{`sigfig(1.50)`, "1.50"}, {`sigfig(nope)`, null}, {`abs(m)`, null}, {`abs(1=1)`, "1"},
	}.check(t)
}

// round takes halves away from zero and writes as many decimals as asked for.
func TestRound(t *testing.T) {
	evaluations{
		{`round(3.5)`, "4"}, {`round(2.5)`, "3"}, {`round(-2.5)`, "-3"}, {`round(2.4)`, "2"},
		{`round(2.555,2)`, "2.56"}, {`round(1.25,1)`, "1.3"}, {`round(-1.25,1)`, "-1.3"},
		{`round(5,2)`, "5.00"}, {`round(5.4,0)`, "5"}, {`round(5.6,-1)`, "6"}, {`round(0.1,20)`, "0.100000000000000"},
		{`round(1e15+0.5,3)`, "1000000000000000.500"},
		{`round(nope)`, null}, {`round(s)`, null}, {`round(1,nope)`, null}, {`round(1,s)`, null},
		{`round("2.7")`, "3"},
	}.check(t)
}

// Search Reference, tonumber: a base from 2 to 36; what cannot be read is null.
func TestToNumber(t *testing.T) {
	evaluations{
		{`tonumber("0A4",16)`, "164"}, {`tonumber("ff",16)`, "255"}, {`tonumber("0xFF",16)`, "255"},
		{`tonumber(hex,16)`, "31"}, {`tonumber("101",2)`, "5"}, {`tonumber("102",2)`, null},
		{`tonumber("z",36)`, "35"}, {`tonumber("z",35)`, null}, {`tonumber("1",1)`, null}, {`tonumber("1",37)`, null},
		{`tonumber("1",2)`, "1"}, {`tonumber("-10",8)`, "-8"}, {`tonumber("0x10",8)`, null},
		{`tonumber("12")`, "12"}, {`tonumber(" 12.50 ")`, "12.50"}, {`tonumber("1e3")`, "1e3"},
		{`tonumber(1+1)`, "2"}, {`tonumber(big)`, "18446744073709551615"}, {`tonumber(" 17 ",10)`, "17"},
		{`tonumber("x")`, null}, {`tonumber("")`, null}, {`tonumber("0x10")`, null}, {`tonumber("inf")`, null},
		{`tonumber(nope)`, null}, {`tonumber(nope,16)`, null}, {`tonumber("1",nope)`, null},
		{`tonumber("1",s)`, null}, {`tonumber(1=1)`, null},
	}.check(t)
}

// Search Reference, statistical eval functions: numbers before texts; null and
// what is no number is passed over.
func TestExtremes(t *testing.T) {
	evaluations{
		{`max(1,3,2)`, "3"}, {`min(2,1,3)`, "1"}, {`max(9,10)`, "10"}, {`min(9,10)`, "9"}, {`max(1,"foo",s)`, "foo"},
		{`min(1,"foo",s)`, "1"}, {`max("a","b")`, "b"}, {`min("a","b")`, "a"},
		{`max(nope,1)`, "1"}, {`min(nope,1)`, "1"}, {`max(nope)`, null}, {`min(nope)`, null}, {`max(m)`, "b"},
		{`min(m,"c")`, "a"}, {`max(-1,-2)`, "-1"}, {`min(-1,-2)`, "-2"}, {`max(1,"1.0")`, "1"},
		{`sum(1,2,3.5)`, "6.5"}, {`sum(n,nope,"x",-1)`, "4"}, {`sum(nope)`, null}, {`sum(s)`, null},
		{`sum(split("1,2,x",","))`, "3"},
		{`avg(1,2,6)`, "3"}, {`avg(n,nope,"x",7)`, "6"}, {`avg(nope)`, null}, {`avg(s)`, null},
		{`avg(split("1,3",","),5)`, "3"},
	}.check(t)
}

func TestBits(t *testing.T) {
	evaluations{
		{`bit_and(12,10)`, "8"}, {`bit_or(12,10)`, "14"}, {`bit_xor(12,10)`, "6"}, {`bit_and(nope,1)`, null},
		{`bit_or(1,nope)`, null}, {`bit_xor(s,1)`, null}, {`bit_and("0x4",4)`, null},
		{`bit_and(6.9,3)`, "2"}, {`bit_or(1e300,0)`, "9007199254740992"},
	}.check(t)
}
