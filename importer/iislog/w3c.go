package iislog

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// The formats whose columns #Fields names.
const (
	W3C     = "iis-w3c"
	HTTPErr = "httperr"
)

// separator stands between the directives and the line in an event's Raw: neither
// can hold a zero byte.
const separator = "\x00"

const (
	reasonAbove = "No #Fields line stands above this text, and what its columns are cannot be told for sure. Put the " +
		"#Fields line of that log above it and import it again."
	reasonFields = "The #Fields line above this line names no requests, or too much: its columns are not known."
	reasonCount  = "This line has another number of values than the #Fields line above it has names: it is cut short, " +
		"torn, or a value of it holds a space."
	reasonTime = "This line has no date and time where the #Fields line above it says: it is torn, or of other fields."
)

// What is counted of a log.
const (
	changes = iota // of #Fields
	doubled        // lines with a second space
	shaped         // lines above any #Fields
	dated          // lines whose day is from #Date
	undated        // lines without a day
)

// w3c is the decoder of lines below #Fields.
type w3c struct {
	opt     record.Options
	layout  *layout // nil: none that is known
	headed  bool    // there was a #Fields line
	day     string  // of #Date, with the days that went by since
	last    string  // the time of the line before, where lines have no date
	rolled  bool    // a day went by since #Date
	site    string  // of the folder that the log lies in
	prefix  string  // what the next line is stored with
	of      string  // the day that is in it
	values  []string
	counted record.Tally
	now     record.Tally // of the line that is being taken
}

// NewW3C returns a reader of the requests of sc. Times are UTC.
func NewW3C(sc *record.Scanner, opt record.Options) record.Reader {
	return &shapedReader{reader{sc: sc, d: &w3c{opt: opt, site: opt.Site}}}
}

// shapedReader says which of the two formats it read last.
type shapedReader struct{ reader }

// Shape is as sniff.Shaped has it.
func (r *shapedReader) Shape() string {
	if l := r.d.(*w3c).layout; l != nil && l.errors {
		return HTTPErr
	}
	return W3C
}

func (d *w3c) junk() string { return reasonAbove }

func (d *w3c) tally() record.Tally { return d.counted }

func (d *w3c) took() { d.counted.Add(d.now) }

func (d *w3c) take(line []byte, e *event.Event) (reason string, skip bool) {
	d.now = record.Tally{}
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return "", true
	case line[0] == '#':
		d.directive(string(line))
		return "", true
	case d.headed && d.layout == nil:
		return reasonFields, false
	case !d.headed:
		l := shapeOf(string(line))
		if l == nil {
			return reasonAbove, false
		}
		d.now[shaped]++
		if l != d.layout {
			d.layout = l
			d.setPrefix("")
		}
	}
	stored := d.stored(line)
	return d.decode(stored, stored[len(stored)-len(line):], e), false
}

// directive reads a line that begins with #.
func (d *w3c) directive(line string) {
	if text, ok := strings.CutPrefix(line, dateLine); ok {
		if text = record.Trim(text); len(text) >= len("2006-01-02") {
			d.setDay(text[:len("2006-01-02")])
		}
		return
	}
	if !strings.HasPrefix(line, fieldsLine) {
		return
	}
	l, ok := parseLayout(line, d.opt.Encoding)
	if d.headed && (d.layout == nil || !ok || d.layout.text != l.text) {
		d.counted[changes]++
	}
	d.headed = true
	if !ok {
		d.layout = nil
		return
	}
	d.layout = l
	d.setPrefix(d.day)
}

// setDay sets the day of lines that have none, where that is one.
func (d *w3c) setDay(day string) {
	if _, ok := record.ParseISO(day+" 00:00:00", nil); !ok {
		day = ""
	}
	d.day, d.last, d.rolled = day, "", false
	d.setPrefix(day)
}

// setPrefix sets what lines of a day are stored with.
func (d *w3c) setPrefix(day string) {
	switch {
	case d.layout == nil:
	case d.layout.date < 0 && day != "":
		d.of = day
		d.prefix = dateLine + " " + day + "\n" + d.layout.text
	default:
		d.of, d.prefix = "", d.layout.text
	}
	if d.layout != nil && !d.layout.site && d.site != "" {
		d.prefix += "\n" + siteLine + d.site
	}
}

// stored is what is kept of a line.
func (d *w3c) stored(line []byte) string {
	d.roll(line)
	var b strings.Builder
	b.Grow(len(d.prefix) + len(separator) + len(line))
	b.WriteString(d.prefix)
	b.WriteString(separator)
	b.Write(line)
	return b.String()
}

// halfDay is by how many hours the time must fall back for another day to have
// begun: lines are not strictly in the order of their times.
const halfDay = 12

// The minutes around midnight in which a line may be written late.
const justBefore, justAfter = "23:55", "00:05"

// roll goes on to the next day when the time of lines without a date falls back. A
// line that was written late is of the day that is over.
func (d *w3c) roll(line []byte) {
	if d.layout.date >= 0 || d.layout.time < 0 || d.day == "" {
		return
	}
	var v []byte
	for range d.layout.time + 1 {
		v, line, _ = bytes.Cut(line, []byte(" "))
	}
	now := string(v)
	if _, ok := record.ParseISO(d.day+" "+now, nil); !ok {
		return
	}
	day := d.day
	switch {
	case d.last == "":
	case d.rolled && d.last < justAfter && now > justBefore:
		day, now = otherDay(d.day, -1), d.last
	case hour(d.last)-hour(now) >= halfDay:
		d.day, d.rolled = otherDay(d.day, 1), true
		day = d.day
	}
	d.last = now
	d.setPrefix(day)
}

// otherDay is a day so many days on.
func otherDay(day string, days int) string {
	nanos, _ := record.ParseISO(day+" 00:00:00", nil)
	return time.Unix(0, nanos).UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// hour is that of a time, hh:mm:ss.
func hour(t string) int { return int(t[0]-'0')*10 + int(t[1]-'0') }

// decode fills e, which has been Reset, from line; stored is its Raw. Its own bytes are the
// line, and the site where the line does not say it. The result is why it is no event, or "".
func (d *w3c) decode(stored, line string, e *event.Event) string {
	e.Raw, e.Own = stored, line
	folder := !d.layout.site && d.site != ""
	if folder {
		e.Own = stored[len(stored)-len(line)-len(separator)-len(d.site)-len(siteLine):]
	}
	if !utf8.ValidString(line) {
		line, e.Windows1252 = record.Decoded(line, d.opt.Encoding)
	}
	l := d.layout
	if !plain(line, l, e) {
		e.Fields = e.Fields[:0]
		if !d.split(line) {
			return reasonCount
		}
		for i, v := range d.values {
			e.Fields = append(e.Fields, event.Field{Name: l.names[i], Value: v})
		}
	}
	if !d.setTime(e, line) {
		return reasonTime
	}
	e.Channel = event.RequestLog
	if l.errors {
		e.Channel = event.RequestError
	}
	computer := d.opt.Computer
	if l.computer >= 0 && e.Fields[l.computer].Value != "-" {
		computer = cmp.Or(e.Fields[l.computer].Value, computer)
	}
	e.Fields = slices.DeleteFunc(e.Fields, func(f event.Field) bool { return f.Value == "" })
	if folder {
		e.Add("s_sitename", d.site)
	}
	record.SetComputer(e, computer)
	return ""
}

// plain takes the values of a line as it is written as a rule: as many as there are
// names, a space between two.
func plain(line string, l *layout, e *event.Event) bool {
	last := len(l.names) - 1
	if strings.IndexByte(line, '\t') >= 0 { // perhaps what parts its values
		return false
	}
	for _, name := range l.names[:last] {
		i := strings.IndexByte(line, ' ')
		if i < 0 {
			return false
		}
		e.Fields = append(e.Fields, event.Field{Name: name, Value: line[:i]})
		line = line[i+1:]
	}
	e.Fields = append(e.Fields, event.Field{Name: l.names[last], Value: line})
	return strings.IndexByte(line, ' ') < 0
}

// split finds the values of a line. One space parts two of them. Where there is
// exactly one too many and exactly one is empty, a second space stands before one
// that is there, as IIS writes it before some users.
func (d *w3c) split(line string) bool {
	most := len(d.layout.names) + 1
	if strings.IndexByte(line, '\t') >= 0 { // Advanced Logging
		if d.values = splitAt(d.values[:0], line, '\t', most); len(d.values) == most-1 {
			for i, v := range d.values {
				d.values[i] = unquoted(v)
			}
			return true
		}
	}
	d.values = splitAt(d.values[:0], line, ' ', most)
	if len(d.values) == most-1 {
		return true
	}
	if len(d.values) == most && strings.Count(line, " ") == most-1 {
		empty, n := 0, 0
		for i, v := range d.values {
			if v == "" {
				empty, n = i, n+1
			}
		}
		if n == 1 {
			if empty < most-1 { // else it is a space at the end
				d.now[doubled]++
			}
			d.values = append(d.values[:empty], d.values[empty+1:]...)
			return true
		}
	}
	if strings.IndexByte(line, '"') < 0 {
		return false
	}
	d.values = splitQuoted(d.values[:0], line, most)
	return len(d.values) == most-1
}

// splitAt appends the values of a line to dst, at most so many.
func splitAt(dst []string, line string, delim byte, most int) []string {
	for len(dst) < most {
		i := strings.IndexByte(line, delim)
		if i < 0 {
			return append(dst, line)
		}
		dst, line = append(dst, line[:i]), line[i+1:]
	}
	return dst
}

// splitQuoted is splitAt for values that may stand in quotation marks, with spaces.
func splitQuoted(dst []string, line string, most int) []string {
	for len(dst) < most {
		i := strings.IndexByte(line, ' ')
		if strings.HasPrefix(line, `"`) {
			if i = strings.Index(line[1:], `" `); i >= 0 {
				i += 2
			}
		}
		if i < 0 {
			return append(dst, unquoted(line))
		}
		dst, line = append(dst, unquoted(line[:i])), line[i+1:]
	}
	return dst
}

func unquoted(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

// setTime sets the time, and says whether it is one. The fields are the columns.
func (d *w3c) setTime(e *event.Event, line string) bool {
	l := d.layout
	if l.time < 0 && l.date < 0 { // #Fields of a damaged record
		return false
	}
	if l.time < 0 {
		_, ok := record.ParseISO(e.Fields[l.date].Value+" 00:00:00", nil)
		d.now[undated]++
		return ok
	}
	text := e.Fields[l.time].Value
	day := d.of
	switch {
	case l.date == 0 && l.time == 1: // as a rule; the text is the line's own
		day = e.Fields[0].Value
		if n := len(day) + 1 + len(text); line[len(day)] == ' ' {
			nanos, ok := record.ParseISO(line[:n], nil)
			record.SetTime(e, line[:n], nanos, ok)
			return ok
		}
	case l.date >= 0:
		day = e.Fields[l.date].Value
	case day == "":
		d.now[undated]++
		record.SetTime(e, text, 0, false)
		_, ok := record.ParseISO("2000-01-01 "+text, nil)
		return ok
	default:
		d.now[dated]++
	}
	nanos, ok := record.ParseISO(day+" "+text, nil)
	if l.date >= 0 {
		text = day + " " + text
	}
	record.SetTime(e, text, nanos, ok)
	return ok
}
