package spl_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// evalEvent is what expressions are tried on: numbers, texts, an empty text
// and what reads as a list or as JSON. Its time is 2025-12-06T18:43:51.5Z. m
// is the list b, a, b; nope is missing.
var evalEvent = spl.Map{
	"_time": "1765046631.5", "n": "5", "neg": "-2.5", "big": "18446744073709551615", "hex": "0x1F", "sp": " 7 ",
	"s": "AbC", "e": "", "u": "äöÜ", "mv": "b,a,b", "path": `C:\Temp\x.exe`, "ip": "10.1.2.3",
	"js": `{"p":{"q":[1,"x",{"r":true}],"n":null},"big":12345678901234567890}`, "a.b": "dotted", "my field": "spaced",
}

const null = "<null>"

// evaluate is what an expression gives: the values of a list in brackets.
func evaluate(t testing.TB, expression string) string {
	t.Helper()
	p, err := spl.Compile(`* | eval m=split(mv,",") | eval x=`+expression+` | table x`, nil)
	if err != nil {
		return "error: " + err.Error()
	}
	rows := p.Run(slices.Values([]spl.Event{evalEvent})).Rows
	if len(rows) != 1 {
		t.Fatalf("%s: %d rows", expression, len(rows))
	}
	v := rows[0].Row.List("x")
	switch len(v) {
	case 0:
		return null
	case 1:
		return v[0]
	}
	return "[" + strings.Join(v, "|") + "]"
}

// evaluations are expressions and what they give.
type evaluations [][2]string

func (l evaluations) check(t *testing.T) {
	t.Helper()
	for _, c := range l {
		if got := evaluate(t, c[0]); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// Search Reference, eval: operators. What is missing makes the result null.
func TestOperators(t *testing.T) {
	evaluations{
		{`n+2`, "7"}, {`n-7`, "-2"}, {`n*n`, "25"}, {`n/2`, "2.5"}, {`n%3`, "2"}, {`neg%2`, "-0.5"},
		{`n+sp`, "12"}, {`"1e3"+1`, "1001"}, {`"0x10"+1`, null}, {`n+"x"`, null}, {`"x"+n`, null}, {`s-1`, null},
		{`"x"+"y"`, "xy"}, {`"1"+"2"`, "3"}, {`"x"-"y"`, null}, {`n+nope`, null}, {`nope+n`, null},
		{`nope+"x"`, null},
		{`n/0`, null}, {`n%0`, null}, {`0/0`, null}, {`1e308*10`, null}, {`-1e308*10`, null}, {`0*-1`, "0"},
		{`-n`, "-5"}, {`--n`, "5"}, {`+n`, "5"}, {`-+n`, "-5"}, {`-s`, null}, {`-nope`, null}, {`2--1`, "3"},
		{`2*-3`, "-6"},
		{`n.s`, "5AbC"}, {`n . n`, "55"}, {`s.e`, "AbC"}, {`s.nope`, null}, {`nope.s`, null}, {`m."!"`, "b\na\nb!"},
		{`1+2*3`, "7"}, {`(1+2)*3`, "9"}, {`10-2-3`, "5"}, {`100/10/5`, "2"}, {`7-2 . "x"`, "5x"}, {`2*3%4`, "2"},
		{`1 . 2+3`, "15"},
		{`1e21`, "1e21"}, {`1e21+0`, "1e+21"}, {`1e20+0`, "100000000000000000000"}, {`0.000000001+0`, "0.000000001"},
		{`1e-10+0`, "1e-10"},
		{`0.1+0.2`, "0.30000000000000004"}, {`.5+0`, "0.5"}, {`1.5e1+0`, "15"}, {`1e+2+0`, "100"}, {`1e-2+0`, "0.01"},
	}.check(t)
}

// truths are conditions and whether they hold.
func truths(t *testing.T, l map[string]bool) {
	t.Helper()
	for condition, want := range l {
		yes := `if(` + condition + `,"yes","no")`
		if got := evaluate(t, yes); (got == "yes") != want || got != "yes" && got != "no" {
			t.Errorf("%s: %s, want %v", condition, got, want)
		}
	}
}

// Search Reference, where: numbers as numbers, else as text with its case; a
// comparison with null is not true; of lists one pair is enough.
func TestComparisons(t *testing.T) {
	truths(t, map[string]bool{
		`n=5`: true, `n==5`: true, `n="5.0"`: true, `n=6`: false, `n!=5`: false, `n!=6`: true,
		`n<5`: false, `n<=5`: true, `n<6`: true, `n>5`: false, `n>=5`: true, `n>4`: true, `n<=4`: false,
		`n>=6`: false,
		`n<10`: true, `"5"<"10"`: true, `"5"<"10x"`: false, `s<"b"`: true, `s="abc"`: false, `s="AbC"`: true,
		`s="Ab*"`: false,
		`neg<-2`:  true, `neg<-3`: false, `neg>-3`: true, `neg<n`: true, `n<neg`: false, `neg=-2.50`: true,
		`big=18446744073709551614`: false, `big>18446744073709551614`: true, `big=18446744073709551615`: true,
		`n=2+3`: true, `2+3=n`: true, `n<2+4`: true, `n>2+3`: false, `true()=1`: true, `true()="true"`: true,
		`true()="True"`: false,
		`nope=5`:        false, `nope!=5`: false, `nope<5`: false, `nope>=5`: false, `NOT nope=5`: true,
		`nope=nope`:     false,
		`null()=null()`: false,
		`e=""`:          true, `e!=""`: false, `e<"a"`: true, `e=nope`: false,
		`m="a"`: true, `m="c"`: false, `m!="a"`: true, `m!="c"`: true, `m>"a"`: true, `m<"a"`: false, `m=m`: true,
		`"b"=m`: true, `m=nope`: false,
	})
}

// Search Reference, where: NOT before AND before OR and XOR; what is null is
// not true, and NOT of it is.
func TestLogic(t *testing.T) {
	truths(t, map[string]bool{
		`true() AND true()`: true, `true() AND false()`: false, `false() AND true()`: false,
		`false() OR true()`: true, `true() OR false()`: true,
		`false() OR false()`: false, `true() XOR false()`: true, `false() XOR true()`: true,
		`true() XOR true()`: false, `false() XOR false()`: false,
		`NOT false()`: true, `NOT true()`: false, `NOT NOT true()`: true, `not false()`: true,
		`true() OR true() AND false()`: true, `(true() OR true()) AND false()`: false, `NOT true() OR true()`: true,
		`NOT (true() OR true())`: false,
		`NOT n=5 AND n=5`:        false, `n=6 OR n=5 AND s="AbC"`: true, `true() XOR true() OR true()`: true,
		`n=5 and s="AbC" or false()`: true,
		`nope`:                       false, `NOT nope`: true, `nope OR true()`: true, `nope AND true()`: false,
		`n`: false, `n+0`: true,
		`n-5`: false, `s`: false, `1`: false,
		`like(s,"A%") AND match(s,"C$")`: true, `isnull(nope) AND NOT isnull(n)`: true,
	})
}

// Search Reference, eval: IN and LIKE as operators, and NOT before them.
func TestInAndLike(t *testing.T) {
	truths(t, map[string]bool{
		`n IN (4,5)`: true, `n IN (4,6)`: false, `n IN ("5.0")`: true, `s IN ("abc")`: false,
		`s in ("x","AbC")`: true, `nope IN (1)`: false,
		`NOT nope IN (1)`: true, `n NOT IN (4,5)`: false, `n NOT IN (4)`: true, `nope NOT IN (1)`: true,
		`n IN (nope,5)`: true, `m IN ("a")`: true,
		`n+1 IN (6)`: true, `n IN (2+3)`: true, `in(n,4,5)`: true, `in(n,4)`: false,
		`s LIKE "A_C"`: true, `s LIKE "a_c"`: false, `s like "%C"`: true, `s NOT LIKE "A%"`: false,
		`s NOT LIKE "B%"`: true, `nope LIKE "%"`: false, `nope NOT LIKE "%"`: true,
	})
}

// Search Reference, eval: names of fields, numbers and quotes.
func TestOperands(t *testing.T) {
	evaluations{
		{`'my field'`, "spaced"}, {`'a.b'`, "dotted"}, {`a.b`, null}, {`"s"`, "s"}, {`s`, "AbC"}, {`'s'`, "AbC"},
		{`'nope'`, null},
		{`"a\"b"`, `a"b`}, {`"a\\b"`, `a\b`}, {`"a\b"`, `a\b`}, {`""`, ""}, {`"'x'"`, "'x'"}, {`( ( n ) )`, "5"},
		{`5`, "5"}, {`5.0`, "5.0"}, {`0005`, "0005"}, {`5.0+0`, "5"}, {`5x`, null}, {`5 ."x"`, "5x"},
		{`_time`, "1765046631.5"},
		{`18446744073709551615`, "18446744073709551615"}, {`1 . .5`, "1.5"},
	}.check(t)
	p := compile(t,
		`* | eval "quoted name"=1, 'single one'='quoted name'+1, p.q=3, r{}=4, 7z=5 `+
			`| eval all='single one'+'p.q'+r{}+7z | table all`)
	if rows := p.Run(slices.Values([]spl.Event{evalEvent})).Rows; len(rows) != 1 || text(rows[0].Row) != "all=14" {
		t.Errorf("%v", rows)
	}
}

// Truth is kept in fields as text.
func TestTruthInFields(t *testing.T) {
	evaluations{{`true()`, "true"}, {`1=2`, "false"}, {`NOT 1=2`, "true"}, {`(1=1)+1`, "2"}, {`true()+true()`,
		"2"}}.check(t)
	p := compile(t, `* | eval a=(1=1), b=if(a="true","text","truth"), c=typeof(a), d=typeof(1=1) | table b c d`)
	if rows := p.Run(slices.Values([]spl.Event{evalEvent})).Rows; text(rows[0].Row) != "b=text c=String d=Boolean" {
		t.Errorf("%v", rows)
	}
}

// arities are the functions with how few and how many arguments they take; -1
// is any number.
var arities = map[string][2]int{
	"if": {3, 3}, "case": {2, -1}, "validate": {2, -1}, "coalesce": {1, -1}, "in": {2, -1}, "nullif": {2, 2},
	"null": {0, 0}, "true": {0, 0}, "false": {0, 0},
	"isnull": {1, 1}, "isnotnull": {1, 1}, "isnum": {1, 1}, "isint": {1, 1}, "isstr": {1, 1}, "isbool": {1, 1},
	"typeof": {1, 1},
	"lower":  {1, 1}, "upper": {1, 1}, "len": {1, 1}, "substr": {2, 3}, "trim": {1, 2}, "ltrim": {1, 2},
	"rtrim": {1, 2}, "urldecode": {1, 1},
	"tostring": {1, 2}, "printf": {1, -1}, "exact": {1, 1}, "md5": {1, 1}, "sha1": {1, 1}, "sha256": {1, 1},
	"sha512": {1, 1},
	"match":  {2, 2}, "like": {2, 2}, "replace": {3, 3}, "cidrmatch": {2, 2}, "searchmatch": {1, 1},
	"json_extract": {2, 2}, "json_valid": {1, 1}, "spath": {2, 2},
	"split": {2, 2}, "mvcount": {1, 1}, "mvindex": {2, 3}, "mvjoin": {2, 2}, "mvappend": {1, -1}, "mvdedup": {1, 1},
	"mvsort": {1, 1}, "mvzip": {2, 3},
	"mvrange": {2, 3}, "mvfind": {2, 2}, "mvfilter": {1, 1}, "mvmap": {2, 2},
	"abs": {1, 1}, "floor": {1, 1}, "ceiling": {1, 1}, "ceil": {1, 1}, "sqrt": {1, 1}, "exp": {1, 1}, "ln": {1, 1},
	"pi": {0, 0}, "pow": {2, 2}, "log": {1, 2},
	"round": {1, 2}, "sigfig": {1, 1}, "tonumber": {1, 2}, "min": {1, -1}, "max": {1, -1}, "sum": {1, -1},
	"avg":     {1, -1},
	"bit_and": {2, 2}, "bit_or": {2, 2}, "bit_xor": {2, 2},
	"now": {0, 0}, "time": {0, 0}, "strftime": {2, 2}, "strptime": {2, 2}, "relative_time": {2, 2},
}

// Every function says how many arguments it takes, and where it stands when
// there are too few or too many. Names are taken in any case.
func TestArities(t *testing.T) {
	call := func(name string, n int) string {
		args := make([]string, n)
		for i := range args {
			args[i] = "n"
			if strings.EqualFold(name, "searchmatch") {
				args[i] = `"n=5"`
			}
		}
		return "a=1 | eval b=1, x=1+" + name + "(" + strings.Join(args, ",") + ")"
	}
	for name, takes := range arities {
		if takes[1] < 0 {
			takes[1] = takes[0] + 4
		} else if _, err := spl.Compile(call(name, takes[1]+1), nil); !isArityError(err, name, takes[1]+1) {
			t.Errorf("%s of %d: %v", name, takes[1]+1, err)
		}
		if takes[0] > 0 {
			if _, err := spl.Compile(call(name, takes[0]-1), nil); !isArityError(err, name, takes[0]-1) {
				t.Errorf("%s of %d: %v", name, takes[0]-1, err)
			}
		}
		for n := takes[0]; n <= takes[1]; n++ {
			if pairs := name == "case" || name == "validate"; pairs && n%2 != 0 {
				continue
			}
			if _, err := spl.Compile(call(strings.ToUpper(name), n), nil); err != nil {
				t.Errorf("%s of %d: %v", name, n, err)
			}
		}
	}
}

func isArityError(err error, name string, n int) bool {
	var e *spl.Error
	return errors.As(err, &e) && e.Command == "eval" && e.Pos.Offset == 20 && e.Pos.Column == 21 &&
		e.Subject == fmt.Sprintf("function %q", name) && e.Reason == fmt.Sprintf("does not take %d arguments", n)
}

// What a function is called must be one that is known.
func TestUnknownFunctions(t *testing.T) {
	for _, name := range []string{"random", "lowercase", "mv", "IF2"} {
		want := fmt.Sprintf(`error: function %q at line 1, column 35 (offset 34) is not supported`, strings.ToLower(name))
		if got := evaluate(t, name+"(n)"); got != want {
			t.Error(got)
		}
	}
}
