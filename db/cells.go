package db

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// marshal is a list of texts as JSON without HTML escapes. What is no UTF-8
// becomes U+FFFD.
func marshal(texts []string) string {
	n := 2
	for _, s := range texts {
		n += len(s) + 3
	}
	b := append(make([]byte, 0, n+n/16), '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, s)
	}
	return string(append(b, ']'))
}

// escapes are the letters after the backslash of what JSON escapes by one.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}

// escaped is its inverse.
var escaped = map[byte]byte{'"': '"', '\\': '\\', 'n': '\n', 'r': '\r', 't': '\t'}

func special(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

func appendQuoted(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		q, err := json.Marshal(s)
		if err != nil {
			panic(err) // a text always marshals
		}
		return append(b, q...)
	}
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if !special(c) {
			continue
		}
		b = append(b, s[from:i]...)
		if e, ok := escapes[c]; ok {
			b = append(b, '\\', e)
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		from = i + 1
	}
	return append(append(b, s[from:]...), '"')
}

// unmarshal is the inverse of marshal. Texts without escapes share the memory
// of the JSON.
func unmarshal(list string) ([]string, error) {
	if out, ok := split(list); ok {
		return out, nil
	}
	var out []string
	err := json.Unmarshal([]byte(list), &out)
	return out, err
}

// split is unmarshal for what is written without spaces and \u.
func split(list string) (out []string, ok bool) {
	if list == "[]" {
		return nil, true
	}
	out = make([]string, 0, strings.Count(list, `","`)+1)
	for rest := list; ; {
		if len(rest) < 2 || rest[0] != '[' && rest[0] != ',' || rest[1] != '"' || (rest[0] == '[') != (len(out) == 0) {
			return nil, false
		}
		s, after, ok := unquoted(rest[2:])
		if !ok {
			return nil, false
		}
		out = append(out, s)
		if rest = after; rest == "]" {
			return out, true
		}
	}
}

// unquoted is the text before the quote that ends it, and what is behind that.
func unquoted(s string) (text, rest string, ok bool) {
	var b []byte
	from := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && b == nil:
			return s[:i], s[i+1:], true
		case c == '"':
			return string(append(b, s[from:i]...)), s[i+1:], true
		case c == '\\' && i+1 < len(s):
			e, ok := escaped[s[i+1]]
			if !ok {
				return "", "", false
			}
			b = append(append(b, s[from:i]...), e)
			i++
			from = i + 1
		}
	}
	return "", "", false
}

// cells is unmarshal for a row; what is none has no cells.
func cells(row string) []string {
	out, err := unmarshal(row)
	if err != nil {
		return nil
	}
	return out
}
