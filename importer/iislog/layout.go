package iislog

import (
	"bytes"
	"cmp"
	"strings"

	"escutcheon/importer/record"
)

const (
	// mostHeader is how long a #Fields line may be, in bytes, and mostColumns how
	// many it may name: IIS has two dozen, and custom ones. Each line is kept with its own.
	mostHeader  = 4 << 10
	mostColumns = 256
)

const fieldsLine, dateLine = "#Fields:", "#Date:"

// layout is what a #Fields line says.
type layout struct {
	text       string // the line, without its end
	names      []string
	date, time int // the columns, or -1
	computer   int // likewise
	errors     bool
	site       bool // a column says which site a request was for
}

// parseLayout understands a #Fields line of requests. Other services write such
// lines too: those of a firewall name no request.
func parseLayout(line string, enc record.Encoding) (*layout, bool) {
	if len(line) > mostHeader || !strings.HasPrefix(line, fieldsLine) || strings.IndexByte(line, 0) >= 0 {
		return nil, false
	}
	text, _ := record.Decoded(line[len(fieldsLine):], enc)
	l := &layout{text: line, date: -1, time: -1, computer: -1}
	known := 0
	for name := range strings.FieldsSeq(text) {
		switch strings.ToLower(name) {
		case "date":
			l.date = len(l.names)
		case "time":
			l.time = len(l.names)
		case "s-computername":
			l.computer = len(l.names)
		case "s-sitename", "s-siteid":
			l.site = true
		case "cs-method", "cs-uri-stem", "sc-status", "c-ip":
			known++
		case "cs-uri", "s-reason", "s-queuename":
			known++
			l.errors = true
		}
		if l.names = append(l.names, clean(name)); len(l.names) > mostColumns {
			return nil, false
		}
	}
	return l, known >= 2 && (l.date >= 0 || l.time >= 0)
}

// clean is a column's name as Splunk has it: whatever is no letter, digit or
// underscore becomes an underscore, and none stands at the end.
func clean(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if c < '0' || c > '9' {
				b[i] = '_'
			}
		}
	}
	return cmp.Or(string(bytes.TrimRight(b, "_")), "_")
}

// usual are the sets of fields that lines above any #Fields may have: those that
// IIS 7 and later, IIS 8 and later, IIS 6, IIS with all fields, and HTTP.sys log by
// themselves.
var usual = func() (out []*layout) {
	for _, text := range []string{
		"date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status " +
			"sc-substatus sc-win32-status time-taken",
		"date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status " +
			"sc-substatus sc-win32-status time-taken",
		"date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status " +
			"sc-substatus sc-win32-status",
		"date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version " +
			"cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes " +
			"time-taken",
		"date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
		"date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid streamid_ex sc-status s-siteid s-reason " +
			"s-queuename transport fault-code extended-fault-code",
	} {
		l, _ := parseLayout(fieldsLine+" "+text, record.UTF8)
		out = append(out, l)
	}
	return out
}()

// shapeOf is the one usual layout that a line can have; nil when it is not certain.
func shapeOf(line string) (found *layout) {
	values := strings.Split(line, " ")
	if len(values) > mostColumns {
		return nil
	}
	for _, l := range usual {
		if len(values) == len(l.names) && l.fits(values) {
			if found != nil {
				return nil
			}
			found = l
		}
	}
	return found
}

// fits says whether each value is of its column's kind.
func (l *layout) fits(values []string) bool {
	for i, v := range values {
		if !kindOf(l.names[i], v) {
			return false
		}
	}
	if l.date >= 0 && l.time >= 0 {
		_, ok := record.ParseISO(values[l.date]+" "+values[l.time], nil)
		return ok
	}
	return true
}

// kindOf says whether a value may stand in a column.
func kindOf(column, v string) bool {
	switch column {
	case "date", "time":
		return v != "-"
	case "s_ip", "c_ip":
		return v == "-" || strings.ContainsAny(v, ".:") && strings.Trim(v, "0123456789abcdefABCDEF.:%-_zZ") == "" ||
			strings.Contains(v, "%") && strings.Contains(v, ":")
	case "s_port", "c_port", "sc_status", "sc_substatus", "sc_win32_status", "time_taken", "sc_bytes", "cs_bytes":
		return v == "-" || v != "" && strings.Trim(v, "0123456789") == ""
	case "cs_method":
		return v == "-" || v != "" && strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
	case "cs_uri_stem", "cs_uri":
		return v == "-" || v == "*" || strings.HasPrefix(v, "/") || strings.Contains(v, "://")
	case "cs_version":
		return v == "-" || strings.HasPrefix(v, "HTTP/")
	case "s_sitename":
		return v != "" && !strings.Contains(v, ".") && !strings.Contains(v, ":")
	}
	return true
}
