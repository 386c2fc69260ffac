package logwriter

import (
	"strconv"
	"strings"
)

// AppendWinlogbeat appends r as one nested JSON object as Winlogbeat 7 and 8
// write it, without a line end. The time is UTC with milliseconds.
func AppendWinlogbeat(dst []byte, r *Record) []byte {
	code := strconv.Itoa(r.EventCode)
	o := object{dst: dst}
	o.open()
	o.text("@timestamp", r.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	o.nest("event")
	o.text("code", code)
	o.text("kind", "event")
	o.text("provider", r.Provider)
	o.close()
	o.nest("host")
	o.text("name", r.Computer)
	o.close()
	o.nest("log")
	o.text("level", strings.ToLower(r.typeText()))
	o.close()
	o.nest("winlog")
	o.text("channel", r.Channel)
	o.text("computer_name", r.Computer)
	o.text("event_id", code)
	o.some("opcode", r.OpCode)
	o.some("task", r.TaskCategory)
	if k := r.keywordText(); k != "None" {
		o.key("keywords")
		o.dst = append(appendQuoted(append(o.dst, '['), k), ']')
	}
	o.text("provider_name", r.Provider)
	o.some("provider_guid", r.GUID)
	if r.RecordNumber > 0 {
		o.number("record_id", r.RecordNumber)
	}
	beatProcess(&o, r)
	beatUser(&o, r)
	o.nest("event_data")
	for _, f := range r.Data {
		o.text(f.Name, f.Value)
	}
	o.close()
	o.close()
	o.some("message", r.Message)
	o.close()
	return o.dst
}

func beatProcess(o *object, r *Record) {
	o.nest("process")
	o.number("pid", int64(r.ProcessID))
	o.nest("thread")
	o.number("id", int64(r.ThreadID))
	o.close()
	o.close()
}

func beatUser(o *object, r *Record) {
	if r.Sid == "" {
		return
	}
	domain, name := r.account()
	o.nest("user")
	o.text("identifier", r.Sid)
	o.some("domain", domain)
	o.some("name", name)
	if name != "" {
		o.text("type", r.accountType())
	}
	o.close()
}
