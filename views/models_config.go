package views

import (
	"net/url"
	"strconv"
	"time"
)

// ConfigPage is what the files of a server say of its configuration, as history.
type ConfigPage struct {
	Frame
	Dest, Spelling string
	AsOfText       string
	Sources        []ModuleSource
	Told           []ConfigTold
	Versions       []ConfigVersion // the newest first
}

// ConfigTold is what a person should know before the versions.
type ConfigTold struct {
	Text  string
	URL   string // where it stands; "" nowhere
	Grave bool
}

// ConfigVersion is a version of a configuration.
type ConfigVersion struct {
	Name        string // "applicationHost.config", "CFGHISTORY_0000000012"
	Kind, Path  string
	Written     time.Time // zero: not known
	URL         string    // the file
	AddURL      string    // puts it into a case; "" there are none
	Problem     string
	First       bool // there is none before it
	Differences []ConfigDifference
	More        int // that are not shown
}

// ConfigDifference is one thing in which a version differs from the one before it.
type ConfigDifference struct {
	Text, Where, What string
	Was, Is           string
	Line              int    // in the version, or 0
	URL               string // of the line
	Event, Finding    string // addresses; "" no event says so
	At                time.Time
	By                string
	Why               string // that no event says so
}

// ArtifactPage is a file of a server that is no log.
type ArtifactPage struct {
	Frame
	ID             int64
	Title          string
	Dest, Spelling string
	Kind           string
	Problem        string
	Told           []string
	Facts          []ArtifactFact
	Entries        []ArtifactEntry
	MoreEntries    int
	Lines          []string // of its text, without its secrets
	MoreLines      int
	HasText        bool
	ImportID       int64
	ImportName     string
	Cases          *CaseMenu // nil: there are none
}

// ArtifactFact is one thing that is read of a file.
type ArtifactFact struct {
	Name, Value string
	Mono        bool
}

// ArtifactEntry is an entry of a configuration or of a list.
type ArtifactEntry struct {
	Where, Name, Image, Scope string
	Line                      int
}

// ArtifactURL is the page of an artifact; with a line, at that.
func ArtifactURL(id int64, line ...int) string {
	u := "/artifacts/" + strconv.FormatInt(id, 10)
	if len(line) > 0 && line[0] > 0 {
		u += "#L" + strconv.Itoa(line[0])
	}
	return u
}

// HostCoverageURL is what of a dest was seen.
func HostCoverageURL(dest string) string {
	if oddElement(dest) {
		return "/coverage?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/coverage"
}

// HostConfigURL is the history of a dest's configuration.
func HostConfigURL(dest string) string {
	if oddElement(dest) {
		return "/config?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/config"
}
