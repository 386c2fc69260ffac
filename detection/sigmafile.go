package detection

import (
	"bytes"
	"fmt"
)

// ValuesPath is the file of the values that stand for placeholders of Sigma rules:
// there is one.
const ValuesPath = "sigma-values.yml"

// Documents are the rules of a file, each as a file of its own: of a Sigma file with
// several documents the second is FILE#2, and so on. Any other file is itself.
func Documents(f SourceFile) []SourceFile {
	if f.Kind != RuleFile || !f.isSigma() {
		return []SourceFile{f}
	}
	var out []SourceFile
	from, line, at := 0, 0, 0
	add := func(to int) {
		if text := f.Content[from:to]; hasYAML(text) {
			one := f
			one.Content, one.Line = text, line
			if len(out) > 0 {
				one.Path = fmt.Sprintf("%s#%d", f.Path, len(out)+1)
			}
			out = append(out, one)
		}
	}
	seen := 0
	for text := range bytes.Lines(f.Content) {
		if isMarker(text) {
			add(at)
			from, line = at, seen
		}
		at, seen = at+len(text), seen+1
	}
	add(len(f.Content))
	if len(out) < 2 {
		return []SourceFile{f}
	}
	return out
}

// isMarker says that a document begins with a line, whatever that line is in.
func isMarker(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && len(bytes.TrimRight(rest[:min(1, len(rest))], " \t\r\n")) == 0
}

// hasYAML says whether a text is more than blanks, comments and marks.
func hasYAML(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) &&
			!bytes.Equal(line, []byte("...")) {
			return true
		}
	}
	return false
}
