package agg_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"escutcheon/detection/spl/agg"
)

const null = "\x00null"

// old are states that the first versions stored, to the letter, and what the
// aggregates of them are. Databases in the field are full of these: a change
// that needs one of the lines changed loses what is stored.
var old = []struct{ written, stored, want string }{
	{"count", `{"n":3}`, "3"},
	{"count", `{"n":3}`, "3"},
	{"count", `{"n":2}`, "2"},
	{"count", `{"n":4}`, "4"},
	{"min", `{"n":3,"t":"10","d":"9","a":3000000000}`, "9"},
	{"min", `{"n":3,"t":"10","d":"10","x":true,"a":3000000000}`, "10"},
	{"min", `{"n":2,"t":"é","x":true,"a":3000000000}`, "é"},
	{"min", `{"n":4,"t":"-2.5","d":"-2.5","x":true,"a":3000000000}`, "-2.5"},
	{"max", `{"n":3,"t":"9","d":"10","a":3000000000}`, "10"},
	{"max", `{"n":3,"t":"b","d":"10","x":true,"a":3000000000}`, "b"},
	{"max", `{"n":2,"t":["/w=="],"x":true,"a":3000000000}`, "\xff"},
	{"max", `{"n":4,"t":"x","d":"0.1","x":true,"a":3000000000}`, "x"},
	{"earliest", `{"n":3,"t":"9","a":1000000000}`, "9"},
	{"earliest", `{"n":3,"t":"10","a":1000000000}`, "10"},
	{"earliest", `{"n":2,"t":"é","a":1000000000}`, "é"},
	{"earliest", `{"n":4,"t":"-2.5","a":1000000000}`, "-2.5"},
	{"latest", `{"n":3,"t":"10","a":3000000000}`, "10"},
	{"latest", `{"n":3,"t":"b","a":3000000000}`, "b"},
	{"latest", `{"n":2,"t":["/w=="],"a":3000000000}`, "\xff"},
	{"latest", `{"n":4,"t":"x","a":4000000000}`, "x"},
	{"first", `{"n":3,"t":"10","a":-3000000001}`, "10"},
	{"first", `{"n":3,"t":"b","a":-3000000001}`, "b"},
	{"first", `{"n":2,"t":["/w=="],"a":-3000000001}`, "\xff"},
	{"first", `{"n":4,"t":"x","a":-4000000001}`, "x"},
	{"last", `{"n":3,"t":"9","a":-1000000001}`, "9"},
	{"last", `{"n":3,"t":"10","a":-1000000001}`, "10"},
	{"last", `{"n":2,"t":"é","a":-1000000001}`, "é"},
	{"last", `{"n":4,"t":"-2.5","a":-1000000001}`, "-2.5"},
	{"earliest_time", `{"n":3,"t":"9","a":1000000000}`, "1"},
	{"earliest_time", `{"n":3,"t":"10","a":1000000000}`, "1"},
	{"earliest_time", `{"n":2,"t":"é","a":1000000000}`, "1"},
	{"earliest_time", `{"n":4,"t":"-2.5","a":1000000000}`, "1"},
	{"latest_time", `{"n":3,"t":"10","a":3000000000}`, "3"},
	{"latest_time", `{"n":3,"t":"b","a":3000000000}`, "3"},
	{"latest_time", `{"n":2,"t":["/w=="],"a":3000000000}`, "3"},
	{"latest_time", `{"n":4,"t":"x","a":4000000000}`, "4"},
	{"sum", `{"n":3,"u":29000000000}`, "29"},
	{"sum", `{"n":1,"u":10000000000}`, "10"},
	{"sum", `{"n":3,"u":997600000000}`, "997.6"},
	{"avg", `{"n":3,"u":29000000000}`, "9.666666666666666"},
	{"avg", `{"n":1,"u":10000000000}`, "10"},
	{"avg", `{"n":3,"u":997600000000}`, "332.53333333333336"},
	{"sumsq", `{"n":3,"u":29000000000,"q":281000000000000000000}`, "281"},
	{"sumsq", `{"n":1,"u":10000000000,"q":100000000000000000000}`, "100"},
	{"sumsq", `{"n":3,"u":997600000000,"q":1000006260000000000000000}`, "1000006.26"},
	{"stdev", `{"n":3,"u":29000000000,"q":281000000000000000000}`, "0.5773502691896257"},
	{"stdev", `{"n":1,"u":10000000000,"q":100000000000000000000}`, "0"},
	{"stdev", `{"n":3,"u":997600000000,"q":1000006260000000000000000}`, "578.0445513395429"},
	{"stdevp", `{"n":3,"u":29000000000,"q":281000000000000000000}`, "0.4714045207910317"},
	{"stdevp", `{"n":1,"u":10000000000,"q":100000000000000000000}`, "0"},
	{"stdevp", `{"n":3,"u":997600000000,"q":1000006260000000000000000}`, "471.97139979263807"},
	{"var", `{"n":3,"u":29000000000,"q":281000000000000000000}`, "0.3333333333333333"},
	{"var", `{"n":1,"u":10000000000,"q":100000000000000000000}`, "0"},
	{"var", `{"n":3,"u":997600000000,"q":1000006260000000000000000}`, "334135.50333333336"},
	{"varp", `{"n":3,"u":29000000000,"q":281000000000000000000}`, "0.2222222222222222"},
	{"varp", `{"n":1,"u":10000000000,"q":100000000000000000000}`, "0"},
	{"varp", `{"n":3,"u":997600000000,"q":1000006260000000000000000}`, "222757.00222222222"},
	{"range", `{"n":3,"u":9000000000,"q":10000000000}`, "1"},
	{"range", `{"n":1,"u":10000000000,"q":10000000000}`, "0"},
	{"range", `{"n":3,"u":-2500000000,"q":1000000000000}`, "1002.5"},
	{"values", `{"n":3,"v":[{"v":"10","n":2},{"v":"9","n":1}]}`, "10\n9"},
	{"values", `{"n":3,"v":[{"v":"10","n":1},{"v":"A","n":1},{"v":"b","n":1}]}`, "10\nA\nb"},
	{"values", `{"n":2,"v":[{"v":"é","n":1},{"v":["/w=="],"n":1}]}`, "é\n\xff"},
	{"values", `{"n":4,"v":[{"v":"-2.5","n":1},{"v":"0.1","n":1},{"v":"1e3","n":1},{"v":"x","n":1}]}`,
		"-2.5\n0.1\n1e3\nx"},
	{"list", `{"n":3,"l":[{"p":-3000000001,"v":"10"},{"p":-2000000001,"v":"10"},{"p":-1000000001,"v":"9"}]}`,
		"10\n10\n9"},
	{"list", `{"n":3,"l":[{"p":-3000000001,"v":"b"},{"p":-2000000001,"v":"A"},{"p":-1000000001,"v":"10"}]}`,
		"b\nA\n10"},
	{"list", `{"n":2,"l":[{"p":-3000000001,"v":["/w=="]},{"p":-1000000001,"v":"é"}]}`, "\xff\né"},
	{"list",
		`{"n":4,"l":[{"p":-4000000001,"v":"x"},{"p":-3000000001,"v":"0.1"},{"p":-2000000001,"v":"1e3"},{"p":-1000000001,"v":"-2.5"}]}`, "x\n0.1\n1e3\n-2.5"},
	{"mode", `{"n":3,"v":[{"v":"10","n":2},{"v":"9","n":1}]}`, "10"},
	{"mode", `{"n":3,"v":[{"v":"10","n":1},{"v":"A","n":1},{"v":"b","n":1}]}`, "10"},
	{"mode", `{"n":2,"v":[{"v":"é","n":1},{"v":["/w=="],"n":1}]}`, "é"},
	{"mode", `{"n":4,"v":[{"v":"-2.5","n":1},{"v":"0.1","n":1},{"v":"1e3","n":1},{"v":"x","n":1}]}`, "-2.5"},
	{"median", `{"n":3,"v":[{"v":"10","n":2},{"v":"9","n":1}]}`, "10"},
	{"median", `{"n":3,"v":[{"v":"10","n":1},{"v":"A","n":1},{"v":"b","n":1}]}`, "10"},
	{"median", `{"n":2,"v":[{"v":"é","n":1},{"v":["/w=="],"n":1}]}`, null},
	{"median", `{"n":4,"v":[{"v":"-2.5","n":1},{"v":"0.1","n":1},{"v":"1e3","n":1},{"v":"x","n":1}]}`, "0.1"},
	{"perc95", `{"n":3,"v":[{"v":"10","n":2},{"v":"9","n":1}]}`, "10"},
	{"perc95", `{"n":3,"v":[{"v":"10","n":1},{"v":"A","n":1},{"v":"b","n":1}]}`, "10"},
	{"perc95", `{"n":2,"v":[{"v":"é","n":1},{"v":["/w=="],"n":1}]}`, null},
	{"perc95", `{"n":4,"v":[{"v":"-2.5","n":1},{"v":"0.1","n":1},{"v":"1e3","n":1},{"v":"x","n":1}]}`,
		"900.0099999999999"},
	{"dc", `{"n":3,"h":"GVgeJ9587QBKRNwVNkIEqA=="}`, "2"},
	{"dc", `{"n":3,"h":"PiPoFgA5WUpKRNwVNkIEqFWa6tCCZNV5"}`, "3"},
	{"dc", `{"n":2,"h":"SplVfkAzw1OoEArmqhlA0A=="}`, "2"},
	{"dc", `{"n":4,"h":"CxHKAVRW6F4UvktF8Y4NjCD7UIzQabf7LXEWQrcmsEQ="}`, "4"},
}

func TestOldStates(t *testing.T) {
	for _, c := range old {
		k := keep(t, c.written)
		if err := load(k, c.stored); err != nil {
			t.Errorf("%s: %s: %v", c.written, c.stored, err)
			continue
		}
		if got := text(k); got != c.want {
			t.Errorf("%s: %s: %q, not %q", c.written, c.stored, got, c.want)
		}
		again := c.stored
		if c.written == "min" || c.written == "max" { // the place said nothing and is stored no more
			again = strings.Replace(again, `,"a":3000000000`, "", 1)
		}
		if got := store(t, k); got != again {
			t.Errorf("%s: stored again as\n%s, not\n%s", c.written, got, again)
		}
	}
}

// Each aggregate has old states, so that no new name passes unseen.
func TestOldStatesOfEach(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range old {
		seen[c.written] = true
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("%s: no old state", name)
		}
	}
}

// What is stored of no values, by any aggregate, in any version.
func TestNothingStored(t *testing.T) {
	for _, name := range names {
		k := keep(t, name)
		k.Add(agg.Input{Text: "5", N: 1})
		if err := load(k, `{}`); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := null
		if name == "count" || name == "dc" {
			want = "0"
		}
		if got := text(k); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
		if got := store(t, keep(t, name)); got != `{}` {
			t.Errorf("%s: of no values it stores %s", name, got)
		}
	}
}

// What no version stored is refused, and then nothing is kept.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ names, stored string }{
		{"count min max earliest latest first last sum avg stdev range values list mode perc95 dc", `{"n":-1}`},
		{"count min earliest sum stdev range values list perc95 dc", `{"t":"x"}`},
		{"count min", `{"d":"1"}`},
		{"count min", `{"x":true}`},
		{"count latest", `{"a":1}`},
		{"count sum avg", `{"u":1}`},
		{"count stdev", `{"q":1}`},
		{"count values", `{"v":[{"v":"a","n":1}]}`},
		{"count dc", `{"h":"AAAAAAAAAAE="}`},
		{"count list", `{"l":[{"p":1,"v":"a"}]}`},
		{"min max sum avg sumsq stdev stdevp var varp range values list mode median dc", `{"n":1}`},
		{"min max", `{"n":1,"t":"1"}`},
		{"min max", `{"n":1,"t":"b","d":"b"}`},
		{"sum avg", `{"n":1,"q":1}`},
		{"stdev var sumsq range", `{"n":1,"u":1}`},
		{"stdev var sumsq range", `{"n":1,"q":1}`},
		{"stdev stdevp var varp sumsq", `{"n":2,"u":10,"q":49}`}, // of two numbers with sum 10 they are 50 or more
		{"range", `{"n":2,"u":2,"q":1}`},
		{"values mode median", `{"n":1,"v":[]}`},
		{"values mode median", `{"n":1,"v":[{"v":"a","n":0}]}`},
		{"values mode median", `{"n":1,"v":[{"v":"a","n":-1}]}`},
		{"values mode median", `{"n":2,"v":[{"v":"a","n":1},{"v":"a","n":1}]}`},
		{"list", `{"n":2,"l":[{"p":2,"v":"a"},{"p":1,"v":"a"}]}`},
		{"list", `{"n":2,"l":[{"p":1,"v":"b"},{"p":1,"v":"a"}]}`},
		{"dc", `{"n":1,"h":"AAAA"}`},
	} {
		for name := range strings.FieldsSeq(c.names) {
			k := keep(t, name)
			k.Add(agg.Input{Text: "5", N: 1})
			if err := load(k, c.stored); err == nil {
				t.Errorf("%s: %s is taken", name, c.stored)
			}
			if got, want := store(t, k), `{}`; got != want {
				t.Errorf("%s: %s is refused, and %s is kept", name, c.stored, got)
			}
		}
	}
}

// A refusal says what is wrong in one short sentence.
func TestRefusedBecause(t *testing.T) {
	for name, want := range map[string]string{
		"min": "neither a number nor a text", "sum": "no sum", "var": "no sum, or none of squares",
		"range": "no least or no greatest",
		"mode":  "no values",
		"dc":    "no hashes",
		"list":  "no values",
	} {
		if err := load(keep(t, name), `{"n":1}`); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What just fits is taken: the bounds of the refusals above.
func TestJustTaken(t *testing.T) {
	for _, c := range []struct{ written, stored, want string }{
		{"stdevp", `{"n":2,"u":10,"q":50}`, "0"},
		{"range", `{"n":1,"u":1,"q":1}`, "0"},
		{"list", `{"n":2,"l":[{"p":1,"v":"a"},{"p":1,"v":"a"}]}`, "a\na"},
		{"min", `{"n":1,"x":true}`, ""}, // an empty text is one
		{"count", `{"n":9223372036854775807}`, "9223372036854775807"},
	} {
		k := keep(t, c.written)
		if err := load(k, c.stored); err != nil || text(k) != c.want {
			t.Errorf("%s: %s: %q, %v", c.written, c.stored, text(k), err)
		}
	}
}

// Texts come back to the byte, whatever bytes they are of.
func TestBytes(t *testing.T) {
	for _, s := range []string{"", "a", "\x00", "é", "\xff", "a\xc3", "\xed\xa0\x80", "[\"L3c9PQ==\"]", "<&>\u2028"} {
		data, err := json.Marshal(agg.Bytes(s))
		if err != nil {
			t.Fatal(err)
		}
		var back agg.Bytes
		if err := json.Unmarshal(data, &back); err != nil || string(back) != s {
			t.Errorf("%q: %s, back %q, %v", s, data, back, err)
		}
	}
	for _, bad := range []string{`1`, `["%"]`, `[1]`, `{}`} {
		var b agg.Bytes
		if json.Unmarshal([]byte(bad), &b) == nil {
			t.Errorf("%s: read as %q", bad, b)
		}
	}
}

// Sums do not overflow.
func TestLargeNumbers(t *testing.T) {
	k := keep(t, "sum")
	for range 3 {
		k.Add(agg.Input{Text: "999999999999999999999999999999.999999999", N: math.MaxInt64})
	}
	const want = "27670116110564327420999999999999999999972329883889.435672579" // 3·(2^63-1)·(10^30-10^-9)
	if got := text(k); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if again := keep(t, "sum"); load(again, store(t, k)) != nil || text(again) != text(k) {
		t.Errorf("%s, %s", text(k), text(again))
	}
}
