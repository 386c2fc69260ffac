// Package checks holds the house rules that no tool of Go's knows: which
// package may import which, that every package says what it is for, how long
// a file may be. The rules are functions over a file tree, so that their tests
// can hand them a bad one; the test of this package applies them to the
// project. Formatting, generated code, vet and staticcheck are .ci/run's.
package checks

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Module is the project's import path.
const Module = "escutcheon"

// File is one source file: Go or templ.
type File struct {
	Path    string // from the project's root, with slashes
	Dir     string // the package's folder; "main" for the root
	Package string // the name in the package clause; empty for templ files
	Imports []string
	Doc     string // the package comment
	Lines   int
	Text    []byte
}

// Test says whether the file is a test.
func (f *File) Test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Generated says whether templ wrote the file.
func (f *File) Generated() bool { return strings.HasSuffix(f.Path, "_templ.go") }

// Load reads every Go and templ file under root, whatever its build tags, in
// the order of the paths. As for the go command, folders named testdata or
// starting with a dot or an underscore are left out.
func Load(root fs.FS) ([]File, error) {
	var files []File
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(name); ext != ".go" && ext != ".templ" {
			return nil
		}
		f, err := read(root, p)
		files = append(files, f)
		return err
	})
	return files, err
}

func read(root fs.FS, p string) (File, error) {
	text, err := fs.ReadFile(root, p)
	if err != nil {
		return File{}, err
	}
	f := File{Path: p, Dir: path.Dir(p), Text: text, Lines: bytes.Count(text, []byte("\n"))}
	if f.Dir == "." {
		f.Dir = "main"
	}
	if path.Ext(p) != ".go" {
		return f, nil
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return File{}, err
	}
	f.Package = syntax.Name.Name
	f.Doc = syntax.Doc.Text()
	for _, s := range syntax.Imports {
		name, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return File{}, err
		}
		f.Imports = append(f.Imports, name)
	}
	return f, nil
}
