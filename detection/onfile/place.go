package onfile

import (
	"regexp"
	"strings"

	"escutcheon/artifact"
	"escutcheon/detection"
)

// How likely IIS reads a configuration of a server where it lies. Who can write to a site
// can lay one there that says what he likes, and is newer than the true one.
const (
	inPlace = iota // where IIS reads it, or it came with its name alone
	perhaps        // its path begins nowhere, or it lies beside the true one
	strayed        // another folder of the server
)

var (
	readHere = regexp.MustCompile(`^(?:[a-z]:/windows|%windir%|%systemroot%)/system32/inetsrv/config/[^/]+$`)
	rooted   = regexp.MustCompile(`^(?:[a-z]:|%[^%/]+%)/`)
)

// placeOf is one of these; to is the folder to which the configuration is redirected, ""
// nowhere.
func placeOf(f *artifact.File, to string) int {
	path := strings.ToLower(strings.ReplaceAll(f.Path, `\`, "/"))
	folder, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		folder, name = path[:i], path[i+1:]
	}
	own := name == "applicationhost.config" || name == "redirection.config"
	switch {
	case folder == "", own && readHere.MatchString(path), own && to != "" && detection.ImageKey(folder) == to:
		return inPlace
	case readHere.MatchString(path), !rooted.MatchString(path):
		return perhaps
	}
	return strayed
}

// redirected is the file that says that the configuration is read from elsewhere, and from
// where, as placeOf takes it; nil: none does.
func redirected(files []artifact.File) (f *artifact.File, to string) {
	for i := range files {
		f := &files[i]
		if f.Kind == artifact.Redirection && f.Config != nil && f.Config.Redirection != nil &&
			f.Config.Redirection.Enabled && placeOf(f, "") != strayed {
			return f, strings.TrimRight(detection.ImageKey(f.Config.Redirection.Path), "/")
		}
	}
	return nil, ""
}

// inForce are the configurations of the server of which the newest is in force: of those
// that lie where IIS reads it, where any do. Those in doubt are versions of it, strays are
// none: they are told.
func inForce(all []*artifact.File, to string) (current, versions, strays []*artifact.File) {
	var by [strayed + 1][]*artifact.File
	for _, f := range all {
		at := placeOf(f, to)
		by[at] = append(by[at], f)
	}
	for at, list := range by {
		switch {
		case len(list) == 0:
		case current == nil:
			if current = list; at == strayed {
				strays = list
			}
		case at == strayed:
			strays = list
		default:
			versions = list
		}
	}
	return current, versions, strays
}
