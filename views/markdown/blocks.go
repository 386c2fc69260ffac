package markdown

import (
	"strconv"
	"strings"
)

// blocks writes lines as blocks. Each reader takes what is its own from the
// start of the lines and says how many it took; 0 are none.
func (w *writer) blocks(lines []string, depth int) {
	for i := 0; i < len(lines) && !w.over(); {
		if blank(lines[i]) {
			i++
			continue
		}
		n := w.block(lines, i, depth)
		if n == 0 {
			n = w.paragraph(lines, i, depth)
		}
		i += n
	}
}

// block writes the block that begins at a line, unless that is a paragraph.
func (w *writer) block(lines []string, i, depth int) int {
	rest := lines[i:]
	switch b := begins(lines, i, depth); b {
	case fence:
		return w.code(rest)
	case heading:
		w.heading(rest[0])
	case rule:
		w.put("<hr>")
	case quote:
		return w.quote(rest, depth)
	case list:
		return w.list(rest, depth)
	case table:
		return w.table(rest)
	default:
		return 0
	}
	return 1
}

type kind int

const (
	paragraph kind = iota
	fence
	heading
	rule
	quote
	list
	table
)

// begins says what begins at a line that is not blank.
func begins(lines []string, i, depth int) kind {
	line := lines[i]
	_, _, isFence := fenceOf(line)
	_, isItem := itemOf(line)
	switch {
	case isFence:
		return fence
	case headingLevel(line) > 0:
		return heading
	case len(line) >= 3 && strings.Trim(line, "-") == "" && alone(lines, i):
		return rule
	case depth < MaxDepth && isQuote(line):
		return quote
	case depth < MaxDepth && isItem:
		return list
	case i+1 < len(lines) && isRow(line) && isDelimiters(lines[i+1]):
		return table
	}
	return paragraph
}

// alone says whether a line stands between blank ones: dashes under a line are
// how many programs print a table's head.
func alone(lines []string, i int) bool {
	return (i == 0 || blank(lines[i-1])) && (i+1 == len(lines) || blank(lines[i+1]))
}

func blank(line string) bool { return strings.Trim(line, " \t") == "" }

func (w *writer) paragraph(lines []string, i, depth int) int {
	n := 0
	w.put("<p>")
	for ; i+n < len(lines) && !blank(lines[i+n]) && (n == 0 || begins(lines, i+n, depth) == paragraph); n++ {
		if n > 0 {
			w.put("\n")
		}
		w.inline(lines[i+n])
	}
	w.put("</p>")
	return n
}

// headingLevel is how many "#" stand before a heading's text; 0 is none.
func headingLevel(line string) int {
	n := len(line) - len(strings.TrimLeft(line, "#"))
	if n == 0 || n > 6 || n+1 >= len(line) || line[n] != ' ' || blank(line[n:]) {
		return 0
	}
	return n
}

// heading writes a heading, at most one level below the one before, so that the
// page's outline has no holes.
func (w *writer) heading(line string) {
	n := headingLevel(line)
	w.level = min(w.level+1, n+2, 6)
	level := strconv.Itoa(w.level)
	w.put("<h", level, ">")
	w.inline(line[n+1:])
	w.put("</h", level, ">")
}

// fenceOf is the mark and the language of a line that opens code.
func fenceOf(line string) (mark, language string, ok bool) {
	for _, c := range []string{"`", "~"} {
		language = strings.TrimLeft(line, c)
		if mark = line[:len(line)-len(language)]; len(mark) >= 3 {
			language = strings.TrimRight(language, " ")
			return mark, language, len(language) <= 20 && strings.Trim(language, word) == ""
		}
	}
	return "", "", false
}

const word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// code writes the lines up to the fence that closes it, or all.
func (w *writer) code(lines []string) int {
	mark, language, _ := fenceOf(lines[0])
	if language != "" {
		w.put(`<p class="language">`, language, "</p>")
	}
	w.put("<pre><code>")
	n := 1
	for ; n < len(lines); n++ {
		close := strings.TrimRight(lines[n], " ")
		if strings.HasPrefix(close, mark) && strings.Trim(close, mark[:1]) == "" {
			n++
			break
		}
		w.escape(w.Builder, lines[n]+"\n")
	}
	w.put("</code></pre>")
	return n
}

// isQuote says whether a line is quoted: ">" and a space, another or the end.
func isQuote(line string) bool {
	return strings.HasPrefix(line, ">") && (len(line) == 1 || line[1] == ' ' || isQuote(line[1:min(3, len(line))]))
}

func (w *writer) quote(lines []string, depth int) int {
	var inner []string
	for _, line := range lines {
		if !isQuote(line) {
			break
		}
		inner = append(inner, strings.TrimPrefix(line[1:], " "))
	}
	w.put("<blockquote>")
	w.blocks(inner, depth+1)
	w.put("</blockquote>")
	return len(inner)
}
