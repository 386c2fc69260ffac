package spl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// Search macros, Knowledge Manager Manual: arguments stand as $name$ and are
// taken as they are written; quotes around a whole argument belong to the call.
func TestExpanded(t *testing.T) {
	m := spl.Macros{
		"one":       {Definition: "c=1"},
		"two(2)":    {Definition: `$a$="$b$"`, Args: []string{"a", "b"}},
		"same(1)":   {Definition: "$x$ OR $x$", Args: []string{"x"}},
		"outer(1)":  {Definition: "`same($v$)` d=2", Args: []string{"v"}},
		"odd-n.m:e": {Definition: "e=3"},
		"none(1)":   {Definition: "f=4", Args: nil},
		"blank(1)":  {Definition: "$x$ f=5", Args: []string{""}},
		"one(1)":    {Definition: "c=$v$", Args: []string{"v"}},
		"cross(2)":  {Definition: "$a$ $b$", Args: []string{"a", "b"}},
		"empty":     {Definition: ""},
		"string":    {Definition: "g=\"`one`\""},
	}
	for _, tt := range [][2]string{
		{"a=1", "a=1"}, {"`one`", "c=1"}, {"a=1 `one` b=2", "a=1 c=1 b=2"}, {"` one `", "c=1"}, {"`one()`", "c=1"},
		{"`one(7)`", "c=7"}, {"x`empty`y", "xy"},
		{"`two(a,b)`", `a="b"`}, {"`two( a , b )`", `a="b"`}, {"`two(a,\"x, y\")`", `a="x, y"`},
		{"`two(a,\"say \\\"hi\\\"\")`", `a="say "hi""`}, {"`two(a,f(x,y))`", `a="f(x,y)"`}, {"`two(a,)`", `a=""`},
		{"`two(a,\"\")`", `a=""`},
		{"`same(a=1)`", "a=1 OR a=1"}, {"`outer(a=1)`", "a=1 OR a=1 d=2"}, {"`odd-n.m:e`", "e=3"},
		{"`none(x)`", "f=4"}, {"`blank(x)`", "$x$ f=5"}, {"`cross($b$,$a$)`", "$b$ $a$"},
		{"`same(\"a\" OR \"b\")`", `"a" OR "b" OR "a" OR "b"`},
		{`"` + "`one`" + `"`, `"` + "`one`" + `"`}, {`"\"` + "`one`" + `"`, `"\"` + "`one`" + `"`},
		{"`string`", "g=\"`one`\""}, {"a=1 ```gone `nope` \"``` b=2", "a=1   b=2"}, {"a=1 ```x```", "a=1  "},
	} {
		p, err := spl.Compile(tt[0]+" | stats count", m)
		if err != nil {
			t.Errorf("%s: %v", tt[0], err)
			continue
		}
		if got := strings.TrimSuffix(p.Expanded(), " | stats count"); got != tt[1] {
			t.Errorf("%s\n got %s\nwant %s", tt[0], got, tt[1])
		}
		if p.Search() != tt[0]+" | stats count" {
			t.Errorf("%s: the search is told as %s", tt[0], p.Search())
		}
	}
}

// An error is told where the search has it, and of a macro's text where the
// search calls the macro.
func TestPositions(t *testing.T) {
	m := spl.Macros{"inner": {Definition: "b=1 )"}, "outer": {Definition: "a=1 `inner`"},
		"arg(1)": {Definition: "x=$v$", Args: []string{"v"}}}
	for _, tt := range []struct {
		search string
		pos    spl.Pos
		macro  string
	}{
		{")", spl.Pos{Offset: 0, Line: 1, Column: 1}, ""}, {"a=1 )", spl.Pos{Offset: 4, Line: 1, Column: 5}, ""},
		{"a=1\n)", spl.Pos{Offset: 4, Line: 2, Column: 1}, ""},
		{"é=1\n é )", spl.Pos{Offset: 9, Line: 2, Column: 4}, ""},
		{"a=1 ```\n``` )", spl.Pos{Offset: 12, Line: 2, Column: 5}, ""},
		{"`inner`", spl.Pos{Offset: 0, Line: 1, Column: 1}, "inner"},
		{"c=1 `inner`", spl.Pos{Offset: 4, Line: 1, Column: 5}, "inner"},
		{"c=1\n  `outer`", spl.Pos{Offset: 6, Line: 2, Column: 3}, "inner"},
		{"`arg(1)` )", spl.Pos{Offset: 9, Line: 1, Column: 10}, ""},
		{"`arg(\")\")`", spl.Pos{Offset: 0, Line: 1, Column: 1}, "arg"},
		{"a=1 `nope`", spl.Pos{Offset: 4, Line: 1, Column: 5}, ""},
	} {
		var e *spl.Error
		if _, err := spl.Compile(tt.search, m); !errors.As(err, &e) || e.Pos != tt.pos || e.Macro != tt.macro {
			t.Errorf("%q: %+v", tt.search, err)
		}
	}
	if got := (spl.Pos{Offset: 7, Line: 2, Column: 3}).String(); got != "line 2, column 3 (offset 7)" {
		t.Error(got)
	}
}

// Which macro there is instead is told; calls of none, and of what is no name,
// too.
func TestMacroErrors(t *testing.T) {
	m := spl.Macros{"f": {}, "f(2)": {Args: []string{"a", "b"}}, "f(3)": {Args: []string{"a", "b", "c"}},
		"g(1)": {Args: []string{"a"}}, "fx(1)": {Args: []string{"a"}}}
	for call, want := range map[string]string{
		"`f(1)`": `macro "f" at line 1, column 1 (offset 0) takes 0 or 2 or 3 arguments, not 1`,
		"`g`":    `macro "g" at line 1, column 1 (offset 0) takes 1 arguments, not 0`,
		"`h`":    `macro "h" at line 1, column 1 (offset 0) is not known`,
		"`h(1)`": `macro "h" at line 1, column 1 (offset 0) is not known`,
		"``":     "is not of the form", "`a b`": "is not of the form", "`f(1`": "is not of the form",
		"`f(\"1)`": "backtick at line 1, column 1 (offset 0) is not closed", "`f(1) x`": "is not of the form",
		"`(1)`":   "is not of the form",
		"`f":      "backtick at line 1, column 1 (offset 0) is not closed",
		"a ``` b": "comment at line 1, column 3 (offset 2) is not closed",
		`a "b`:    "quote at line 1, column 3 (offset 2) is not closed",
		`a "b\"`:  "quote at line 1, column 3 (offset 2) is not closed",
	} {
		if _, err := spl.Compile(call, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", call, err, want)
		}
	}
}

// Macros nest 32 deep, and a search has at most 256 KiB with them.
func TestMacroBounds(t *testing.T) {
	m := spl.Macros{"m0": {Definition: "a=1"}, "long": {Definition: strings.Repeat("x ", 1000)},
		"call": {Definition: "`m0` "}}
	for i := 1; i <= 40; i++ {
		m[fmt.Sprint("m", i)] = spl.Macro{Definition: fmt.Sprintf("`m%d`", i-1)}
	}
	for n, ok := range map[int]bool{31: true, 32: false} {
		if _, err := spl.Compile(fmt.Sprintf("`m%d`", n), m); (err == nil) != ok {
			t.Errorf("%d deep: %v", n+1, err)
		}
	}
	for n, ok := range map[int]bool{131: true, 132: false} {
		if _, err := spl.Compile(strings.Repeat("`long`", n)+"| stats count", m); (err == nil) != ok {
			t.Errorf("%d times 2,000 bytes: %v", n, err)
		}
	}
	for n, ok := range map[int]bool{5000: true, 5001: false} { // each makes two calls
		if _, err := spl.Compile(strings.Repeat("`call`", n), m); (err == nil) != ok {
			t.Errorf("%d calls: %v", 2*n, err)
		}
	}
}

// A caller's table goes over another, and leaves both as they were.
func TestOverlay(t *testing.T) {
	a, b := spl.Macros{"x": {Definition: "1"}, "y": {Definition: "2"}}, spl.Macros{"y": {Definition: "3"},
		"z": {Definition: "4"}}
	got := a.Overlay(b)
	if len(got) != 3 || got["x"].Definition != "1" || got["y"].Definition != "3" || got["z"].Definition != "4" ||
		a["y"].Definition != "2" || len(a) != 2 || len(b) != 2 {
		t.Error(got, a, b)
	}
	if got := spl.Macros(nil).Overlay(b); len(got) != 2 {
		t.Error(got)
	}
	if spl.MacroKey("a", 0) != "a" || spl.MacroKey("a", 2) != "a(2)" {
		t.Error("keys of macros")
	}
}

// Equal searches have one fingerprint however their macros are called, and
// another with other text or tables.
func TestFingerprints(t *testing.T) {
	m := spl.Macros{"a": {Definition: "x=1"}, "b": {Definition: "x=1"}, "c": {Definition: "x=2"}}
	of := func(search string, tables spl.Tables) string {
		p, err := detection.Env(m, tables).Compile(search)
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint()
	}
	rows := func(v string) spl.Tables {
		return spl.Tables{"l": {Fields: []string{"k", "v"}, Rows: [][]string{{"1", v}}},
			"other": {Fields: []string{v}}}
	}
	a := of("`a` | stats count", nil)
	if a != of("`b` | stats count", nil) || a != of("x=1 | stats count", rows("z")) {
		t.Error("equal searches differ")
	}
	if of("`a` | stats count", nil) == of("`c` | stats count", nil) {
		t.Error("different searches are equal")
	}
	const search = "x=1 | lookup l k AS x OUTPUT v | stats count by v"
	first, again := of(search, rows("a")), of(search, rows("a"))
	if first != again || first == of(search, rows("b")) {
		t.Error("the tables that a search looks up in count")
	}
	// the first 8 bytes of the SHA-256 of the expanded text: databases hold them
	if got := of("EventCode=29 | stats count", nil); got != "666e526d6aab6f2e" {
		t.Error(got)
	}
}
