package eventxml

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// mostDepth is how deep the elements of an event may be nested.
const mostDepth = 64

const (
	reasonTags = "The tags of this event do not match: it was torn or edited."
	reasonDeep = "The elements of this event are nested more than 64 deep, which no Windows event is."
	reasonID   = "This event has no number in System/EventID."
)

// parser turns the text of one event into fields. It is kept between events
// for its memory only.
type parser struct {
	e     *event.Event
	stack []string      // names of the open elements
	data  []event.Field // of EventData, with the empty ones

	attrs []attribute // of the tag at hand

	leaf     bool   // the element opened last has no child so far
	leafName string // its Name attribute
	text     string // its text, when it is one stretch
	parts    []byte // its text, when it is several
	segments int

	wanted *record.Wanted // nil: everything
	opt    record.Options
	unread bool // the text of the open element is not asked for
	values int  // so far, where not everything is wanted

	guid, opcode, level, keywords string // System's
	rendered                      struct{ level, keywords string }
}

// parse fills e from its Raw. The result is why it is no event, or "".
func (p *parser) parse(e *event.Event, opt record.Options) (reason string) {
	if opt.Wanted != nil {
		raw, offset := e.Raw, e.Offset
		if p.parseAll(e, opt) == "" && p.values < record.MostWanted {
			return ""
		}
		e.Reset()
		e.Raw, e.Offset, opt.Wanted = raw, offset, nil
	}
	return p.parseAll(e, opt)
}

// parseAll is parse of as much as opt wants; where that is not everything, it may
// find an event in what has too many values.
func (p *parser) parseAll(e *event.Event, opt record.Options) string {
	clear(p.data)
	*p = parser{e: e, stack: p.stack[:0], data: p.data[:0], parts: p.parts[:0], attrs: p.attrs[:0],
		wanted: opt.Wanted, opt: opt}
	if cap(p.parts) > 1<<20 {
		p.parts = nil
	}
	if cap(p.attrs) > 1<<10 {
		p.attrs = nil
	}
	if reason := p.elements(record.Text(e, opt)); reason != "" {
		return reason
	}
	if e.EventCode == event.None {
		return reasonID
	}
	p.finish()
	record.SetComputer(e, opt.Computer)
	record.RenderIIS(e, p.guid, p.opcode, p.data, true)
	return ""
}

// finish adds what depends on System and RenderingInfo both.
func (p *parser) finish() {
	if p.rendered.level == "" {
		p.rendered.level = record.LevelText(p.level)
	}
	p.field("Type", p.rendered.level)
	if p.rendered.keywords == "" {
		p.field("Keywords", p.keywords)
		return
	}
	p.field("Keywords", p.rendered.keywords)
	p.field("KeywordsValue", p.keywords)
}

// elements walks over the event's markup.
func (p *parser) elements(s string) string {
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		if i > 0 && p.leaf && !p.unread {
			p.add(unescape(s[:i]))
		}
		s = s[i:]
		n := 0
		switch {
		case strings.HasPrefix(s, "</"):
			if n = p.closes(s); n > 0 {
				break
			}
			if n = strings.IndexByte(s, '>') + 1; n == 0 || !p.close(strings.TrimRight(s[2:n-1], " \t\r\n")) {
				return reasonTags
			}
		case strings.HasPrefix(s, "<!--"):
			n = after(s, "-->")
		case strings.HasPrefix(s, "<![CDATA["):
			n = after(s, "]]>")
			if n > 0 && p.leaf && !p.unread {
				p.add(s[len("<![CDATA[") : n-len("]]>")])
			}
		case strings.HasPrefix(s, "<?"):
			n = after(s, "?>")
		default:
			var reason string
			if n, reason = p.open(s); reason != "" {
				return reason
			}
		}
		if n == 0 {
			return reasonTags
		}
		s = s[n:]
		if len(p.data) > record.MaxFields || len(p.e.Fields) > record.MaxFields {
			return record.ReasonFields
		}
	}
	if len(p.stack) > 0 {
		return reasonTags
	}
	return ""
}

// after is the position behind the first end in s, or 0.
func after(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return 0
}

// closes ends the open element when s begins with its end tag, written as most
// are. It returns the tag's length, or 0.
func (p *parser) closes(s string) (n int) {
	if len(p.stack) == 0 {
		return 0
	}
	name := p.stack[len(p.stack)-1]
	n = len("</") + len(name)
	if len(s) <= n || s[n] != '>' || s[len("</"):n] != name || !p.close(name) {
		return 0
	}
	return n + 1
}

// open reads the start tag that s begins with and returns its length.
func (p *parser) open(s string) (n int, reason string) {
	name, n, empty := p.tag(s)
	if n == 0 {
		if n = tagEnd(s); n == 0 {
			return 0, reasonTags
		}
		in := s[1 : n-1]
		empty = strings.HasSuffix(in, "/")
		in = strings.TrimSuffix(in, "/")
		attrs := ""
		name = in
		if i := strings.IndexAny(in, " \t\r\n"); i >= 0 {
			name, attrs = in[:i], in[i:]
		}
		p.attributes(attrs)
	}
	if name == "" || len(p.stack) == 0 && name != "Event" {
		return 0, reasonTags
	}
	if len(p.stack) >= mostDepth {
		return 0, reasonDeep
	}
	p.stack = append(p.stack, name)
	p.leaf, p.leafName, p.text, p.segments = true, "", "", 0
	if len(p.stack) > 2 && len(p.attrs) > 0 {
		p.take()
	}
	p.unread = p.wanted != nil && len(p.stack) > 2 && !p.wants(local(name))
	if empty {
		p.close(name)
	}
	return n, ""
}

// tagEnd is the length of the tag that s begins with: a > in a quoted value
// does not end it.
func tagEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '>':
			return i + 1
		case '"', '\'':
			k := strings.IndexByte(s[i+1:], s[i])
			if k < 0 {
				return 0
			}
			i += k + 1
		}
	}
	return 0
}

// add adds a stretch of text to the open element.
func (p *parser) add(s string) {
	switch p.segments++; p.segments {
	case 1:
		p.text = s
	case 2:
		p.parts = append(append(p.parts[:0], p.text...), s...)
	default:
		p.parts = append(p.parts, s...)
	}
}

// close ends the element name and says whether it was the open one.
func (p *parser) close(name string) bool {
	top := len(p.stack) - 1
	if top < 0 || p.stack[top] != name {
		return false
	}
	if p.leaf && top >= 2 && !p.unread {
		if p.segments > 1 {
			p.text = string(p.parts)
		}
		p.value(p.stack[1], local(name), p.text)
	}
	p.leaf = false
	p.stack = p.stack[:top]
	return true
}

// local is a name without its namespace prefix.
func local(name string) string {
	return name[strings.IndexByte(name, ':')+1:]
}
