package logwriter

import (
	"strconv"
	"strings"
	"time"
)

// AppendText appends r as classic Splunk WinEventLog text (renderXml=false),
// lines ended by \r\n. The date is given in zone, which the text does not
// name; nil is UTC. Milliseconds are written when the time has any.
//
// The format has no escaping. Line breaks in header values become spaces; a
// Message is written as it is, so one that itself holds a date line followed
// by LogName= reads as a new event.
func AppendText(dst []byte, r *Record, zone *time.Location) []byte {
	if zone == nil {
		zone = time.UTC
	}
	layout := "01/02/2006 03:04:05 PM"
	if r.Time.Nanosecond() >= int(time.Millisecond) {
		layout = "01/02/2006 03:04:05.000 PM"
	}
	dst = append(r.Time.In(zone).AppendFormat(dst, layout), "\r\n"...)
	dst = textLine(dst, "LogName", r.Channel)
	dst = textLine(dst, "EventCode", strconv.Itoa(r.EventCode))
	dst = textLine(dst, "EventType", strconv.Itoa(r.eventType()))
	dst = textLine(dst, "ComputerName", r.Computer)
	dst = textUser(dst, r)
	dst = textLine(dst, "SourceName", r.Provider)
	dst = textLine(dst, "Type", r.typeText())
	if r.RecordNumber > 0 {
		dst = textLine(dst, "RecordNumber", strconv.FormatInt(r.RecordNumber, 10))
	}
	dst = textLine(dst, "Keywords", r.keywordText())
	task := r.TaskCategory
	if task == "" {
		task = "None"
	}
	dst = textLine(dst, "TaskCategory", task)
	dst = textLine(dst, "OpCode", r.OpCode)
	dst = append(dst, "Message="...)
	dst = append(dst, strings.ReplaceAll(r.Message, "\n", "\r\n")...)
	return append(dst, "\r\n"...)
}

// textUser appends who caused the event; Splunk leaves all of it out when the
// record has no SID.
func textUser(dst []byte, r *Record) []byte {
	if r.Sid == "" {
		return dst
	}
	_, name := r.account()
	sidType := "1"
	if name == "" {
		name, sidType = "NOT_TRANSLATED", "0"
	}
	dst = textLine(dst, "User", name)
	dst = textLine(dst, "Sid", r.Sid)
	return textLine(dst, "SidType", sidType)
}

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// textLine appends one header line, or nothing for an empty value.
func textLine(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	if strings.ContainsAny(value, "\r\n") {
		value = oneLine.Replace(value)
	}
	dst = append(append(dst, name...), '=')
	return append(append(dst, value...), "\r\n"...)
}
