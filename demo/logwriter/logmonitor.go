package logwriter

// AppendLogMonitor appends r as one JSON object as Microsoft LogMonitor writes
// it, without a line end: computer, provider, opcode and record number are
// left out.
func AppendLogMonitor(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("Source", "EventLog")
	o.nest("LogEntry")
	o.text("Time", r.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	o.text("Channel", r.Channel)
	o.text("Level", r.typeText())
	o.number("EventId", int64(r.EventCode))
	o.text("Message", r.Message)
	o.close()
	o.close()
	return o.dst
}
