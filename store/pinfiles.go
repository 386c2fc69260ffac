package store

import "encoding/json"

// FileSnapshot is what a pinned file of a server says: of a version of a configuration
// what it differs in from the one before it, too. Its text, with secrets masked, is the
// copy.
type FileSnapshot struct {
	Dest     string  `json:"dest"`
	Path     string  `json:"path"` // that it had on its server
	Kind     string  `json:"kind"`
	Version  string  `json:"version,omitempty"` // of a configuration, as CFGHISTORY_0000000001
	Written  string  `json:"written"`           // RFC 3339, "" not known
	Zoneless bool    `json:"zoneless,omitempty"`
	SHA256   string  `json:"sha256"`
	SHA1     string  `json:"sha1"`
	Size     int64   `json:"size"`
	Problem  string  `json:"problem,omitempty"`
	Facts    []Field `json:"facts"`

	File     string `json:"file"` // under which it was imported
	Archive  string `json:"archive_sha256,omitempty"`
	Imported string `json:"imported"` // RFC 3339

	Differences []DifferenceSnapshot `json:"differences,omitempty"`
	More        int                  `json:"differences_not_copied,omitempty"`
	NoCopy      bool                 `json:"text_not_copied,omitempty"` // it is too long
}

// DifferenceSnapshot is one thing in which a version differs from the one before it.
type DifferenceSnapshot struct {
	Text          string `json:"text"`
	ConfigPath    string `json:"config_path"`
	Configuration string `json:"configuration"`
	Was           string `json:"was"`
	Is            string `json:"is"`
	Line          int    `json:"line,omitempty"`
	Said          string `json:"event,omitempty"` // when the event was that says so, RFC 3339, and by whom
	Why           string `json:"why,omitempty"`   // without one, what that may come from
}

// ModuleSnapshot is what a pinned row of a host's ledger of modules says.
type ModuleSnapshot struct {
	Dest      string           `json:"dest"`
	Spelling  string           `json:"spelling"`
	Name      string           `json:"name"`
	Image     string           `json:"image"`
	Type      string           `json:"type"`
	Scope     []string         `json:"scope"`
	First     string           `json:"first"` // RFC 3339, "" not known
	Last      string           `json:"last"`
	Present   string           `json:"present"`
	AddedBy   string           `json:"added_by"`
	RemovedBy string           `json:"removed_by"`
	Judgement string           `json:"judgement"`
	Reason    string           `json:"reason"`
	Strength  string           `json:"strength,omitempty"`
	Hosts     int64            `json:"hosts"`
	SHA256    string           `json:"sha256,omitempty"`
	Evidence  []ModuleEvidence `json:"evidence"`
	More      int              `json:"evidence_not_copied,omitempty"`
}

// ModuleEvidence is one thing that a source says of a module.
type ModuleEvidence struct {
	Source string `json:"source"`
	At     string `json:"at"`
	Text   string `json:"text"`
	Scope  string `json:"scope,omitempty"`
	By     string `json:"by,omitempty"`
}

// File is what a pinned file says.
func (p Pin) File() (f FileSnapshot) {
	_ = json.Unmarshal(p.Snapshot, &f) // a damaged one says nothing: Verify names it
	return f
}

// Module is what a pinned row of a ledger says.
func (p Pin) Module() (m ModuleSnapshot) {
	_ = json.Unmarshal(p.Snapshot, &m)
	return m
}

// Holds says whether a pin of one kind has pins of another that belong to it: a finding
// its events, a row of a ledger its events and files.
func Holds(kind, part string) bool {
	switch kind {
	case PinFinding:
		return part == PinEvent
	case PinModule:
		return part == PinEvent || part == PinFile
	}
	return false
}

// PinKinds are the kinds of evidence, what belongs to others first.
var PinKinds = []string{PinEvent, PinFile, PinFinding, PinModule}
