package csvsafe

import "strings"

// formula is what a spreadsheet begins a formula with, or white space before one.
const formula = "=+-@\t\r"

// Exact is Cell of a text that comes back as it was: one that begins with
// apostrophes before a formula gets one more, and Plain takes it away.
func Exact(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if begins(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Plain is the text of a cell that Exact made.
func Plain(cell string) string {
	if strings.HasPrefix(cell, "'") && begins(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

func begins(s string) bool { return s != "" && strings.IndexByte(formula, s[0]) >= 0 }
