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

// mostLinked is the longest search, in bytes, that each bar leads to: it stands in all
// of them.
const mostLinked = 400

// barURL is the search in the time of a bar, within the time that was asked for.
func (r SearchRun) barURL(b SearchBar) string {
	from, to := b.From, b.To
	if from.Before(r.Since) {
		from = r.Since
	}
	if !r.Until.IsZero() && to.After(r.Until) {
		to = r.Until
	}
	return r.url("earliest", from.UTC().Format(time.RFC3339Nano), "latest", to.UTC().Format(time.RFC3339Nano))
}

// step is how many seconds wide a bar is.
func (r SearchRun) step() int { return int(r.Bars[0].To.Sub(r.Bars[0].From) / time.Second) }

// least and most are the bounds of what may be drawn over the bars.
func (r SearchRun) least() time.Time {
	if first := r.Bars[0].From; r.Since.Before(first) {
		return first
	}
	return r.Since
}

func (r SearchRun) most() time.Time {
	if last := r.Bars[len(r.Bars)-1].To; r.Until.IsZero() || r.Until.After(last) {
		return last
	}
	return r.Until
}

// moment is a time for a script, in seconds.
func moment(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64)
}

func (b SearchBar) words() string {
	return b.From.UTC().Format("2006-01-02 15:04:05") + " to " + b.To.UTC().Format("2006-01-02 15:04:05 UTC") + ": " +
		Plural(b.Count, "event")
}
