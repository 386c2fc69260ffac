package record

import (
	"slices"

	"escutcheon/event"
)

// Wanted are fields that somebody asks for: a record that is decoded for them
// gives an event that says of them what it says when it is decoded whole, under
// their names and with all that repeat, and of everything else something or
// nothing. A nil one asks for everything.
type Wanted struct {
	byLen [32][]string // by the lengths of the names
	long  []string
	names []string
	// Time says that the time is asked for.
	Time bool
}

// TimeName is the name under which Want takes the time.
const TimeName = "_time"

// Want compiles names, as event.Get takes them, and TimeName. What a field is made
// of where a log does not have it is asked for with it.
func Want(names ...string) *Wanted {
	w := &Wanted{}
	for _, name := range names {
		w.Time = w.Time || name == TimeName
		for _, n := range event.Needs(name) {
			w.add(n)
		}
	}
	if w.Has("Message") { // of which one may be rendered
		w.add("Configuration")
		w.add("ConfigPath")
	}
	return w
}

func (w *Wanted) add(name string) {
	if w.Has(name) {
		return
	}
	w.names = append(w.names, name)
	if n := len(name); n < len(w.byLen) {
		w.byLen[n] = append(w.byLen[n], name)
	} else {
		w.long = append(w.long, name)
	}
}

// Has says whether a field is asked for.
func (w *Wanted) Has(name string) bool {
	if w == nil {
		return true
	}
	of := w.long
	if len(name) < len(w.byLen) {
		of = w.byLen[len(name)]
	}
	for i := range of {
		if of[i] == name {
			return true
		}
	}
	return false
}

// Any says whether one of some fields is asked for.
func (w *Wanted) Any(names ...string) bool { return slices.ContainsFunc(names, w.Has) }

// Renders says whether what RenderIIS gives an event is asked for.
func (w *Wanted) Renders() bool { return w.Any("Message", "OpCode") }

// MostWanted is how many values a record may have of which some are asked for:
// with more, all are looked at, as it may have too many.
const MostWanted = MaxFields / 2

// InMessage says whether an event, which has all that its log has of the fields
// but its message, may lack one that FieldsFromMessage finds there.
func (w *Wanted) InMessage(e *event.Event) bool {
	var may func(name string) bool
	switch {
	case w == nil:
		return false
	case e.Channel == sysmonChannel:
		may = isName
	case e.Channel == securityChannel && e.EventCode == 4688:
		may = func(name string) bool { return processNames[name] }
	case e.Channel == powerShellChannel && e.EventCode == 4104:
		may = func(name string) bool { return scriptNames[name] }
	default:
		return false
	}
	for _, name := range w.names {
		if may(name) && !slices.ContainsFunc(e.Fields, func(f event.Field) bool { return f.Name == name }) {
			return true
		}
	}
	return false
}

// processNames and scriptNames are the fields that messages of processes and
// scripts hold.
var (
	processNames = func() map[string]bool {
		out := map[string]bool{}
		for _, labels := range processLabels {
			for _, l := range labels {
				out[l.name] = true
			}
		}
		return out
	}()
	scriptNames = map[string]bool{"MessageNumber": true, "MessageTotal": true, "ScriptBlockId": true, "Path": true,
		"ScriptBlockText": true}
)
