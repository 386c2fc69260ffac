package store

import (
	"encoding/json"
	"time"
)

// CarriedCase is a case as a case file carries it from one machine to another.
type CarriedCase struct {
	WholeCase
	Notes    []NoteRow         // of its hosts
	Audit    []CarriedAudit    // what was done to it, by the machine where that was
	Told     []byte            // the report as JSON
	Pictures map[string]string // of its hosts' timelines: SHA-256 of PNG files, by dest
	Exported time.Time
	Version  string // of the program that wrote it
	File     string // SHA-256 of its manifest
}

// CarriedAudit is a row of an audit trail that is not this database's, or an excerpt
// of it: the hash says that the row is as it was written.
type CarriedAudit struct {
	AuditRow
	Hash string
}

// CaseBrought says how a case came that was made on another machine.
type CaseBrought struct {
	Number   string // there
	File     string // SHA-256 of the manifest of the case file
	Exported time.Time
	Version  string
	By       string
	At       time.Time
	Told     []byte            // the report as JSON
	Pictures map[string]string // SHA-256 of PNG files, by dest
	Evidence map[int64]int64   // numbers here, by those there
	Audit    []CarriedAudit
}

// CaseImported is what became of a case file.
type CaseImported struct {
	Case  Case
	Known bool // it was here already, and is the same: nothing was changed
	Notes NotesImported
	// Warnings are sentences about what is here and not as in the file.
	Warnings []string
}

// Dests are the hosts of a case, in the order in which they came to it.
func (w *WholeCase) Dests() (out []string) {
	seen := map[string]bool{"": true}
	for _, i := range w.Items {
		dest := w.Pins[i.Pin].Dest
		switch i.Kind {
		case ItemHost:
			dest = i.Ref
		case ItemNote:
			var n NoteSnapshot
			_ = json.Unmarshal(i.Snapshot, &n) // a damaged one says nothing
			dest = n.Dest
		}
		if !seen[dest] {
			seen[dest] = true
			out = append(out, dest)
		}
	}
	return out
}
