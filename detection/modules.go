package detection

import (
	_ "embed"
	"path"
	"strings"
)

//go:embed ownmodules.tsv
var ownModulesTSV string

//go:embed knownbad.tsv
var knownBadTSV string

// KnownBad is a name from public reports on malicious IIS modules.
type KnownBad struct {
	Name   string // the file or path, as reported
	Family string
	Weak   bool // so general a name that it says little alone
	Source string
}

var (
	ownNames  = map[string]string{} // lower-case name → lower-case image base name
	ownImages = map[string]bool{}   // lower-case paths, and types of managed modules
	badFiles  = map[string]KnownBad{}
	badPaths  = map[string]KnownBad{}
)

func init() {
	for f := range tsvRows(ownModulesTSV, 3) {
		image := f[2]
		if f[1] == "native" {
			image = normalizePath(image)
		} else {
			image = managedType(image)
		}
		ownImages[image] = true
		if f[0] != "" {
			ownNames[strings.ToLower(f[0])] = path.Base(image)
		}
	}
	for f := range tsvRows(knownBadTSV, 5) {
		bad := KnownBad{Name: f[1], Family: f[2], Weak: f[3] == "weak", Source: f[4]}
		if f[0] == "path" {
			badPaths[normalizePath(f[1])] = bad
		} else {
			badFiles[strings.ToLower(f[1])] = bad
		}
	}
}

// tsvRows yields the rows that have n columns; lines with # are comments.
func tsvRows(text string, n int) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\r\n")
			f := strings.Split(line, "\t")
			if strings.HasPrefix(line, "#") || len(f) != n {
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

var folders = strings.NewReplacer("%windir%", "c:/windows", "%systemroot%", "c:/windows",
	"%programfiles%", "c:/program files", "%systemdrive%", "c:", "%programdata%", "c:/programdata")

// normalizePath gives a Windows path one form: lower case, slashes, the usual
// variables filled in, no quotes around it.
func normalizePath(p string) string {
	p = strings.ToLower(strings.Trim(strings.TrimSpace(p), `"`))
	p = folders.Replace(strings.ReplaceAll(p, `\`, "/"))
	return strings.TrimPrefix(p, "//?/")
}

// managedType is the type's name without its assembly, lower case.
func managedType(t string) string {
	t, _, _ = strings.Cut(t, ",")
	return strings.ToLower(strings.TrimSpace(t))
}

// IsOwnModule says whether a module of that name comes with Windows, IIS or
// one of Microsoft's add-ons for it. The name is no proof of what it loads.
func IsOwnModule(name string) bool {
	_, ok := ownNames[strings.ToLower(name)]
	return ok
}

// isOwnImage says whether an image or type is one that these modules load.
func isOwnImage(image string) bool {
	return ownImages[normalizePath(image)] || ownImages[managedType(image)]
}

// LookupBad looks up a module's name, or an image's path, among those that
// reports name; nil when it is not there. A name of IIS's own is not looked up
// as a file.
func LookupBad(nameOrPath string) *KnownBad {
	p := normalizePath(nameOrPath)
	if bad, ok := badPaths[p]; ok {
		return &bad
	}
	file := path.Base(p)
	if bad, ok := badFiles[file]; ok {
		return &bad
	}
	if !strings.Contains(p, "/") && !IsOwnModule(p) {
		if bad, ok := badFiles[file+".dll"]; ok {
			return &bad
		}
	}
	return nil
}
