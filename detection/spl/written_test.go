package spl_test

import (
	"fmt"
	"strings"
	"testing"
)

// A condition that nests as deep as may be is written so that it reads again.
func TestDeepConditionsAreWritten(t *testing.T) {
	for _, n := range []int{10, 49, 50, 51, 60, 90} {
		search := "z=1"
		for i := range n {
			search = fmt.Sprintf("(a=%d OR (b=%d %s))", i, i, search)
		}
		pipe, err := caseEnv().Parse(search)
		if err != nil {
			t.Fatal(n, err)
		}
		again, err := caseEnv().Parse(pipe.String())
		if err != nil || again.String() != pipe.String() {
			t.Errorf("%d deep: %v", n, err)
		}
	}
	deep := strings.Repeat("NOT (", 99) + "a=1 b=2" + strings.Repeat(")", 99)
	pipe, err := caseEnv().Parse(deep)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := caseEnv().Parse(pipe.String()); err != nil || again.String() != pipe.String() {
		t.Error(err)
	}
}

// Expressions are written with the parentheses that they need and no others.
func TestExpressionsAreWritten(t *testing.T) {
	for x, want := range map[string]string{
		`a OR b AND c`:             ``,
		`(a OR b) AND c`:           ``,
		`a AND (b AND c)`:          ``,
		`a AND b AND c`:            ``,
		`a XOR (b OR c)`:           ``,
		`(a XOR b) OR c`:           `a XOR b OR c`,
		`NOT (a AND b)`:            ``,
		`(NOT a) AND b`:            `NOT a AND b`,
		`NOT NOT a`:                ``,
		`NOT (a = b)`:              `NOT a = b`,
		`(NOT a) = b`:              ``,
		`(a = b) = c`:              `a = b = c`,
		`a = (b = c)`:              ``,
		`a = b + c`:                ``,
		`(a = b) + c`:              ``,
		`a + b * c`:                ``,
		`(a + b) * c`:              ``,
		`a * (b / c)`:              ``,
		`a * b / c % d`:            ``,
		`a - (b + c) . d`:          ``,
		`-(a + b)`:                 ``,
		`-a * -b`:                  ``,
		`-(a * b)`:                 ``,
		`- - a`:                    `--a`,
		`+a`:                       `a`,
		`a NOT IN (b, "c")`:        ``,
		`NOT a IN (b)`:             `a NOT IN (b)`,
		`NOT (NOT a IN (b))`:       `NOT a NOT IN (b)`,
		`in(a, b, c)`:              `a IN (b, c)`,
		`like(a = b, c = d)`:       `a = b LIKE (c = d)`,
		`a LIKE b . "%"`:           ``,
		`(a OR b) LIKE c`:          ``,
		`if(a OR b, c, "d")`:       ``,
		`lower(LOWER(a))`:          `lower(lower(a))`,
		`'a b' = 'it"s"'`:          ``,
		`'a' = 'not'`:              `a = 'not'`,
		`"1" + 1.50 + "1." + ".5"`: `1 + 1.50 + "1." + ".5"`,
		`1e3 + 0x`:                 `"1e3" + '0x'`,
		`123456789012345`:          ``,
		`1234567890123456`:         `"1234567890123456"`,
		`"a\\b" = "\"" . "c\d"`:    `"a\b" = "\"" . "c\d"`,
		`"\\\\x\\"`:                `"\\\x\\"`,
		`null()`:                   ``,
		`a{}.b`:                    `'a{}' . b`,
		`9a = b`:                   `'9a' = b`,
	} {
		if want == "" {
			want = x
		}
		pipe, err := caseEnv().Parse("* | where " + x)
		if err != nil {
			t.Errorf("%s: %v", x, err)
			continue
		}
		if got := strings.TrimPrefix(pipe[1].String(), "where "); got != want {
			t.Errorf("%s\n got %s\nwant %s", x, got, want)
		}
	}
}

// So are conditions of the search command.
func TestConditionsAreWritten(t *testing.T) {
	for x, want := range map[string]string{
		`a=1 b=2 c=3`:                ``,
		`a=1 (b=2 c=3)`:              ``,
		`(a=1 b=2) OR c=3`:           ``,
		`a=1 OR b=2 OR c=3`:          ``,
		`a=1 OR (b=2 OR c=3)`:        ``,
		`(a=1 OR b=2) c=3`:           ``,
		`NOT a=1 b=2`:                ``,
		`NOT (a=1 b=2)`:              ``,
		`NOT (NOT a=1)`:              `NOT NOT a=1`,
		`(NOT a=1) OR b=2`:           `NOT a=1 OR b=2`,
		`a != 1 b <= 2 c >= 3`:       `a!=1 b<=2 c>=3`,
		`a<1 b>2 c==3`:               `a<1 b>2 c=3`,
		`a=x* b="x y" c=""`:          ``,
		`a="10" b="1.5" c="-1"`:      `a=10 b=1.5 c="-1"`,
		`a="C:\\x\\" b="\"q\""`:      `a="C:\x\\" b="\"q\""`,
		`"a b"=1 "c"=2`:              `"a b"=1 c=2`,
		`a IN (1,"2 3",x*)`:          `a IN (1, "2 3", x*)`,
		`NOT a IN (1)`:               `a NOT IN (1)`,
		`word "two words" TERM(t.x)`: ``,
		`"or" "NOT" "in" "by" "as"`:  `"or" "NOT" "in" "by" "as"`,
		`index=x a=1`:                ``,
		`NOT index=x`:                ``,
		`earliest=1 OR a=1`:          ``,
		`9 9a`:                       `9 "9a"`,
		`a=/x b=y/z`:                 `a="/x" b=y/z`,
		`a=d b=desc`:                 `a="d" b="desc"`,
		`*`:                          ``,
	} {
		if want == "" {
			want = x
		}
		pipe, err := caseEnv().Parse(x)
		if err != nil {
			t.Errorf("%s: %v", x, err)
			continue
		}
		if got := strings.TrimPrefix(pipe.String(), "search "); got != want {
			t.Errorf("%s\n got %s\nwant %s", x, got, want)
		}
	}
}

// Words that mean something where a name may stand are in quotes there.
func TestKeywordsAreQuoted(t *testing.T) {
	for _, search := range []string{
		`a "and" "OR" "not" "in" b`, `| stats sum("eval") as "by" by "groupby", "as"`,
		`| sort a, "desc"`, `| sort a, "d"`, `| dedup a, "sortby"`, `| top a, "by"`,
		`| lookup rights "output", "outputnew" as "as" OUTPUT "output" as "OUTPUTNEW"`,
		`| tstats count where a "groupby" by b`, `| tstats count where a "by" by b`,
	} {
		pipe, err := caseEnv().Parse(search)
		if err != nil {
			t.Errorf("%s: %v", search, err)
			continue
		}
		if got := strings.TrimPrefix(pipe.String(), "search "); got != search {
			t.Errorf("%s\nis written as\n%s", search, got)
		}
		again, err := caseEnv().Parse(strings.ReplaceAll(search, `"`, ""))
		if err == nil && again.String() == pipe.String() {
			t.Errorf("%s: no quotes are needed", search)
		}
	}
	for _, plain := range []string{"term", "case", "from", "where", "xor", "like", "datamodel", "ass", "bye"} {
		pipe, err := caseEnv().Parse("a " + plain + "=1 | table " + plain)
		if err != nil || pipe.String() != "search a "+plain+"=1 | table "+plain {
			t.Errorf("%s: %s %v", plain, pipe, err)
		}
	}
}
