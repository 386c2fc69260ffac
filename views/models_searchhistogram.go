package views

import (
	"strconv"
	"time"
)

// SearchBar is how many events are of [From, To).
type SearchBar struct {
	From, To time.Time
	Count    int64
}

// The histogram's measures.
const (
	barsWidth  = 1200
	barsHeight = 64
)

// SVG measures of the i-th bar.
func (r SearchRun) bar(i int) (x, y, w, h string) {
	most := int64(1)
	for _, b := range r.Bars {
		most = max(most, b.Count)
	}
	step := float64(barsWidth) / float64(len(r.Bars))
	tall := float64(barsHeight) * float64(r.Bars[i].Count) / float64(most)
	if r.Bars[i].Count > 0 {
		tall = max(tall, 2)
	}
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	return f(float64(i) * step), f(barsHeight - tall), f(max(step-1, 0.5)), f(tall)
}

func (r SearchRun) barURL(b SearchBar) string {
	return r.url("earliest", b.From.UTC().Format(time.RFC3339), "latest", b.To.UTC().Format(time.RFC3339))
}

func (b SearchBar) words() string {
	return b.From.UTC().Format("2006-01-02 15:04:05") + " to " + b.To.UTC().Format("2006-01-02 15:04:05 UTC") + ": " +
		Plural(b.Count, "event")
}
