package search_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"escutcheon/search"
)

// TestPictures: what a search for a chart came to is drawn as its table has it; a search
// that asks for none has no picture.
func TestPictures(t *testing.T) {
	h := demoHouse(t)
	const rows = `| makeresults count=48 | streamstats count as n | eval _time=1700000000+n*3600, a="s".(n%20), b=n%4`
	for _, c := range []struct{ search, want string }{
		{rows + ` | timechart span=1d sum(n) as s`, "3 times, s"},
		{rows + ` | timechart span=1d sum(n) by b | sort - _time`, "3 times, 0 1 2 3"},
		{rows + ` | chart count over a`, "20 labels, count"},
		{rows + ` | chart limit=0 count over b by a`, "4 labels, 12 of 20"},
		{rows + ` | bin _time span=1d | stats count by _time`, "3 times, count"},
		{rows + ` | bin _time span=1d | stats sum(n) by b _time`, "3 times, 0 1 2 3"},
		{rows + ` | bin _time span=1d | stats sum(n) values(a) by _time | eval x=1 | fields - "sum(n)"`, "3 times, x"},
		{rows + ` | chart count over n`, "48 labels, count"}, {rows + ` | stats count by a`, ""},
		{rows + ` | stats count by _time`, ""}, {rows + ` | chart values(a) over b`, ""},
		{rows + ` | timechart span=1d count | rename _time as t`, ""}, {rows + ` | where n<0 | chart count over a`, ""},
		{rows + ` | chart count over a | stats count`, ""}, {`EventCode=29`, ""},
	} {
		s, err := h.Prepare(c.search, time.Time{})
		if err != nil {
			t.Fatalf("%s: %v", c.search, err)
		}
		a, err := s.Run(ctx, search.Range{}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if p := s.Picture(a.Columns, a.Rows); p != nil {
			got = fmt.Sprintf("%d labels, ", len(p.Labels))
			if p.Times != nil {
				got = fmt.Sprintf("%d times, ", len(p.Times))
				for i := 1; i < len(p.Times); i++ {
					if !p.Times[i].After(p.Times[i-1]) {
						t.Errorf("%s: times are in no order", c.search)
					}
				}
			}
			var names []string
			for _, x := range p.Series {
				names = append(names, x.Name)
				if sum := sumOf(x.Values); x.Name == "s" && sum != 48*49/2 || x.Name == "count" && sum != 48 {
					t.Errorf("%s: %s sums up to %v", c.search, x.Name, sum)
				}
			}
			if p.Left > 0 {
				names = []string{fmt.Sprintf("%d of %d", len(p.Series), len(p.Series)+p.Left)}
			}
			got += strings.Join(names, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.search, got, c.want)
		}
	}
}

func sumOf(list []float64) (n float64) {
	for _, v := range list {
		if !math.IsNaN(v) {
			n += v
		}
	}
	return n
}
