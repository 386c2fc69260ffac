package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/iisconfig"
	"escutcheon/detection"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

// Sources are all that a ledger is made of.
type Sources struct {
	Changes []verdict.Change // that events say
	OnFile  *onfile.History  // nil: no file was collected
	Files   []artifact.File
	Loads   []Load
	NoLog   bool // the log of the configuration was not collected
}

// Load is a file of a module that worker processes loaded, or failed to.
type Load struct {
	Image       string
	First, Last time.Time
	Times       int64
	Event       int64 // the newest
	Failed      bool
}

// Span is how many files of a source were collected, and when they were written.
type Span struct {
	Files    int
	From, To time.Time
}

// Collected says what was collected of the files of a server.
func Collected(files []artifact.File) map[Source]Span {
	out := map[Source]Span{}
	for i := range files {
		f := &files[i]
		of := Configuration
		switch f.Kind {
		case artifact.History, artifact.Backup:
			of = OldVersion
		case artifact.Administration, artifact.Redirection:
			continue
		case artifact.Module:
			of = ModuleFile
		case artifact.List:
			of = Listing
		}
		s := out[of]
		s.Files++
		if at := f.Modified; !at.IsZero() {
			if s.From.IsZero() || at.Before(s.From) {
				s.From = at
			}
			if at.After(s.To) {
				s.To = at
			}
		}
		out[of] = s
	}
	return out
}

// MakeOf makes the ledger of a host of all sources, what events say and what the files of
// the server do, and of the entries that the user brought, the gravest first.
func MakeOf(s Sources, known Known) []Module {
	out := makeOf(s, known)
	for i := range out {
		out[i].removed()
		for _, by := range []*string{&out[i].AddedBy, &out[i].RemovedBy} {
			if s.NoLog && *by == NoLoggedChange {
				*by = NotKnown // nobody has the log that would tell
			}
		}
	}
	return out
}

// removed takes back who removed a module that is not known to be gone.
func (m *Module) removed() {
	if m.Present != No {
		m.RemovedBy = ""
	}
}

func makeOf(s Sources, known Known) []Module {
	if s.OnFile == nil {
		return loaded(coded(ofChanges(s.Changes, known), nil, known), s.Loads, known)
	}
	files := modulesIn(s.Files)
	all := slices.Concat(s.Changes, s.OnFile.Changes, s.OnFile.Standing)
	r := registered(s.OnFile)
	out := coded(ofChanges(all, known), r.handlers, known)
	for i := range out {
		r.place(&out[i])
	}
	out = r.others(out, known)
	for i := range out {
		files.show(&out[i], known)
	}
	out = append(out, files.others(r, known)...)
	out = loaded(listed(out, s.Files, r, known), s.Loads, known)
	slices.SortStableFunc(out, func(a, b Module) int { return a.Graver(&b) })
	return out
}

// placed is an entry of a configuration in force.
type placed struct {
	iisconfig.Entry
	scope string
	file  *artifact.File
}

// registry is what the configurations in force register.
type registry struct {
	server   *artifact.File // applicationHost.config; nil: it was not collected
	whole    bool           // and it was read to its end
	webs     map[string]*artifact.File
	images   map[string][]placed // by the name of a native module
	lists    map[string][]placed // entries of modules, by name
	filters  map[string][]placed
	handlers map[string][]placed // that run code of their own
	handling []placed            // the same in their order
}

func registered(h *onfile.History) *registry {
	r := &registry{server: h.Current, webs: map[string]*artifact.File{}, images: map[string][]placed{},
		lists: map[string][]placed{}, filters: map[string][]placed{}, handlers: map[string][]placed{}}
	if r.server != nil {
		c := r.server.Config
		r.whole = r.server.Kind == artifact.ApplicationHost && c.Problem == "" && c.Cut == "" && !h.Redirected &&
			!h.Elsewhere
		r.add(r.server)
	}
	for _, f := range h.Webs {
		r.webs[strings.ToLower(f.Config.Level)] = f
		r.add(f)
	}
	return r
}

func (r *registry) add(f *artifact.File) {
	for _, e := range f.Config.Entries {
		if e.Op != "add" {
			continue
		}
		one := placed{e, cmp.Or(f.Config.Level, iisconfig.Server), f}
		if e.Location != "" {
			one.scope += "/" + e.Location
		}
		name := strings.ToLower(e.Name)
		switch e.Section {
		case "globalModules":
			if f.Kind == artifact.Web {
				continue // IIS reads these of the server's configuration alone
			}
			r.images[name] = append(r.images[name], one)
		case "modules", "httpModules":
			r.lists[name] = append(r.lists[name], one)
		case "isapiFilters":
			r.filters[name] = append(r.filters[name], one)
		case "handlers", "httpHandlers":
			if codeOf(&one) != "" { // else it is of a native module, which has its row
				r.handling = append(r.handling, one)
				r.handlers[name] = append(r.handlers[name], one)
			}
		}
	}
}

// place says of a module what the configurations in force do: whether it is registered,
// and where. What an event says later than these were written counts more.
func (r *registry) place(m *Module) {
	var here []placed
	name, image := m.Key()
	switch m.Type {
	case Filter:
		here = matching(r.filters[name], image, func(e *placed) string { return e.Image })
	case Managed:
		here = matching(r.lists[name], image, func(e *placed) string { return e.Type })
	case Handler:
		here = matching(r.handlers[name], image, codeOf)
	default:
		here = matching(r.images[name], image, func(e *placed) string { return e.Image })
		if len(here) > 0 {
			here = append(here, matching(r.lists[name], "", func(e *placed) string { return e.Type })...)
		}
	}
	if later(m, r.server) {
		return
	}
	if len(here) > 0 {
		m.Present, m.Scope = Yes, nil
		for _, e := range here {
			m.Scope = addScope(m.Scope, e.scope)
			m.Evidence = append(m.Evidence, e.evidence())
		}
		m.Reason, _, _ = strings.Cut(m.Reason, "; a list of modules")
		m.Last = latest(m.Last, r.written(here))
		return
	}
	if !r.covers(m) {
		return
	}
	switch {
	case m.Present == Yes:
		m.Reason += "; the configuration in force does not have it, and no event says that it was removed"
		m.RemovedBy = NoLoggedChange
	case m.RemovedBy == "": // what speaks of it does not say what was done
		m.RemovedBy = NotKnown
	}
	m.Present = No
}

// written is when the newest of the files was written in which a module is registered.
func (r *registry) written(here []placed) (at time.Time) {
	for _, e := range here {
		at = latest(at, e.file.Modified)
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// covers says whether the configurations that were collected would show a module.
func (r *registry) covers(m *Module) bool {
	if !r.whole {
		return false
	}
	if m.Type != Managed && m.Type != Handler {
		return true
	}
	for _, s := range m.Scope {
		if !serverWide(s) && r.webs[strings.ToLower(s)] == nil {
			return false
		}
	}
	return len(m.Scope) > 0
}

// later says whether an event speaks of a module after a file was written: the file is an
// older copy.
func later(m *Module, f *artifact.File) bool {
	if f == nil || f.Modified.IsZero() {
		return false
	}
	return slices.ContainsFunc(m.Evidence, func(e Evidence) bool {
		return e.Source == Event && e.At.After(f.Modified.Add(5*time.Second))
	})
}

func matching(list []placed, image string, of func(*placed) string) (out []placed) {
	for _, e := range list {
		if image == "" || detection.ImageKey(of(&e)) == image {
			out = append(out, e)
		}
	}
	return out
}
