package rx

import (
	"errors"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Template is a replacement text, in which \1 stands for a group.
type Template string

// Replace puts the template in the place of the n-th match, of all when n is
// 0. The result is cut when it grows too long.
func (t Template) Replace(re *Regexp, s string, n int) string {
	var b strings.Builder
	at := 0
	for k, m := range re.FindAllStringSubmatchIndex(s, maxReplace) {
		if n > 0 && k+1 != n {
			continue
		}
		b.WriteString(s[at:m[0]])
		t.expand(&b, s, m)
		at = m[1]
		if b.Len() > value.MaxText {
			return b.String()
		}
	}
	if b.Len() == 0 && at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}

// maxReplace bounds how many matches are replaced in one text.
const maxReplace = 100_000

func (t Template) expand(b *strings.Builder, s string, m []int) {
	for i := 0; i < len(t); i++ {
		c := t[i]
		if c != '\\' && c != '$' || i+1 >= len(t) {
			b.WriteByte(c)
			continue
		}
		d := t[i+1]
		switch {
		case '0' <= d && d <= '9':
			if k := 2 * int(d-'0'); k < len(m) && m[k] >= 0 {
				b.WriteString(s[m[k]:m[k+1]])
			}
			i++
		case c == '\\' && d == 'n':
			b.WriteByte('\n')
			i++
		case c == '\\' && d == 't':
			b.WriteByte('\t')
			i++
		case c == '\\':
			b.WriteByte(d)
			i++
		default:
			b.WriteByte(c)
		}
	}
}

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
func (x *Sed) Apply(s string) string {
	if x.swap == nil {
		return x.with.Replace(x.re, s, x.nth)
	}
	return strings.Map(func(r rune) rune {
		if to, ok := x.swap[r]; ok {
			return to
		}
		return r
	}, s)
}
