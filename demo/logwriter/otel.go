package logwriter

import (
	"strconv"
	"time"
)

// AppendOTel appends r as one JSON object as the OpenTelemetry collector's
// windowseventlog receiver makes a log's body, without a line end.
func AppendOTel(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("channel", r.Channel)
	o.text("computer", r.Computer)
	o.nest("event_id")
	o.number("id", int64(r.EventCode))
	o.number("qualifiers", 0)
	o.close()
	o.nest("provider")
	o.text("event_source", "")
	o.text("guid", r.GUID)
	o.text("name", r.Provider)
	o.close()
	o.key("keywords")
	o.dst = append(appendQuoted(append(o.dst, '['), r.keywordText()), ']')
	o.text("level", r.typeText())
	o.text("message", r.Message)
	o.text("opcode", otelOpcode(r))
	o.number("record_id", r.RecordNumber)
	o.text("system_time", r.Time.UTC().Format(time.RFC3339Nano))
	o.text("task", r.TaskCategory)
	o.nest("event_data")
	o.key("data")
	o.dst = append(o.dst, '[')
	for i, f := range r.Data {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		o.open()
		o.text(f.Name, f.Value)
		o.close()
	}
	o.dst = append(o.dst, ']')
	o.close()
	o.close()
	return o.dst
}

// otelOpcode is the opcode as text, or its number where that is not known.
func otelOpcode(r *Record) string {
	if r.OpCode == "" && r.Opcode != NoOpcode {
		return strconv.Itoa(r.Opcode)
	}
	return r.OpCode
}

// AppendOTLP appends records as one line of the collector's file exporter,
// without a line end.
func AppendOTLP(dst []byte, records []Record) []byte {
	o := object{dst: append(
		dst, `{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{},"logRecords":[`...)}
	for i := range records {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		otlpRecord(&o, &records[i])
	}
	return append(o.dst, `]}]}]}`...)
}

func otlpRecord(o *object, r *Record) {
	o.open()
	o.text("timeUnixNano", strconv.FormatInt(r.Time.UnixNano(), 10))
	o.number("severityNumber", 9)
	o.nest("body")
	otlpMap(o, func() {
		otlpText(o, "channel", r.Channel)
		otlpText(o, "computer", r.Computer)
		otlpNest(o, "event_id", func() {
			otlpValue(o, "id", "intValue", strconv.Itoa(r.EventCode))
			otlpValue(o, "qualifiers", "intValue", "0")
		})
		otlpNest(o, "provider", func() {
			otlpText(o, "name", r.Provider)
			otlpText(o, "guid", r.GUID)
		})
		otlpText(o, "level", r.typeText())
		otlpText(o, "message", r.Message)
		otlpText(o, "opcode", otelOpcode(r))
		otlpValue(o, "record_id", "intValue", strconv.FormatInt(r.RecordNumber, 10))
		otlpText(o, "system_time", r.Time.UTC().Format(time.RFC3339Nano))
		otlpNest(o, "event_data", func() {
			for _, f := range r.Data {
				otlpText(o, f.Name, f.Value)
			}
		})
	})
	o.close()
	o.close()
}

func otlpMap(o *object, members func()) {
	o.nest("kvlistValue")
	o.key("values")
	o.dst = append(o.dst, '[')
	o.more = false
	members()
	o.dst = append(o.dst, ']')
	o.close()
}

func otlpNest(o *object, name string, members func()) {
	otlpPair(o, name, func() { otlpMap(o, members) })
}

func otlpText(o *object, name, value string) { otlpValue(o, name, "stringValue", value) }

func otlpValue(o *object, name, kind, value string) {
	otlpPair(o, name, func() { o.text(kind, value) })
}

func otlpPair(o *object, name string, value func()) {
	if o.more {
		o.dst = append(o.dst, ',')
	}
	o.open()
	o.text("key", name)
	o.nest("value")
	value()
	o.close()
	o.close()
}
