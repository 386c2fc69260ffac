package logwriter

import "strconv"

// AppendDumpEvtx appends r as one JSON object as Velocidex's dumpevtx writes
// it, without a line end. The time is a number of seconds.
func AppendDumpEvtx(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.nest("System")
	o.nest("Provider")
	o.text("Name", r.Provider)
	o.some("Guid", r.GUID)
	o.close()
	o.nest("EventID")
	o.number("Value", int64(r.EventCode))
	o.close()
	o.number("Version", 0)
	o.number("Level", int64(r.Level))
	o.number("Task", int64(r.Task))
	if r.Opcode != NoOpcode {
		o.number("Opcode", int64(r.Opcode))
	}
	o.key("Keywords")
	o.dst = strconv.AppendUint(o.dst, r.Keywords, 10)
	o.nest("TimeCreated")
	o.key("SystemTime")
	o.dst = strconv.AppendFloat(o.dst, float64(r.Time.UnixMicro())/1e6, 'f', -1, 64)
	o.close()
	if r.RecordNumber > 0 {
		o.number("EventRecordID", r.RecordNumber)
	}
	o.nest("Correlation")
	o.close()
	o.nest("Execution")
	o.number("ProcessID", int64(r.ProcessID))
	o.number("ThreadID", int64(r.ThreadID))
	o.close()
	o.text("Channel", r.Channel)
	o.text("Computer", r.Computer)
	o.nest("Security")
	o.some("UserID", r.Sid)
	o.close()
	o.close()
	o.nest("EventData")
	for _, f := range r.Data {
		o.text(f.Name, f.Value)
	}
	o.close()
	o.text("Message", "")
	o.close()
	return o.dst
}
