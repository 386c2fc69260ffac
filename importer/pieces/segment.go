package pieces

import (
	"io"
	"sync/atomic"

	"escutcheon/importer/record"
)

// segment is a stretch of the stream in memory. The segments are a list, which
// the cutter makes longer; what no reader needs any more is garbage.
type segment struct {
	data  atomic.Pointer[[]byte] // nil when nobody needs it any more
	start int64                  // in the file
	end   int64                  // likewise
	piece *piece                 // that begins here, as it seems; nil: none was found
	freed atomic.Bool            // its place was given back

	next  *segment      // valid once ready is closed
	err   error         // where there is no next
	ready chan struct{} // closed when next or err is known
}

func newSegment(data []byte, start int64, enc record.Encoding) *segment {
	s := &segment{start: start, end: start + record.FileBytes(data, enc), ready: make(chan struct{})}
	s.data.Store(&data)
	return s
}

// follower is the next segment if it is there already.
func (s *segment) follower() *segment {
	select {
	case <-s.ready:
		return s.next
	default:
		return nil
	}
}

// chain reads from a segment on to the end of the stream, a segment at a time.
type chain struct {
	p  *piece
	at *segment
	of *segment // whose bytes are left
	b  []byte   // that were not read yet
}

// Read waits for segments that are not there yet.
func (c *chain) Read(b []byte) (int, error) {
	for len(c.b) == 0 {
		if c.of == c.at {
			if err := c.p.wait(c.at); err != nil {
				return 0, err
			}
			if c.at.next == nil {
				return 0, c.at.err
			}
			c.at = c.at.next
		}
		data := c.at.data.Load()
		if data == nil { // only those that do not count come too late
			return 0, errDropped
		}
		c.of, c.b = c.at, *data
	}
	n := copy(b, c.b)
	c.b = c.b[n:]
	return n, nil
}

// wait waits until it is known what follows a segment. A piece that counts makes
// room for it where there is none.
func (p *piece) wait(s *segment) error {
	counts := p.counts
	for {
		select {
		case <-s.ready:
			return nil
		default:
		}
		select {
		case <-s.ready:
			return nil
		case <-counts:
			p.makeRoom(s)
			counts = nil
		case <-p.dropped:
			return errDropped
		}
	}
}

var _ io.Reader = (*chain)(nil)

// scan returns a scanner over the stream from a segment on.
func (c *chain) scan(enc record.Encoding) *record.Scanner {
	size := 0
	if data := c.at.data.Load(); data != nil {
		size = len(*data) // the last segment may be short
	}
	return record.NewScannerAt(c, enc, c.at.start, size)
}
