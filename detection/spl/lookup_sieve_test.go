package spl_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// A table of many patterns gives the rows that each pattern by itself matches, in
// the order of the table.
func TestManyPatterns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func(letters string, most int) string {
		var b strings.Builder
		for range rnd.IntN(most + 1) {
			b.WriteByte(letters[rnd.IntN(len(letters))])
		}
		return b.String()
	}
	odd := []string{"ä*", "*Ä", "1.0", "01", "10.0.0.0/8", "", "*", "**", "K", "*k"}
	values := []string{"ä", "äb", "xÄ", "1", "10.1.2.3", "\u212a", "a\u212a", "b/a"}
	matched := 0
	for range 60 {
		var rows [][]string
		for i := range 60 {
			p := text("aB*b", 9)
			if i%6 == 0 {
				p = odd[rnd.IntN(len(odd))]
			}
			rows = append(rows, []string{p, fmt.Sprint(i)})
		}
		table := &spl.Table{Fields: []string{"k", "v"}, Rows: rows, Wildcard: []string{"k"}, IgnoreCase: true}
		plan, err := spl.Env{Tables: spl.Tables{"l": table}}.Shared().Compile(`* | lookup l k OUTPUT v | table v`)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			v := text("AbB", 9)
			if rnd.IntN(4) == 0 {
				v = values[rnd.IntN(len(values))]
			}
			var want []string
			for _, row := range rows {
				if p := value.NewPattern(row[0]); p.Match(v) {
					want = append(want, row[1])
				}
			}
			got, _ := plan.Run(func(yield func(spl.Event) bool) { yield(spl.Map{"_time": "1", "k": v}) }).Rows[0].Row.Get("v")
			if got != strings.Join(want, "\n") {
				t.Fatalf("%q in %q: %q, want %q", v, rows, got, want)
			}
			matched += len(want)
		}
	}
	if matched == 0 {
		t.Error("nothing matched")
	}
}
