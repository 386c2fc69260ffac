package checks

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"path"
	"strings"
	"unicode/utf8"
)

// MaxWidth is how many characters a line of Go may have; a tab is one.
const MaxWidth = 120

// CheckWidth returns a sentence for every line of Go that is longer than
// MaxWidth and could be shorter. Generated files are left out, and what nobody
// can cut: text of several lines, and a literal or a word of a comment that is
// too long for any line. Literals of words are cut, but for those of tests,
// which are data: there, one that begins within the line may end behind it.
func CheckWidth(files []File) (out []string) {
	for i := range files {
		f := &files[i]
		if f.Generated() || path.Ext(f.Path) != ".go" {
			continue
		}
		long := map[int]int{}
		for n, line := range bytes.Split(f.Text, []byte("\n")) {
			if width := utf8.RuneCount(bytes.TrimSuffix(line, []byte("\r"))); width > MaxWidth {
				long[n+1] = width
			}
		}
		if len(long) == 0 {
			continue
		}
		for _, n := range uncuttable(f) {
			delete(long, n)
		}
		for n := range bytes.Count(f.Text, []byte("\n")) + 1 {
			if width := long[n+1]; width > 0 {
				out = append(out, fmt.Sprintf("%s:%d: %d characters; a line has at most %d", f.Path, n+1, width, MaxWidth))
			}
		}
	}
	return out
}

// uncuttable are the numbers of lines that hold what nobody can cut.
func uncuttable(f *File) (out []int) {
	lines := strings.Split(string(f.Text), "\n")
	fset := token.NewFileSet()
	file := fset.AddFile(f.Path, -1, len(f.Text))
	var s scanner.Scanner
	s.Init(file, f.Text, nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		n := file.Line(pos)
		switch {
		case tok != token.STRING && tok != token.COMMENT:
		case strings.Contains(lit, "\n"):
			for k := range strings.Count(lit, "\n") + 1 {
				out = append(out, n+k)
			}
		case tok == token.STRING && f.Test() && crosses(lines[n-1], fset.Position(pos).Column, lit),
			tok == token.STRING && (lit[0] == '`' || !strings.Contains(lit, " ")) && tooWide(lines[n-1], lit):
			out = append(out, n)
		case tok == token.COMMENT && longestWord(lit, lines[n-1]):
			out = append(out, n)
		}
	}
}

// crosses says whether a literal begins within MaxWidth and ends behind it.
// column counts bytes, from 1.
func crosses(line string, column int, literal string) bool {
	start := utf8.RuneCountInString(line[:column-1])
	return start < MaxWidth && start+utf8.RuneCountInString(literal) > MaxWidth
}

// tooWide says whether a literal would not fit into a line of its own, one tab
// further in than the line that it stands in, with a comma behind it.
func tooWide(line, literal string) bool {
	indent := len(line) - len(strings.TrimLeft(line, "\t"))
	return indent+1+utf8.RuneCountInString(literal)+1 > MaxWidth
}

// longestWord says whether a comment holds a word, as an address is, that would
// not fit into a line of its own.
func longestWord(comment, line string) bool {
	indent := len(line) - len(strings.TrimLeft(line, "\t"))
	for _, w := range strings.Fields(comment) {
		if indent+len("// ")+utf8.RuneCountInString(w) > MaxWidth {
			return true
		}
	}
	return strings.HasPrefix(comment, "//go:")
}
