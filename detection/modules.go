package detection

import (
	_ "embed"
	"path"
	"strings"
)

//go:embed ownmodules.tsv
var ownModulesTSV string

//go:embed knownmodules.tsv
var knownModulesTSV string

//go:embed knownbad.tsv
var knownBadTSV string

// KnownBad is a name, or a file by its hash, from public reports on malicious IIS
// modules.
type KnownBad struct {
	Name   string // the file or path, as reported, or the hash
	Hash   string // which hash: SHA-256 or SHA-1; "" Name is none
	Family string
	Weak   bool // so general a name that it says little alone
	Path   bool // Name is where the file lies, too
	Source string
}

var (
	ownNames  = map[string][]string{} // lower-case name → its images
	ownImages = map[string]bool{}     // paths, and types of managed modules, in one form
	products  = map[string]string{}   // image → the product that brings it
	badFiles  = map[string]KnownBad{}
	badPaths  = map[string]KnownBad{}
	laterBad  = map[string]KnownBad{} // paths that JudgeEntry alone knows
	filters   = map[string]string{}   // lower-case name of an ISAPI filter of IIS's own → its image

	ownHandlers     = map[string]string{} // types and files of handlers of IIS's own → their assembly
	productHandlers = map[string]string{} // types of handlers of known products → the product
	productFilters  = map[string]string{} // where ISAPI filters of known products lie → the product
)

func init() {
	for f := range tsvRows(ownModulesTSV, 4) {
		image := imageForm(f[2])
		switch f[1] {
		case "filter":
			filters[strings.ToLower(f[0])] = image
			continue
		case "handler":
			ownHandlers[image] = assemblyOf(f[2])
			continue
		}
		ownImages[image] = true
		if f[0] != "" {
			name := strings.ToLower(f[0])
			ownNames[name] = append(ownNames[name], image)
		}
	}
	for f := range tsvRows(knownModulesTSV, 5) {
		switch f[1] {
		case "handler":
			productHandlers[imageForm(f[2])] = f[3]
			continue
		case "filter":
			productFilters[imageForm(f[2])] = f[3]
			continue
		}
		products[imageForm(f[2])] = f[3]
	}
	for f := range tsvRows(knownBadTSV, 5) {
		bad := KnownBad{Name: f[1], Family: f[2], Weak: f[3] == "weak", Path: f[0] != "file", Source: f[4]}
		switch f[0] {
		case "path":
			badPaths[normalizePath(f[1])] = bad
		case "later":
			laterBad[normalizePath(f[1])] = bad
		default:
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

var systemFolders = strings.NewReplacer("c:/windows/syswow64/", "c:/windows/system32/",
	"c:/windows/sysnative/", "c:/windows/system32/")

// normalizePath gives a Windows path one form: lower case, slashes, the usual
// variables filled in, the folders that Windows redirects to System32 as that, no
// quotes around it.
func normalizePath(p string) string {
	p = strings.ToLower(strings.Trim(strings.TrimSpace(p), `"`))
	p = folders.Replace(strings.ReplaceAll(p, `\`, "/"))
	return systemFolders.Replace(strings.TrimPrefix(p, "//?/"))
}

// isNative says whether an image is a file, not a type of an assembly.
func isNative(image string) bool {
	return strings.ContainsAny(image, `\/`) || strings.HasSuffix(strings.ToLower(strings.Trim(image, `" `)), ".dll")
}

// imageForm gives an image or type one form.
func imageForm(image string) string {
	if isNative(image) {
		return normalizePath(image)
	}
	return managedType(image)
}

// managedType is the type's name without its assembly, lower case.
func managedType(t string) string {
	t, _, _ = strings.Cut(t, ",")
	return strings.ToLower(strings.TrimSpace(t))
}

// assemblyOf is the name of a type's assembly, lower case; "" it names none.
func assemblyOf(t string) string {
	_, rest, _ := strings.Cut(t, ",")
	name, _, _ := strings.Cut(rest, ",")
	return strings.ToLower(strings.TrimSpace(name))
}

// IsOwnModule says whether a module of that name comes with Windows, IIS or
// one of Microsoft's add-ons for it. The name is no proof of what it loads.
func IsOwnModule(name string) bool {
	_, ok := ownNames[strings.ToLower(name)]
	return ok
}

// isOwnImage says whether an image or type is one that these modules load.
func isOwnImage(image string) bool {
	return ownImages[imageForm(image)]
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
