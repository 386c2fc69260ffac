package rx

import (
	"errors"
	"strconv"
	"strings"
)

// Sed is one s/…/…/ or y/…/…/ of rex mode=sed.
type Sed struct {
	re   *Regexp
	with Template
	nth  int // 0 for all, else the n-th match
	swap map[rune]rune
}

// ParseSed reads s/pattern/text/flags or y/characters/characters/. The error
// says what it "has" or "is not".
func ParseSed(s string) (*Sed, error) {
	s = strings.TrimSpace(s)
	if len(s) < 4 || s[0] != 's' && s[0] != 'y' {
		return nil, errors.New("is not of the form s/…/…/")
	}
	parts := splitSed(s[2:], s[1])
	if len(parts) != 3 {
		return nil, errors.New("is not of the form s/…/…/")
	}
	if s[0] == 'y' {
		from, to := []rune(parts[0]), []rune(parts[1])
		if len(from) != len(to) {
			return nil, errors.New("has not as many characters on both sides")
		}
		x := &Sed{swap: map[rune]rune{}}
		for i, r := range from {
			x.swap[r] = to[i]
		}
		return x, nil
	}
	x := &Sed{with: Template(parts[1]), nth: 1}
	flags := strings.TrimSpace(parts[2])
	pattern := parts[0]
	if strings.Contains(flags, "i") || strings.Contains(flags, "I") {
		pattern = "(?i)" + pattern
		flags = strings.NewReplacer("i", "", "I", "").Replace(flags)
	}
	switch n, err := strconv.Atoi(flags); {
	case flags == "g":
		x.nth = 0
	case flags == "":
	case err == nil && n > 0:
		x.nth = n
	default:
		return nil, errors.New("has a flag that is not supported")
	}
	var err error
	x.re, err = Compile(pattern)
	return x, err
}

// splitSed cuts at the delimiter, unless a backslash stands before it.
func splitSed(s string, delim byte) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			if s[i+1] != delim {
				b.WriteByte('\\')
			}
			i++
			b.WriteByte(s[i])
		case s[i] == delim:
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}

// Apply rewrites a text.
func (x *Sed) Apply(s string, b *Budget) string {
	if x.swap == nil {
		return x.with.Replace(x.re, s, x.nth, b)
	}
	return strings.Map(func(r rune) rune {
		if to, ok := x.swap[r]; ok {
			return to
		}
		return r
	}, s)
}
