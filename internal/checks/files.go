package checks

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MaxLines is how long a file may be; a longer one wants to be two.
const MaxLines = 400

// CheckComments returns a sentence for every package in which no file opens
// with "Package <name> …" (for a command: "Command …").
func CheckComments(files []File) (out []string) {
	said := map[string]bool{}
	var dirs []string
	for i := range files {
		f := &files[i]
		if f.Package == "" || f.Test() {
			continue
		}
		if !slices.Contains(dirs, f.Dir) {
			dirs = append(dirs, f.Dir)
		}
		if strings.HasPrefix(f.Doc, "Package "+f.Package+" ") || f.Package == "main" && strings.HasPrefix(f.Doc, "Command ") {
			said[f.Dir] = true
		}
	}
	for _, dir := range dirs {
		if !said[dir] {
			out = append(out, dir+`: no file opens with "// Package …" that says what the package is for`)
		}
	}
	return out
}

// CheckLengths returns a sentence for every file of more than MaxLines lines
// that is neither a test nor generated.
func CheckLengths(files []File) (out []string) {
	for i := range files {
		if f := &files[i]; f.Lines > MaxLines && !f.Test() && !f.Generated() {
			out = append(out, fmt.Sprintf("%s: %d lines; past %d a file wants to be two", f.Path, f.Lines, MaxLines))
		}
	}
	return out
}

// CheckRaw returns a sentence for every place that hands a text to the page as
// ready HTML.
func CheckRaw(files []File) (out []string) {
	for i := range files {
		f := &files[i]
		if f.Test() || f.Generated() || strings.HasPrefix(f.Path, "internal/checks/") {
			continue
		}
		for n, line := range bytes.Split(f.Text, []byte("\n")) {
			if bytes.Contains(line, []byte("templ.Raw(")) {
				out = append(out, fmt.Sprintf("%s:%d: templ.Raw escapes nothing; no page may call it", f.Path, n+1))
			}
		}
	}
	return out
}

var libc = regexp.MustCompile(`(?m)^\s*(?:require\s+)?modernc\.org/libc\s+(v\S+)`)

// CheckLibc compares the versions of modernc.org/libc in two go.mod files, the
// project's and that of modernc.org/sqlite, which works with that one only.
func CheckLibc(ours, sqlites []byte) error {
	a, b := libc.FindSubmatch(ours), libc.FindSubmatch(sqlites)
	switch {
	case a == nil:
		return fmt.Errorf("go.mod does not require modernc.org/libc")
	case b == nil:
		return fmt.Errorf("modernc.org/sqlite's go.mod does not require modernc.org/libc")
	case !bytes.Equal(a[1], b[1]):
		return fmt.Errorf("go.mod requires modernc.org/libc %s, modernc.org/sqlite wants %s: go get modernc.org/libc@%[2]s",
			a[1], b[1])
	}
	return nil
}
