// Package onfile says what the files of a server tell of its configuration: its versions
// in their order, what changed from one to the next and which event says so, and the
// changes that no event does. It is pure; it knows no store and no clock.
package onfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/iisconfig"
	"escutcheon/detection"
	"escutcheon/detection/verdict"
)

// Version is a configuration as it was at one time.
type Version struct {
	*artifact.File
	InForce     bool         // it is the newest of its file
	First       bool         // none before it was collected
	Differences []Difference // from the one before
}

// Difference is one thing in which two versions differ.
type Difference struct {
	iisconfig.Difference
	Said *verdict.Change // the event that says so; nil: none does, and
	Why  string          // what that may come from
	says []detection.ChangeEvent
}

// Told is what a person should know of the files.
type Told struct {
	Text  string
	File  *artifact.File
	Line  int
	Grave bool

	History  bool // it is about the versions that the server keeps: from when to when they lack
	From, To time.Time
}

// History is what the files of a server say.
type History struct {
	Versions   []Version        // of applicationHost.config, then of each web.config; the oldest first
	Current    *artifact.File   // applicationHost.config as it was collected; nil: it was not
	Webs       []*artifact.File // web.config files, the newest of each path
	Told       []Told
	Cut        bool             // there are more files than were looked at
	Redirected bool             // the configuration in force is read from elsewhere
	Elsewhere  bool             // what stands for it lies where IIS does not read it
	Changes    []verdict.Change // that versions show and no event says
	Standing   []verdict.Change // what the oldest versions hold, of which no event speaks
}

// exact is how exact times of files are. A change that was made before a version was written is
// in it: one between two versions comes after the first.
const exact = 2 * time.Second

// Make makes the history of the files of a server, beside the changes that its events say
// and what is known of their log.
func Make(files []artifact.File, changes []verdict.Change, log verdict.Log) *History {
	h := &History{}
	said := events(changes, &log)
	server, webs, strays := chains(files)
	h.strays(strays, server)
	if n := len(server); n > 0 && server[n-1].Kind != artifact.History && server[n-1].Kind != artifact.Backup {
		h.Current = server[n-1]
	}
	m := &matching{said: said, used: map[int64]bool{}, log: log}
	h.chain(server, m)
	sites := sitesOf(h.Current, server)
	for _, of := range webs {
		for _, f := range of {
			f.Config.Level = levelOf(f, sites)
		}
		h.chain(of, m)
		h.Webs = append(h.Webs, of[len(of)-1])
	}
	h.removed(said)
	h.badFiles(files)
	h.tell(files, server)
	return h
}

// events are the changes that the log of the configuration says, by time.
func events(changes []verdict.Change, log *verdict.Log) (out []verdict.Change) {
	for _, c := range changes {
		if c.Event != 0 && c.Kind&(detection.FromCommand|detection.BadFile|detection.FromFile) == 0 {
			out = append(out, c)
			log.Saw(c.At)
		}
	}
	slices.SortStableFunc(out, func(a, b verdict.Change) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// chains are the versions of the server's configuration, the oldest first and the one in
// force last, those of each web.config, and what looks like the first and lies elsewhere.
func chains(files []artifact.File) (server []*artifact.File, webs [][]*artifact.File, strays []*artifact.File) {
	var current, kept, parts []*artifact.File
	at := map[string]int{}
	for i := range files {
		f := &files[i]
		if f.Config == nil {
			continue
		}
		switch f.Kind {
		case artifact.ApplicationHost:
			current = append(current, f)
		case artifact.History, artifact.Backup:
			kept = append(kept, f)
		case artifact.Fragment:
			parts = append(parts, f)
		case artifact.Web:
			path := strings.ToLower(f.Path)
			if _, ok := at[path]; !ok {
				at[path] = len(webs)
				webs = append(webs, nil)
			}
			webs[at[path]] = append(webs[at[path]], f)
		}
	}
	_, to := redirected(files)
	current, versions, strays := inForce(current, to)
	kept = append(kept, versions...)
	if len(current) == 0 { // what of it was handed over
		current = parts
	}
	slices.SortStableFunc(current, byTime)
	if n := len(current); n > 0 { // an older copy of it is a version
		kept = append(kept, current[:n-1]...)
	}
	slices.SortStableFunc(kept, bySerial)
	if n := len(current); n > 0 {
		kept = append(kept, current[n-1])
	}
	for i := range webs {
		slices.SortStableFunc(webs[i], byTime)
	}
	return kept, webs, strays
}

func byTime(a, b *artifact.File) int {
	return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID))
}

// bySerial orders versions by their times, and by their numbers where a time is missing.
func bySerial(a, b *artifact.File) int {
	if !a.Modified.IsZero() && !b.Modified.IsZero() && !a.Modified.Equal(b.Modified) {
		return a.Modified.Compare(b.Modified)
	}
	return cmp.Or(cmp.Compare(a.Serial, b.Serial), cmp.Compare(a.ID, b.ID))
}

// chain adds the versions of one file.
func (h *History) chain(of []*artifact.File, m *matching) {
	for i, f := range of {
		v := Version{File: f, First: i == 0, InForce: i == len(of)-1}
		if i > 0 {
			v.Differences = m.differences(of[i-1], f)
			for _, d := range v.Differences {
				if d.Said == nil {
					h.Changes = append(h.Changes, changesOf(&d, f)...)
				}
			}
		} else {
			h.Standing = append(h.Standing, m.standing(f)...)
		}
		h.Versions = append(h.Versions, v)
	}
}

// changesOf are the changes of note that a difference comes to.
func changesOf(d *Difference, f *artifact.File) (out []verdict.Change) {
	for _, c := range d.says {
		c.Kind |= detection.FromFile
		out = append(out, verdict.Change{ChangeEvent: c, At: f.Modified, Artifact: f.ID, File: nameOf(f), Why: d.Why})
	}
	return out
}

// nameOf is what a version is called.
func nameOf(f *artifact.File) string {
	if f.Kind == artifact.History {
		return fmt.Sprintf("CFGHISTORY_%010d", f.Serial)
	}
	return f.Path[strings.LastIndexByte(f.Path, '\\')+1:]
}

// Name is what a version is called: by its number, or its file's name.
func (v *Version) Name() string { return nameOf(v.File) }

// standing is what the oldest version of a file holds, where no event speaks of it.
func (m *matching) standing(f *artifact.File) (out []verdict.Change) {
	why := m.why(time.Time{}, f.Modified)
	for _, d := range iisconfig.Diff(&iisconfig.Config{Level: f.Config.Level}, f.Config) {
		says := committed(&d)
		for _, c := range says {
			if m.speaks(c.Module, c.Kind&detection.ISAPIFilter != 0, c.Kind, c.Scope, f.Modified) {
				continue
			}
			c.Kind |= detection.FromFile | detection.Standing
			out = append(out, verdict.Change{ChangeEvent: c, At: f.Modified, Artifact: f.ID, File: nameOf(f), Why: why})
		}
	}
	return out
}

// badFiles adds the files of modules whose hash is publicly known bad.
func (h *History) badFiles(files []artifact.File) {
	for i := range files {
		f := &files[i]
		for _, hash := range []string{f.SHA256, f.SHA1} {
			if f.Image == nil || detection.LookupBadHash(hash) == nil {
				continue
			}
			bad := verdict.Change{At: f.Modified, Artifact: f.ID, File: nameOf(f)}
			bad.Kind, bad.Image, bad.Hash = detection.BadFile|detection.FromFile, f.Path, hash
			h.Changes = append(h.Changes, bad)
			break
		}
	}
}

// Notable are those of what stands that a verdict is about: modules that are neither
// IIS's own nor of a known product, and logging that is off.
func (h *History) Notable() (out []verdict.Change) {
	images := map[string]string{}
	for _, c := range h.Standing {
		if c.Image != "" && images[nameKey(&c)] == "" {
			images[nameKey(&c)] = c.Image
		}
	}
	for _, c := range h.Standing {
		if c.Kind&detection.HTTPLoggingOff != 0 {
			out = append(out, c)
			continue
		}
		if c.Kind&(detection.ModuleKinds|detection.ISAPIFilter) == 0 {
			continue
		}
		image := images[nameKey(&c)]
		if j, _ := detection.JudgeEntry(c.Module, image, "", c.Kind&detection.ISAPIFilter != 0); image == "" ||
			j.Judgement == detection.Own || j.Judgement == detection.Known {
			continue // a name alone is judged where its image stands
		}
		out = append(out, c)
	}
	return out
}

func nameKey(c *verdict.Change) string {
	if c.Kind&detection.ISAPIFilter != 0 {
		return "filter " + strings.ToLower(c.Module)
	}
	return strings.ToLower(c.Module)
}
