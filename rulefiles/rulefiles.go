// Package rulefiles finds the files of detection content on disk: rules in YAML,
// and the macros and lookups that lie beside them as in a checkout of Splunk's
// security_content. It reads bytes and sorts them by kind; what they mean, and
// whether a rule compiles, is left to package detection.
//
// Folders are read to their ends within bounds, and links are followed only
// to files inside the folder that was named.
package rulefiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"escutcheon/detection"
	"escutcheon/fault"
)

// Bounds of what is read.
const (
	MaxFiles  = 20_000    // files of content
	MaxSeen   = 200_000   // entries of folders looked at
	MaxYAML   = 1 << 20   // bytes of a YAML or .conf file
	MaxTable  = 32 << 20  // bytes of a CSV file
	MaxTotal  = 256 << 20 // bytes of all files
	MaxDepth  = 32        // folders below the one that was named
	MaxLevels = 4         // folders above it in which macros and lookups are looked for
)

// Found is what was read.
type Found struct {
	// Files are in the order in which detection.Assemble wants them: macros
	// and lookups from around the paths first, then what the paths hold, in
	// the order of the paths and by name within each.
	Files []detection.SourceFile
	// Problems are about files and links that were left out.
	Problems []detection.Problem
}

// Rules is how many files hold rules.
func (f *Found) Rules() int {
	n := 0
	for i := range f.Files {
		if f.Files[i].Kind == detection.RuleFile {
			n++
		}
	}
	return n
}

// Read reads the rules that paths, files or folders, hold, and the macros and
// lookups beside them: in the folders themselves, in the folder of a file, and
// in the nearest folder named macros and the nearest named lookups that lies
// beside or up to MaxLevels above.
//
// The error, of one or more paths that cannot be read, comes with what the
// other paths hold; its parts are *fault.Error.
func Read(paths ...string) (*Found, error) {
	r := &reader{found: &Found{}, have: map[string]bool{}}
	var errs []error
	for _, p := range paths {
		if err := r.path(p); err != nil {
			errs = append(errs, err)
		}
	}
	r.found.Files = append(r.around, r.found.Files...)
	return r.found, errors.Join(errs...)
}

type reader struct {
	found  *Found
	around []detection.SourceFile // from around the paths
	have   map[string]bool        // absolute names of what was read
	files  int
	seen   int
	total  int64
}

// path reads one path that the caller named.
func (r *reader) path(p string) error {
	fi, err := os.Stat(p)
	if err != nil {
		return cannot(p, err)
	}
	if !fi.IsDir() && !fi.Mode().IsRegular() {
		return fault.New(fault.Invalid,
			"%q is neither a file nor a folder. Name a rule's YAML, or the folder that holds the rules.", p)
	}
	dir := p
	if fi.IsDir() {
		err = r.folder(p, MaxDepth, &r.found.Files, nil)
	} else {
		dir = filepath.Dir(p)
		if err = r.single(p, fi); err == nil {
			err = r.folder(dir, 0, &r.around, support)
		}
	}
	if err != nil {
		return err
	}
	return r.beside(dir)
}

// single reads a file that the caller named: a rule, whatever its name.
func (r *reader) single(p string, fi fs.FileInfo) error {
	if fi.Size() > limitOf(p) {
		return fault.New(fault.TooLarge, "%q has %d bytes; a file of rules has at most %d.", p, fi.Size(), limitOf(p))
	}
	data, err := os.ReadFile(p)
	if err != nil {
		return cannot(p, err)
	}
	kind := detection.KindOf(p, data)
	if kind == detection.OtherFile && !isYAML(p) {
		kind = detection.RuleFile
	}
	return r.add(&r.found.Files, p, kind, data)
}

// beside reads the nearest folders of macros and of lookups around a folder.
func (r *reader) beside(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return cannot(dir, err)
	}
	for _, name := range []string{"macros", "lookups"} {
		at, shown := abs, dir
		for range MaxLevels + 1 {
			if fi, err := os.Stat(filepath.Join(at, name)); err == nil && fi.IsDir() {
				if err := r.folder(filepath.Join(shown, name), MaxDepth, &r.around, support); err != nil {
					return err
				}
				break
			}
			up := filepath.Dir(at)
			if up == at {
				break
			}
			at, shown = up, up
		}
	}
	return nil
}

// support says whether a file is one that rules need beside themselves.
func support(k detection.FileKind) bool {
	return k == detection.MacroFile || k == detection.LookupFile || k == detection.TableFile
}

// cannot puts an error of the system in words.
func cannot(p string, err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, "There is no file or folder %q. Check the name.", p)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Invalid, "%q may not be read. Give yourself the right to read it.", p)
	case errors.As(err, &pe):
		return fault.New(fault.Invalid, "%q cannot be read: %v.", p, pe.Err)
	}
	return fault.New(fault.Invalid, "%q cannot be read: %v.", p, err)
}
