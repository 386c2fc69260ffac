package iislog

import (
	"bytes"
	"fmt"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// single is the decoder of a format whose lines each say all.
type single struct {
	*Line
	opt   record.Options
	begun bool
}

func (d *single) junk() string { return d.above }

func (d *single) tally() (t record.Tally) { return t }

func (d *single) words(record.Tally) string { return "" }

func (d *single) took() { d.begun = true }

// begun is the state between two lines.
type begun struct{}

func (d *single) state() (record.State, bool) { return begun{}, d.begun }

func (d *single) take(line []byte, e *event.Event) (reason string, skip bool) {
	if line = bytes.TrimRight(line, " \t"); len(line) == 0 {
		return "", true
	}
	stored := string(line)
	if d.siteless && d.opt.Site != "" {
		stored = siteLine + d.opt.Site + separator + stored
	}
	if reason = d.event(stored, d.opt, e); reason != "" && !d.begun {
		reason = d.above
	}
	return reason, false
}

// Line is a format whose lines each say all.
type Line struct {
	decode   func(line string, opt record.Options, e *event.Event) (reason string)
	above    string // the reason for what stands above the first line that is one
	siteless bool   // no line says which site it is of
}

// Native is IIS's own format, and NCSA the common one of web servers.
var (
	Native = &Line{native, "This text is no line of IIS's own format: fifteen values, each with a comma behind it.", false}
	NCSA   = &Line{ncsa, "This text is no line of NCSA's common format.", true}
)

// New returns a reader of the requests of sc.
func (l *Line) New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, d: &single{Line: l, opt: opt}}
}

// Resume is New for a reader that stands where Cut said.
func (l *Line) Resume(sc *record.Scanner, opt record.Options, _ record.State) record.Resumable {
	return &reader{sc: sc, d: &single{Line: l, opt: opt, begun: true}}
}

// Cut is a record.Cut: where a line begins.
func (l *Line) Cut(w []byte) (at int, s record.State) { return lineStart(w), begun{} }

// event fills e, which has been Reset, from an event's Raw. The result is why it is none, or "".
func (l *Line) event(stored string, opt record.Options, e *event.Event) (reason string) {
	head, line, sited := strings.Cut(stored, separator)
	if !sited {
		line = stored
	}
	e.Raw = line
	reason = l.decode(record.Text(e, opt), opt, e)
	if sited {
		_, site := splitSite(head)
		e.Add("s_sitename", site)
		e.Raw, e.Own = stored, stored
	}
	return reason
}

// One decodes an event's Raw again. The error is a sentence.
func (l *Line) One(stored string, opt record.Options, e *event.Event) error {
	e.Reset()
	if reason := l.event(stored, opt, e); reason != "" {
		return fmt.Errorf("decode one line: %s", reason)
	}
	return nil
}

// Is says whether such a line stands at the start of head, or not far from it.
func (l *Line) Is(head []byte) bool {
	for line := range bytes.Lines(head[:min(len(head), 16<<10)]) {
		e := event.Event{Raw: strings.TrimRight(strings.TrimPrefix(string(line), "\uFEFF"), " \t\r\n")}
		if l.decode(e.Raw, record.Options{}, &e) == "" {
			return true
		}
	}
	return false
}

// nativeColumns are the fifteen values, under the names that W3C has for them.
var nativeColumns = [15]string{"c_ip", "cs_username", "date", "time", "s_sitename", "s_computername", "s_ip",
	"time_taken", "cs_bytes", "sc_bytes", "sc_status", "sc_win32_status", "cs_method", "cs_uri_stem", "cs_uri_query"}

const (
	nativeCount = "This line has no fifteen values: it is cut short, torn, or a value of it holds a comma."
	nativeKind  = "A value of this line is not of its kind: its address, its numbers, or its path."
	nativeTime  = "This line's third and fourth value are no date and time."
)

// native takes a line of IIS's own format, whose times are local and whose dates are
// written as the server's settings have it.
func native(line string, opt record.Options, e *event.Event) string {
	values := strings.Split(strings.TrimSuffix(strings.TrimRight(line, " "), ","), ", ")
	if len(values) != len(nativeColumns) {
		return nativeCount
	}
	for i, v := range values {
		if v = record.Trim(v); !kindOf(nativeColumns[i], v) || v == "" && i < 14 {
			return nativeKind
		}
		e.Add(nativeColumns[i], v)
	}
	record.SetLocalTime(e, values[2]+" "+values[3], opt)
	if !e.HasTime && e.Dates == event.DatesFixed {
		return nativeTime
	}
	e.Channel = event.RequestLog
	if values[5] != "-" {
		record.SetComputer(e, values[5])
	}
	record.SetComputer(e, opt.Computer)
	return ""
}

const ncsaShape = "This line is not as NCSA's common format has it: host, name, user, [time], \"request\", status, " +
	"bytes."

// ncsa takes a line of NCSA's common format:
// host - user [08/Apr/2001:17:39:04 -0800] "GET / HTTP/1.0" 200 3401
func ncsa(line string, opt record.Options, e *event.Event) string {
	who, rest, ok := strings.Cut(line, " [")
	stamp, rest, ok2 := strings.Cut(rest, `] "`)
	end := strings.LastIndex(rest, `" `)
	if !ok || !ok2 || end < 0 {
		return ncsaShape
	}
	host, rest2, _ := strings.Cut(who, " ")
	name, user, ok := strings.Cut(rest2, " ")
	status, sent, ok2 := strings.Cut(rest[end+2:], " ")
	nanos, valid := ncsaTime(stamp)
	if !ok || !ok2 || host == "" || !valid || len(status) != 3 || !kindOf("sc_status", status) ||
		!kindOf("sc_bytes", sent) {
		return ncsaShape
	}
	record.SetTime(e, stamp, nanos, true)
	method, address, _ := strings.Cut(rest[:end], " ")
	version := ""
	if i := strings.LastIndexByte(address, ' '); i >= 0 {
		address, version = address[:i], address[i+1:]
	}
	path, query, _ := strings.Cut(address, "?")
	for _, f := range [...]event.Field{
		{Name: "c_ip", Value: host}, {Name: "ident", Value: name},
		{Name: "cs_username", Value: user}, {Name: "cs_method", Value: method}, {Name: "cs_uri_stem", Value: path},
		{Name: "cs_uri_query", Value: query}, {Name: "cs_version", Value: version}, {Name: "sc_status", Value: status},
		{Name: "sc_bytes", Value: sent}} {
		e.Add(f.Name, f.Value)
	}
	e.Channel = event.RequestLog
	record.SetComputer(e, opt.Computer)
	return ""
}

// ncsaTime reads 08/Apr/2001:17:39:04 -0800.
func ncsaTime(s string) (nanos int64, ok bool) {
	if len(s) != len("08/Apr/2001:17:39:04 -0800") || s[2] != '/' || s[6] != '/' || s[11] != ':' {
		return 0, false
	}
	m := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s[3:6])
	if m < 0 || m%3 != 0 {
		return 0, false
	}
	return record.ParseISO(fmt.Sprintf("%s-%02d-%sT%s%s", s[7:11], m/3+1, s[:2], s[12:20], s[21:]), nil)
}
