package eventxml

import (
	"bytes"

	"escutcheon/importer/record"
)

type kind int

const (
	none kind = iota
	opens
	closes
)

// where a scan is.
const (
	outside = iota // of CDATA and comments
	inCDATA
	inComment
)

// tags finds the tags of events in a window that grows: it goes on from where
// it stopped.
type tags struct {
	at    int // everything before is done
	in    int
	plain bool // comments and CDATA are text like any other
}

var (
	cdataEnd   = []byte("]]>")
	commentEnd = []byte("-->")
)

// next is the position of the next <Event or </Event, and which it is; for
// </Event, t.at is behind its >. With none, the window has to grow.
func (t *tags) next(w []byte) (int, kind) {
	for {
		if t.in != outside && !t.leave(w) {
			return 0, none
		}
		i := bytes.IndexByte(w[t.at:], '<')
		if i < 0 {
			t.at = len(w)
			return 0, none
		}
		t.at += i
		rest := w[t.at:]
		if len(rest) < len("<![CDATA[") { // the longest there is to look at
			return t.last(rest)
		}
		switch {
		case rest[1] == 'E':
			if isEvent(rest[1:]) {
				t.at += len("<Event")
				return t.at - len("<Event"), opens
			}
		case rest[1] == '/' && rest[2] == 'E' && isEvent(rest[2:]):
			if n := bytes.IndexByte(rest, '>'); n >= 0 {
				at := t.at
				t.at += n + 1
				return at, closes
			}
			return 0, none
		case t.plain:
		case rest[1] == '!' && string(rest[2:4]) == "--":
			t.in = inComment
			t.at += len("<!--")
			continue
		case rest[1] == '!' && string(rest[2:9]) == "[CDATA[":
			t.in = inCDATA
			t.at += len("<![CDATA[")
			continue
		}
		t.at++
	}
}

// last looks at what is too short to hold any tag but an </Event> or an
// <Event>; it waits with all else.
func (t *tags) last(rest []byte) (int, kind) {
	if len(rest) == len("</Event>") && string(rest) == "</Event>" {
		t.at += len(rest)
		return t.at - len(rest), closes
	}
	if len(rest) >= len("<Event>") && isEvent(rest[1:]) {
		t.at += len("<Event")
		return t.at - len("<Event"), opens
	}
	return 0, none
}

// leave goes behind the end of a comment or CDATA section, if w has it.
func (t *tags) leave(w []byte) bool {
	end := cdataEnd
	if t.in == inComment {
		end = commentEnd
	}
	i := bytes.Index(w[t.at:], end)
	if i < 0 {
		t.at = max(t.at, len(w)-len(end)+1)
		return false
	}
	t.at += i + len(end)
	t.in = outside
	return true
}

// isEvent says whether b begins with the name Event and its end.
func isEvent(b []byte) bool {
	if len(b) < 6 || string(b[:5]) != "Event" {
		return false
	}
	return record.Blank(b[5]) || b[5] == '>' || b[5] == '/'
}
