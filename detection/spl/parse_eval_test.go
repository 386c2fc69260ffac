package spl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// What is no expression is refused where it goes wrong; the expression starts
// at offset 12.
func TestExpressionErrors(t *testing.T) {
	for _, tt := range []struct {
		expression string
		offset     int
		want       string
	}{
		{"", 11, "end of the search"}, {"1+", 14, `end of the search`}, {"1 2", 14, `"2" at`}, {"a b", 14, `"b" at`},
		{"(1", 12, "parenthesis at"}, {"1)", 13, `")" at`}, {"(1))", 15, `")" at`}, {"f(1)", 12, `function "f" at`},
		{"1+nope(1)", 14, `function "nope" at`},
		{"lower(a", 12, "parenthesis at"}, {"lower(a b)", 20, `"b" at`}, {"lower(a,)", 20, `")" at`},
		{"lower(,a)", 18, `"," at`}, {`"x`, 12, "quote at"}, {`'x`, 12, "single quote at"},
		{"[search x]", 12, "subsearch at"}, {"a IN (1", 14, "parenthesis at"}, {"a IN 1", 17, `"1" at`},
		{"a AND", 17, "end of the search"},
		{"a OR OR b", 17, ""}, {"NOT", 15, "end of the search"}, {"a = ", 16, "end of the search"},
		{"a LIKE", 18, "end of the search"}, {"*", 12, `"*" at`}, {"a..b", 14, `"." at`},
		{"1e999", 12, `number "1e999" at`}, {"a=b=c | x", 20, `command "x" at`}, {"a,b", 15, "end of the search"},
		{"-", 13, "end of the search"}, {"a + * b", 16, `"*" at`},
	} {
		search := "* | eval zz=" + tt.expression
		_, err := spl.Compile(search, nil)
		var e *spl.Error
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s compiles", tt.expression)
			}
			continue
		}
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), tt.want) || max(e.Pos.Offset,
			12) != max(tt.offset, 12) {
			t.Errorf("%s: %v, want %s at %d", tt.expression, err, tt.want, tt.offset)
		}
	}
}

// Words are operators where they can be, in any case, and fields elsewhere.
func TestWordsAsFields(t *testing.T) {
	truths(t, map[string]bool{
		`n=5 AND s="AbC"`: true, `n=5 and NOT s="x"`: true, `n=5 Or n=6`: true, `n=5 xor n=5`: false, `(n)=5`: true,
		`((n=5))`: true, `(n=5)AND(s="AbC")`: true, `NOT(n=5)`: false, `n IN(5)`: true, `n=(5)`: true,
		`n="5"AND"5"=n`:       true,
		`5=n AND 4<n AND n<6`: true, "n\n=\n5": true, `LOWER(s)="abc"`: true, `Lower ( s )="abc"`: true,
		`'n'=5`: true,
	})
	p, err := spl.Compile(`* | where NOT=5 AND IN=6 | stats count`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Matches(spl.Map{"NOT": "5", "IN": "6"}) || p.Matches(spl.Map{"NOT": "5", "IN": "7"}) ||
		p.Matches(spl.Map{"NOT": "4", "IN": "6"}) {
		t.Error("fields whose names are operators")
	}
}

// Parentheses, signs and NOT nest at most 200 deep, and an expression has at
// most 20,000 operands.
func TestExpressionBounds(t *testing.T) {
	for _, tt := range []struct {
		shape string // how n levels are written
		make  func(n int) string
		most  int
	}{
		{"parentheses", func(n int) string { return strings.Repeat("(", n) + "1" + strings.Repeat(")", n) }, 199},
		{"NOT", func(n int) string { return strings.Repeat("NOT ", n) + "1" }, 199},
		{"signs", func(n int) string { return strings.Repeat("-", n) + "1" }, 199},
		{"calls", func(n int) string { return strings.Repeat("abs(", n) + "1" + strings.Repeat(")", n) }, 199},
		{"operands", func(n int) string { return strings.Repeat("1+", n-1) + "1" }, 10_000},
		{"arguments", func(n int) string { return "max(" + strings.Repeat("1,", n-1) + "1)" }, 19_999},
	} {
		for n, ok := range map[int]bool{tt.most: true, tt.most + 1: false} {
			_, err := spl.Compile("* | eval x="+tt.make(n), nil)
			if (err == nil) != ok {
				t.Errorf("%d of %s: %v", n, tt.shape, fmt.Sprint(err))
			}
		}
	}
}
