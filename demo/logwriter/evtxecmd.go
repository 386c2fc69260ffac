package logwriter

import "strconv"

// AppendEvtxECmd appends r as one JSON object as EvtxECmd --json writes it,
// without a line end. It has no opcode; offset is whether times name theirs.
func AppendEvtxECmd(dst []byte, r *Record, offset bool) []byte {
	p := object{}
	p.open()
	p.nest("EventData")
	p.key("Data")
	p.dst = append(p.dst, '[')
	for i, f := range r.Data {
		if i > 0 {
			p.dst = append(p.dst, ',')
		}
		p.open()
		p.text("@Name", f.Name)
		p.some("#text", f.Value)
		p.close()
	}
	p.dst = append(p.dst, ']')
	p.close()
	p.close()
	format := "2006-01-02T15:04:05.0000000"
	if offset {
		format += "+00:00"
	}
	o := object{dst: dst}
	o.open()
	o.text("Computer", r.Computer)
	o.text("Payload", string(p.dst))
	o.some("UserId", r.Sid)
	o.text("Channel", r.Channel)
	o.text("Provider", r.Provider)
	o.number("EventId", int64(r.EventCode))
	o.text("EventRecordId", strconv.FormatInt(r.RecordNumber, 10))
	o.number("ProcessId", int64(r.ProcessID))
	o.number("ThreadId", int64(r.ThreadID))
	o.text("Level", ecmdLevel(r))
	o.text("Keywords", r.keywordText())
	o.text("SourceFile", `C:\evidence\sample.evtx`)
	o.number("ExtraDataOffset", 0)
	o.text("TimeCreated", r.Time.UTC().Format(format))
	o.number("RecordNumber", r.RecordNumber)
	o.close()
	return o.dst
}

func ecmdLevel(r *Record) string {
	switch r.Level {
	case LevelAlways:
		return "LogAlways"
	case LevelInformation:
		return "Info"
	}
	return r.typeText()
}
