package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/search"
)

// TestNarrow: what is added for a value finds the very events that were counted for it,
// and what leaves it out all others.
func TestNarrow(t *testing.T) {
	long := strings.Repeat("ü", 150)
	h := hostileHouse(t, "a*c", "A*C", "abc", `a\*c`, "*", "B", "b", "29", "29.0", "+29", "10.1.2.3", "10.0.0.0/8", long+"1", long+"2",
		strings.ToUpper(long)+"3", "kK\u212a", "KKK", "ſS", "ss", "ı", "i", "\xff\xfe")
	view := func(text string) search.View {
		t.Helper()
		s, err := h.Prepare(text, time.Time{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		jobs := search.NewJobs(h.Engine)
		defer jobs.Close()
		job, err := jobs.Start(s, search.Range{}, search.Window{Limit: 1}, search.Asked{})
		if err != nil {
			t.Fatal(err)
		}
		job.Wait(ctx, time.Minute)
		v, err := job.View(search.Window{Limit: 1})
		if err != nil || !v.Ended {
			t.Fatalf("%s: %v", text, err)
		}
		return v
	}
	n := 0
	for from := 0; from < len(hostile)+25; from += 8 {
		some := fmt.Sprintf("RecordNumber>%d RecordNumber<%d", from, from+9)
		for i, text := range []string{some, some + " OR y ```|```", some + ` NOT [ search nosuch "|" | fields Custom ] | eval z="|"`} {
			of := view(text)
			for _, f := range of.Fields {
				if f.Name != "Custom" && (i > 0 || !strings.HasPrefix(f.Name, "x")) {
					continue
				}
				for _, v := range append(f.Often, f.Rare...) {
					n++
					for not, want := range map[bool]int64{false: v.Count, true: of.Total - v.Count} {
						if got := view(search.Narrow(text, f.Name, v, not)).Total; got != want {
							t.Errorf("%s finds %d events, want %d", search.Narrow(text, f.Name, v, not), got, want)
						}
					}
				}
			}
		}
	}
	if n < 4*len(hostile) {
		t.Errorf("only %d values", n)
	}
	for text, want := range map[string]string{
		"| makeresults":           `| makeresults | search a=b`,
		"| makeresults | head 1":  `| makeresults | search a=b | head 1`,
		"":                        `a=b`,
		"x [ search y | head 1 ]": `x [ search y | head 1 ] a=b`,
	} {
		if got := search.Narrow(text, "a", search.ValueCount{Value: "b"}, false); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
