package views

import (
	"strconv"
	"strings"
	"time"
)

// with is the search with one more term: name="value", or without it.
func (r SearchRun) with(name, value string, not bool) string {
	term := quotedTerm(name) + "=" + quotedTerm(value)
	if not {
		term = "NOT " + term
	}
	terms, rest := r.Text, ""
	if i := firstPipe(r.Text); i >= 0 {
		terms, rest = strings.TrimSpace(r.Text[:i]), " "+r.Text[i:]
	}
	if strings.TrimSpace(terms) == "*" {
		terms = ""
	}
	return r.url("q", strings.TrimSpace(terms+" "+term)+rest)
}

func quotedTerm(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// firstPipe is where the first command after the terms begins; -1 when there is none.
func firstPipe(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '|' && !quoted:
			return i
		}
	}
	return -1
}

// ranges are the times that are offered.
var ranges = [][2]string{{"", "All time"}, {"newest-1h", "Newest hour"}, {"newest-24h", "Newest 24 h"},
	{"newest-7d", "Newest 7 d"}}

// took is how long something took, in seconds.
func took(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s" }

// lines is how many lines the box has where no script lets it grow.
func (r SearchRun) lines() int { return min(2+strings.Count(r.Text, "\n"), 20) }
