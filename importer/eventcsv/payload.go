package eventcsv

import (
	"encoding/json"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// mostDepth is how deep the objects of a payload may be nested.
const mostDepth = 16

// appendPayload appends the data of EvtxECmd's Payload, which is EventData or
// UserData as JSON: {"EventData":{"Data":[{"@Name":"a","#text":"b"},…]}}. What
// is no such JSON adds nothing: the rest of the row stands.
func appendPayload(dst []event.Field, text string) []event.Field {
	p := payloadReader{s: text, out: dst}
	if p.value("", 0) && p.space() == 0 {
		return p.out
	}
	return append(dst, event.Field{Name: "Payload", Value: text})
}

// payloadReader walks over JSON. A name and a text of one object are a field;
// any other text is a field under its key.
type payloadReader struct {
	s   string
	i   int
	out []event.Field
}

// space goes over white space and returns what comes next, or 0.
func (p *payloadReader) space() byte {
	for p.i < len(p.s) && record.Blank(p.s[p.i]) {
		p.i++
	}
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// value reads one value, whose key is given.
func (p *payloadReader) value(key string, depth int) bool {
	if depth > mostDepth || len(p.out) > record.MaxFields {
		return false
	}
	switch p.space() {
	case '{':
		return p.object(key, depth)
	case '[':
		return p.array(key, depth)
	case '"':
		v, ok := p.text()
		p.add(key, v)
		return ok
	}
	from := p.i
	for p.i < len(p.s) && strings.IndexByte(",]} \t\r\n", p.s[p.i]) < 0 {
		p.i++
	}
	v := p.s[from:p.i]
	if v == "null" {
		p.add(key, "")
	} else {
		p.add(key, v)
	}
	return v != ""
}

// add adds a field, but for attributes and for what no log writes.
func (p *payloadReader) add(key, v string) {
	if key != "" && key[0] != '@' && !(key == "Binary" && v == "") {
		p.out = append(p.out, event.Field{Name: strings.TrimPrefix(key, "#"), Value: v})
	}
}

func (p *payloadReader) array(key string, depth int) bool {
	p.i++
	if p.space() == ']' {
		p.i++
		return true
	}
	for {
		if !p.value(key, depth+1) {
			return false
		}
		switch p.space() {
		case ',':
			p.i++
		case ']':
			p.i++
			return true
		default:
			return false
		}
	}
}

func (p *payloadReader) object(key string, depth int) bool {
	p.i++
	if p.space() == '}' {
		p.i++
		return true
	}
	name, text, named := "", "", false
	for {
		k, ok := p.text()
		if !ok || p.space() != ':' {
			return false
		}
		p.i++
		switch {
		case (k == "@Name" || k == "#text") && p.space() == '"':
			v, ok := p.text()
			if !ok {
				return false
			}
			if k == "@Name" {
				name, named = v, true
			} else {
				text, named = v, true
			}
		case !p.value(k, depth+1):
			return false
		}
		switch p.space() {
		case ',':
			p.i++
			if p.space() != '"' {
				return false
			}
		case '}':
			p.i++
			if named {
				if name == "" {
					name = key
				}
				p.add(name, text)
			}
			return true
		default:
			return false
		}
	}
}

// text reads a string.
func (p *payloadReader) text() (string, bool) {
	if p.space() != '"' {
		return "", false
	}
	from, escaped := p.i, false
	for p.i++; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\\':
			escaped = true
			p.i++
		case '"':
			p.i++
			if !escaped {
				return p.s[from+1 : p.i-1], true
			}
			return unescapeJSON(p.s[from+1 : p.i-1])
		}
	}
	return "", false
}

// escapes are what a letter stands for behind a backslash.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescapeJSON is the text of a string; the rare ones with code points are
// left to encoding/json.
func unescapeJSON(s string) (string, bool) {
	if strings.Contains(s, `\u`) {
		var v string
		err := json.Unmarshal([]byte(`"`+s+`"`), &v)
		return v, err == nil
	}
	b := make([]byte, 0, len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return string(append(b, s...)), i < 0
		}
		c := escapes[s[i+1]]
		if c == 0 {
			return "", false
		}
		b = append(append(b, s[:i]...), c)
		s = s[i+2:]
	}
}
