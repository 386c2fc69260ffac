package logwriter

import "strconv"

// AppendWinlogbeat6 appends r as one JSON object as Winlogbeat 6 writes it,
// without a line end.
func AppendWinlogbeat6(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("@timestamp", r.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	o.text("computer_name", r.Computer)
	o.nest("event_data")
	for _, f := range r.Data {
		o.some(f.Name, f.Value)
	}
	o.close()
	o.number("event_id", int64(r.EventCode))
	o.text("level", r.typeText())
	o.text("log_name", r.Channel)
	o.text("message", r.Message)
	o.some("opcode", r.OpCode)
	o.number("process_id", int64(r.ProcessID))
	o.some("provider_guid", r.GUID)
	o.text("record_number", strconv.FormatInt(r.RecordNumber, 10))
	o.text("source_name", r.Provider)
	o.some("task", r.TaskCategory)
	o.number("thread_id", int64(r.ThreadID))
	o.text("type", "wineventlog")
	beatUser(&o, r)
	o.close()
	return o.dst
}
