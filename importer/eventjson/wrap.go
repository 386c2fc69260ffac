package eventjson

import (
	"bytes"

	"escutcheon/importer/record"
)

// Services put many events into one object, which may be as long as it likes.
// Such an object is entered: the reader goes from member to member until it
// comes to the list, and gives what is in it one by one. The stack holds what
// it is in: 'o' an object, of which it looks for the list, 'a' a list.

// lists are the members whose objects are events, or wrap them in turn.
var lists = map[string]bool{
	"records": true, "Records": true, "value": true, "results": true, "hits": true, "events": true, "Events": true,
	"documents": true,
	"logs":      true, "items": true, "rows": true, "alerts": true, "data": true, "Event": true, "result": true,
	"resourceLogs": true, "scopeLogs": true, "instrumentationLibraryLogs": true, "logRecords": true,
}

// holds are the members that hold such a list in an object of their own.
var holds = map[string]bool{"hits": true, "Events": true}

// early are the members that may come first in an object that has a list.
var early = map[string]bool{
	"took": true, "timed_out": true, "_shards": true, "_scroll_id": true, "pit_id": true, "preview": true,
	"init_offset": true,
	"resource":    true, "scope": true, "instrumentationLibrary": true, "schemaUrl": true, "group": true, "kind": true,
	"name":           true,
	"@odata.context": true, "Count": true, "count": true,
}

const (
	firstPeek   = 256      // for the first member's name
	mostPeek    = 64 << 10 // for the list's
	mostMembers = 64
	mostStack   = 16
)

// enter goes into the object that the window begins with if it has a list of
// events, which must come soon. Without any, its first member must be one that
// such objects have.
func (r *reader) enter(any bool) bool {
	if len(r.stack) >= mostStack {
		return false
	}
	if !any {
		key, _, ok := member(r.ensure(firstPeek), 1)
		if !ok {
			return false
		}
		if k := knownAs(key); !k.list && !k.early {
			return false
		}
	}
	if !listed(r.ensure(mostPeek), true) {
		return false
	}
	r.sc.Advance(1)
	r.stack = append(r.stack, 'o')
	r.midway = true
	return true
}

// listed says whether the object that w begins with has a list of objects, or,
// with deep, a member that has one.
func listed(w []byte, deep bool) bool {
	at := 1
	for range mostMembers {
		key, value, ok := member(w, at)
		if !ok {
			return false
		}
		if opens(w, value, key, deep) {
			return true
		}
		n := skip(w[value:])
		if n <= 0 {
			return false
		}
		at = value + n
	}
	return false
}

// opens says whether the member key, whose value is at w[at], is a list of
// objects or of nothing, or, with deep, holds one.
func opens(w []byte, at int, key []byte, deep bool) bool {
	switch {
	case at >= len(w):
		return false
	case w[at] == '[' && knownAs(key).list:
		at = blanks(w, at+1)
		return at < len(w) && (w[at] == '{' || w[at] == ']')
	case w[at] == '{' && deep && holds[string(key)]:
		return listed(w[at:], false)
	}
	return false
}

func blanks(w []byte, at int) int {
	for at < len(w) && record.Blank(w[at]) {
		at++
	}
	return at
}

// member reads a member's name at w[at], behind an optional comma, and where
// its value starts.
func member(w []byte, at int) (key []byte, value int, ok bool) {
	at = blanks(w, at)
	if at < len(w) && w[at] == ',' {
		at = blanks(w, at+1)
	}
	if at >= len(w) || w[at] != '"' {
		return nil, 0, false
	}
	n := skip(w[at:])
	if n <= 0 {
		return nil, 0, false
	}
	key = w[at+1 : at+n-1]
	at = blanks(w, at+n)
	if at >= len(w) || w[at] != ':' {
		return nil, 0, false
	}
	return key, blanks(w, at+1), true
}

// skip is how long the value is that w begins with: 0 when its end is not in
// w, -1 when it is none.
func skip(w []byte) int {
	var v value
	return v.end(w)
}

// value finds the end of any value in a window that grows.
type value struct{ b braces }

func (v *value) end(w []byte) int {
	if len(w) == 0 {
		return 0
	}
	s := within
	switch w[0] {
	case '{', '[':
		s = v.b.scan(w)
	case '"':
		v.b.at = max(v.b.at, 1)
		s = v.b.leave(w)
	default:
		n := bytes.IndexAny(w[:min(len(w), firstPeek)], ",}] \t\r\n")
		if n == 0 || n < 0 && len(w) >= firstPeek {
			return -1
		}
		return max(n, 0)
	}
	switch s {
	case whole:
		return v.b.at
	case torn:
		return -1
	}
	return 0
}

// step goes on within what was entered and says whether the window begins with
// an object of the list.
func (r *reader) step() bool {
	w := r.sc.Window()
	n := 0
	for n < len(w) && (record.Blank(w[n]) || w[n] == ',') {
		n++
	}
	r.sc.Advance(n)
	if n == len(w) {
		if !r.sc.More() {
			r.stack = r.stack[:0]
		}
		return false
	}
	list := r.stack[len(r.stack)-1] == 'a'
	switch c := w[n]; {
	case c == '{' && list:
		return !r.enter(false)
	case c == ']' && list, c == '}' && !list:
		r.stack = r.stack[:len(r.stack)-1]
		r.sc.Advance(1)
	case c == '"' && !list && r.pass():
	default:
		r.stack = r.stack[:0] // torn: what follows is looked at by itself
	}
	return false
}

// pass goes over one member, or into it if it is the list. It is false for
// what is no member.
func (r *reader) pass() bool {
	key, at, ok := member(r.ensure(4*firstPeek), 0)
	if !ok {
		return false
	}
	list, hold := knownAs(key).list, holds[string(key)]
	w := r.ensure(mostPeek)
	if at < len(w) && len(r.stack) < mostStack && (w[at] == '[' && list || w[at] == '{' && hold && listed(w[at:], false)) {
		kind := byte('a')
		if w[at] == '{' {
			kind = 'o'
		}
		r.sc.Advance(at + 1)
		r.stack = append(r.stack, kind)
		return true
	}
	var v value
	for {
		if n := v.end(r.sc.Window()[at:]); n > 0 {
			r.sc.Advance(at + n)
			return true
		} else if n < 0 || !r.sc.More() {
			return false
		}
	}
}
