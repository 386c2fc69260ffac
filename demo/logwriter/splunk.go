package logwriter

import (
	"encoding/json"
	"fmt"
	"time"
)

// AppendSplunk appends one row of a Splunk search exported as JSON, without a
// line end. raw is the event as it was indexed, in any format.
func AppendSplunk(dst []byte, r *Record, raw string, zone *time.Location) []byte {
	if zone == nil {
		zone = time.UTC
	}
	o := object{dst: dst}
	o.open()
	o.key("preview")
	o.dst = append(o.dst, "false"...)
	o.number("offset", r.RecordNumber)
	o.nest("result")
	o.text("_time", r.Time.In(zone).Format("2006-01-02T15:04:05.000-07:00"))
	o.text("_raw", raw)
	o.text("host", r.Computer)
	o.text("source", "WinEventLog:"+r.Channel)
	o.text("sourcetype", "WinEventLog")
	o.close()
	o.close()
	return o.dst
}

// AppendHEC appends what is sent to an HTTP event collector, without a line
// end. raw is the event as text, or, as a json.RawMessage, as an object.
func AppendHEC[T string | json.RawMessage](dst []byte, r *Record, raw T) []byte {
	o := object{dst: dst}
	o.open()
	o.key("time")
	o.dst = fmt.Appendf(o.dst, "%d.%06d", r.Time.Unix(), r.Time.Nanosecond()/1000)
	o.text("host", r.Computer)
	o.text("sourcetype", "WinEventLog")
	o.key("event")
	switch v := any(raw).(type) {
	case string:
		o.dst = appendQuoted(o.dst, v)
	case json.RawMessage:
		o.dst = append(o.dst, v...)
	}
	o.close()
	return o.dst
}
