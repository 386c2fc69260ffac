package importer

import (
	"bytes"

	"escutcheon/importer/record"
)

// lines counts the ends of lines in the bytes of a text that are written to it, which begin
// at its start.
type lines struct {
	enc  record.Encoding // "": it is no text
	n    int64
	half int // of a unit of UTF-16 that was cut: its first byte; -1: none
}

func newLines(enc record.Encoding) *lines { return &lines{enc: enc, half: -1} }

// next is the number of the line that begins, or goes on, behind what was written, from 1
// on; 0 of what has no lines.
func (l *lines) next() int64 {
	if l.enc == "" {
		return 0
	}
	return l.n + 1
}

// Write never fails.
func (l *lines) Write(p []byte) (int, error) {
	if !record.Wide(l.enc) {
		l.n += int64(bytes.Count(p, []byte("\n")))
		return len(p), nil
	}
	for _, b := range p {
		if l.half < 0 {
			l.half = int(b)
			continue
		}
		if l.enc == record.UTF16LE && l.half == '\n' && b == 0 || l.enc == record.UTF16BE && l.half == 0 && b == '\n' {
			l.n++
		}
		l.half = -1
	}
	return len(p), nil
}
