package markdown

import (
	"strings"
	"unicode/utf8"
)

// link is a text that leads to an address. The host is "" of a page of ours.
type link struct {
	text, address, host string
	mention             *Mention
}

// link writes a link: the reader sees the host, whatever the text says.
func (w *writer) link(l link) {
	if l.mention != nil {
		w.found = append(w.found, *l.mention)
	}
	if w.plain {
		w.escape(w.Builder, l.text)
		if l.text != l.address && l.mention == nil {
			w.escape(w.Builder, " ("+l.address+")")
		}
		return
	}
	w.put(`<a href="`)
	w.escape(w.Builder, l.address)
	w.put(`" rel="noopener noreferrer nofollow">`)
	w.escape(w.Builder, l.text)
	w.put("</a>")
	if l.host != "" && l.text != l.address {
		w.put(` <span class="host">(`)
		w.escape(w.Builder, l.host)
		w.put(")</span>")
	}
}

// bracket reads [text](address). An image is text.
func (l *liner) bracket(i int) int {
	rest := l.line[i+1:]
	n := strings.IndexAny(rest, "[]")
	if n <= 0 || blank(rest[:n]) || !strings.HasPrefix(rest[n:], "](") || i > 0 && l.line[i-1] == '!' {
		return 1
	}
	address := rest[n+2:]
	address = address[:addressLen(address)]
	end := i + 1 + n + 2 + len(address)
	host, ok := hostOf(address)
	if !ok || !strings.HasPrefix(l.line[end:], ")") {
		return 1
	}
	return l.add(i, end+1-i, span{link: &link{text: rest[:n], address: address, host: host}})
}

// address reads an address of the web that stands by itself.
func (l *liner) address(i int) int {
	rest := l.line[i:]
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") ||
		i > 0 && strings.IndexByte(word, l.line[i-1]) >= 0 {
		return 1
	}
	address := strings.TrimRight(rest[:addressLen(rest)], ".,;:!?*~")
	host, ok := hostOf(address)
	if !ok {
		return max(1, len(address))
	}
	return l.add(i, len(address), span{link: &link{text: address, address: address, host: host}})
}

// addressLen is how far an address goes: over the characters of one, with
// parentheses in pairs.
func addressLen(s string) int {
	open := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c >= 0x7f || strings.IndexByte("<>\"'`[]{}|\\^", c) >= 0:
			return i
		case c == '(':
			open++
		case c == ')':
			if open--; open < 0 {
				return i
			}
		}
	}
	return len(s)
}

// hostOf is the host of an address that may be followed: one of the web with a
// plain host and no login, or a path of ours.
func hostOf(address string) (host string, ok bool) {
	if strings.HasPrefix(address, "/") {
		return "", !strings.HasPrefix(address, "//")
	}
	_, rest, ok := strings.Cut(address, "://")
	if !ok || !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return "", false
	}
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		rest = rest[:n]
	}
	return rest, rest != "" && strings.Trim(rest, word+".-:") == "" && strings.IndexByte(word, rest[0]) >= 0
}

// mentions are what can be named, where it leads, and what a name of one is made of.
var mentions = []struct {
	kind, at string
	of       func(r byte) bool
}{
	{"host", "/hosts/", func(b byte) bool { return isWord(b) || b == '.' || b == '-' || b == '_' }},
	{"event", "/events/", func(b byte) bool { return b >= '0' && b <= '9' }},
	{"finding", "/findings/", isWord},
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// maxMention is the longest name of what is mentioned, in bytes.
const maxMention = 255

// mention reads @host:name and its like.
func (l *liner) mention(i int) int {
	if r, _ := utf8.DecodeLastRuneInString(l.line[:i]); i > 0 && inWord(r) {
		return 1 // an address of mail
	}
	for _, m := range mentions {
		rest, ok := strings.CutPrefix(l.line[i+1:], m.kind+":")
		if !ok {
			continue
		}
		n := 0
		for n < len(rest) && m.of(rest[n]) {
			n++
		}
		ref := strings.TrimRight(rest[:n], ".-_") // the end of a sentence
		after, _ := utf8.DecodeRuneInString(rest[n:])
		if ref == "" || len(ref) > maxMention || n < len(rest) && inWord(after) {
			return 1
		}
		text := l.line[i : i+1+len(m.kind)+1+len(ref)]
		return l.add(i, len(text), span{link: &link{text: text, address: m.at + ref, mention: &Mention{m.kind, ref}}})
	}
	return 1
}
