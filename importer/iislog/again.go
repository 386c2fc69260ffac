package iislog

import (
	"bytes"
	"fmt"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// mostLead is how far into a stream its first #Fields, or a line whose shape says
// what it is, is looked for, in bytes.
const mostLead = 128 << 10

// IsW3C says whether lines of W3C or HTTPERR stand at the start of head, or not far
// from it.
func IsW3C(head []byte) bool {
	head = head[:min(len(head), mostLead)]
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if head = rest; len(line) < len("2006-01-02 15:04:05") {
			continue
		}
		if line = bytes.TrimPrefix(line, []byte("\uFEFF")); line[0] != '#' && line[4] != '-' {
			continue
		}
		text := strings.TrimRight(string(line), "\r")
		if _, ok := parseLayout(text, record.UTF8); ok || shapeOf(text) != nil {
			return true
		}
	}
	return false
}

// GuessW3C and GuessHTTPErr say which of the two a text is.
func GuessW3C(text []byte) bool { return IsW3C(text) && !GuessHTTPErr(text) }

// GuessHTTPErr is about the first #Fields.
func GuessHTTPErr(text []byte) bool {
	for line := range bytes.Lines(text[:min(len(text), mostLead)]) {
		if l, ok := parseLayout(strings.TrimRight(string(line), "\r\n"), record.UTF8); ok {
			return l.errors
		}
	}
	return false
}

// What says in a sentence what begins like text, where it is like these logs and
// cannot be read; "" where it is not.
func What(text []byte) string {
	for line := range bytes.Lines(text[:min(len(text), mostLead)]) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\uFEFF")))
		if len(line) == 0 || line[0] == '#' && !bytes.HasPrefix(line, []byte(fieldsLine)) {
			continue
		}
		values := strings.SplitN(string(line[:min(len(line), mostHeader)]), " ", mostColumns)
		switch {
		case line[0] == '#' && len(values) > 2:
			return "This is a W3C log of another service: its #Fields name no requests of a web server."
		case len(values) < 8 || !strings.Contains(string(line), " /"):
			return ""
		}
		if _, ok := record.ParseISO(values[0]+" "+values[1], nil); ok {
			return "This looks like an IIS log without the #Fields line that names its columns, and they are none of the " +
				"usual sets. Put the #Fields line of that log above it and import it again."
		}
		return ""
	}
	return ""
}

// standing is the state between two lines: the #Fields that they are below.
type standing struct{ text string }

// state is as decoder has it. Where lines have no date, all that is above them counts.
func (d *w3c) state() (record.State, bool) {
	if !d.headed || d.layout == nil || d.layout.date < 0 {
		return nil, false
	}
	return standing{d.layout.text}, true
}

// ResumeW3C is NewW3C for a reader that stands where a Cut said.
func ResumeW3C(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	l, _ := parseLayout(s.(standing).text, opt.Encoding) // which has made it before
	d := &w3c{opt: opt, layout: l, headed: true, site: opt.Site}
	d.setPrefix("")
	return &shapedReader{reader{sc: sc, d: d}}
}

// CutW3C makes a record.Cut for a stream that begins with head. It is nil where
// lines cannot be read without all that is above them.
func CutW3C(head []byte, opt record.Options) record.Cut {
	var l *layout
	for line := range bytes.Lines(head) {
		if l = layoutIn(line, opt); l != nil {
			break
		}
	}
	if l == nil || l.date < 0 {
		return nil
	}
	return func(w []byte) (int, record.State) {
		if i := bytes.LastIndex(w, []byte("\n"+fieldsLine)); i >= 0 {
			line, _, whole := bytes.Cut(w[i+1:], []byte("\n"))
			if next := layoutIn(line, opt); whole && next != nil && next.date >= 0 {
				l = next
				first := i + 1 + len(line) + 1 // a reader stands behind it, and not before
				if at := lineStart(w[first:]); at > 0 {
					return first + at, standing{l.text}
				}
				return -1, nil
			}
		}
		return lineStart(w), standing{l.text}
	}
}

// layoutIn is what a line of a stream says, where it is a #Fields line; else nil.
func layoutIn(line []byte, opt record.Options) *layout {
	line = bytes.TrimRight(bytes.TrimPrefix(line, []byte("\uFEFF")), "\r\n")
	if len(line) > mostHeader || !bytes.HasPrefix(line, []byte(fieldsLine)) {
		return nil
	}
	if l, ok := parseLayout(string(line), opt.Encoding); ok {
		return l
	}
	return nil
}

// Split parts an event's Raw into what a person reads, the directives above the
// line, and the line as it stands in the file.
func Split(stored string) (text, original string) {
	head, original, ok := strings.Cut(stored, separator)
	if !ok {
		return stored, stored
	}
	return head + "\n" + original, original
}

// OneW3C decodes an event's Raw again. The error is a sentence.
func OneW3C(stored string, opt record.Options, e *event.Event) error {
	e.Reset()
	head, line, ok := strings.Cut(stored, separator)
	d := w3c{opt: opt, headed: true}
	fields, site := splitSite(head)
	d.site = site
	if day, rest, dated := strings.Cut(fields, "\n"); dated {
		fields, d.of = rest, record.Trim(strings.TrimPrefix(day, dateLine))
	}
	d.layout, _ = parseLayout(fields, opt.Encoding)
	if !ok || d.layout == nil {
		return fmt.Errorf("this line has no #Fields that are known")
	}
	if reason := d.decode(stored, line, e); reason != "" {
		return fmt.Errorf("decode one line: %s", reason)
	}
	return nil
}
