// Package inflate64 decompresses Deflate64, the Deflate with a window of
// 64 KiB that Windows writes into a zip when a file is larger than 2 GiB.
// Everything else about the zip is for others.
//
// Deflate64 differs from Deflate (RFC 1951) in this alone: distance codes 30
// and 31 stand for distances from 49,153 on, and length code 285 has 16 more
// bits.
package inflate64

import (
	"bufio"
	"errors"
	"io"
)

// ErrCorrupt is the error for what is no Deflate64.
var ErrCorrupt = errors.New("inflate64: corrupt data")

const window = 1 << 16

// reader decodes into a ring of the last 64 KiB and gives its bytes from there.
type reader struct {
	src  *bufio.Reader
	acc  uint64 // bits not used yet, the next one lowest
	have uint

	ring [window]byte
	read int // what was given of ring
	at   int // what was decoded of ring
	full bool

	stored int // bytes left of a stored block
	length int // of a copy under way
	dist   int
	coded  bool // in a block of codes
	last   bool // the block is the last
	lit    codes
	far    codes
	err    error
}

// NewReader decompresses r. What is cut short ends with io.ErrUnexpectedEOF.
func NewReader(r io.Reader) io.Reader { return &reader{src: bufio.NewReaderSize(r, 16<<10)} }

func (d *reader) Read(p []byte) (int, error) {
	for d.read == d.at {
		if d.at == window {
			d.at, d.read, d.full = 0, 0, true
		}
		if d.err != nil {
			return 0, d.err
		}
		d.err = d.step()
	}
	n := copy(p, d.ring[d.read:d.at])
	d.read += n
	return n, nil
}

// step decodes until the ring's end, or the block's.
func (d *reader) step() error {
	switch {
	case d.length > 0:
		d.copy()
		return nil
	case d.stored > 0:
		n, err := d.src.Read(d.ring[d.at:min(window, d.at+d.stored)])
		d.at += n
		d.stored -= n
		return cut(err)
	case d.coded:
		return d.symbols()
	case d.last:
		return io.EOF
	}
	return d.block()
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fill makes sure of n bits, up to 32.
func (d *reader) fill(n uint) error {
	for d.have < n {
		b, err := d.src.ReadByte()
		if err != nil {
			return cut(err)
		}
		d.acc |= uint64(b) << d.have
		d.have += 8
	}
	return nil
}

func (d *reader) bits(n uint) (int, error) {
	if err := d.fill(n); err != nil {
		return 0, err
	}
	v := int(d.acc & (1<<n - 1))
	d.acc >>= n
	d.have -= n
	return v, nil
}

// block reads the head of a block.
func (d *reader) block() error {
	head, err := d.bits(3)
	if err != nil {
		return err
	}
	d.last = head&1 != 0
	switch head >> 1 {
	case 0:
		return d.storedHead()
	case 1:
		d.coded = true
		return d.fixed()
	case 2:
		d.coded = true
		return d.dynamic()
	}
	return ErrCorrupt
}

func (d *reader) storedHead() error {
	if _, err := d.bits(d.have % 8); err != nil {
		return err
	}
	n, err := d.bits(16)
	if err != nil {
		return err
	}
	not, err := d.bits(16)
	if err != nil {
		return err
	}
	if n != not^0xffff {
		return ErrCorrupt
	}
	d.stored = n // and no bit was read ahead: never more than 23 are held
	return nil
}

// symbols decodes literals and copies.
func (d *reader) symbols() error {
	for d.at < window {
		s, err := d.lit.next(d)
		switch {
		case err != nil:
			return err
		case s < 256:
			d.ring[d.at] = byte(s)
			d.at++
			continue
		case s == 256:
			d.coded = false
			return nil
		case s > 285:
			return ErrCorrupt
		}
		if err := d.match(s - 257); err != nil {
			return err
		}
		d.copy()
	}
	return nil
}

// The bases and numbers of extra bits of lengths and distances.
var (
	lengthBase = [29]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
		163, 195, 227, 3}
	lengthExtra = [29]uint{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16}
)

func (d *reader) match(code int) error {
	more, err := d.bits(lengthExtra[code])
	if err != nil {
		return err
	}
	length := lengthBase[code] + more
	s, err := d.far.next(d)
	if err != nil {
		return err
	}
	dist := s + 1
	if s >= 4 {
		extra := uint(s-2) / 2
		if more, err = d.bits(extra); err != nil {
			return err
		}
		dist = 1 + (2+s&1)<<extra + more
	}
	if dist > window || dist > d.at && !d.full {
		return ErrCorrupt
	}
	d.length, d.dist = length, dist
	return nil
}

// copy repeats what came before, up to the ring's end.
func (d *reader) copy() {
	n := min(d.length, window-d.at)
	d.length -= n
	from := (d.at - d.dist) & (window - 1)
	if from < d.at && d.dist >= n {
		d.at += copy(d.ring[d.at:d.at+n], d.ring[from:])
		return
	}
	for range n {
		d.ring[d.at] = d.ring[from]
		d.at++
		from = (from + 1) & (window - 1)
	}
}
