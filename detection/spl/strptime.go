package spl

import (
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// strptime reads a time as a format says, in UTC unless it names a zone. What
// the format does not give is taken of 1970-01-01T00:00:00.
func strptime(s, format string) (time.Time, bool) {
	var layout strings.Builder
	for {
		before, rest, ok := strings.Cut(format, "%")
		if strings.ContainsAny(before, "0123456789") || hasMonth(before) {
			return time.Time{}, false // such text would be read as part of the layout
		}
		layout.WriteString(before)
		if !ok {
			break
		}
		c := conversion(rest)
		format = rest[len(c):]
		switch {
		case c == "s" && layout.Len() == 0 && format == "":
			return value.ParseEpoch(strings.TrimSpace(s))
		case c == "%":
			layout.WriteByte('%')
		case strings.HasSuffix(c, "N") || strings.HasSuffix(c, "Q"):
			cut := strings.TrimSuffix(layout.String(), ".")
			layout.Reset()
			layout.WriteString(cut) // Go reads a fraction after seconds by itself
		case conversions[c] == "":
			return time.Time{}, false
		default:
			layout.WriteString(conversions[c])
		}
	}
	t, err := time.Parse(layout.String(), strings.TrimSpace(s))
	if err != nil || t.Year() > 9999 {
		return time.Time{}, false
	}
	if t.Year() == 0 {
		t = t.AddDate(1970, 0, 0)
	}
	return t.UTC(), tellable(t)
}

// tellable says whether nanoseconds since 1970 can tell a time.
func tellable(t time.Time) bool { return t.Year() >= 1678 && t.Year() <= 2261 }

// hasMonth says whether a text holds a word that Go's layouts give a meaning.
func hasMonth(s string) bool {
	for _, w := range []string{"Jan", "Mon", "MST", "PM", "pm", "_2"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
