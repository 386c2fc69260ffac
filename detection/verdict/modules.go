package verdict

import (
	"slices"
	"sort"
	"strings"
	"time"

	"escutcheon/detection"
)

// apart is within what time the events of one commit stand.
const apart = time.Minute

func lower(s string) string { return strings.ToLower(s) }

// Part is the changes of one name and image, by time.
type Part struct {
	Name    string // as the log spells it first
	Filter  bool   // an ISAPI filter
	Handler bool   // a handler: no verdict is about them
	List    bool   // the list of modules as a whole: the log names none
	Said    bool   // by commands alone
	Changes []Change
}

// Parts parts what changes say of modules and filters, in any order, by name and image:
// what the verdict makes one module of.
func (l Log) Parts(changes []Change) []Part {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, byTime)
	return parts(l.unfollowed(changes))
}

// modules makes the modules of changes that are sorted by time: one for each name
// and image. An event that names no image belongs to the image set next within a
// commit, else to the one set before it, else to the first.
func modules(changes []Change) (out []Module) {
	for _, p := range parts(changes) {
		if !p.Handler {
			out = append(out, module(p.Name, p.Filter, p.Changes))
		}
	}
	return out
}

func parts(changes []Change) []Part {
	var all []*Part
	at := map[string]*Part{}
	for _, c := range changes {
		p := Part{Filter: c.Kind&detection.ISAPIFilter != 0, List: c.Kind&detection.ModuleList != 0,
			Said: c.Kind&detection.FromCommand != 0, Handler: c.Kind&detection.Handlers != 0, Name: c.Module}
		if c.Kind&detection.ModuleKinds == 0 && !p.Filter && !p.Handler || c.Module == "" && c.Image == "" && !p.List {
			continue
		}
		key := lower(c.Module)
		if p.List {
			key = "\x02"
		}
		if p.Filter {
			key = "\x00" + key
		}
		if p.Handler {
			key = "\x03" + key
		}
		if p.Said { // what the log does not confirm stands apart
			key = "\x01" + key
		}
		if at[key] == nil {
			at[key] = &p
			all = append(all, at[key])
		}
		at[key].Changes = append(at[key].Changes, c)
	}
	var out []Part
	for _, p := range all {
		for _, of := range byImage(p.Changes) {
			one := *p
			one.Changes = of
			out = append(out, one)
		}
	}
	return out
}

// byImage parts the changes of one name by the image they belong to.
func byImage(changes []Change) (out [][]Change) {
	var keys []string
	at := map[string]int{}
	of := make([]string, len(changes))
	for i, c := range changes {
		if of[i] = detection.ImageKey(c.Image); of[i] != "" {
			if _, ok := at[of[i]]; !ok {
				at[of[i]] = len(keys)
				keys = append(keys, of[i])
			}
		}
	}
	if len(keys) < 2 {
		return [][]Change{changes}
	}
	next := len(changes) // the next change with an image
	for i := len(changes) - 1; i >= 0; i-- {
		if detection.ImageKey(changes[i].Image) != "" {
			next = i
		} else if next < len(changes) && changes[next].At.Sub(changes[i].At) <= apart {
			of[i] = of[next]
		}
	}
	out = make([][]Change, len(keys))
	last := keys[0]
	for i, c := range changes {
		if of[i] != "" {
			last = of[i]
		}
		out[at[last]] = append(out[at[last]], c)
	}
	return out
}

// module is what the changes of one name and image come to.
func module(name string, filter bool, changes []Change) Module {
	m := Module{Name: name, Filter: filter, Events: len(changes), Closed: true, Said: true}
	for _, c := range changes {
		m.Said = m.Said && c.Kind&detection.FromCommand != 0
		if m.Image == "" {
			m.Image = c.Image
		}
		m.Closed = m.Closed && c.Closed
	}
	m.Judged = detection.JudgeModule(name, m.Image)
	var telling *Change
	m.Action, telling = action(changes)
	m.At, m.Event, m.Scope = telling.At, telling.Event, telling.Scope
	m.By, m.Finding = telling.By, telling.Finding
	if telling.Kind&detection.FromFile != 0 {
		found := *telling
		m.Found = &found
	}
	for i := range changes {
		c := &changes[i]
		if d := c.At.Sub(m.At); d < -apart || d > apart {
			continue
		}
		if m.By == "" {
			m.By = c.By
		}
		if m.Finding == "" {
			m.Finding = c.Finding
		}
	}
	if m.List = changes[0].Kind&detection.ModuleList != 0; m.List {
		m.Action, m.ByName = Unsure, false
	}
	m.past(changes)
	return m
}

// byHash judges modules by the hashes of their images, which other logs of the host
// have for the same path.
func byHash(all []Module, changes []Change) {
	files := map[string]*Change{}
	for i := range changes {
		c := &changes[i]
		key := detection.ImageKey(c.Image)
		if c.Kind&detection.BadFile != 0 && files[key] == nil {
			files[key] = c
		}
	}
	for i := range all {
		if f := files[detection.ImageKey(all[i].Image)]; f != nil && detection.IsNative(all[i].Image) {
			all[i].Judged, all[i].File = all[i].WithHash(f.Hash), f
		}
	}
}

const (
	adds    = detection.ModuleAdded | detection.ModuleEnabledForSite | detection.FilterAdded
	removes = detection.ModuleRemoved | detection.ModuleDisabledForSite | detection.FilterRemoved
)

// action is what was done, and the change that says so.
func action(changes []Change) (Action, *Change) {
	find := func(of detection.Kind, sure bool) *Change {
		for i := range changes {
			if k := changes[i].Kind; k&of != 0 && (k&detection.Unsure == 0) == sure {
				return &changes[i]
			}
		}
		return nil
	}
	for _, try := range []struct {
		of     detection.Kind
		sure   bool
		action Action
	}{
		{detection.ModuleAdded, true, Added}, {detection.ModuleEnabledForSite, true, Added},
		{detection.ModuleRemoved, true, Removed}, {detection.ModuleDisabledForSite, true, Removed},
		{detection.FilterAdded, true, Added}, {detection.FilterRemoved, true, Removed},
		{adds | removes, false, Unsure}, {detection.ModuleImage, true, Changed},
	} {
		if c := find(try.of, try.sure); c != nil {
			return try.action, c
		}
	}
	if c := &changes[0]; c.Kind&detection.Unsure != 0 {
		return Unsure, c
	}
	return Changed, &changes[0]
}

// past notes when a module that was added was removed for the last time, and whether
// it came back.
func (m *Module) past(changes []Change) {
	if m.Action != Added {
		return
	}
	for i := range changes {
		switch c := &changes[i]; {
		case c.Kind&detection.Unsure != 0 || c.At.Before(m.At):
		case c.Kind&removes != 0:
			m.Removed, m.Gone, m.Again = c.At, c.At, nil
		case c.Kind&adds != 0 && !m.Removed.IsZero():
			m.Removed, m.Again = time.Time{}, c
		}
	}
	if m.Again != nil && m.Again.Image == "" {
		again := *m.Again
		again.Image, m.Again = m.Image, &again
	}
}

// history notes of modules that were removed when their name came back with another
// image.
func history(all []Module) {
	type named struct {
		name         string
		filter, said bool
	}
	of := map[named][]*Module{} // those added, by time
	key := func(m *Module) named { return named{lower(m.Name), m.Filter, m.Said} }
	for i := range all {
		if m := &all[i]; m.Action == Added {
			of[key(m)] = append(of[key(m)], m)
		}
	}
	for _, same := range of {
		slices.SortStableFunc(same, func(a, b *Module) int { return a.At.Compare(b.At) })
	}
	for i := range all {
		m := &all[i]
		if m.Removed.IsZero() {
			continue
		}
		same := of[key(m)]
		next := sort.Search(len(same), func(i int) bool { return !same[i].At.Before(m.Removed) })
		if next < len(same) && same[next] != m {
			m.Again = &Change{At: same[next].At, Event: same[next].Event}
			m.Again.Image, m.Again.By = same[next].Image, same[next].By
		}
	}
}

// offs are the times during which HTTP logging was off, each of one scope, of
// changes sorted by time.
func offs(changes []Change) (out []Off) {
	open := map[string]int{} // scope → its Off, from 1
	for _, c := range changes {
		scope := scopeOf(c.Scope)
		switch {
		case c.Kind&detection.HTTPLoggingOff != 0 && open[scope] == 0:
			off := Off{From: c.At, Scope: scope, By: c.By, Event: c.Event, Finding: c.Finding, Closed: c.Closed,
				Said: c.Kind&detection.FromCommand != 0}
			if c.Kind&detection.FromFile != 0 {
				off.Found = &c
			}
			out = append(out, off)
			open[scope] = len(out)
		case c.Kind&detection.HTTPLoggingOff != 0:
			o := &out[open[scope]-1]
			o.Closed = o.Closed && c.Closed
		case c.Kind&detection.HTTPLoggingOn == 0 || open[scope] == 0:
		case c.Kind&detection.FromCommand == 0 || out[open[scope]-1].Said: // a command alone ends nothing that the log says
			out[open[scope]-1].To = c.At
			delete(open, scope)
		}
	}
	return out
}

const allSites = "all sites"

// scopeOf is what part of the server a change is about.
func scopeOf(scope string) string {
	const server = "MACHINE/WEBROOT/APPHOST"
	if scope == "" || strings.EqualFold(scope, server) || strings.EqualFold(scope, "MACHINE/WEBROOT") {
		return allSites
	}
	if len(scope) > len(server) && strings.EqualFold(scope[:len(server)], server) {
		return strings.TrimLeft(scope[len(server):], "/")
	}
	return scope
}
