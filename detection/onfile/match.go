package onfile

import (
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/iisconfig"
	"escutcheon/detection"
	"escutcheon/detection/verdict"
	"escutcheon/event"
)

// matching finds the events that say what versions show.
type matching struct {
	said []verdict.Change // by time
	used map[int64]bool   // events that said a difference
	log  verdict.Log
}

// sense is what two changes to one thing must have in common to be the same.
const sense = detection.ModuleKinds | detection.FilterAdded | detection.FilterRemoved | detection.ISAPIFilter |
	detection.HTTPLoggingOff | detection.HTTPLoggingOn | detection.ETWTargetRemoved | detection.LoggingChanged |
	detection.Handlers

// differences are those between two versions, each with the event that says so.
func (m *matching) differences(was, is *artifact.File) (out []Difference) {
	for _, d := range iisconfig.Diff(was.Config, is.Config) {
		one := Difference{Difference: d, says: committed(&d)}
		if len(one.says) > 0 {
			one.Said = m.find(one.says, was.Modified, is.Modified)
		}
		switch {
		case one.Said != nil:
		case len(one.says) == 0 && m.log.There:
			one.Why = notMatched
		default:
			one.Why = m.why(was.Modified, is.Modified)
		}
		out = append(out, one)
	}
	return out
}

// notMatched is said of what may well have its event: it is not among the changes of note.
const notMatched = "Events are matched to changes of modules, filters and logging only: search the log for this one."

// find is the event that says a change which was made after one time and no later than
// another; zero: they are not known.
func (m *matching) find(says []detection.ChangeEvent, after, until time.Time) *verdict.Change {
	for i := range m.said {
		c := &m.said[i]
		if m.used[c.Event] || !between(c.At, c.At, after, until) {
			continue
		}
		for _, s := range says {
			if s.Kind&c.Kind&sense != 0 && strings.EqualFold(s.Module, c.Module) && sameScope(s.Scope, c.Scope) &&
				(s.Image == "" || c.Image == "" || detection.ImageKey(s.Image) == detection.ImageKey(c.Image)) {
				m.used[c.Event] = true
				return c
			}
		}
	}
	return nil
}

// between says whether what was said from one time to another may be what changed after one
// version was written, and no later than the next; zero: that is not known.
func between(first, last, after, until time.Time) bool {
	return (after.IsZero() || !last.Before(after.Add(-exact))) && (until.IsZero() || !first.After(until.Add(exact)))
}

// speaks says whether any event until a time is about a module, or about logging of a scope:
// later ones do not say how it came there. Zero: any event at all.
func (m *matching) speaks(module string, filter bool, kind detection.Kind, scope string, until time.Time) bool {
	for i := range m.said {
		c := &m.said[i]
		switch {
		case !until.IsZero() && c.At.After(until.Add(exact)):
		case kind&detection.ModuleKinds != 0 && c.Kind&detection.ModuleKinds != 0,
			filter && c.Kind&detection.ISAPIFilter != 0, kind&c.Kind&detection.Handlers != 0:
			if strings.EqualFold(c.Module, module) {
				return true
			}
		case kind&detection.HTTPLoggingOff != 0 && c.Kind&(detection.HTTPLoggingOff|detection.HTTPLoggingOn) != 0 &&
			sameScope(c.Scope, scope):
			return true
		}
	}
	return false
}

func sameScope(a, b string) bool {
	return strings.EqualFold(strings.Trim(a, "/"), strings.Trim(b, "/"))
}

// why is what it may come from that no event says what changed after one time and no later
// than another.
func (m *matching) why(after, until time.Time) string {
	at := func(t time.Time) string { return t.UTC().Format(verdict.Layout) }
	switch {
	case !m.log.There:
		return "No event: the log of the configuration is not collected."
	case until.IsZero():
		return "No event says so. When this version was written is not known."
	case m.log.From.IsZero():
		return "No event: edited by hand, or the channel was off then. The log here has no times."
	case until.Before(m.log.From):
		return "No event: the log here begins later, at " + at(m.log.From) + "."
	case !after.IsZero() && after.After(m.log.To):
		return "No event: the log here ends before that, at " + at(m.log.To) + "."
	case after.IsZero() || after.Before(m.log.From) || until.After(m.log.To):
		return "No event: edited by hand, or the channel was off then, or it was outside of the log here, which covers " +
			at(m.log.From) + " to " + at(m.log.To) + "."
	}
	return "No event, though the log here covers that time: edited by hand, or the channel was off then."
}

// committed are the changes of note that the events of a difference would say, had the
// configuration system made it.
func committed(d *iisconfig.Difference) (out []detection.ChangeEvent) {
	say := func(path string, op iisconfig.Op, was, is string) {
		e := event.Event{EventCode: 29, Channel: event.IISConfiguration}
		for _, f := range [][2]string{{"ConfigPath", d.ConfigPath}, {"Configuration", path},
			{"EditOperationType", map[iisconfig.Op]string{iisconfig.Added: "1", iisconfig.Removed: "2",
				iisconfig.Changed: "3"}[op]}, {"OldValue", was}, {"NewValue", is}} {
			if f[1] != "" {
				e.Fields = append(e.Fields, event.Field{Name: f[0], Value: f[1]})
			}
		}
		if c, ok := detection.ChangeEventOf(&e); ok {
			out = append(out, c)
		}
	}
	say(d.Configuration, d.Op, d.Was, d.Is)
	if d.Op == iisconfig.Added {
		for _, a := range d.Attributes {
			say(d.Configuration+"/@"+a.Name, d.Op, "", a.Value)
		}
	}
	return out
}

// removed adds the removals of modules that events added, which no event removed, and
// which the configuration in force, written later, does not have.
func (h *History) removed(said []verdict.Change) {
	if h.Current == nil || h.Elsewhere || h.Current.Kind != artifact.ApplicationHost || h.Current.Config.Problem != "" ||
		h.Current.Config.Cut != "" {
		return
	}
	here := map[string]bool{}
	for _, e := range h.Current.Config.Entries {
		if e.Section == "globalModules" && e.Op == "add" {
			here[strings.ToLower(e.Name)] = true
		}
	}
	last := map[string]*verdict.Change{}
	for i := range said {
		if c := &said[i]; c.Kind&(detection.ModuleAdded|detection.ModuleRemoved) != 0 && c.Kind&detection.Unsure == 0 {
			last[strings.ToLower(c.Module)] = c
		}
	}
	for _, c := range h.Changes {
		if c.Kind&detection.ModuleRemoved != 0 {
			delete(last, strings.ToLower(c.Module))
		}
	}
	for i := range said {
		name := strings.ToLower(said[i].Module)
		c := last[name]
		if c == nil || c.Kind&detection.ModuleAdded == 0 || here[name] || name == "" ||
			!h.Current.Modified.IsZero() && h.Current.Modified.Before(c.At.Add(-exact)) {
			continue
		}
		delete(last, name)
		gone := verdict.Change{At: h.Current.Modified, Artifact: h.Current.ID, File: nameOf(h.Current),
			Why: "No event says that it was removed: the file was edited by hand, or the channel was off then."}
		gone.Kind, gone.Module, gone.Scope = detection.ModuleRemoved|detection.FromFile, c.Module, c.Scope
		h.Changes = append(h.Changes, gone)
	}
}
