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
