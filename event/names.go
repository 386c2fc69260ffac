package event

import (
	"maps"
	"slices"
)

// Names calls yield with the names of the fields that the log gives the event,
// each once, in the order of the log, until it says false. Get answers to many
// more: to those that the add-ons make of these.
func (e *Event) Names(yield func(string) bool) {
	channel, _ := e.Get("LogName")
	typed := [...]struct{ name, value string }{{"ComputerName", e.Computer}, {"LogName", channel},
		{"SourceName", e.Provider}, {"OpCode", e.OpCode}}
	for _, f := range typed {
		if f.value != "" && !yield(f.name) {
			return
		}
	}
	for i := range e.Fields {
		if !e.named(i) && !yield(e.Fields[i].Name) {
			return
		}
	}
	if e.Message != "" {
		yield("Message")
	}
}

// named says whether the name of a field was called before it.
func (e *Event) named(i int) bool {
	name := e.Fields[i].Name
	switch name {
	case "ComputerName", "LogName", "SourceName", "OpCode", "Message", "":
		return true
	}
	for k := range i {
		if e.Fields[k].Name == name {
			return true
		}
	}
	return false
}

// Size is roughly how many bytes the event holds in memory.
func (e *Event) Size() int {
	n := 400 + len(e.Raw) + len(e.Own) + len(e.Message)
	for i := range e.Fields {
		n += 32 + len(e.Fields[i].Name) + len(e.Fields[i].Value)
	}
	return n
}

// Verbatim says whether a field of this name has its value from the record as it
// stands there, in every format: nothing is made of a number, a template or other
// fields.
func Verbatim(name string) bool {
	return others[name] == nil && !slices.Contains(made, name)
}

// made are the fields that decoders make of what a record holds, in some format.
var made = []string{"_time", "index", "Message", "OpCode", "Type", "Keywords", "TaskCategory", "EventCode", "EventID",
	"RecordNumber", "Sid", "User", "SidType", "Level", "Opcode", "Task", "EventType", "LogName", "SourceName",
	"ComputerName"}

// OtherNames are the names, sorted, that events answer to without carrying a field that is
// called so: aliases, and what the add-ons make of other fields.
func OtherNames() []string { return slices.Sorted(maps.Keys(others)) }
