package eventcsv

import (
	"bytes"
	"strings"
)

// found is what a cursor came to.
type found int

const (
	needMore found = iota // the window ends within the record
	wholeRow              // a line end
	tornRow               // a quotation mark that stands where none can
)

// cursor walks over one record in a window that grows. It goes on from where
// it stopped.
type cursor struct {
	at     int
	loose  bool // a quotation mark that closes nothing is never passed over
	looked int  // up to where the start of another row was looked for
	quoted bool // within quotation marks
	inside bool // within a field, so that a quotation mark is text
	multi  bool // a line end was passed
	lines  int  // up to where line ends were looked for
}

// next walks on to the end of the record. With last, the window is all there
// is.
func (c *cursor) next(w []byte, delim byte, last bool) found {
	for {
		if c.quoted {
			if f := c.leave(w, delim, last); f != wholeRow {
				return f
			}
			continue
		}
		for ; c.at < len(w); c.at++ {
			b := w[c.at]
			switch {
			case b == '\n':
				return wholeRow
			case b == delim:
				c.inside = false
				continue
			case b == '"' && !c.inside:
				c.quoted = true
			}
			c.inside = true
			if c.quoted {
				c.at++
				break
			}
		}
		if !c.quoted {
			return needMore
		}
	}
}

// leave goes behind the quotation mark that closes the field; wholeRow says
// that it did.
func (c *cursor) leave(w []byte, delim byte, last bool) found {
	for {
		i := bytes.IndexByte(w[c.at:], '"')
		if i < 0 {
			c.at = len(w)
			return needMore
		}
		c.at += i
		if c.at+1 == len(w) && !last {
			return needMore
		}
		if c.at+1 < len(w) {
			b := w[c.at+1]
			if b == '"' {
				c.at += 2
				continue
			}
			if b != delim && b != '\n' && b != '\r' && (c.loose || c.pastLine(w)) {
				return tornRow
			}
		}
		c.at++
		c.quoted = false
		return wholeRow
	}
}

// line is where the line begins that the cursor is in; 0 when it was passed
// over before.
func (c *cursor) line(w []byte) int {
	from := min(c.looked, c.at)
	i := bytes.LastIndexByte(w[from:c.at], '\n')
	if i < 0 {
		return 0
	}
	return from + i + 1
}

// pastLine says whether the record has a line end before the cursor.
func (c *cursor) pastLine(w []byte) bool {
	if !c.multi {
		c.multi = bytes.IndexByte(w[c.lines:c.at], '\n') >= 0
		c.lines = c.at
	}
	return c.multi
}

// split appends the values of one record to dst. A quotation mark within a
// value that does not begin with one is text, and so is what follows the one
// that closes a value. With most values it stops.
func split(dst []string, row string, delim byte, most int) []string {
	for len(dst) < most {
		if row == "" || row[0] != '"' {
			i := strings.IndexByte(row, delim)
			if i < 0 {
				return append(dst, row)
			}
			dst, row = append(dst, row[:i]), row[i+1:]
			continue
		}
		value, rest := unquote(row[1:])
		i := strings.IndexByte(rest, delim)
		if i < 0 {
			return append(dst, join(value, rest))
		}
		dst, row = append(dst, join(value, rest[:i])), rest[i+1:]
	}
	return dst
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + b
}

// unquote reads a value up to the quotation mark that closes it, and what
// follows that.
func unquote(s string) (value, rest string) {
	escaped := 0
	for i := 0; i < len(s); i++ {
		k := strings.IndexByte(s[i:], '"')
		if k < 0 {
			break
		}
		i += k
		if i+1 < len(s) && s[i+1] == '"' {
			escaped++
			i++
			continue
		}
		return unescape(s[:i], escaped), s[i+1:]
	}
	return unescape(s, escaped), ""
}

func unescape(s string, escaped int) string {
	if escaped == 0 {
		return s
	}
	b := make([]byte, 0, len(s)-escaped)
	for s != "" {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(b, s[:i+1]...)
		s = s[i+1:]
		if s != "" && s[0] == '"' {
			s = s[1:]
		}
	}
	return string(append(b, s...))
}
