package event

import "strings"

// aliases are the names that the add-ons and data models use for one value.
var aliases = map[string]string{
	"EventID": "EventCode", "signature_id": "EventCode",
	"Channel":  "LogName",
	"Computer": "ComputerName", "host": "ComputerName", "dest": "ComputerName", "dvc": "ComputerName",
	"EventRecordID": "RecordNumber",
	"UserID":        "Sid", "user_id": "Sid",
}

// getter reads one field of any event, and says whether the event has it.
type getter = func(*Event) (string, bool)

// others are the names that an event answers to without carrying a field of
// that name: aliases, what the input would name, derived fields.
var others = map[string]getter{
	"sourcetype": func(e *Event) (string, bool) {
		if e.FromIISAlone() {
			return SourceType(IISConfiguration), true
		}
		return SourceType(e.Channel), e.Channel != ""
	},
	"source": func(e *Event) (string, bool) { return Source(e.Channel), e.Channel != "" },
	"_raw":   func(e *Event) (string, bool) { return e.text(), e.Raw != "" },
}

func init() {
	for name, d := range derivations() {
		needs[name] = d.from
		others[name] = func(e *Event) (string, bool) {
			v := d.of(e)
			return v, v != ""
		}
	}
	for name, of := range aliases {
		needs[name] = []string{of}
		others[name] = Getter(of)
	}
}

// needs are the names that others look at.
var needs = map[string][]string{"sourcetype": {"LogName", "SourceName"}, "source": {"LogName"}}

// Needs are the names that Get looks at for one: itself, and those that it is
// made of where no field has it. Raw is looked at besides.
func Needs(name string) []string {
	out := append([]string{name}, needs[name]...)
	if s := spaced(name); s != "" {
		out = append(out, s)
	}
	return out
}

// spaced is the name that a log may have for one that Splunk cleans: New_Value
// stands for New Value; "" for a name that needs no cleaning.
func spaced(name string) string {
	if !strings.Contains(strings.Trim(name, "_"), "_") || others[name] != nil {
		return ""
	}
	return strings.ReplaceAll(name, "_", " ")
}

// cleaned is a field whose name in the log has spaces.
func (e *Event) cleaned(name string) (string, bool) {
	for i := range e.Fields {
		if f := e.Fields[i].Name; len(f) == len(name) && isSpaced(f, name) {
			return e.Fields[i].Value, true
		}
	}
	return "", false
}

// isSpaced compares names of one length, all of whose underscores are spaces in the
// log.
func isSpaced(field, name string) bool {
	for i := range len(name) {
		if field[i] != name[i] && (field[i] != ' ' || name[i] != '_') || field[i] == '_' {
			return false
		}
	}
	return true
}

// MainIndex is the index that events are in, as Splunk calls the one where nothing else
// is said.
const MainIndex = "main"

// Get returns a field's value and whether the event has it. Names are
// case-sensitive, as in SPL. A field that the log carries itself goes before
// an alias or a derived field of that name. The first of repeated names is
// returned. _time is not a field here: use Time.
func (e *Event) Get(name string) (string, bool) {
	switch name { // members first: searches ask for them on every event
	case "ComputerName":
		return e.Computer, e.Computer != ""
	case "LogName":
		return e.logName()
	case "SourceName":
		return e.Provider, e.Provider != ""
	case "OpCode":
		return e.OpCode, e.OpCode != ""
	case "Message":
		return e.Message, e.Message != ""
	case "index": // whatever a log says of it
		return MainIndex, true
	}
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value, true
		}
	}
	if f := others[name]; f != nil {
		return f(e)
	}
	return e.cleaned(name)
}

// Unnamed is the field of values that the log gives no names: classic events have
// several.
const Unnamed = "Data"

// List returns the values of a field that may have several, Unnamed, in the order of
// the log; nil of others, which have one.
func (e *Event) List(name string) (out []string) {
	if name != Unnamed {
		return nil
	}
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			out = append(out, e.Fields[i].Value)
		}
	}
	return out
}

// Getter is Get for one name, for who asks many events for it.
func Getter(name string) func(*Event) (string, bool) {
	switch name {
	case "ComputerName", "LogName", "SourceName", "OpCode", "Message", "index":
		return func(e *Event) (string, bool) { return e.Get(name) }
	}
	other := others[name]
	return func(e *Event) (string, bool) {
		for i := range e.Fields {
			if e.Fields[i].Name == name {
				return e.Fields[i].Value, true
			}
		}
		if other != nil {
			return other(e)
		}
		return e.cleaned(name)
	}
}

// AliasOf is the field whose value a name is another name for, or the name itself.
func AliasOf(name string) string {
	if of := aliases[name]; of != "" {
		return of
	}
	return name
}
