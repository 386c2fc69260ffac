package rulefiles

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"escutcheon/detection"
	"escutcheon/fault"
)

// folder reads a folder, by name, down to depth folders below it. want says
// which kinds are kept; nil keeps all that rules need. What is hidden is
// passed over.
func (r *reader) folder(dir string, depth int, into *[]detection.SourceFile, want func(detection.FileKind) bool) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return cannot(dir, err)
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		shown := filepath.Join(dir, filepath.FromSlash(name))
		if r.seen++; r.seen > MaxSeen {
			return fault.New(fault.TooLarge,
				"%q holds more than %d files and folders. Name the folder of the rules more closely.", dir, MaxSeen)
		}
		if err != nil {
			if name == "." {
				return cannot(dir, err)
			}
			r.problem(shown, cannot(shown, err))
			return nil
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(name, "/") >= depth) {
				return fs.SkipDir
			}
			return nil
		}
		if !isContent(name) {
			return nil
		}
		data, err := readFile(root, name, shown)
		if err != nil {
			r.problem(shown, err)
			return nil
		}
		kind := detection.KindOf(name, data)
		if kind == detection.OtherFile || want != nil && !want(kind) {
			return nil
		}
		return r.add(into, shown, kind, data)
	})
}

// readFile reads a regular file, or one that a link names inside the root.
func readFile(root *os.Root, name, shown string) ([]byte, error) {
	fi, err := root.Stat(name) // opening a pipe would wait
	if err != nil {
		return nil, cannotLink(root, name, shown, err)
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is no file, and is left out", shown)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, cannot(shown, err)
	}
	defer f.Close()
	limit := limitOf(name)
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, cannot(shown, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%q has more than %d bytes, and is left out", shown, limit)
	}
	return data, nil
}

func cannotLink(root *os.Root, name, shown string, err error) error {
	if fi, e := root.Lstat(name); e == nil && fi.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%q is a link that leads out of the folder or nowhere, and is left out", shown)
	}
	return cannot(shown, err)
}

// add keeps a file, unless it is there already.
func (r *reader) add(into *[]detection.SourceFile, shown string, kind detection.FileKind, data []byte) error {
	abs, err := filepath.Abs(shown)
	if err != nil {
		return cannot(shown, err)
	}
	if r.have[abs] {
		return nil
	}
	r.have[abs] = true
	r.files++
	r.total += int64(len(data))
	if r.files > MaxFiles || r.total > MaxTotal {
		return fault.New(fault.TooLarge,
			"There are more than %d files or %d MiB of rules, macros and lookups at %q. Name fewer.", MaxFiles, MaxTotal>>20,
			shown)
	}
	*into = append(*into, detection.Documents(detection.SourceFile{Kind: kind, Path: shown, Content: data})...)
	return nil
}

func (r *reader) problem(shown string, err error) {
	r.found.Problems = append(r.found.Problems, detection.Problem{File: shown, Reason: err.Error()})
}

func isYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yml" || ext == ".yaml"
}

func isContent(name string) bool {
	switch base := strings.ToLower(path.Base(filepath.ToSlash(name))); {
	case strings.HasPrefix(base, "."):
	case isYAML(base), strings.HasSuffix(base, ".csv"), base == "macros.conf", base == "transforms.conf":
		return true
	}
	return false
}

func limitOf(name string) int64 {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return MaxTable
	}
	return MaxYAML
}
