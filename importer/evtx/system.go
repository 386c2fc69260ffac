package evtx

import "iter"

// SystemField is one of the values of System.
type SystemField uint8

// The fields of System.
const (
	ProviderName SystemField = iota
	ProviderGUID
	EventSourceName
	EventID
	Qualifiers
	Version
	Level
	Task
	Opcode
	Keywords
	TimeCreated
	EventRecordID
	ActivityID
	RelatedActivityID
	ProcessID
	ThreadID
	ProcessorID
	SessionID
	KernelTime
	UserTime
	ProcessorTime
	Channel
	Computer
	UserID
	systemFields
)

// systemNames are the element and the attribute that hold each field.
var systemNames = [systemFields][2]string{
	ProviderName: {"Provider", "Name"}, ProviderGUID: {"Provider", "Guid"},
	EventSourceName: {"Provider", "EventSourceName"},
	EventID:         {"EventID", ""}, Qualifiers: {"EventID", "Qualifiers"}, Version: {"Version", ""},
	Level: {"Level", ""},
	Task:  {"Task", ""}, Opcode: {"Opcode", ""}, Keywords: {"Keywords", ""}, TimeCreated: {"TimeCreated", "SystemTime"},
	EventRecordID: {"EventRecordID", ""}, ActivityID: {"Correlation", "ActivityID"},
	RelatedActivityID: {"Correlation", "RelatedActivityID"}, ProcessID: {"Execution", "ProcessID"},
	ThreadID: {"Execution", "ThreadID"}, ProcessorID: {"Execution", "ProcessorID"}, SessionID: {"Execution", "SessionID"},
	KernelTime: {"Execution", "KernelTime"}, UserTime: {"Execution", "UserTime"},
	ProcessorTime: {"Execution", "ProcessorTime"},
	Channel:       {"Channel", ""}, Computer: {"Computer", ""}, UserID: {"Security", "UserID"},
}

// String is "Element" or "Element.Attribute", as in "Provider.Name".
func (f SystemField) String() string {
	if f >= systemFields {
		return "unknown"
	}
	if n := systemNames[f]; n[1] != "" {
		return n[0] + "." + n[1]
	}
	return systemNames[f][0]
}

// systemElements are where the fields of each element start in systemNames.
var systemElements = func() map[string]SystemField {
	m := map[string]SystemField{}
	for i := systemFields; i > 0; i-- {
		m[systemNames[i-1][0]] = i - 1
	}
	return m
}()

func systemField(element, attr string) (SystemField, bool) {
	f, ok := systemElements[element]
	for ; ok && f < systemFields && systemNames[f][0] == element; f++ {
		if systemNames[f][1] == attr {
			return f, true
		}
	}
	return 0, false
}

// System is the event's System element. What an event lacks is a missing Value.
type System struct{ values [systemFields]Value }

// Value is one field as it is stored.
func (s *System) Value(f SystemField) Value {
	if f >= systemFields {
		return Value{}
	}
	return s.values[f]
}

// All gives the fields that the event has.
func (s *System) All() iter.Seq2[SystemField, Value] {
	return func(yield func(SystemField, Value) bool) {
		for i := range s.values {
			if !s.values[i].Missing() && !yield(SystemField(i), s.values[i]) {
				return
			}
		}
	}
}

// ProviderName is the provider as the event names it.
func (s *System) ProviderName() string { return s.values[ProviderName].String() }

// EventSourceName is the name of a classic event source, mostly "".
func (s *System) EventSourceName() string { return s.values[EventSourceName].String() }

// Channel is the log's name; "" in exports of ETW traces.
func (s *System) Channel() string { return s.values[Channel].String() }

// Computer is the host's name in the log's spelling.
func (s *System) Computer() string { return s.values[Computer].String() }

// UserID is the SID of the user, or "".
func (s *System) UserID() string { return s.values[UserID].String() }

// ProviderGUID is the provider's GUID.
func (s *System) ProviderGUID() (GUID, bool) { return s.values[ProviderGUID].GUID() }

// ActivityID is the activity the event belongs to.
func (s *System) ActivityID() (GUID, bool) { return s.values[ActivityID].GUID() }

// RelatedActivityID is the activity that led to this one.
func (s *System) RelatedActivityID() (GUID, bool) { return s.values[RelatedActivityID].GUID() }

// TimeCreated is the event's time.
func (s *System) TimeCreated() (FileTime, bool) { return s.values[TimeCreated].FileTime() }

// EventRecordID is the record number that Event Viewer shows. In exported
// logs it differs from Record.ID.
func (s *System) EventRecordID() (uint64, bool) { return s.values[EventRecordID].Uint() }

// EventID is the event's number without its qualifiers.
func (s *System) EventID() (uint64, bool) { return s.values[EventID].Uint() }

// Qualifiers is the upper half of a classic event's number.
func (s *System) Qualifiers() (uint64, bool) { return s.values[Qualifiers].Uint() }

// Version is the version of the event's definition.
func (s *System) Version() (uint64, bool) { return s.values[Version].Uint() }

// Level is 0 to 5 for Windows' own levels: 1 critical … 5 verbose.
func (s *System) Level() (uint64, bool) { return s.values[Level].Uint() }

// Task is a number of the provider's.
func (s *System) Task() (uint64, bool) { return s.values[Task].Uint() }

// Opcode is the number; 0 is shown as "Info".
func (s *System) Opcode() (uint64, bool) { return s.values[Opcode].Uint() }

// Keywords is a set of bits.
func (s *System) Keywords() (uint64, bool) { return s.values[Keywords].Uint() }

// ProcessID is the process that raised the event.
func (s *System) ProcessID() (uint64, bool) { return s.values[ProcessID].Uint() }

// ThreadID is the thread that raised the event.
func (s *System) ThreadID() (uint64, bool) { return s.values[ThreadID].Uint() }
