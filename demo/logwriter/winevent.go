package logwriter

import (
	"strconv"
	"strings"
)

// AppendWinEvent appends r as one JSON object as Get-WinEvent | ConvertTo-Json
// of PowerShell 7 writes it, without a line end; five is PowerShell 5.1, with
// its dates and its escapes.
func AppendWinEvent(dst []byte, r *Record, five bool) []byte {
	o := object{dst: dst}
	o.open()
	o.number("Id", int64(r.EventCode))
	o.number("Version", 0)
	o.null("Qualifiers")
	o.number("Level", int64(r.Level))
	o.number("Task", int64(r.Task))
	if r.Opcode != NoOpcode {
		o.number("Opcode", int64(r.Opcode))
	}
	o.number("Keywords", int64(r.Keywords))
	o.number("RecordId", r.RecordNumber)
	o.text("ProviderName", r.Provider)
	o.some("ProviderId", strings.Trim(r.GUID, "{}"))
	o.text("LogName", r.Channel)
	o.number("ProcessId", int64(r.ProcessID))
	o.number("ThreadId", int64(r.ThreadID))
	o.text("MachineName", r.Computer)
	winEventUser(&o, r)
	o.key("TimeCreated")
	if five {
		o.dst = append(strconv.AppendInt(append(o.dst, `"\/Date(`...), r.Time.UnixMilli(), 10), `)\/"`...)
	} else {
		o.dst = appendQuoted(o.dst, r.Time.Format("2006-01-02T15:04:05.0000000Z07:00"))
	}
	o.null("ActivityId")
	o.text("ContainerLog", r.Channel)
	o.key("MatchedQueryIds")
	o.dst = append(o.dst, "[]"...)
	o.nest("Bookmark")
	o.close()
	o.text("LevelDisplayName", r.typeText())
	o.some("OpcodeDisplayName", r.OpCode)
	o.some("TaskDisplayName", r.TaskCategory)
	winEventProperties(&o, r, five)
	o.some("Message", r.Message)
	o.close()
	return o.dst
}

func winEventUser(o *object, r *Record) {
	if r.Sid == "" {
		o.null("UserId")
		return
	}
	o.nest("UserId")
	o.number("BinaryLength", 28)
	o.text("Value", r.Sid)
	o.close()
}

func winEventProperties(o *object, r *Record, five bool) {
	o.key("KeywordsDisplayNames")
	o.dst = append(o.dst, '[')
	if k := r.keywordText(); k != "None" {
		o.dst = appendQuoted(o.dst, k)
	}
	o.dst = append(o.dst, ']')
	o.key("Properties")
	o.dst = append(o.dst, '[')
	for i, f := range r.Data {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		if five {
			o.dst = appendQuoted(o.dst, "System.Diagnostics.Eventing.Reader.EventProperty")
			continue
		}
		o.open()
		o.text("Value", f.Value)
		o.close()
	}
	o.dst = append(o.dst, ']')
	o.more = true
}
