// Package artifact reads what a server keeps beside its logs: the configuration of IIS and
// the versions of it, the files of modules, and lists of modules as tools print them. It
// is pure: bytes in, facts out. What is secret in a text is masked before it is kept.
package artifact

import (
	"bytes"
	"crypto/sha1" // #nosec: many reports name files by it
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"escutcheon/artifact/iisconfig"
	"escutcheon/artifact/modlist"
	"escutcheon/artifact/peimage"
)

// Kind is what an artifact is. Databases hold these words.
type Kind string

// The kinds.
const (
	ApplicationHost Kind = "applicationHost.config" // the configuration of a server
	History         Kind = "configuration history"  // a version that the server kept, of CFGHISTORY_*
	Backup          Kind = "configuration backup"   // a copy that appcmd made, or any other one
	Administration  Kind = "administration.config"  // of the tools that manage it
	Redirection     Kind = "redirection.config"     // where the configuration is read from
	Web             Kind = "web.config"             // of a site, an application or a folder
	Fragment        Kind = "part of a configuration"
	Module          Kind = "module file" // a library, of a module or not
	List            Kind = "list of modules"
)

// MostBytes is how large a file is at most that is read as an artifact.
const MostBytes = 64 << 20

// HeadSize is how much of a file tells whether it is one.
const HeadSize = 64 << 10

// File is an artifact and what is read of it. Of a module file the bytes are not kept, of
// all others the text is, masked.
type File struct {
	ID, Import int64
	Dest       string // the host, in its normal form; "" not known
	Spelling   string // as it was given
	Kind       Kind
	Name       string    // under which it was brought
	Path       string    // that it had on its server, as far as that is known
	Serial     int       // of a version of the configuration
	Modified   time.Time // when it was written last; zero: not known
	Zoneless   bool      // that is by a clock of which nobody said where it stood
	SHA256     string
	SHA1       string
	Size       int64
	Problem    string // what is wrong with it: sentences
	Damaged    bool   // its row does not fit its checksum
	Facts
	Text []byte // masked
}

// Facts are what is read of an artifact, by its kind.
type Facts struct {
	Config *iisconfig.Config `json:"config,omitempty"`
	Image  *peimage.Image    `json:"image,omitempty"`
	List   *modlist.List     `json:"list,omitempty"`
}

// Is says whether a file that begins with head is an artifact: an IIS configuration, a
// library of Windows, a list of modules.
func Is(head []byte) bool {
	head = head[:min(len(head), HeadSize)]
	return peimage.Looks(head) || iisconfig.Looks(head) || modlist.Looks(head)
}

// IsModuleFile says whether a file that begins with head is a library.
func IsModuleFile(head []byte) bool { return peimage.Looks(head[:min(len(head), HeadSize)]) }

// Read reads an artifact that was brought under a name; nil: it is none after all.
func Read(name string, data []byte) *File {
	f := &File{Name: name, Path: PathOf(name), Size: int64(len(data))}
	sum, old := sha256.Sum256(data), sha1.Sum(data) // #nosec
	f.SHA256, f.SHA1 = hex.EncodeToString(sum[:]), hex.EncodeToString(old[:])
	f.Serial = SerialOf(f.Path)
	switch head := data[:min(len(data), HeadSize)]; {
	case peimage.Looks(head):
		f.Kind, f.Image = Module, peimage.Read(data)
		f.Problem = f.Image.Problem
	case iisconfig.Looks(head):
		f.Config = iisconfig.Parse(data)
		f.Kind = f.kindOf(f.Config.Kind)
		f.Text, f.Problem = iisconfig.Mask(data), sentences(f.Config.Problem, f.Config.Cut)
	case modlist.Looks(head):
		f.Kind, f.List, f.Text = List, modlist.Parse(data), iisconfig.Mask(data)
		f.Problem = sentences(f.List.Problem, f.List.Cut)
	default:
		return nil
	}
	return f
}

func sentences(all ...string) string {
	var out [][]byte
	for _, s := range all {
		if s != "" {
			out = append(out, []byte(s))
		}
	}
	return string(bytes.Join(out, []byte(" ")))
}

// kindOf is what a configuration is, by what it holds and where it lay.
func (f *File) kindOf(k iisconfig.Kind) Kind {
	name := strings.ToLower(f.Path[strings.LastIndexByte(f.Path, '\\')+1:])
	if name == "web.config" && k != iisconfig.Fragment { // whatever else it says that it is
		return Web
	}
	switch k {
	case iisconfig.ApplicationHost:
		switch {
		case f.Serial > 0:
			return History
		case has(f.Path, `inetsrv\backup`), has(f.Path, "syswow64"): // the second is what a redirected collector brings
			return Backup
		}
		return ApplicationHost
	case iisconfig.Administration:
		return Administration
	case iisconfig.Redirection:
		return Redirection
	case iisconfig.Web:
		return Web
	}
	return Fragment
}

// Says is in a sentence what was read of it.
func (f *File) Says() string {
	s := string(f.Kind)
	switch {
	case f.Config != nil:
		s += ": " + count(len(f.Config.Entries), "entry", "entries") + " of modules, filters and handlers"
		if n := len(f.Config.Sites); n > 0 {
			s += ", " + count(n, "site", "sites")
		}
		if n := len(f.Config.MachineKeys); n > 0 {
			s += ", " + count(n, "literal machine key (rotate it: who reads this file can forge view states)",
				"literal machine keys (rotate these: who reads this file can forge view states)")
		}
	case f.Image != nil:
		s += ": " + f.Image.Says()
	case f.List != nil:
		s += ": " + count(len(f.List.Entries), "module", "modules") + ", as " + f.List.Tool + " prints them"
	}
	return s + "."
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
