package logwriter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The fields that IIS and HTTP.sys log by themselves, and all that IIS has.
const (
	W3CFields = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) " +
		"sc-status sc-substatus sc-win32-status time-taken"
	W3CAllFields = "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " +
		"cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes " +
		"time-taken"
	HTTPErrFields = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename"
)

// Request is one request as a web server logs it, before any format. What is empty
// or 0 is logged as a hyphen, but for numbers that may be 0.
type Request struct {
	Time                         time.Time
	Site, Computer, ServerIP     string // s-sitename: W3SVC1
	Port, ClientPort             int
	Method, Stem, Query, Version string
	User, Client, Agent, Cookie  string
	Referer, Host                string
	Status, Substatus            int
	Win32                        uint32
	Sent, Received, Taken        int64  // bytes, bytes, milliseconds
	Reason, Queue                string // of HTTP.sys
}

// AppendW3CHeader appends the directives above lines of some fields, as IIS writes
// them when it starts.
func AppendW3CHeader(dst []byte, software string, at time.Time, fields string) []byte {
	return fmt.Appendf(dst, "#Software: %s\r\n#Version: 1.0\r\n#Date: %s\r\n#Fields: %s\r\n", software,
		at.UTC().Format(time.DateTime), fields)
}

// The services that write such logs, as #Software has them.
const (
	IISSoftware     = "Microsoft Internet Information Services 10.0"
	HTTPSysSoftware = "Microsoft HTTP API 2.0"
)

// AppendW3C appends a request as a line of some fields. A field that is not known is
// a hyphen.
func AppendW3C(dst []byte, r *Request, fields string) []byte {
	for i, name := range strings.Fields(fields) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, logged(r.value(name))...)
	}
	return append(dst, "\r\n"...)
}

// logged is a value as HTTP.sys writes it: nothing is a hyphen, a space a plus sign.
func logged(v string) string {
	if v == "" {
		return "-"
	}
	return strings.ReplaceAll(v, " ", "+")
}

func (r *Request) value(name string) string {
	switch name {
	case "date":
		return r.Time.UTC().Format(time.DateOnly)
	case "time":
		return r.Time.UTC().Format(time.TimeOnly)
	case "s-sitename":
		return r.Site
	case "s-siteid":
		return strings.TrimPrefix(r.Site, "W3SVC")
	case "s-computername":
		return r.Computer
	case "s-ip":
		return r.ServerIP
	case "cs-method":
		return r.Method
	case "cs-uri-stem":
		return r.Stem
	case "cs-uri-query":
		return r.Query
	case "cs-uri":
		return r.address()
	case "s-port":
		return number(int64(r.Port))
	case "c-port":
		return number(int64(r.ClientPort))
	case "cs-username":
		return r.User
	case "c-ip":
		return r.Client
	case "cs-version":
		return r.Version
	case "cs(User-Agent)":
		return r.Agent
	case "cs(Cookie)":
		return r.Cookie
	case "cs(Referer)":
		return r.Referer
	case "cs-host":
		return r.Host
	case "s-reason":
		return r.Reason
	case "s-queuename":
		return r.Queue
	case "sc-status":
		return number(int64(r.Status))
	}
	return r.count(name)
}

// count is a value that may be 0.
func (r *Request) count(name string) string {
	n, ok := map[string]int64{"sc-substatus": int64(r.Substatus), "sc-win32-status": int64(r.Win32), "sc-bytes": r.Sent,
		"cs-bytes": r.Received, "time-taken": r.Taken}[name]
	if !ok {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// address is path and query.
func (r *Request) address() string {
	if r.Query == "" {
		return r.Stem
	}
	return r.Stem + "?" + r.Query
}

// AppendIISNative appends a request as a line of IIS's own format, with the server's
// local time, its date in some layout.
func AppendIISNative(dst []byte, r *Request, zone *time.Location, layout string) []byte {
	at := r.Time.In(zone)
	return fmt.Appendf(dst, "%s, %s, %s, %s, %s, %s, %s, %d, %d, %d, %d, %d, %s, %s, %s,\r\n", r.Client, logged(r.User),
		at.Format(layout), at.Format("15:04:05"), r.Site, logged(r.Computer), r.ServerIP, r.Taken, r.Received, r.Sent,
		r.Status, r.Win32, r.Method, r.Stem, logged(r.Query))
}

// AppendNCSA appends a request as a line of NCSA's common format, in local time.
func AppendNCSA(dst []byte, r *Request, zone *time.Location) []byte {
	return fmt.Appendf(dst, "%s - %s [%s] \"%s %s %s\" %d %d\r\n", r.Client, logged(r.User),
		r.Time.In(zone).Format("02/Jan/2006:15:04:05 -0700"), r.Method, r.address(), r.Version, r.Status, r.Sent)
}
