// Package ledger lists the modules of a host: each that its sources ever speak of, from
// when to when, where, by whom, whether it is still there, and what the lists say of it.
// It is pure; it knows no store and no clock.
package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
)

// Source is what says something of a module. More of them will come.
type Source string

// The sources. A command is an event, too: one that says what was asked for, not what
// was done.
const (
	Event   Source = "event"
	Command Source = "command"
	File    Source = "file hash"

	Configuration Source = "configuration"         // applicationHost.config or a web.config
	OldVersion    Source = "configuration history" // a version that the server kept
	ModuleFile    Source = "module file"
	Listing       Source = "list of modules"
	Loads         Source = "log of loads" // Sysmon 7, Application 2280 and 2282
)

// NotCollected is what is said of a source that nothing was brought of.
const NotCollected = "not collected"

// Type is what kind of part of the server a module is.
type Type string

// The types.
const (
	Native  Type = "native"
	Managed Type = "managed"
	Filter  Type = "filter"  // an ISAPI filter
	Handler Type = "handler" // one that runs a type or file of its own
)

// Presence says whether a module is registered, as far as the sources tell.
type Presence string

// The presences: what the newest change left it as; Unknown where no source says so.
const (
	Yes     Presence = "yes"
	No      Presence = "no"
	Unknown Presence = "unknown"
)

// What stands for who added a module, or removed it, where no account does.
const (
	NoLoggedChange = "no logged change" // no source says that it was
	NotKnown       = "not known"        // one does, without an account, or none that would was collected
)

// Evidence is one thing that a source says of a module.
type Evidence struct {
	Source  Source
	Event   int64     // its number; 0: an artifact says it
	At      time.Time // zero: no time
	Text    string    // what it says, for a person
	Scope   string
	By      string // account or SID; "" not named
	Finding string // key of a finding that it is in; "" none

	Artifact int64 // the file that says it; 0: an event does
	Line     int   // of it; 0: not of a line
}

// Module is a row of a ledger: one module, by its type, name and image.
type Module struct {
	Name, Image string // as the log spells them; Image "": not seen
	Type        Type
	Scope       []string // where it is registered, or was where it is not any more
	First, Last time.Time
	Present     Presence
	AddedBy     string
	RemovedBy   string   // "" it is not known to be gone, or nothing ever registered it
	Hash        string   // SHA-256 of its file, where that was collected; "" it was not
	Hashes      []string // of all files that are its, Hash the first
	Judgement
	Mark     *Mark      // that somebody set; nil: nobody did
	Expired  bool       // it does not count any more
	Evidence []Evidence // by time
}

// Key is what modules that are the same on several hosts have alike.
func (m *Module) Key() (name, image string) {
	return strings.ToLower(m.Name), detection.ImageKey(m.Image)
}

// ofChanges makes rows of the changes of a host, in any order, and of the entries that the
// user brought, the gravest first.
func ofChanges(changes []verdict.Change, known Known) []Module {
	parts := verdict.Log{}.Parts(changes)
	hashes := hashesOf(changes)
	var list time.Time // when a list of modules was last changed as a whole
	byName := map[string][]verdict.Part{}
	var names []string
	for _, p := range parts {
		if p.List {
			list = p.Changes[len(p.Changes)-1].At
			continue
		}
		key := strings.ToLower(p.Name)
		if p.Filter {
			key = "\x00" + key
		}
		if p.Handler {
			key = "\x02" + key
		}
		if p.Said {
			key = "\x01" + key
		}
		if byName[key] == nil {
			names = append(names, key)
		}
		byName[key] = append(byName[key], p)
	}
	var out []Module
	for _, key := range names {
		same := byName[key]
		states := replay(same, list)
		for i, p := range same {
			out = append(out, module(p, states[i], hashes, known))
		}
	}
	slices.SortStableFunc(out, func(a, b Module) int { return a.Graver(&b) })
	return out
}

// hashesOf are the files of a host whose hash is publicly known bad, by their paths.
func hashesOf(changes []verdict.Change) map[string]verdict.Change {
	out := map[string]verdict.Change{}
	for _, c := range changes {
		key := detection.ImageKey(c.Image)
		if _, has := out[key]; c.Kind&detection.BadFile != 0 && !has {
			out[key] = c
		}
	}
	return out
}

// module is the row of one name and image.
func module(p verdict.Part, s state, hashes map[string]verdict.Change, known Known) Module {
	m := Module{Name: p.Name, Present: s.present, AddedBy: addedBy(p.Changes)}
	for _, c := range p.Changes {
		m.Image = cmp.Or(m.Image, c.Image)
		if !c.At.IsZero() {
			if m.First.IsZero() {
				m.First = c.At
			}
			m.Last = c.At
		}
		m.Evidence = append(m.Evidence, evidence(&c))
	}
	m.Type = typeOf(p, m.Image)
	m.Scope, m.RemovedBy = s.scopes, s.removedBy
	hash := ""
	if f, ok := hashes[detection.ImageKey(m.Image)]; ok && m.Image != "" && detection.IsNative(m.Image) {
		hash = f.Hash
		m.Evidence = append(m.Evidence, evidence(&f))
		slices.SortStableFunc(m.Evidence, func(a, b Evidence) int { return a.At.Compare(b.At) })
	}
	if m.Judgement = Judge(m.Name, m.Image, hash, p.Filter, known); p.Handler {
		m.Judgement = JudgeHandler(m.Image, []string{hash}, known)
	}
	if s.why != "" {
		m.Reason += "; " + s.why
	}
	return m
}

// typeOf is the type of a module: by its image, else by where it stands or by the lists.
// What is enabled by its name alone is native: a managed module is added with its type.
func typeOf(p verdict.Part, image string) Type {
	switch {
	case p.Filter:
		return Filter
	case p.Handler:
		return Handler
	case image != "" && !detection.IsNative(image):
		return Managed
	case image == "":
		if _, e := detection.JudgeEntry(p.Name, "", "", false); e != nil && e.Kind == string(Managed) {
			return Managed
		}
	}
	return Native
}

const (
	adds = detection.ModuleAdded | detection.ModuleEnabledForSite | detection.FilterAdded | detection.HandlerAdded
	// apart is within what time the events of one commit stand.
	apart = time.Minute
)

// addedBy is who added a module first, or else set its image first.
func addedBy(changes []verdict.Change) string {
	for _, of := range []detection.Kind{adds, detection.ModuleImage | detection.ISAPIFilter | detection.HandlerCode} {
		for _, c := range changes {
			if c.Kind&of == 0 || c.Kind&(detection.Unsure|detection.FilterRemoved) != 0 || of&adds == 0 && c.Image == "" {
				continue
			}
			if c.By == "" && c.Kind&detection.FromFile != 0 {
				continue // an event may say it, too
			}
			return whoMade(&c, changes)
		}
	}
	return NoLoggedChange
}

// whoMade is who made a change: whom it names, else whom another of its commit does.
func whoMade(c *verdict.Change, all []verdict.Change) string {
	if c.By != "" {
		return c.By
	}
	if c.Kind&detection.FromFile != 0 {
		return NoLoggedChange
	}
	for _, o := range all {
		if d := o.At.Sub(c.At); o.By != "" && d >= -apart && d <= apart {
			return o.By
		}
	}
	return NotKnown
}

var handlerWords = map[detection.Kind]string{detection.HandlerAdded: "handler added",
	detection.HandlerRemoved: "handler removed", detection.HandlerCode: "what the handler runs was set"}

// evidence is what a change says.
func evidence(c *verdict.Change) Evidence {
	e := Evidence{Source: Event, Event: c.Event, At: c.At, Scope: c.Scope, By: c.By, Finding: c.Finding}
	if c.Kind&detection.FromFile != 0 {
		e.Source, e.Artifact = Configuration, c.Artifact
		if strings.HasPrefix(c.File, "CFGHISTORY") {
			e.Source = OldVersion
		}
	}
	switch {
	case c.Kind&detection.BadFile != 0:
		e.Source, e.Text = File, c.Image+" has the hash "+c.Hash
		return e
	case c.Kind&detection.FilterAdded != 0:
		e.Text = "ISAPI filter added"
	case c.Kind&detection.FilterRemoved != 0:
		e.Text = "ISAPI filter removed"
	case c.Kind&detection.Handlers != 0:
		e.Text = handlerWords[c.Kind&detection.Handlers]
	default:
		of := c.Kind & (detection.ModuleKinds | detection.ISAPIFilter | detection.Unsure)
		e.Text = strings.Join(of.Labels(), ", ")
	}
	if c.Image != "" {
		e.Text += ": " + c.Image
	}
	switch {
	case c.Kind&detection.Standing != 0:
		e.Text = "stands in " + c.File + " (" + e.Text + ")"
	case c.Kind&detection.FromFile != 0:
		e.Text += ", in " + c.File + ". " + c.Why
	}
	if c.Kind&detection.FromCommand != 0 {
		e.Source, e.Text = Command, "a command says: "+e.Text
	}
	return e
}

// Graver orders rows: by judgement, then what is there before what may be and what is
// gone, then what sees every request before handlers, which answer some, then by time.
func (m *Module) Graver(than *Module) int {
	return cmp.Or(m.rank()-than.rank(),
		slices.Index(presences, m.Present)-slices.Index(presences, than.Present),
		m.some()-than.some(), m.First.Compare(than.First),
		strings.Compare(m.Name, than.Name), strings.Compare(m.Image, than.Image))
}

// some is 1 for what answers some requests alone.
func (m *Module) some() int {
	if m.Type == Handler {
		return 1
	}
	return 0
}

var presences = []Presence{Yes, Unknown, No}
