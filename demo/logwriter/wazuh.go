package logwriter

import (
	"fmt"
	"strconv"
	"strings"
)

// AppendWazuh appends r as one Wazuh alert, without a line end: names have a
// small first letter, and the message stands in quotes.
func AppendWazuh(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("timestamp", r.Time.UTC().Format("2006-01-02T15:04:05.000-0700"))
	o.nest("agent")
	o.text("name", "agent")
	o.close()
	o.nest("data")
	o.nest("win")
	o.nest("system")
	o.text("providerName", r.Provider)
	o.text("providerGuid", r.GUID)
	o.text("eventID", strconv.Itoa(r.EventCode))
	o.text("version", "0")
	o.text("level", strconv.Itoa(r.Level))
	o.text("task", strconv.Itoa(r.Task))
	if r.Opcode != NoOpcode {
		o.text("opcode", strconv.Itoa(r.Opcode))
	}
	o.text("keywords", fmt.Sprintf("0x%x", r.Keywords))
	o.text("systemTime", r.Time.UTC().Format("2006-01-02T15:04:05.000000000Z"))
	o.text("eventRecordID", strconv.FormatInt(r.RecordNumber, 10))
	o.text("processID", strconv.Itoa(r.ProcessID))
	o.text("threadID", strconv.Itoa(r.ThreadID))
	o.text("channel", r.Channel)
	o.text("computer", r.Computer)
	o.text("severityValue", strings.ToUpper(r.typeText()))
	o.text("message", `"`+r.Message+`"`)
	o.close()
	o.nest("eventdata")
	for _, f := range r.Data {
		if f.Value != "" {
			o.text(strings.ToLower(f.Name[:min(1, len(f.Name))])+f.Name[min(1, len(f.Name)):], f.Value)
		}
	}
	o.close()
	o.close()
	o.close()
	o.close()
	return o.dst
}
