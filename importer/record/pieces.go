package record

import (
	"bytes"
	"context"
	"io"

	"escutcheon/event"
)

// Pieces is a log that is cut into pieces, which may be read side by side. The
// records of the pieces that count, one piece after another, are those of the
// log read in one go.
type Pieces interface {
	// Next cuts the next piece off; io.EOF when there is none. Only one
	// goroutine calls it, and it may wait until pieces before are done with.
	// How the log ends, its last piece says.
	Next(ctx context.Context) (Piece, error)
}

// Piece is a stretch of a log. Read is called once, on any goroutine.
type Piece interface {
	// Read calls visit for each record: rejected is nil for an event, which is
	// valid until visit returns. It returns the piece that follows where that
	// is not the one cut next: those in between do not count. The error is
	// visit's, or how the log ends, io.EOF for one that is whole.
	Read(visit func(e *event.Event, rejected *Rejected) error) (next Piece, err error)
	// Counts says that the piece counts: all before it have been read.
	Counts()
	// Drop says that the piece is read, or does not count. It may be called
	// more than once.
	Drop()
	// Dropped is closed when the piece turns out not to count, for whoever
	// waits meanwhile.
	Dropped() <-chan struct{}
}

// State is what a Resumable knows between two records beside where it stands.
// It compares with ==.
type State any

// Resumable is a Reader that can go on where another one stands.
type Resumable interface {
	Reader
	// At is where in the file the reader stands between two calls of Next, and
	// its state. Readers that stand at one place of a stream in equal states
	// give the same from there on. It is not ok where no other reader may go on.
	At() (offset int64, s State, ok bool)
}

// Cut finds in w, a stretch of a stream as UTF-8, a place behind its start
// where a record seems to begin, and the state in which a reader stands there;
// at is below 0 when it sees none. To be wrong costs time and nothing else.
type Cut func(w []byte) (at int, s State)

// NewScannerAt returns a scanner over r, the rest of a file in the given
// encoding that begins at an offset. r is UTF-8 in any case; size is about how
// many bytes it gives, or a great number.
func NewScannerAt(r io.Reader, enc Encoding, offset int64, size int) *Scanner {
	s := &Scanner{r: r, wide: Wide(enc), buf: make([]byte, min(firstWindow, size+len(bom)+1)), off: offset}
	if offset == 0 {
		s.skipMark()
	}
	return s
}

// skipMark drops a byte order mark.
func (s *Scanner) skipMark() {
	for s.hi < len(bom) && s.More() {
		continue
	}
	if bytes.HasPrefix(s.Window(), bom) {
		s.Advance(len(bom))
	}
}

// AsUTF8 is a stream in the given encoding as UTF-8.
func AsUTF8(r io.Reader, enc Encoding) io.Reader {
	if Wide(enc) {
		return newTranscoder(r, enc)
	}
	return r
}

// FileBytes is how many bytes of a file in the given encoding text is, which
// AsUTF8 gave.
func FileBytes(text []byte, enc Encoding) int64 {
	if Wide(enc) {
		return 2 * units(text)
	}
	return int64(len(text))
}

// SkipBlank drops the blank bytes and those of also that the window starts
// with, reading on through them.
func (s *Scanner) SkipBlank(also byte) {
	for {
		w := s.Window()
		n := 0
		for n < len(w) && (Blank(w[n]) || w[n] == also) {
			n++
		}
		s.Advance(n)
		if n < len(w) || !s.More() {
			return
		}
	}
}

// Tally counts what a person should be told of a log; each format has its own.
type Tally [5]int64

// Add adds what was counted elsewhere.
func (t *Tally) Add(other Tally) {
	for i, n := range other {
		t[i] += n
	}
}

// Counting is a Reader that counts such things in what it has read.
type Counting interface{ Tally() Tally }
