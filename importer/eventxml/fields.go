package eventxml

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// mostKeywords is how long the joined names of keywords may be.
const mostKeywords = 4096

func (p *parser) systemAttribute(name, value string) {
	switch {
	case strings.HasPrefix(name, "xmlns"):
	case name == "Name" && p.stack[len(p.stack)-1] == "Provider":
		record.SetProvider(p.e, value)
	case name == "Guid":
		p.guid = value
		p.field(name, value)
	case name == "SystemTime":
		if p.wanted == nil || p.wanted.Time {
			nanos, ok := record.ParseISO(value, nil)
			record.SetTime(p.e, value, nanos, ok)
		}
		p.field(name, value)
	case name == "UserID":
		p.field("Sid", value)
	default:
		p.field(name, value)
	}
}

// field adds a field that is asked for.
func (p *parser) field(name, value string) {
	if p.wanted.Has(name) {
		p.e.Add(name, value)
	}
}

// wants says whether what is in the open element, which has this name, is asked
// for, where not everything is.
func (p *parser) wants(name string) bool {
	p.values++
	switch p.stack[1] {
	case "System":
		return true
	case "RenderingInfo":
		return name != "Message" || p.wanted.Has(name)
	}
	if p.leafName != "" {
		name = p.leafName
	}
	return p.wanted.Has(name) || p.wanted.Renders()
}

// value takes the text of an element without children.
func (p *parser) value(section, name, text string) {
	switch section {
	case "System":
		p.system(name, record.Trim(text))
	case "RenderingInfo":
		p.rendering(name, text)
	default:
		if record.Trim(text) == "" {
			text = ""
		}
		if p.leafName != "" {
			name = p.leafName
		}
		p.data = append(p.data, event.Field{Name: name, Value: text})
		p.field(name, p.opt.Value(text))
	}
}

func (p *parser) system(name, text string) {
	e := p.e
	switch name {
	case "EventID":
		record.SetEventCode(e, text)
	case "EventRecordID":
		record.SetRecordNumber(e, text)
	case "Channel":
		record.SetChannel(e, text)
	case "Computer":
		record.SetComputer(e, text)
	case "Keywords":
		p.keywords = text
	case "Level":
		p.level = text
		p.field(name, text)
	case "Opcode":
		p.opcode = text
		p.field(name, text)
	default:
		p.field(name, text)
	}
}

func (p *parser) rendering(name, text string) {
	if name == "Message" {
		record.SetMessage(p.e, text)
		return
	}
	text = record.Trim(text)
	if text == "" {
		return
	}
	switch name {
	case "Opcode":
		record.SetOpCode(p.e, text)
	case "Task":
		p.field("TaskCategory", text)
	case "Level":
		p.rendered.level = text
	case "Keyword":
		if p.rendered.keywords != "" {
			text = p.rendered.keywords + ", " + text
		}
		if len(text) <= mostKeywords {
			p.rendered.keywords = text
		}
	}
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// unescape replaces entities. What is none stays as it stands.
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b = append(b, s[:i]...)
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), 12)], ';')
		if end < 0 {
			end = 0
		}
		name := s[:end+1]
		if end > 1 {
			if r, ok := entity(s[1:end]); ok {
				b = utf8.AppendRune(b, r)
				name = ""
			}
		}
		b = append(b, name...)
		s = s[end+1:]
	}
	return string(append(b, s...))
}

func entity(name string) (rune, bool) {
	if v, ok := entities[name]; ok {
		return rune(v[0]), true
	}
	if name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if len(digits) > 1 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
