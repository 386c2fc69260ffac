package evtxtest

import "encoding/hex"

const xmlns = "http://schemas.microsoft.com/win/2004/08/events/event"

// System is the values of an event's System element.
type System struct {
	Provider      string
	GUID          string // "dc0b8e51-4863-…"
	EventID       uint16
	Version       uint8
	Level         uint8
	Task          uint16
	Opcode        uint8
	Keywords      uint64
	Time          uint64 // 100 ns since 1601
	Record        uint64
	Process       uint32
	Thread        uint32
	Channel       string
	Computer      string
	User          Value // SID or Null
	ActivityID    Value // GUID or Null
	RelatedID     Value // GUID or Null
	EventIDSuffix Value // Qualifiers: U16 or Null
}

// outer is the template of System and one slot of binary XML below it, much as
// Windows writes it.
var outer = Template{GUID: [16]byte{0x26, 0xF0, 0x56, 0xCF, 1}, Root: El("Event", At("xmlns", Text(xmlns)),
	El("System",
		El("Provider", At("Name", Opt(14, 0x01)), At("Guid", Opt(15, 0x0F))),
		El("EventID", At("Qualifiers", Opt(4, 0x06)), Opt(3, 0x06)),
		El("Version", Opt(11, 0x04)),
		El("Level", Opt(0, 0x04)),
		El("Task", Opt(2, 0x06)),
		El("Opcode", Opt(1, 0x04)),
		El("Keywords", Opt(5, 0x15)),
		El("TimeCreated", At("SystemTime", Opt(6, 0x11))),
		El("EventRecordID", Opt(10, 0x0A)),
		El("Correlation", At("ActivityID", Opt(7, 0x0F)), At("RelatedActivityID", Opt(18, 0x0F))),
		El("Execution", At("ProcessID", Opt(8, 0x08)), At("ThreadID", Opt(9, 0x08))),
		El("Channel", Opt(16, 0x01)),
		El("Computer", Sub(17, 0x01)),
		El("Security", At("UserID", Opt(12, 0x13)))),
	Opt(13, 0x21))}

// ParseGUID is a GUID's bytes in the order of the file.
func ParseGUID(s string) (g [16]byte) {
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil || len(b) != 16 {
		panic("evtxtest: no GUID: " + s)
	}
	for i, at := range [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15} {
		g[i] = b[at]
	}
	return g
}

// New is an event with a System element, and body as what stands below it:
// XML of a template with EventData or UserData as its root, or Null.
func New(s System, body Value) Event {
	guid := Null()
	if s.GUID != "" {
		guid = GUID(ParseGUID(s.GUID))
	}
	channel := Null()
	if s.Channel != "" {
		channel = Str(s.Channel)
	}
	return Event{ID: s.Record, Written: s.Time, XML: Item{Template: &outer, Values: []Value{
		U8(s.Level), U8(s.Opcode), U16(s.Task), U16(s.EventID), s.EventIDSuffix, Hex64(s.Keywords), Time(s.Time),
		s.ActivityID, U32(s.Process), U32(s.Thread), U64(s.Record), U8(s.Version), s.User, body,
		Str(s.Provider), guid, channel, Str(s.Computer), s.RelatedID,
	}}}
}

// Data is a template of EventData with named Data, one slot each.
func Data(names ...string) *Template {
	parts := make([]Node, len(names))
	t := &Template{}
	for i, n := range names {
		parts[i] = El("Data", At("Name", Text(n)), Sub(i, 0x01))
		for j := range len(n) {
			t.GUID[j%16] = t.GUID[j%16]*31 + n[j]
		}
	}
	t.Root = El("EventData", parts...)
	return t
}

// IISChange is one committed change to IIS configuration, event 29.
type IISChange struct {
	Record                       uint64
	Time                         uint64
	Computer                     string
	PhysicalPath, ConfigPath     string
	EffectivePath, Configuration string
	Edit                         uint32 // 1 add, 2 delete, 3 modify
	Before, After                string
}

var iisData = Data("PhysicalPath", "ConfigPath", "EffectiveLocationPath", "Configuration", "EditOperationType",
	"OldValue", "NewValue")

// IIS29 is the event of a change, as Microsoft-Windows-IIS-Configuration
// writes it.
func IIS29(c IISChange) Event {
	return New(System{
		Provider: "Microsoft-Windows-IIS-Configuration", GUID: "dc0b8e51-4863-407a-bc3c-1b479b2978ac", EventID: 29, Level: 5,
		Keywords: 0x4000000000000000, Time: c.Time, Record: c.Record, Process: 3120, Thread: 4312,
		Channel: "Microsoft-IIS-Configuration/Operational", Computer: c.Computer, User: SID(5, 18),
	}, XML(iisData, Str(c.PhysicalPath), Str(c.ConfigPath), Str(c.EffectivePath), Str(c.Configuration), U32(c.Edit),
		Str(c.Before), Str(c.After)))
}
