package csvsafe

import "strings"

// Exact is Cell of a text that comes back as it was. Where apostrophes stand before a
// formula there is always one more, so that Plain may take one away. A NUL is ␀ with
// an apostrophe before it; apostrophes before that, or before a ␀ of the text, are
// doubled.
func Exact(s string) string {
	s = within(showNUL(strings.ToValidUTF8(s, "\uFFFD")), func(n int) int { return n + 1 })
	if begins(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Plain is the text of a cell that Exact made.
func Plain(cell string) string {
	if strings.HasPrefix(cell, "'") && begins(strings.TrimLeft(cell, "'")) {
		cell = cell[1:]
	}
	return hideNUL(within(cell, func(n int) int { return max(n-1, 0) }))
}

// nul is what shows a NUL, which many programs take for the end of a text.
const nul = "␀"

func showNUL(s string) string {
	if !strings.Contains(s, "\x00") && !strings.Contains(s, "'"+nul) {
		return s
	}
	return beforeNUL(s, func(n int, shown bool) string {
		if shown {
			return strings.Repeat("'", 2*n) + nul
		}
		return strings.Repeat("'", 2*n+1) + nul
	})
}

func hideNUL(s string) string {
	if !strings.Contains(s, "'"+nul) {
		return s
	}
	return beforeNUL(s, func(n int, _ bool) string {
		if n%2 == 0 {
			return strings.Repeat("'", n/2) + nul
		}
		return strings.Repeat("'", n/2) + "\x00"
	})
}

// beforeNUL replaces each NUL and ␀ together with the apostrophes before it, of which
// it tells how many there are.
func beforeNUL(s string, by func(n int, shown bool) string) string {
	var b strings.Builder
	for s != "" {
		text := strings.TrimLeft(s, "'")
		n := len(s) - len(text)
		switch {
		case strings.HasPrefix(text, nul):
			b.WriteString(by(n, true))
			s = text[len(nul):]
		case strings.HasPrefix(text, "\x00"):
			b.WriteString(by(n, false))
			s = text[1:]
		default:
			end := strings.IndexAny(text, "'␀\x00")
			if end < 0 {
				end = len(text)
			}
			b.WriteString(s[:n+end])
			s = text[end:]
		}
	}
	return b.String()
}
