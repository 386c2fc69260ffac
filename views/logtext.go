package views

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"escutcheon/unseen"
)

// Log is text that a log said, on one line: every control, bidi and other
// invisible character is shown by its name instead of done.
func Log(text string) templ.Component { return logText(text, logOptions{}) }

// LogBlock is the same for several lines: line ends and tabs are kept.
func LogBlock(text string) templ.Component { return logText(text, logOptions{block: true}) }

// LogShort is Log cut after so many characters, saying how many there are.
func LogShort(text string, runes int) templ.Component { return logText(text, logOptions{cut: runes}) }

// LogMessage is a message with its quoted parts emphasised, cut when runes is
// above 0.
func LogMessage(text string, runes int) templ.Component {
	return logText(text, logOptions{quotes: true, cut: runes})
}

// Visible is Log as plain text, for a title or a label.
func Visible(text string) string { return visible(text, false) }

// visibleBlock is the text of LogBlock.
func visibleBlock(text string) string { return visible(text, true) }

func visible(text string, block bool) string {
	var b strings.Builder
	eachRune(text, func(r rune, bad byte) bool {
		if mark, _ := invisible(r, bad, block); mark != "" {
			b.WriteString(mark)
		} else {
			b.WriteRune(r)
		}
		return true
	})
	return b.String()
}

// VisibleShort is Visible cut after so many characters.
func VisibleShort(text string, runes int) string {
	if cut, n := cutRunes(text, runes); n > 0 {
		return Visible(cut) + "…"
	}
	return Visible(text)
}

// prose is a rule's text as one paragraph: its line ends are those of its YAML.
func prose(text string) string { return Visible(strings.Join(strings.Fields(text), " ")) }

type logOptions struct {
	block, quotes bool
	cut           int
}

func logText(text string, o logOptions) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		cut, total := cutRunes(text, o.cut)
		var b strings.Builder
		b.Grow(len(cut) + 64)
		b.WriteString(`<span class="log">`)
		var seen marks
		if o.quotes {
			for _, part := range quoted(cut) {
				if part.inside {
					b.WriteString(`<b>`)
				}
				seen.write(&b, part.text, o.block)
				if part.inside {
					b.WriteString(`</b>`)
				}
			}
		} else {
			seen.write(&b, cut, o.block)
		}
		if total > 0 {
			fmt.Fprintf(&b, `<span class="cut" title="cut here: %s characters in all">…</span>`, Num(int64(total)))
		}
		b.WriteString(`</span>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// cutRunes is text up to so many characters and, when that cut it, how many
// there are.
func cutRunes(text string, runes int) (string, int) {
	if runes <= 0 || len(text) <= runes {
		return text, 0
	}
	n := 0
	for i := range text {
		if n == runes {
			return text[:i], utf8.RuneCountInString(text)
		}
		n++
	}
	return text, 0
}

// marks counts the marks that stand for what is not seen in a text. Each is an element
// with the character's name up to mostMarks; then they are text, as a page of nothing
// else would be a hundred times as long as the text.
type marks int

const mostMarks = 2000

func (m *marks) write(b *strings.Builder, text string, block bool) {
	start := b.Len()
	eachRune(text, func(r rune, bad byte) bool {
		mark, name := invisible(r, bad, block)
		switch {
		case mark != "" && *m < mostMarks:
			*m++
			fmt.Fprintf(b, `<span class="ctrl" title="%s">%s</span>`, name, mark)
		case mark != "":
			b.WriteString(mark)
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\'':
			b.WriteString("&#39;")
		default:
			b.WriteRune(r)
			if !block && b.Len() > start+1 && (r == '/' || r == '\\') {
				b.WriteString("<wbr>") // a path breaks where its parts end
			}
		}
		return true
	})
}

// eachRune calls fn for every character; for a byte that is no UTF-8 with that
// byte and utf8.RuneError.
func eachRune(text string, fn func(r rune, bad byte) bool) {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		bad := byte(0)
		if r == utf8.RuneError && n == 1 {
			bad = text[i]
		}
		if !fn(r, bad) {
			return
		}
		i += n
	}
}

// invisible is what stands for a character that would not be seen or would
// move others, and its name; "" for all others.
func invisible(r rune, bad byte, block bool) (mark, name string) {
	switch {
	case bad != 0:
		return fmt.Sprintf("[x%02X]", bad), "a byte that is no UTF-8"
	case block && (r == '\n' || r == '\t'):
		return "", ""
	case r == '\n':
		return "↵", "U+000A LINE FEED"
	case unseen.Rune(r):
		u := fmt.Sprintf("U+%04X", r)
		if n := names[r]; n != "" {
			return "[" + u + "]", u + " " + n
		}
		return "[" + u + "]", u + " (not visible)"
	}
	return "", ""
}

var names = map[rune]string{
	0x00: "NULL", 0x07: "BELL", 0x08: "BACKSPACE", 0x09: "TAB", 0x0b: "LINE TABULATION", 0x0c: "FORM FEED",
	0x0d: "CARRIAGE RETURN", 0x1b: "ESCAPE", 0x7f: "DELETE",
	0x85: "NEXT LINE", 0xa0: "NO-BREAK SPACE", 0xad: "SOFT HYPHEN", 0x061c: "ARABIC LETTER MARK",
	0x200b: "ZERO WIDTH SPACE", 0x200c: "ZERO WIDTH NON-JOINER", 0x200d: "ZERO WIDTH JOINER", 0x200e: "LEFT-TO-RIGHT MARK",
	0x200f: "RIGHT-TO-LEFT MARK",
	0x2028: "LINE SEPARATOR", 0x2029: "PARAGRAPH SEPARATOR", 0x202a: "LEFT-TO-RIGHT EMBEDDING",
	0x202b: "RIGHT-TO-LEFT EMBEDDING",
	0x202c: "POP DIRECTIONAL FORMATTING", 0x202d: "LEFT-TO-RIGHT OVERRIDE", 0x202e: "RIGHT-TO-LEFT OVERRIDE",
	0x2060: "WORD JOINER",
	0x2066: "LEFT-TO-RIGHT ISOLATE", 0x2067: "RIGHT-TO-LEFT ISOLATE", 0x2068: "FIRST STRONG ISOLATE",
	0x2069: "POP DIRECTIONAL ISOLATE",
	0x3164: "HANGUL FILLER", 0xfeff: "ZERO WIDTH NO-BREAK SPACE",
}

type quotedPart struct {
	text   string
	inside bool
}

// quoted splits a message at its quoted parts, the quotes left outside. A
// quote opens after a space or at the start, and closes before a space, a
// full stop or the end, so that an apostrophe within is none.
func quoted(s string) (out []quotedPart) {
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '\'' || i > 0 && s[i-1] != ' ' {
			continue
		}
		end := closing(s, i+1)
		if end < 0 {
			break
		}
		out = append(out, quotedPart{s[start : i+1], false}, quotedPart{s[i+1 : end], true})
		start, i = end, end
	}
	return append(out, quotedPart{s[start:], false})
}

func closing(s string, from int) int {
	for i := from; i < len(s); i++ {
		if s[i] == '\'' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '.' || s[i+1] == ',' || s[i+1] == '\n') {
			return i
		}
	}
	return -1
}

// HexDump is bytes as offset, hex and characters, 16 a line, up to limit
// bytes.
func HexDump(b string, limit int) string {
	var out strings.Builder
	b = b[:min(len(b), limit)]
	for at := 0; at < len(b); at += 16 {
		line := b[at:min(at+16, len(b))]
		fmt.Fprintf(&out, "%08x ", at)
		for i := range 16 {
			if i == 8 {
				out.WriteByte(' ')
			}
			if i < len(line) {
				fmt.Fprintf(&out, " %02x", line[i])
			} else {
				out.WriteString("   ")
			}
		}
		out.WriteString("  ")
		for i := range len(line) {
			if c := line[i]; c >= ' ' && c < 0x7f {
				out.WriteByte(c)
			} else {
				out.WriteByte('.')
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}
