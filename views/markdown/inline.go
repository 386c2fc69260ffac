package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a part of a line: text, code, a link, or a mark that may begin or end
// something and is text when it has no other side.
type span struct {
	text       string
	link       *link
	tag        tag
	open, shut bool
}

// tag is what code or a mark means.
type tag byte

const (
	none tag = iota
	emphasis
	strong
	both
	struck
	code
)

var tags = [...]string{emphasis: "em", strong: "strong", both: "b", struck: "s", code: "code"}

// marks are what asterisks and tildes mean, by how many there are.
var marks = map[string]tag{"*": emphasis, "**": strong, "***": both, "~~": struck}

// inline writes a line.
func (w *writer) inline(line string) {
	for _, s := range spansOf(line) {
		if w.over() {
			return
		}
		if s.link != nil {
			w.link(*s.link)
			continue
		}
		if s.open {
			w.put("<", tags[s.tag], ">")
		}
		if s.open == s.shut { // text, or code
			w.escape(w.Builder, s.text)
		}
		if s.shut {
			w.put("</", tags[s.tag], ">")
		}
	}
}

// liner reads a line once, from left to right.
type liner struct {
	line  string
	at    int // where text begins that is in no span yet
	spans []span
	next  map[int]int // of each run of backticks, where the next of its length is
	begun [code]int   // by tag, one more than the place of the last mark that may begin it
}

func spansOf(line string) []span {
	if !strings.ContainsAny(line, "`*~[@") && !strings.Contains(line, "://") {
		return []span{{text: line}}
	}
	l := liner{line: line}
	for i := 0; i < len(line); {
		switch line[i] {
		case '`':
			i += l.code(i)
		case '*', '~':
			n := run(line[i:])
			l.mark(i, n)
			i += n
		case '[':
			i += l.bracket(i)
		case 'h':
			i += l.address(i)
		case '@':
			i += l.mention(i)
		default:
			i++
		}
	}
	l.text(len(line))
	return l.spans
}

// run is how often the first byte stands at the start of a text.
func run(s string) int { return len(s) - len(strings.TrimLeft(s, s[:1])) }

// text ends the text before a place; the next begins there.
func (l *liner) text(to int) {
	if to > l.at {
		l.spans = append(l.spans, span{text: l.line[l.at:to]})
	}
	l.at = to
}

// add puts in a span that is as long as n bytes at i.
func (l *liner) add(i, n int, s span) int {
	l.text(i)
	l.spans = append(l.spans, s)
	l.at = i + n
	return n
}

// code reads what is between two runs of as many backticks.
func (l *liner) code(i int) int {
	n := run(l.line[i:])
	if l.next == nil {
		l.next = backticks(l.line)
	}
	end, ok := l.next[i]
	if !ok {
		return n
	}
	return l.add(i, end+n-i, span{text: l.line[i+n : end], tag: code, open: true, shut: true})
}

// backticks are the runs of a line, each with the next of its length.
func backticks(line string) map[int]int {
	next, last := map[int]int{}, map[int]int{}
	for i := 0; i < len(line); {
		if line[i] != '`' {
			i++
			continue
		}
		n := run(line[i:])
		if before, ok := last[n]; ok {
			next[before] = i
		}
		last[n] = i
		i += n
	}
	return next
}

// mark reads n asterisks or tildes. The last that may begin something is what
// the next that may end it belongs to; marks between the two are text.
func (l *liner) mark(i, n int) {
	s := span{text: l.line[i : i+n]}
	s.tag = marks[s.text]
	begun := l.begun[s.tag]
	switch {
	case s.tag == none:
	case begun > 0 && ends(l.line[:i], l.line[i+n:], n):
		s.shut = true
		l.add(i, n, s)
		l.spans[begun-1].open = true
		for t, place := range l.begun {
			if place >= begun {
				l.begun[t] = 0
			}
		}
	case starts(l.line[:i], l.line[i+n:]):
		l.add(i, n, s)
		l.begun[s.tag] = len(l.spans)
	}
}

// starts says whether a mark between two texts stands at the start of a word.
func starts(before, after string) bool {
	before = strings.TrimRight(before, "(")
	r, _ := utf8.DecodeRuneInString(after)
	return (before == "" || before[len(before)-1] == ' ' || before[len(before)-1] == '\t') && (inWord(r) || r == '`')
}

// ends says whether a mark of n characters stands at the end of a word.
func ends(before, after string, n int) bool {
	after = strings.TrimLeft(after, ").,;:!?")
	r, _ := utf8.DecodeLastRuneInString(before)
	return (after == "" || after[0] == ' ' || after[0] == '\t') &&
		(inWord(r) || r == '`' || n > 1 && strings.ContainsRune(".,;:!?)", r))
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
