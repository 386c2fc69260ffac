package spl_test

import "testing"

// Search Reference, printf: the examples of its tables.
func TestPrintf(t *testing.T) {
	evaluations{
		{`printf("%c,%c",65,"Foo")`, "A,F"}, {`printf("%c",u)`, "ä"}, {`printf("%c","")`, ""},
		{`printf("%d,%i,%d",-2,+4,30)`, "-2,4,30"}, {`printf("%d",2.9)`, "2"}, {`printf("%d",-2.9)`, "-2"},
		{`printf("%d",-1e300)`, "-9007199254740992"}, {`printf("%d",1e300)`, "9007199254740992"},
		{`printf("%u",99)`, "99"},
		{`printf("%o",255)`, "377"}, {`printf("%x,%X,%p",10,10,10)`, "a,A,A"}, {`printf("%#x",1)`, "0x1"},
		{`printf("%e,%E",5139,5139)`, "5.139000e+03,5.139000E+03"},
		{`printf("%f,%F",5139,5139)`, "5139.000000,5139.000000"}, {`printf("%g,%G",5139,5139)`, "5139,5139"},
		{`printf("%.3A",pi())`, "0X1.922P+1"}, {`printf("%a",1)`, "0x1p+0"}, {`printf("%a",1024)`, "0x1p+10"},
		{`printf("%a",-0.5)`, "-0x1p-1"}, {`printf("%5c|","x")`, "    x|"}, {`printf("%-*d|",4,1)`, "1   |"},
		{`printf("%c",-1)`, "\x00"},
		{`printf("%s%z","foo","bar")`, "foobar"}, {`printf("100%%")`, "100%"}, {`printf("%s")`, ""},
		{`printf("plain")`, "plain"}, {`printf("a%")`, "a%"}, {`printf("a%5")`, "a%5"},
		{`printf("%-4d|",1)`, "1   |"}, {`printf("%+4d",1)`, "  +1"}, {`printf("% -4d|",1)`, " 1  |"},
		{`printf("%05d",12)`, "00012"}, {`printf("%5d",12)`, "   12"}, {`printf("%*d",5,123)`, "  123"},
		{`printf("%.3d",1)`, "001"}, {`printf("%.2f",1.235)`, "1.24"}, {`printf("%.*f",1,2.25)`, "2.2"},
		{`printf("%5.1f|",2.26)`, "  2.3|"}, {`printf("%-6s|","ab")`, "ab    |"}, {`printf("%6s","ab")`, "    ab"},
		{`printf("%.2s","abc")`, "ab"},
		{`printf("%'d",12345)`, "12,345"}, {`printf("%'d",-1234567)`, "-1,234,567"}, {`printf("%'d",999)`, "999"},
		{`printf("%d","x")`, "0"}, {`printf("%s",nope)`, ""}, {`printf("%s",1==1)`, "true"}, {`printf(nope,1)`, null},
		{`printf("%q",1)`, "%q"}, {`printf("%99999d",1)`, ""},
	}.check(t)
}
