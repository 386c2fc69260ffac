package markdown

import "strings"

// item is the mark that begins an item of a list.
type item struct {
	indent, width int    // of what is before the mark, and of all before the text
	mark          byte   // '-', '*' or '.'
	number        string // of a numbered one, as typed
}

// itemOf reads the mark at the start of a line. What follows it must not be a
// mark itself: "* * * * * root …" is no list.
func itemOf(line string) (it item, ok bool) {
	rest := strings.TrimLeft(line, " ")
	if it.indent = len(line) - len(rest); it.indent > 3 {
		return it, false
	}
	n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	switch {
	case n == 0 && (strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "* ")):
		it.mark, rest = rest[0], rest[1:]
	case n > 0 && n <= 9 && (n == 1 || rest[0] != '0') && strings.HasPrefix(rest[n:], ". "):
		it.mark, it.number, rest = '.', rest[:n], rest[n+1:]
	default:
		return it, false
	}
	rest = rest[1:]
	it.width = len(line) - len(rest)
	return it, it.mark == '.' || !(rest == "-" || rest == "*" || strings.HasPrefix(rest, "- ") ||
		strings.HasPrefix(rest, "* "))
}

var lists = map[byte][2]string{
	'-': {`<ul class="dash">`, "</ul>"},
	'*': {"<ul>", "</ul>"},
	'.': {"<ol>", "</ol>"},
}

// list writes the items of one mark that follow each other. A numbered one keeps
// its number.
func (w *writer) list(lines []string, depth int) int {
	first, _ := itemOf(lines[0])
	w.put(lists[first.mark][0])
	n := 0
	for n < len(lines) && !w.over() {
		it, ok := itemOf(lines[n])
		if !ok || it.mark != first.mark {
			break
		}
		inner, taken := itemLines(lines[n:], it)
		if it.number != "" {
			w.put(`<li value="`, it.number, `">`)
		} else {
			w.put("<li>")
		}
		w.blocks(inner, depth+1)
		w.put("</li>")
		n += taken
	}
	w.put(lists[first.mark][1])
	return n
}

// itemLines are the lines of an item without their indent, and how many they
// were with the blank ones behind them.
func itemLines(lines []string, it item) (inner []string, taken int) {
	inner = []string{lines[0][it.width:]}
	blanks := 0
	for _, line := range lines[1:] {
		if blank(line) {
			blanks++
			continue
		}
		in, ok := indented(line, it)
		if !ok {
			break
		}
		for ; blanks > 0; blanks-- {
			inner = append(inner, "")
			taken++
		}
		inner = append(inner, in)
		taken++
	}
	return inner, 1 + taken + blanks
}

// indented takes an item's indent off a line that belongs to it: a tab, or two
// spaces more than before its mark, and up to the width of its mark.
func indented(line string, it item) (string, bool) {
	if strings.HasPrefix(line, "\t") {
		return line[1:], true
	}
	n := len(line) - len(strings.TrimLeft(line, " "))
	return line[min(n, it.width):], n >= it.indent+2
}
