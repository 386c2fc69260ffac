// Package casefile writes and reads case files: a case with its report, the bytes of
// its evidence, its notes and its audit rows, as a ZIP archive with a manifest.
// docs/case-file.md has the form.
package casefile

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"escutcheon/store"
)

// What stands in the manifest's head.
const (
	form    = "escutcheon case file"
	version = 1
)

// The names of the members.
const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
	sigName      = "manifest.json.minisig" // where the installation has a key
	keyName      = "minisign.pub"
	caseName     = "case.json"
	notesName    = "notes.csv"
	auditName    = "audit.jsonl"
	auditCSVName = "audit.csv"
	reportName   = "report"  // .html, .md, .json
	bytesDir     = "kept/"   // by SHA-256: copies of records, attached files, pictures
	maxText      = 256 << 20 // of case.json, notes.csv and audit.jsonl, and of a report
	maxMembers   = 100_000   // of one file
)

// manifest says what is in a case file.
type manifest struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Case     string    `json:"case"`
	Title    string    `json:"title"`
	Exported time.Time `json:"exported"`
	Program  string    `json:"program"`
	Files    []member  `json:"files"` // all others but SHA256SUMS
}

type member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// text is a string that comes back byte by byte: what is no UTF-8 as base64.
type text string

// MarshalJSON writes it.
func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(t))})
}

// UnmarshalJSON reads it.
func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var in struct{ Base64 []byte }
		err := json.Unmarshal(b, &in)
		*t = text(in.Base64)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// The parts of case.json.
type caseJSON struct {
	UID             string            `json:"uid"`
	Number          int64             `json:"number"`
	Origin          string            `json:"origin"`
	Title           text              `json:"title"`
	Status          string            `json:"status"`
	Disposition     string            `json:"disposition"`
	Severity        string            `json:"severity"`
	Owner           text              `json:"owner"`
	Verdict         text              `json:"verdict"`
	Revision        int64             `json:"revision"`
	Author          text              `json:"author"`
	Created         time.Time         `json:"created"`
	Editor          text              `json:"editor"`
	Edited          time.Time         `json:"edited"`
	Items           []itemJSON        `json:"items"`
	Questions       []questionJSON    `json:"questions"`
	Recommendations []recommendation  `json:"recommendations"`
	Files           []fileJSON        `json:"files"`
	Evidence        []pinJSON         `json:"evidence"`
	Notes           []noteJSON        `json:"notes"`
	Pictures        map[string]string `json:"pictures"`
}

type itemJSON struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`
	Ref      text      `json:"ref"`
	Evidence int64     `json:"evidence,omitempty"`
	Why      text      `json:"why"`
	Snapshot text      `json:"snapshot"` // JSON in a string: it comes back byte by byte
	Author   text      `json:"author"`
	Added    time.Time `json:"added"`
}

type questionJSON struct {
	ID       int64     `json:"id"`
	Question text      `json:"question"`
	Answer   text      `json:"answer"`
	Items    []int64   `json:"items"`
	Revision int64     `json:"revision"`
	Author   text      `json:"author"`
	Created  time.Time `json:"created"`
	Editor   text      `json:"editor"`
	Edited   time.Time `json:"edited"`
}

type recommendation struct {
	ID     int64     `json:"id"`
	Text   text      `json:"text"`
	Done   bool      `json:"done"`
	Author text      `json:"author"`
	At     time.Time `json:"at"`
}

type fileJSON struct {
	ID     int64     `json:"id"`
	Name   text      `json:"name"`
	SHA256 string    `json:"sha256"`
	Size   int64     `json:"size"`
	Why    text      `json:"why"`
	Author text      `json:"author"`
	At     time.Time `json:"at"`
}

type pinJSON struct {
	ID       int64      `json:"id"`
	UID      string     `json:"uid"`
	Kind     string     `json:"kind"`
	Ref      text       `json:"ref"`
	Dest     text       `json:"dest"`
	At       *time.Time `json:"at"`
	Snapshot text       `json:"snapshot"`
	Copies   []copyJSON `json:"copies"`
	Events   []int64    `json:"events"`
	Seal     string     `json:"seal"`
	Author   text       `json:"author"`
	Pinned   time.Time  `json:"pinned"`
}

type copyJSON struct {
	FileSHA256 string `json:"file_sha256"`
	File       text   `json:"file"`
	Archive    string `json:"archive_sha256"`
	Format     text   `json:"format"`
	Offset     int64  `json:"offset"`
	SHA256     string `json:"sha256"`
}

// noteJSON is what notes.csv does not have of a note.
type noteJSON struct {
	ID      int64     `json:"id"`
	Created time.Time `json:"created"`
	Editor  text      `json:"editor"`
	Edited  time.Time `json:"edited"`
}

// auditJSON is a line of audit.jsonl.
type auditJSON struct {
	ID      int64     `json:"id"`
	Time    time.Time `json:"time"`
	Person  text      `json:"person"`
	Action  text      `json:"action"`
	Object  text      `json:"object"`
	Field   text      `json:"field"`
	Old     text      `json:"old"`
	New     text      `json:"new"`
	Address text      `json:"address"`
	Prev    string    `json:"prev"`
	Hash    string    `json:"hash"`
}

func toAudit(a store.CarriedAudit) auditJSON {
	return auditJSON{a.ID, a.At.UTC(), text(a.Person), text(a.Action), text(a.Object), text(a.Field), text(a.Old),
		text(a.New), text(a.Address), a.Prev, a.Hash}
}

func (a auditJSON) row() store.CarriedAudit {
	return store.CarriedAudit{Hash: a.Hash, AuditRow: store.AuditRow{ID: a.ID, At: a.Time, Address: string(a.Address),
		Prev: a.Prev, AuditEntry: store.AuditEntry{Person: string(a.Person), Action: string(a.Action),
			Object: string(a.Object), Field: string(a.Field), Old: string(a.Old), New: string(a.New)}}}
}

func toCase(c *store.CarriedCase) caseJSON {
	out := caseJSON{UID: c.UID, Number: c.ID, Origin: c.Origin, Title: text(c.Title), Status: c.Status.String(),
		Disposition: c.Disposition.String(), Severity: c.Severity.String(), Owner: text(c.Owner), Verdict: text(c.Verdict),
		Revision: c.Revision, Author: text(c.Author), Created: c.Created.UTC(), Editor: text(c.Editor),
		Edited: c.Edited.UTC(), Items: []itemJSON{}, Questions: []questionJSON{}, Recommendations: []recommendation{},
		Files: []fileJSON{}, Evidence: []pinJSON{}, Notes: []noteJSON{}, Pictures: map[string]string{}}
	for _, i := range c.Items {
		out.Items = append(out.Items, itemJSON{i.ID, i.Kind, text(i.Ref), i.Pin, text(i.Why), text(i.Snapshot),
			text(i.Author), i.Added.UTC()})
	}
	for _, q := range c.Questions {
		out.Questions = append(out.Questions, questionJSON{q.ID, text(q.Question), text(q.Answer),
			append([]int64{}, q.Items...), q.Revision, text(q.Author), q.Created.UTC(), text(q.Editor), q.Edited.UTC()})
	}
	for _, r := range c.Recommendations {
		out.Recommendations = append(out.Recommendations, recommendation{r.ID, text(r.Text), r.Done, text(r.Author),
			r.At.UTC()})
	}
	for _, f := range c.Files {
		out.Files = append(out.Files, fileJSON{f.ID, text(f.Name), f.SHA256, f.Size, text(f.Why), text(f.Author),
			f.At.UTC()})
	}
	for _, id := range slices.Sorted(maps.Keys(c.Pins)) {
		out.Evidence = append(out.Evidence, toPin(c.Pins[id]))
	}
	for _, n := range c.Notes {
		out.Notes = append(out.Notes, noteJSON{n.ID, n.Created.UTC(), text(n.Editor), n.Edited.UTC()})
	}
	for dest, sum := range c.Pictures {
		out.Pictures[dest] = sum
	}
	return out
}

func toPin(p store.Pin) pinJSON {
	out := pinJSON{ID: p.ID, UID: p.UID, Kind: p.Kind, Ref: text(p.Ref), Dest: text(p.Dest), Snapshot: text(p.Snapshot),
		Copies: []copyJSON{}, Events: append([]int64{}, p.Events...), Seal: p.Seal, Author: text(p.Author),
		Pinned: p.Pinned.UTC()}
	if !p.At.IsZero() {
		at := p.At.UTC()
		out.At = &at
	}
	for _, c := range p.Copies {
		out.Copies = append(out.Copies, copyJSON{c.FileSHA256, text(c.FileName), c.Archive, text(c.Format), c.Offset,
			c.SHA256})
	}
	return out
}
