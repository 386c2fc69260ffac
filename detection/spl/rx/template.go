package rx

import (
	"strings"

	"escutcheon/detection/spl/value"
)

// Template is a replacement text, in which \1 stands for a group.
type Template string

// Replace puts the template in the place of the n-th match, of all when n is
// 0. The result is cut when it grows too long.
func (t Template) Replace(re *Regexp, s string, n int, budget *Budget) string {
	var b strings.Builder
	at := 0
	for k, m := range re.FindAll(s, maxReplace, budget) {
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
