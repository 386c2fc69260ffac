package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Num is a number with thousands separators.
func Num(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Plural is a number and its noun: "1 host", "4 hosts". Irregular plurals are
// given whole.
func Plural(n int64, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	if len(many) > 0 {
		return Num(n) + " " + many[0]
	}
	return Num(n) + " " + one + "s"
}

// Bytes is a size in three figures: "69.6 MB".
func Bytes(n int64) string {
	f, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	for i, u := range units {
		if f < 999.5 || i == len(units)-1 {
			switch {
			case i == 0 || f >= 99.95:
				return fmt.Sprintf("%.0f %s", f, u)
			case f >= 9.995:
				return fmt.Sprintf("%.1f %s", f, u)
			}
			return fmt.Sprintf("%.2f %s", f, u)
		}
		f /= 1000
	}
	return ""
}

// Duration is a span in its two greatest units: "2 d 4 h".
func Duration(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	s := int64(d / time.Second)
	switch {
	case s >= 86400:
		return two(s/86400, "d", s%86400/3600, "h")
	case s >= 3600:
		return two(s/3600, "h", s%3600/60, "min")
	case s >= 60:
		return two(s/60, "min", s%60, "s")
	case d >= 10*time.Second || d == 0:
		return fmt.Sprintf("%d s", s)
	case d < 50*time.Millisecond:
		return "under 0.1 s"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func two(a int64, au string, b int64, bu string) string {
	if b == 0 {
		return Num(a) + " " + au
	}
	return Num(a) + " " + au + " " + strconv.FormatInt(b, 10) + " " + bu
}

// Age is how long before now a time is: "3 d 4 h ago".
func Age(t, now time.Time) string {
	switch {
	case t.IsZero() || now.IsZero():
		return ""
	case t.After(now):
		return "in " + Duration(t.Sub(now))
	}
	return Duration(now.Sub(t)) + " ago"
}

const (
	seconds = "2006-01-02 15:04:05"
	minutes = "2006-01-02 15:04"
)

// fullTime is a time in full precision with its age, for a title.
func fullTime(t, now time.Time) string {
	s := t.UTC().Format("2006-01-02T15:04:05.999999999Z")
	if a := Age(t, now); a != "" {
		s += ", " + a
	}
	return s
}

func utc(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return t.UTC().Format(seconds) + " UTC"
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (f Frame) zone() string {
	if f.Zone == "" {
		return "UTC"
	}
	return f.Zone
}

// Words say how the moment was chosen.
func (k AsOfKind) Words() string {
	switch k {
	case Asked:
		return "asked for"
	case Newest:
		return "its newest risk event"
	}
	return "now"
}

// short is the same in one word, for a row.
func (k AsOfKind) short() string {
	switch k {
	case Asked:
		return "asked"
	case Newest:
		return "newest risk"
	}
	return "now"
}

// words of an incident: what was crossed, and when.
// Words are what the incident came to.
func (i Incident) Words() string {
	when := "crossed " + i.Crossed.UTC().Format(minutes) + " UTC"
	if i.Began.Before(i.Crossed) && !i.Began.IsZero() {
		when += ", " + i.lowest() + " since " + i.Began.UTC().Format(minutes) + " UTC"
	}
	if i.Threshold == 0 {
		return fmt.Sprintf("%d tactics from %d rules over 7 days, %s", i.Tactics, i.Rules, when)
	}
	return fmt.Sprintf("24-hour sum %s %s, %s", Num(i.Sum), i.crossing(), when)
}

// lowest is the lowest threshold of an incident.
func (i Incident) lowest() string {
	if i.Lowest == 0 {
		return "over 100"
	}
	return "over " + Num(i.Lowest)
}

// crossing is the threshold as Splunk ES has it: medium is over 100, the
// others are from theirs on.
func (i Incident) crossing() string {
	switch {
	case i.Threshold == 0:
		return fmt.Sprintf("%d tactics, %d rules", i.Tactics, i.Rules)
	case i.Severity == Medium:
		return "over " + Num(i.Threshold)
	}
	return "from " + Num(i.Threshold)
}

func (s Severity) step() int {
	switch s {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

func (s Severity) words() string {
	switch s {
	case "":
		return "no risk in its 7 days"
	case Low:
		return "low: risk, no incident"
	}
	return string(s) + " incident"
}

func (p HostsPage) heading() string {
	switch {
	case p.Total == 0 && !p.Any:
		return "No hosts yet"
	case p.Total == 0:
		return "No host fits the filter"
	case p.Risky == p.Total:
		return Plural(p.Total, "host") + " with risk in " + its(p.Total) + " last 7 days"
	}
	return Num(p.Risky) + " of " + Plural(p.Total, "host") + " with risk in " + its(p.Total) + " last 7 days"
}

func its(n int64) string {
	if n == 1 {
		return "its"
	}
	return "their"
}

// percent is a part of a whole in whole percent, never 100 before the end.
func percent(part, whole int64) int {
	switch {
	case whole <= 0 || part <= 0:
		return 0
	case part >= whole:
		return 100
	}
	return min(99, int(float64(part)/float64(whole)*100))
}

func f1(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}
