package markdown

import "strings"

func isRow(line string) bool { return strings.HasPrefix(line, "|") }

// isDelimiters says whether a line parts a table's head from its rows:
// "|---|:-:|".
func isDelimiters(line string) bool {
	return isRow(line) && strings.Contains(line, "-") && strings.Trim(line, "|:- ") == ""
}

// table writes the rows that follow each other, each with the cells it has.
func (w *writer) table(lines []string) int {
	n := 0
	w.put("<table><thead>")
	for ; n < len(lines) && isRow(lines[n]) && !w.over(); n++ {
		switch n {
		case 0:
			w.row(lines[0], "th")
		case 1:
			w.put("</thead><tbody>")
		default:
			w.row(lines[n], "td")
		}
	}
	w.put("</tbody></table>")
	return n
}

func (w *writer) row(line, cell string) {
	w.put("<tr>")
	line = strings.TrimSuffix(strings.TrimRight(line[1:], " "), "|")
	for c := range strings.SplitSeq(line, "|") {
		if w.over() {
			break
		}
		w.put("<", cell, ">")
		w.inline(strings.Trim(c, " "))
		w.put("</", cell, ">")
	}
	w.put("</tr>")
}
