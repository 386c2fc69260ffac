package logwriter

import (
	"fmt"
	"time"
)

// AppendFluentBit appends r as one JSON object as Fluent Bit's winevtlog
// writes it, without a line end. Its time has whole seconds and is in zone.
func AppendFluentBit(dst []byte, r *Record, zone *time.Location) []byte {
	o := object{dst: dst}
	o.open()
	o.text("ProviderName", r.Provider)
	o.text("ProviderGuid", r.GUID)
	o.text("Qualifiers", "")
	o.number("EventID", int64(r.EventCode))
	o.number("Version", 0)
	o.number("Level", int64(r.Level))
	o.number("Task", int64(r.Task))
	if r.Opcode != NoOpcode {
		o.number("Opcode", int64(r.Opcode))
	}
	o.text("Keywords", fmt.Sprintf("0x%x", r.Keywords))
	o.text("TimeCreated", r.Time.In(zone).Format("2006-01-02 15:04:05 -0700"))
	o.number("EventRecordID", r.RecordNumber)
	o.text("ActivityID", "")
	o.number("ProcessID", int64(r.ProcessID))
	o.number("ThreadID", int64(r.ThreadID))
	o.text("Channel", r.Channel)
	o.text("Computer", r.Computer)
	o.text("UserID", r.User)
	o.text("Message", r.Message)
	o.key("StringInserts")
	o.dst = append(o.dst, '[')
	for i, f := range r.Data {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		o.dst = appendQuoted(o.dst, f.Value)
	}
	o.dst = append(o.dst, ']')
	o.close()
	return o.dst
}
