package spl_test

import (
	"strings"
	"testing"
)

// Search Reference, text functions: what is null gives null, and a list's
// values are taken one by one.
func TestTextFunctions(t *testing.T) {
	evaluations{
		{`lower(s)`, "abc"}, {`lower(u)`, "äöü"}, {`lower(nope)`, null}, {`lower(e)`, ""}, {`lower(n)`, "5"},
		{`lower(mvappend("A","B"))`, "[a|b]"},
		{`upper(s)`, "ABC"}, {`upper(u)`, "ÄÖÜ"}, {`upper(nope)`, null}, {`upper(m)`, "[B|A|B]"},
		{`upper(1=1)`, "TRUE"},
		{`len(s)`, "3"}, {`len(u)`, "3"}, {`len(e)`, "0"}, {`len(nope)`, null}, {`len(n*100)`, "3"}, {`len(m)`, "5"},
		{`exact(n)`, "5"}, {`exact(nope)`, null}, {`exact(3.14*2)`, "6.28"},
		{`urldecode("a%20b%2Fc+d")`, "a b/c+d"}, {`urldecode("100%")`, "100%"}, {`urldecode("%zz%20")`, "%zz%20"},
		{`urldecode(nope)`, null},
		{`md5("")`, "d41d8cd98f00b204e9800998ecf8427e"}, {`sha1("")`, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		{`md5(nope)`, null},
		{`sha256("abc")`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, {`sha256(nope)`, null},
		{`sha512("abc")`,
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
				"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{`sha1("abc")`, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{`md5("abc")`, "900150983cd24fb0d6963f7d28e17f72"},
	}.check(t)
}

// substr counts characters from 1, from the end when negative, as SQLite does.
func TestSubstr(t *testing.T) {
	evaluations{
		{`substr("string",1,3)`, "str"}, {`substr("string",2,3)`, "tri"}, {`substr("string",-3)`, "ing"},
		{`substr("string",-3,2)`, "in"},
		{`substr("string",4)`, "ing"}, {`substr("string",6)`, "g"}, {`substr("string",7)`, ""},
		{`substr("string",6,5)`, "g"},
		{`substr("string",-6,1)`, "s"}, {`substr("string",-9,2)`, "st"}, {`substr("string",1,0)`, ""},
		{`substr("string",1,-1)`, ""},
		{`substr(u,2,1)`, "ö"}, {`substr(u,-1)`, "Ü"}, {`substr(n,1,1)`, "5"}, {`substr(e,1)`, ""},
		{`substr(mvappend("abc","xyz"),2)`, "[bc|yz]"},
		{`substr(nope,1)`, null}, {`substr(s,nope)`, null}, {`substr(s,1,nope)`, null}, {`substr(s,"x")`, null},
		{`substr("abc",1e300)`, ""}, {`substr("abc",-1e300,1e300)`, "abc"},
	}.check(t)
}

// Without a second argument spaces and tabs are trimmed.
func TestTrim(t *testing.T) {
	evaluations{
		{`"[".trim("  a b	 ")."]"`, "[a b]"}, {`"[".ltrim("  a b	 ")."]"`, "[a b\t ]"},
		{`"[".rtrim("  a b	 ")."]"`, "[  a b]"},
		{`trim("xyaxy","xy")`, "a"}, {`ltrim("xyaxy","xy")`, "axy"}, {`rtrim("xyaxy","xy")`, "xya"},
		{`trim("  ZZZZabcZZ ", " Z")`, "abc"},
		{`trim(nope)`, null}, {`ltrim(nope)`, null}, {`rtrim(nope)`, null}, {`trim(e)`, ""}, {`trim("xx","x")`, ""},
		{`trim(mvappend(" a"," b "))`, "[a|b]"}, {`trim("axa","")`, "axa"},
	}.check(t)
}

// Search Reference, tostring: hex, commas to two decimals, duration.
func TestToString(t *testing.T) {
	evaluations{
		{`tostring(15,"hex")`, "0xF"}, {`tostring(255,"HEX")`, "0xFF"}, {`tostring(0,"hex")`, "0x0"},
		{`tostring(-1,"hex")`, null}, {`tostring(2.9,"hex")`, "0x2"}, {`tostring(1e30,"hex")`, null},
		{`tostring(12345.6789,"commas")`, "12,345.68"}, {`tostring(1234567,"commas")`, "1,234,567"},
		{`tostring(999,"commas")`, "999"}, {`tostring(1000,"commas")`, "1,000"},
		{`tostring(-1234.5,"commas")`, "-1,234.50"}, {`tostring(-999,"commas")`, "-999"},
		{`tostring(0.005,"commas")`, "0.01"}, {`tostring(100000,"commas")`, "100,000"},
		{`tostring(615,"duration")`, "00:10:15"}, {`tostring(0,"duration")`, "00:00:00"},
		{`tostring(59.9,"duration")`, "00:00:59"}, {`tostring(3600,"duration")`, "01:00:00"},
		{`tostring(86399,"duration")`, "23:59:59"}, {`tostring(86400,"duration")`, "1+00:00:00"},
		{`tostring(180061,"duration")`, "2+02:01:01"}, {`tostring(-61,"duration")`, "-00:01:01"},
		{`tostring(1==1)`, "True"}, {`tostring(1==2)`, "False"}, {`tostring(5)`, "5"}, {`tostring(n*2)`, "10"},
		{`tostring(s)`, "AbC"}, {`tostring(s,"hex")`, "AbC"}, {`tostring(5,"x")`, "5"},
		{`tostring(m)`, "[b|a|b]"}, {`tostring(m,"commas")`, "[b|a|b]"}, {`tostring(nope)`, null},
		{`tostring(nope,"hex")`, null}, {`tostring(1==1)."!"`, "True!"},
	}.check(t)
}

// What an expression makes is never longer than a mebibyte.
func TestTextIsBounded(t *testing.T) {
	double := strings.Repeat("z.z.z.z.z.z.z.z", 1)
	p := compile(t, `* | eval z="0123456789abcdef" | eval `+strings.TrimSuffix(strings.Repeat("z="+double+", ", 9),
		", ")+` | eval n=len(z), r=len(replace(z,"0","0000")), j=len(mvjoin(mvrange(0,9999),z)) | table n r j`)
	for _, r := range p.Run(evs("a=1")).Rows {
		if got := text(r.Row); got != "n=1048576 r=1048576 j=1048576" {
			t.Error(got)
		}
	}
}
