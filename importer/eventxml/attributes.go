package eventxml

import (
	"strings"

	"escutcheon/importer/record"
)

// attribute is one of a tag, its value as it is written.
type attribute struct{ name, value string }

// tag reads the start tag that s begins with if it is one of the many that are
// written plainly: a name, and attributes with nothing around their =. n is the
// tag's length, or 0 for any other.
func (p *parser) tag(s string) (name string, n int, empty bool) {
	p.attrs = p.attrs[:0]
	i := nameEnd(s, 1)
	name = s[1:i]
	for name != "" && i < len(s) {
		from := i
		for i < len(s) && record.Blank(s[i]) {
			i++
		}
		if strings.HasPrefix(s[i:], ">") {
			return name, i + 1, false
		}
		if strings.HasPrefix(s[i:], "/>") {
			return name, i + 2, true
		}
		end := nameEnd(s, i)
		if i == from || end == i || end+1 >= len(s) || s[end] != '=' || s[end+1] != '"' && s[end+1] != '\'' ||
			len(p.attrs) == mostPlain {
			break
		}
		value := s[end+2:]
		k := strings.IndexByte(value, s[end+1])
		if k < 0 {
			break
		}
		p.attrs = append(p.attrs, attribute{s[i:end], value[:k]})
		i = end + 2 + k + 1
	}
	return "", 0, false
}

// mostPlain is how many attributes a plain tag has at most.
const mostPlain = 16

// nameEnd is the end of the plain name at s[i:].
func nameEnd(s string, i int) int {
	for i < len(s) && inName[s[i]] {
		i++
	}
	return i
}

// inName are the bytes of plain names.
var inName = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_'
	}
	return t
}()

// attributes reads those of a tag that is not written plainly, as far as they
// are any.
func (p *parser) attributes(s string) {
	p.attrs = p.attrs[:0]
	for len(p.attrs) <= record.MaxFields {
		s = strings.TrimLeft(s, " \t\r\n")
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			return
		}
		name := strings.TrimRight(s[:eq], " \t\r\n")
		s = strings.TrimLeft(s[eq+1:], " \t\r\n")
		if s == "" || s[0] != '"' && s[0] != '\'' {
			return
		}
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return
		}
		p.attrs = append(p.attrs, attribute{name, s[1 : 1+end]})
		s = s[end+2:]
	}
}

// take takes the attributes of an element below System, EventData or the like.
func (p *parser) take() {
	system := p.stack[1] == "System"
	p.values += len(p.attrs)
	for _, a := range p.attrs {
		switch {
		case len(p.e.Fields) > record.MaxFields:
			return
		case system:
			p.systemAttribute(a.name, unescape(a.value))
		case a.name == "Name":
			p.leafName = unescape(a.value)
		}
	}
}
