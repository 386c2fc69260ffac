package logwriter

import (
	"strings"
	"time"
)

// AppendNXLog appends r as one JSON object as NXLog's im_msvistalog and
// xm_json write it, without a line end. EventTime has whole seconds and no
// zone; it is given in zone, nil being UTC.
func AppendNXLog(dst []byte, r *Record, zone *time.Location) []byte {
	if zone == nil {
		zone = time.UTC
	}
	at := r.Time.In(zone).Format(time.DateTime)
	o := object{dst: dst}
	o.open()
	o.text("EventTime", at)
	o.text("Hostname", r.Computer)
	o.number("Keywords", int64(r.Keywords)) // signed, as NXLog writes it
	eventType, severity, value := nxlogLevel(r)
	o.text("EventType", eventType)
	o.number("SeverityValue", value)
	o.text("Severity", severity)
	o.number("EventID", int64(r.EventCode))
	o.text("SourceName", r.Provider)
	o.some("ProviderGuid", strings.ToUpper(r.GUID))
	o.number("Version", 0)
	o.number("Task", int64(r.Task))
	if r.Opcode != NoOpcode {
		o.number("OpcodeValue", int64(r.Opcode))
	}
	if r.RecordNumber > 0 {
		o.number("RecordNumber", r.RecordNumber)
	}
	o.number("ProcessID", int64(r.ProcessID))
	o.number("ThreadID", int64(r.ThreadID))
	o.text("Channel", r.Channel)
	nxlogAccount(&o, r)
	o.some("Message", r.Message)
	o.some("Category", r.TaskCategory)
	o.some("Opcode", r.OpCode)
	for _, f := range r.Data {
		o.text(f.Name, f.Value)
	}
	o.text("EventReceivedTime", at)
	o.text("SourceModuleName", "eventlog")
	o.text("SourceModuleType", "im_msvistalog")
	o.close()
	return o.dst
}

func nxlogAccount(o *object, r *Record) {
	domain, name := r.account()
	o.some("Domain", domain)
	o.some("AccountName", name)
	if r.Sid != "" {
		o.text("UserID", r.Sid)
		o.text("AccountType", r.accountType())
	}
}

// nxlogLevel is NXLog's event type, severity and severity value.
func nxlogLevel(r *Record) (eventType, severity string, value int64) {
	switch {
	case r.Keywords&KeywordAuditSuccess != 0:
		return "AUDIT_SUCCESS", "INFO", 2
	case r.Keywords&KeywordAuditFailure != 0:
		return "AUDIT_FAILURE", "ERROR", 4
	case r.Level == LevelVerbose:
		return "VERBOSE", "DEBUG", 1
	case r.Level == LevelWarning:
		return "WARNING", "WARNING", 3
	case r.Level == LevelError:
		return "ERROR", "ERROR", 4
	case r.Level == LevelCritical:
		return "CRITICAL", "CRITICAL", 5
	}
	return "INFO", "INFO", 2
}
