package spl_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// found says whether a search finds an event.
func found(t *testing.T, search string, e spl.Map) bool {
	t.Helper()
	p, err := spl.Compile(search+" | stats count", nil)
	if err != nil {
		t.Fatalf("%s: %v", search, err)
	}
	return p.Matches(e)
}

// Search Reference, search: address ranges hold addresses, and nothing else.
func TestCIDRInSearch(t *testing.T) {
	for _, tt := range []struct {
		value, ip string
		want      bool
	}{
		{"10.0.0.0/8", "10.255.0.1", true}, {"10.0.0.0/8", "11.0.0.1", false}, {"10.0.0.0/8", "9.255.255.255", false},
		{"10.1.2.3/32", "10.1.2.3", true}, {"10.1.2.3/32", "10.1.2.4", false}, {"0.0.0.0/0", "1.2.3.4", true},
		{"10.0.0.0/8", "::ffff:10.1.1.1", true},
		{"2001:db8::/32", "2001:db8:1::1", true}, {"2001:db8::/32", "2001:db9::1", false},
		{"10.0.0.0/8", "10.0.0.0/8", true}, {"10.0.0.0/8", "10.0.0.1x", false}, {"10.0.0.0/8", "", false},
		{"10.0.0.0/33", "10.0.0.1", false}, {"10.0.0.0/33", "10.0.0.0/33", true}, {"a/b", "A/B", true},
	} {
		if got := found(t, `ip="`+tt.value+`"`, spl.Map{"ip": tt.ip}); got != tt.want {
			t.Errorf("%s in %s: %v", tt.ip, tt.value, got)
		}
		if got := found(t, `ip IN (x, `+tt.value+`)`, spl.Map{"ip": tt.ip}); got != tt.want {
			t.Errorf("%s in the list of %s: %v", tt.ip, tt.value, got)
		}
		if got := found(t, `ip!="`+tt.value+`"`, spl.Map{"ip": tt.ip}); got == tt.want {
			t.Errorf("%s differs from %s: %v", tt.ip, tt.value, got)
		}
	}
}

// Search Reference, search: numbers are compared exactly, however long; when
// one side is none, both are text without case.
func TestOrderInSearch(t *testing.T) {
	// the operators that hold, when the value is less, equal or more
	signs := map[int]string{-1: "< <= !=", 0: "= <= >=", 1: "> >= !="}
	for _, tt := range []struct {
		value, with string
		sign        int
	}{
		{"9", "10", -1}, {"10", "9", 1}, {"10", "10.0", 0}, {"-1", "1", -1}, {"1", "-1", 1}, {"-2", "-1", -1},
		{"-1", "-2", 1}, {"-0", "0", 0}, {"+5", "5", 0}, {"0.5", ".5", 0}, {"0.05", "0.5", -1}, {"0.5", "0.05", 1},
		{"5.", "5", 0}, {"1.10", "1.1", 0}, {"1.09", "1.1", -1},
		{"18446744073709551615", "18446744073709551616", -1}, {"18446744073709551616", "18446744073709551615", 1},
		{"100000000000000000000.1", "100000000000000000000.2", -1}, {"007", "7", 0}, {"-10", "9", -1},
		{"-100", "-9", -1},
		{"a", "b", -1}, {"B", "a", 1}, {"abc", "ABC", 0}, {"ab", "abc", -1}, {"10", "9x", -1}, {"9x", "10", 1},
		{"1e3", "1000", 1}, {"z", "10", 1}, {"10", "z", -1}, {"Ä", "ä", 0},
	} {
		for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
			want := slices.Contains(strings.Fields(signs[tt.sign]), op)
			if got := found(t, `v`+op+`"`+tt.with+`"`, spl.Map{"v": tt.value}); got != want {
				t.Errorf("%s %s %s: %v", tt.value, op, tt.with, got)
			}
		}
	}
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
		if found(t, "v"+op+"1", spl.Map{"w": "1"}) || !found(t, "NOT v"+op+"1", spl.Map{"w": "1"}) {
			t.Errorf("%s needs the field", op)
		}
	}
}

// A field of several values matches when one of them does.
func TestListsInSearch(t *testing.T) {
	for search, want := range map[string]bool{
		`m=a`: true, `m=B`: true, `m=c`: false, `m!=a`: true, `m!=b`: true, `m>a`: true, `m>b`: false, `m<b`: true,
		`m<a`: false, `m IN (c, a)`: true, `m IN (c)`: false, `m=*`: true, `NOT m=a`: false, `NOT m=c`: true,
		`m NOT IN (c)`: true, `m=a m=b`: true, `one!=x`: false, `one=x`: true,
	} {
		p := compile(t, `* | eval m=split("b,a",","), one=mvappend("x","x") | search `+search+` | stats count`)
		if got := p.Matches(spl.Map{"_time": "1"}); got != want {
			t.Errorf("%s: %v", search, got)
		}
	}
}

// Wildcards are those of the shell's *, without case, on random text.
func TestWildcardsAreTheShells(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	word := func(letters string, n int) string {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	hits := 0
	for range 3000 {
		pattern, value := word("aAb*", 7)+"*"+word("aB*", 5), word("aAbB", 9)
		want, err := path.Match(strings.ToLower(pattern), strings.ToLower(value))
		if err != nil {
			t.Fatal(err)
		}
		if got := found(t, "v="+pattern, spl.Map{"v": value}); got != want {
			t.Errorf("%q of %q: %v", pattern, value, got)
		}
		if want {
			hits++
		}
	}
	if hits < 500 || hits > 2500 {
		t.Errorf("%d hits", hits)
	}
}

// Search Reference, search: words and phrases are found in the event's text
// between what is no letter and no digit.
func TestTerms(t *testing.T) {
	const raw = "User=bob logged on to WEB-01 (Größe 10.1.2.3) x.exe_old ab12"
	for search, want := range map[string]bool{
		`bob`: true, `BOB`: true, `bo`: false, `ob`: false, `User`: true, `"user=bob"`: true, `"logged on"`: true,
		`"logged  on"`: false, `"ged on"`: false, `"on to web"`: true, `web`: true, `01`: true, `WEB-01`: true,
		`"web-0"`: false, `größe`: true, `GRÖSSE`: false, `gr`: false, `Größ*`: true,
		`10.1.2.3`: true, `1.2`: true, `0.1`: false, `"10.1"`: true, `exe`: true, `x.exe_old`: true, `old`: true,
		`ab12`: true, `ab`: false, `12`: false, `ab*`: true, `*12`: true, `b*2`: false, `*b1*`: true, `log*on`: false,
		`"log*on"`: false, `"bob l*to web"`: true, `"on to*bob"`: false, `*`: true, `w*1`: true,
		`TERM(10.1.2.3)`: true, `TERM(10.1.2)`: false, `TERM(10.1.2.4)`: false, `CASE(WEB)`: true, `CASE(web)`: false,
		`"(größe"`: true, `"größe 10"`: true, `"größe 1"`: false, `")"`: true, `""`: true, `nothing`: false,
		`NOT nothing`: true, `NOT bob`: false, `bob web`: true, `bob nothing`: false, `bob OR nothing`: true,
	} {
		if got := found(t, search, spl.Map{"_raw": raw}); got != want {
			t.Errorf("%s: %v", search, got)
		}
	}
	if found(t, "bob", spl.Map{"user": "bob"}) || !found(t, "NOT bob", spl.Map{"user": "bob"}) {
		t.Error("terms are looked for in _raw alone")
	}
}

// earliest, latest and index are read and match everything; so does an empty
// search after the first.
func TestWhatMatchesEverything(t *testing.T) {
	for _, search := range []string{"earliest=-1d", "latest=now", "earliest=\"01/01/2020:00:00:00\" a=1",
		"index=main", "index IN (a, b)", "index=* a=1", "a=1 | search", "_index_earliest=-1h", "NOT nope=1", "*"} {
		if !found(t, search, spl.Map{"a": "1"}) {
			t.Error(search)
		}
	}
	if found(t, "earliest=-1d a=2", spl.Map{"a": "1"}) || found(t, "NOT index=main", spl.Map{"a": "1"}) {
		t.Error("the rest of the search counts")
	}
}

// The order of an AND does not matter, whatever is looked at first.
func TestOrderOfAnd(t *testing.T) {
	parts := []string{"a=1", "b=x*", "word", "c>2", "NOT d=1"}
	good := spl.Map{"a": "1", "b": "xy", "_raw": "a word", "c": "3"}
	bad := []spl.Map{{"a": "2"}, {"b": "y"}, {"_raw": "no"}, {"c": "2"}, {"d": "1"}}
	for i := range parts {
		search := strings.Join(append(slices.Clone(parts[i:]), parts[:i]...), " ")
		if !found(t, search, good) {
			t.Errorf("%s does not match", search)
		}
		for _, over := range bad {
			e := spl.Map{}
			for _, m := range []spl.Map{good, over} {
				for k, v := range m {
					e[k] = v
				}
			}
			if found(t, search, e) {
				t.Error(fmt.Sprint(search, " matches ", e))
			}
		}
	}
}
