package iisconfig

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What is read of a configuration.
const (
	mostBytes    = 64 << 20
	mostElements = 1_000_000
	mostDepth    = 128
	mostAttrs    = 256 // of an element
	mostText     = 16 << 10
	mostPath     = 2 << 10 // of an element, which all below it repeat
)

// attr is an attribute of an element.
type attr struct{ name, value string }

// node is an element that begins; its attributes are in the order of the file.
type node struct {
	name  string
	attrs []attr
	line  int
	empty bool // it ends at once
}

// scanner goes through the elements of a text that need not be well-formed. It knows no
// entities but those of XML itself, and what a document type would declare is passed over.
type scanner struct {
	in      []byte
	at      int
	line    int
	counted int // how far lines are counted

	problem    string
	probLine   int
	probColumn int
	cut        string
	elements   int
	endless    map[string]bool // what ends comments and the like, and does not come any more
}

// decode makes UTF-8 of a text, as its first bytes say.
func decode(data []byte) (text []byte, encoding string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], "utf-8"
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], 0), "utf-16le"
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], 1), "utf-16be"
	case len(data) > 3 && data[0] == '<' && data[1] == 0 && data[3] == 0:
		return fromUTF16(data, 0), "utf-16le"
	case len(data) > 3 && data[0] == 0 && data[1] == '<' && data[2] == 0:
		return fromUTF16(data, 1), "utf-16be"
	}
	return data, "utf-8"
}

// fromUTF16 decodes units of which the high byte is the first one (high 1) or the second.
func fromUTF16(data []byte, high int) []byte {
	unit := func(i int) rune {
		if high == 1 {
			return rune(data[i])<<8 | rune(data[i+1])
		}
		return rune(data[i+1])<<8 | rune(data[i])
	}
	out := make([]byte, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) && i+3 < len(data) {
			if full := utf16.DecodeRune(r, unit(i+2)); full != utf8.RuneError {
				r, i = full, i+2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// bad notes where the text stops to be well-formed, the first time.
func (s *scanner) bad(at int, format string, args ...any) {
	if s.problem != "" {
		return
	}
	s.problem = fmt.Sprintf(format, args...)
	s.probLine = 1 + bytes.Count(s.in[:at], []byte("\n"))
	s.probColumn = 1 + utf8.RuneCount(s.in[bytes.LastIndexByte(s.in[:at], '\n')+1:at])
}

// lineAt is the line of an offset; offsets come in their order.
func (s *scanner) lineAt(at int) int {
	if at > s.counted {
		s.line += bytes.Count(s.in[s.counted:at], []byte("\n"))
		s.counted = at
	}
	return s.line
}

// next is the next element that begins (n) or the name of one that ends; ok is false at
// the end of the text.
func (s *scanner) next() (n *node, end string, ok bool) {
	for s.at < len(s.in) {
		i := bytes.IndexByte(s.in[s.at:], '<')
		if i < 0 {
			s.at = len(s.in)
			break
		}
		s.at += i
		rest := s.in[s.at:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			s.skip("-->", "a comment")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			s.skip("]]>", "a CDATA section")
		case bytes.HasPrefix(rest, []byte("<?")):
			s.skip("?>", "an instruction")
		case bytes.HasPrefix(rest, []byte("<!")):
			s.bad(s.at, "it declares a document type, which no configuration has; what that declares is passed over")
			s.doctype()
		case bytes.HasPrefix(rest, []byte("</")):
			if end, ok = s.endTag(); ok {
				return nil, end, true
			}
		default:
			if n = s.startTag(); n != nil {
				return n, "", true
			}
		}
		if s.cut != "" {
			break
		}
	}
	return nil, "", false
}

func (s *scanner) skip(until, what string) {
	if !s.endless[until] { // the rest is searched once
		if i := bytes.Index(s.in[s.at:], []byte(until)); i >= 0 {
			s.at += i + len(until)
			return
		}
		if s.endless == nil {
			s.endless = map[string]bool{}
		}
		s.endless[until] = true
	}
	s.bad(s.at, "%s begins that does not end", what)
	s.at += 2 // what follows may be elements yet
}

// doctype passes over a declaration with what it holds in brackets.
func (s *scanner) doctype() {
	if s.endless["]>"] {
		s.at += 2
		return
	}
	depth := 0
	for i := s.at; i < len(s.in); i++ {
		switch s.in[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth <= 0 {
				s.at = i + 1
				return
			}
		}
	}
	if s.endless == nil {
		s.endless = map[string]bool{}
	}
	s.endless["]>"] = true
	s.at += 2
}

func (s *scanner) endTag() (name string, ok bool) {
	start := s.at
	i := bytes.IndexAny(s.in[start+2:], "<>")
	if i < 0 || s.in[start+2+i] == '<' {
		s.bad(start, "an end tag does not end")
		s.at = start + 2
		return "", false
	}
	s.at = start + 2 + i + 1
	return string(bytes.TrimSpace(s.in[start+2 : start+2+i])), true
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' ||
		c == ':' || c >= 0x80
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// startTag reads an element's tag; nil: it is none, and was told.
func (s *scanner) startTag() *node {
	start := s.at
	i := start + 1
	for i < len(s.in) && nameByte(s.in[i]) {
		i++
	}
	if i == start+1 {
		s.bad(start, "a < stands there that begins no element")
		s.at = start + 1
		return nil
	}
	if s.elements++; s.elements > mostElements {
		s.cut = fmt.Sprintf("It has more than %d elements: what follows line %d was not read.", mostElements, s.lineAt(start))
		return nil
	}
	n := &node{name: string(s.in[start+1 : i]), line: s.lineAt(start)}
	for {
		for i < len(s.in) && space(s.in[i]) {
			i++
		}
		switch {
		case i >= len(s.in):
			s.bad(start, "the element %s begins, and the file ends", clip(n.name))
			s.at = i
			return n
		case s.in[i] == '>':
			s.at = i + 1
			return n
		case s.in[i] == '/' && i+1 < len(s.in) && s.in[i+1] == '>':
			s.at, n.empty = i+2, true
			return n
		case s.in[i] == '<':
			s.bad(i, "the tag of the element %s does not end before another begins", clip(n.name))
			s.at = i
			return n
		}
		next, ok := s.attribute(n, i)
		if !ok {
			s.bad(i, "the tag of the element %s has something that is no attribute", clip(n.name))
			next = i + 1
		}
		i = next
	}
}

// attribute reads name="value" at i, and says where it ends.
func (s *scanner) attribute(n *node, i int) (end int, ok bool) {
	start := i
	for i < len(s.in) && nameByte(s.in[i]) {
		i++
	}
	name := s.in[start:i]
	for i < len(s.in) && space(s.in[i]) {
		i++
	}
	if len(name) == 0 || i >= len(s.in) || s.in[i] != '=' {
		return max(i, start+1), false
	}
	for i++; i < len(s.in) && space(s.in[i]); i++ {
		continue
	}
	if i >= len(s.in) || s.in[i] != '"' && s.in[i] != '\'' {
		return i, false
	}
	length := bytes.IndexByte(s.in[i+1:], s.in[i])
	if length < 0 {
		s.bad(i, "a value of the element %s has no quote at its end", clip(n.name))
		return len(s.in), true
	}
	value := s.in[i+1 : i+1+length]
	if k := bytes.IndexByte(value, '<'); k >= 0 {
		s.bad(i+1+k, "a value of the element %s holds a <", clip(n.name))
		if bytes.IndexByte(value[:k], '\n') >= 0 || bytes.ContainsRune(value[k:], '\n') { // its quote is missing
			return i + 1 + k, true
		}
	}
	if len(n.attrs) < mostAttrs {
		n.attrs = append(n.attrs, attr{string(name), text(value)})
	}
	return i + 1 + length + 1, true
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// text resolves the references of a value, bounded, as valid UTF-8.
func text(raw []byte) string {
	raw = raw[:min(len(raw), mostText)]
	if bytes.IndexByte(raw, '&') < 0 {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	var b strings.Builder
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			b.Write(raw)
			break
		}
		b.Write(raw[:i])
		raw = raw[i:]
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = reference(string(raw[1:end]))
		}
		if !ok {
			b.WriteByte('&')
			raw = raw[1:]
			continue
		}
		b.WriteRune(r)
		raw = raw[end+1:]
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

var entities = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

func reference(name string) (rune, bool) {
	if r, ok := entities[name]; ok {
		return r, true
	}
	digits, base := "", 10
	if d, ok := strings.CutPrefix(name, "#x"); ok {
		digits, base = d, 16
	} else if d, ok := strings.CutPrefix(name, "#"); ok {
		digits = d
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
