package rx_test

import "testing"

// pcre2pattern, "Square brackets and character classes" and "POSIX character
// classes".
func TestClasses(t *testing.T) {
	checkAll(t, []found{
		{`[abc]+`, "xbcax", "bca"},
		{`[^abc]+`, "axyb", "xy"},
		{`[]a]+`, "x]a]", "]a]"},
		{`[^]a]+`, "]xa", "x"},
		{`[[a]+`, "x[a", "[a"},
		{`[a[]+`, "[a", "[a"},
		{`[a-c-]+`, "xb-a", "b-a"},
		{`[-a]+`, "b-a", "-a"},
		{`[\w-.]+`, "(a-b.c)", "a-b.c"},
		{`[\d-x]+`, "a1-x", "1-x"},
		{`[\\s-z]+`, "-uz\\", "uz\\"},
		{`[\]a]+`, "x]a", "]a"},
		{`[a\-z]+`, "m-z", "-z"},
		{`[[:alpha:]_]+`, "1a_b", "a_b"},
		{`[[:^alpha:]]+`, "a12b", "12"},
		{`[[:digit:]-]+`, "a1-2", "1-2"},
		{`[\h]+`, "a \tb", " \t"},
		{`[\v]+`, "a\r\n\vb", "\r\n\v"},
		{`[\b]`, "a\b", "\b"},
		{`[\e]`, "\x1b", "\x1b"},
		{`[\x41-\x43]+`, "ABCD", "ABC"},
		{`[\x{e9}]`, "é", "é"},
		{`[\n\t]+`, "a\n\tb", "\n\t"},
		{`[\Qa-c]\E]+`, "b-]", "-]"},
		{`[a\E]+`, "a", "a"},
		{`[R\R]`, "R", "R"},
		{`[\Z\z\A\G\B\N]+`, "ZzAGBN", "ZzAGBN"},
		{`[\p{Lu}]+`, "aÄB", "ÄB"},
		{`[^\S ]`, "a \t", "\t"},
		{`[.]`, "a.", "."},
		{`[$]`, "a$", "$"},
		{`[(]a[)]`, "(a)", "(a)"},
		{`(?=[)])\)`, ")", ")"},
		{`(?=[])])\)`, ")", ")"},
		{`(?=[^])])x`, ")x", "x"},
		{`(?=\)).`, "a)", ")"},
		{`[é-ü]+`, "eéüz", "éü"},
		{`[\012]`, "\n", "\n"},
		{`[\cA]`, "\x01", "\x01"},
	})
	refuse(t, map[string]string{
		`[a`:         "has a class that is not closed",
		`[]`:         "not closed",
		`[^]`:        "not closed",
		`[[:alpha`:   "not closed",
		`[a\`:        "ends with a backslash",
		`[z-a]`:      "cannot be read",
		`[\H]`:       `has \H, which is not supported`,
		`[\V]`:       `has \V`,
		`[\X]`:       `has \X`,
		`[\k]`:       `has \k`,
		`[\1]`:       "cannot be read",
		`[[:nope:]]`: "cannot be read",
	})
}
