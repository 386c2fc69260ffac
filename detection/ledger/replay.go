package ledger

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
)

// place is where a module is registered: in globalModules, which has each name once; in
// modules of a scope; or among the filters or handlers of one.
type place struct{ list, scope string }

const (
	global   = "globalModules"
	modules  = "modules"
	filters  = "isapiFilters"
	handlers = "handlers"
)

// entry is what the changes made of a place.
type entry struct {
	of      int // which image
	present Presence
	added   bool // it was seen to be there before
	at      time.Time
}

// state is what the replay makes of one image of a name.
type state struct {
	present   Presence
	scopes    []string
	why       string // where that takes words
	removedBy string // "" nothing that was followed took it away
}

// replayer goes through the changes of one name, whatever its images.
type replayer struct {
	at     map[place]entry
	scopes []map[string]bool // of each image, those where it ever stood
	gone   []*step           // what took an image from a place where it was, or from the whole server
	seen   []bool            // images of which the log says more than attributes
	left   [][]time.Time     // when each image was removed somewhere, by time
}

type step struct {
	verdict.Change
	of int
}

// replay says of the images of one name which are registered after all changes. What was
// known before a list was changed as a whole is not known after it.
func replay(same []verdict.Part, list time.Time) []state {
	if same[0].Said {
		return said(same)
	}
	n := len(same)
	var steps []step
	r := &replayer{at: map[place]entry{}, scopes: make([]map[string]bool, n), gone: make([]*step, n),
		seen: make([]bool, n), left: make([][]time.Time, n)}
	why := make([]string, n)
	timeless := false
	for i, p := range same {
		r.scopes[i] = map[string]bool{}
		for _, c := range p.Changes {
			steps = append(steps, step{c, i})
			timeless = timeless || c.At.IsZero() && c.Kind&detection.FromFile == 0
			if c.Kind&removes != 0 && c.Kind&detection.Unsure == 0 {
				r.left[i] = append(r.left[i], c.At)
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) })
	for i := range steps {
		s := &steps[i]
		if s.Kind&detection.Unsure != 0 {
			why[s.of] = "the log does not say what was done to it"
		} else if s.Kind&(adds|removes) != 0 {
			why[s.of] = ""
		}
		r.take(s)
	}
	for p, e := range r.at {
		if list.After(e.at) || timeless && len(steps) > 1 {
			if why[e.of] = "a list of modules was changed as a whole after it"; !list.After(e.at) {
				why[e.of] = "the log does not say in which order it was changed"
			}
			e.present = Unknown
			r.at[p] = e
		}
	}
	out := r.states(why)
	var named []verdict.Change // that name an account, by time
	for i := range steps {
		if steps[i].By != "" {
			named = append(named, steps[i].Change)
		}
	}
	for i, s := range r.gone {
		if s != nil {
			from := sort.Search(len(named), func(k int) bool { return !named[k].At.Before(s.At.Add(-apart)) })
			out[i].removedBy = whoMade(&s.Change, named[from:min(from+1, len(named))])
			if out[i].removedBy == NoLoggedChange && list.After(same[i].Changes[0].At) {
				out[i].removedBy = NotKnown // the change of the list may have done it
			}
		}
	}
	return out
}

const removes = detection.ModuleRemoved | detection.ModuleDisabledForSite | detection.FilterRemoved |
	detection.HandlerRemoved

// said is the state of modules that commands alone speak of: the log of the
// configuration does not follow them.
func said(same []verdict.Part) (out []state) {
	for _, p := range same {
		s := state{present: Unknown, why: "from a command line only: no change of the configuration follows it"}
		for _, c := range p.Changes {
			s.scopes = addScope(s.scopes, c.Scope)
			if c.Kind&removes != 0 {
				s.removedBy = whoMade(&c, nil)
			}
		}
		out = append(out, s)
	}
	return out
}

// take is what one change makes of the places.
func (r *replayer) take(s *step) {
	r.scopes[s.of][s.Scope] = true
	present := Yes
	if s.Kind&detection.Unsure != 0 {
		present = Unknown
	}
	switch {
	case s.Kind&detection.ModuleAdded != 0:
		r.put(s, global, present)
	case s.Kind&detection.ModuleRemoved != 0 && present == Unknown:
		r.put(s, global, Unknown)
	case s.Kind&detection.ModuleRemoved != 0:
		for p, e := range r.at { // no list has what the server does not load
			if e.present != No {
				r.leave(e.of, s)
			}
			e.present, e.at = No, s.At
			r.at[p] = e
		}
		r.leave(s.of, s)
		r.seen[s.of] = true
		r.at[place{global, ""}] = entry{s.of, No, true, s.At}
	case s.Kind&detection.ModuleEnabledForSite != 0:
		r.put(s, modules, present)
	case s.Kind&detection.ModuleDisabledForSite != 0:
		r.drop(s, modules, present)
	case s.Kind&(detection.HandlerAdded|detection.HandlerCode) != 0:
		r.put(s, handlers, present)
	case s.Kind&detection.HandlerRemoved != 0:
		r.drop(s, handlers, present)
	case s.Kind&detection.FilterRemoved != 0:
		r.drop(s, filters, present)
	case s.Kind&detection.FilterAdded != 0, s.Kind&detection.ISAPIFilter != 0 && s.Image != "":
		r.put(s, filters, present)
	case s.Kind&detection.ModuleImage != 0 && s.Image != "" && !r.removed(s):
		list := modules
		if detection.IsNative(s.Image) {
			list = global
		}
		r.put(s, list, present)
	case !r.seen[s.of] && !r.removed(s): // an attribute: an entry has it
		r.put(s, modules, present)
		r.seen[s.of] = false
	}
}

// removed says whether a change is part of the commit that removed its module.
func (r *replayer) removed(s *step) bool {
	left := r.left[s.of]
	i := sort.Search(len(left), func(i int) bool { return !left[i].Before(s.At.Add(-apart)) })
	return i < len(left) && !left[i].After(s.At.Add(apart))
}

func (r *replayer) put(s *step, list string, present Presence) {
	p := place{list, strings.ToLower(s.Scope)}
	if list == global {
		p.scope = ""
	}
	was, had := r.at[p]
	if had && was.of != s.of && present == Yes {
		if was.present != No {
			r.leave(was.of, s)
		}
		for q, e := range r.at { // the lists of scopes name it, and now mean this image
			if list == global && e.of == was.of {
				e.of = s.of
				r.at[q] = e
			}
		}
	}
	r.seen[s.of] = true
	if present == Yes {
		r.gone[s.of] = nil
	}
	r.at[p] = entry{s.of, present, present == Yes || had && was.added && was.of == s.of, s.At}
}

// drop takes an entry out of a list. One that was never seen in it may be inherited
// elsewhere: only the whole server's list says that it is gone.
func (r *replayer) drop(s *step, list string, present Presence) {
	p := place{list, strings.ToLower(s.Scope)}
	was, had := r.at[p]
	r.seen[s.of] = true
	if present == Unknown {
		r.at[p] = entry{s.of, Unknown, was.added, s.At}
		return
	}
	present = No
	if !(had && was.added) && !serverWide(s.Scope) {
		present = Unknown
	}
	of := s.of
	if had {
		of = was.of
	}
	if !had || was.present != No {
		r.leave(of, s)
	}
	r.at[p] = entry{of, present, had && was.added, s.At}
}

// leave notes what took an image away: of several places the last, unless the server had
// let go of it before.
func (r *replayer) leave(of int, s *step) {
	if was := r.gone[of]; was == nil || was.Kind&detection.ModuleRemoved == 0 {
		r.gone[of] = s
	}
}

func serverWide(scope string) bool {
	return scope == "" || strings.EqualFold(scope, "MACHINE/WEBROOT/APPHOST") ||
		strings.EqualFold(scope, "MACHINE/WEBROOT")
}

// states says of each image what the places say together.
func (r *replayer) states(why []string) []state {
	out := make([]state, len(r.scopes))
	for i := range out {
		s := state{present: Unknown, why: why[i]}
		if r.gone[i] != nil {
			s.present = No
		}
		here := map[string]bool{}
		for p, e := range r.at {
			switch {
			case e.of != i:
			case e.present == Yes:
				s.present = Yes
				here[p.scope] = true
			case e.present == Unknown && s.present != Yes:
				s.present = Unknown
			}
		}
		if s.present == Yes {
			s.why = ""
		}
		for scope := range r.scopes[i] {
			if s.present != Yes || here[strings.ToLower(scope)] || here[""] && serverWide(scope) {
				s.scopes = addScope(s.scopes, scope)
			}
		}
		slices.Sort(s.scopes)
		out[i] = s
	}
	return out
}

func addScope(list []string, scope string) []string {
	if slices.Contains(list, scope) || scope == "" {
		return list
	}
	return append(list, scope)
}
