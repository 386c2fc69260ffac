package record

import (
	"bytes"
	"io"
	"strings"
)

// MaxRecord is the longest record in bytes of UTF-8. Windows writes none over 64
// KiB of UTF-16; the rest is for what escapes and shippers add.
const MaxRecord = 2 << 20

const (
	firstWindow = 256 << 10
	leastRead   = 64 << 10
	zeroRun     = 8
)

// Scanner is a window over a stream: it grows as a decoder asks for more, up
// to MaxRecord, and knows where in the file it starts. A UTF-16 stream is seen
// as UTF-8 while offsets stay those of the file. A byte order mark at the
// start is skipped.
type Scanner struct {
	r      io.Reader
	wide   bool // the file is UTF-16
	buf    []byte
	lo, hi int   // the window is buf[lo:hi]
	off    int64 // of buf[lo] in the file
	err    error
	zeroAt int    // nothing in buf[lo:zeroAt] starts a run of zero bytes
	text   string // all of buf, where that is one text
}

// NewScanner returns a scanner over r, which is in the given encoding.
func NewScanner(r io.Reader, enc Encoding) *Scanner {
	size := firstWindow
	if in, ok := r.(interface{ Len() int }); ok { // one record in memory, as a rule
		size = min(size, in.Len()+len(bom)+1)
	}
	s := &Scanner{r: r, wide: Wide(enc), buf: make([]byte, size)}
	if Wide(enc) {
		s.r = newTranscoder(r, enc)
	}
	s.skipMark()
	return s
}

// ScanText returns a scanner over text, which is whole and at most MaxRecord
// long: one record, which needs no window that grows.
func ScanText(text string) *Scanner {
	s := &Scanner{}
	s.Renew(text)
	return s
}

// Renew makes s what ScanText returns for text, in the memory that it has.
func (s *Scanner) Renew(text string) {
	text = strings.TrimPrefix(text, string(bom))
	text = text[:min(len(text), MaxRecord)]
	*s = Scanner{buf: append(s.buf[:0], text...), hi: len(text), err: io.EOF, text: text}
}

// Text is the first n bytes of the window as text that stays. Of one record it
// is a part of the text that was given; of a stream it is a copy, so that it
// keeps no more than itself in memory.
func (s *Scanner) Text(n int) string {
	if s.text != "" {
		return s.text[s.lo : s.lo+n]
	}
	return string(s.buf[s.lo : s.lo+n])
}

// Window is what is buffered. It is valid until the next More or Advance.
func (s *Scanner) Window() []byte { return s.buf[s.lo:s.hi] }

// Offset is where the window starts in the file.
func (s *Scanner) Offset() int64 { return s.off }

// Err is what ended the stream: io.EOF, another error, or nil while there may
// be more.
func (s *Scanner) Err() error { return s.err }

// Cut says whether the stream ended with an error other than io.EOF.
func (s *Scanner) Cut() bool { return s.err != nil && s.err != io.EOF }

// Full says whether the window is as long as a record may be.
func (s *Scanner) Full() bool { return s.hi-s.lo >= MaxRecord }

// More makes the window longer and says whether it is.
func (s *Scanner) More() bool {
	if s.err != nil || s.Full() {
		return false
	}
	s.makeRoom()
	for range 100 {
		n, err := s.r.Read(s.buf[s.hi:min(len(s.buf), s.lo+MaxRecord)]) // a window is never longer than a record
		s.hi += n
		s.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// makeRoom leaves at least leastRead bytes behind the window.
func (s *Scanner) makeRoom() {
	if len(s.buf)-s.hi >= leastRead {
		return
	}
	n := s.hi - s.lo
	to := s.buf
	if n > len(s.buf)/2 {
		to = make([]byte, 2*len(s.buf))
	} else if len(s.buf) > firstWindow && n < firstWindow/4 {
		to = make([]byte, firstWindow) // a long record is over
	}
	copy(to, s.buf[s.lo:s.hi])
	s.zeroAt = max(0, s.zeroAt-s.lo)
	s.buf, s.lo, s.hi = to, 0, n
}

// Advance drops the first n bytes of the window.
func (s *Scanner) Advance(n int) {
	if !s.wide {
		s.off += int64(n)
	} else {
		s.off += 2 * units(s.buf[s.lo:s.lo+n])
	}
	s.lo += n
}

// OffsetOf is where the n-th byte of the window is in the file.
func (s *Scanner) OffsetOf(n int) int64 {
	if !s.wide {
		return s.off + int64(n)
	}
	return s.off + 2*units(s.buf[s.lo:s.lo+n])
}

// Zeros is the position in the window of the first run of eight or more zero
// bytes, or -1. Text never holds one; a file that was cut often ends in one.
func (s *Scanner) Zeros() int {
	at := max(s.zeroAt, s.lo)
	for at < s.hi {
		i := bytes.IndexByte(s.buf[at:s.hi], 0)
		if i < 0 {
			at = s.hi
			break
		}
		at += i
		end := min(at+zeroRun, s.hi)
		run := at
		for run < end && s.buf[run] == 0 {
			run++
		}
		if run-at == zeroRun {
			s.zeroAt = at
			return at - s.lo
		}
		if run == s.hi { // perhaps a run that goes on
			break
		}
		at = run
	}
	s.zeroAt = at
	return -1
}

// BytesOf is how many bytes of the file w is, a stretch of the window.
func (s *Scanner) BytesOf(w []byte) int64 {
	if !s.wide {
		return int64(len(w))
	}
	return 2 * units(w)
}

// SkipZeros drops the zero bytes that the window starts with, however many,
// reading on through them. It returns how many bytes of the file these were.
func (s *Scanner) SkipZeros() int64 {
	from := s.off
	for {
		w := s.Window()
		n := 0
		for len(w)-n >= 4096 && bytes.Equal(w[n:n+4096], zeroPage[:]) {
			n += 4096
		}
		for n < len(w) && w[n] == 0 {
			n++
		}
		s.Advance(n)
		if n < len(w) || !s.More() {
			return s.off - from
		}
	}
}

var zeroPage [4096]byte
