package views

import (
	"strconv"
	"strings"
	"time"
)

// ranges are the times that are offered.
var ranges = [][2]string{{"", "All time"}, {"newest-1h", "Newest hour"}, {"newest-24h", "Newest 24 h"},
	{"newest-7d", "Newest 7 d"}}

// took is how long something took, in seconds.
func took(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s" }

// lines is how many lines the box has where no script lets it grow.
func (r SearchRun) lines() int { return min(2+strings.Count(r.Text, "\n"), 20) }

// place is what stands where a search is wrong.
func (r SearchRun) place() string {
	if r.WrongLine[1] == "" {
		return "␣"
	}
	return VisibleShort(r.WrongLine[1], 60)
}

// wrongAt is that place, for a script: "from to".
func (r SearchRun) wrongAt() string {
	if r.WrongFrom == r.WrongTo {
		return ""
	}
	return strconv.Itoa(r.WrongFrom) + " " + strconv.Itoa(r.WrongTo)
}

// timeHow says how a time is written.
const timeHow = "In UTC: 2025-12-15, 2025-12-15T01:48:53Z, or relative: -24h to now, newest-1h to the newest event"

// timeWords say which time is searched; "" for all.
func (r SearchRun) timeWords() string {
	const layout = "2006-01-02 15:04:05 UTC"
	from, to := r.Since.UTC().Format(layout), r.Until.UTC().Format(layout)
	switch {
	case r.Since.IsZero() && r.Until.IsZero():
		return ""
	case r.Until.IsZero():
		return "From " + from + " on"
	case r.Since.IsZero():
		return "Before " + to
	}
	return from + " to " + to
}
