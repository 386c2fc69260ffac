// Package sniff finds out what a stream of bytes is, from its content alone,
// and opens the decoder for it: how it is compressed, its encoding, its format.
// What is no log it names as well as it can. It has the table of all formats,
// from which the documentation and the console take their words. It decodes
// nothing itself.
package sniff

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"escutcheon/importer/archive/stream"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/pieces"
	"escutcheon/importer/record"
)

// HeadSize is how much of a stream is looked at, decompressed.
const HeadSize = 1 << 20

// Info is what a stream was found to be.
type Info struct {
	Format      Format
	Encoding    record.Encoding // "" when it is no text
	Compression string          // one of package stream's; "" when it is not compressed
	Carrier     string          // in what file of another kind the log was found, "a packet capture (pcap)"; "" none
}

// Open looks at the start of r and returns the reader of its events. The
// error is an *Unknown for what is no log, or what reading r gave.
//
// A compressed stream that ends too early gives its whole records first and
// then a *stream.Damaged, which is io.ErrUnexpectedEOF.
func Open(r io.Reader, opt record.Options) (record.Reader, Info, error) {
	return opened(r, opt, false)
}

// opened is Open; with headOnly, the stream ends behind its head.
func opened(r io.Reader, opt record.Options, headOnly bool) (record.Reader, Info, error) {
	s, err := sniffed(r, headOnly)
	if err != nil {
		return nil, s.info, err
	}
	opt.Encoding = s.info.Encoding
	if s.d.New == nil {
		rd, err := s.d.NewBinary(s.head, s.r, opt)
		return rd, s.known(err), err
	}
	return s.d.New(record.NewScanner(s.whole(), s.info.Encoding), opt), s.info, nil
}

// OpenPieces is Open for a log that is read in pieces of about size bytes, of
// which readers are read side by side.
func OpenPieces(r io.Reader, opt record.Options, size, readers int) (record.Pieces, Info, error) {
	s, err := sniffed(r, false)
	if err != nil {
		return nil, s.info, err
	}
	opt.Encoding = s.info.Encoding
	if s.d.New == nil {
		p, err := s.d.BinaryPieces(s.head, s.r, opt, readers)
		return p, s.known(err), err
	}
	f := pieces.Format{New: s.d.New, Resume: s.d.Resume, Words: s.d.Words}
	if len(s.head) == HeadSize || len(s.head) > size { // else it is one piece
		f.Cut = s.d.NewCut(decoded(s.head, s.info.Encoding), opt)
	}
	return pieces.New(record.AsUTF8(s.whole(), s.info.Encoding), opt, f, size, readers), s.info, nil
}

// opening is a stream whose head was read, and what it is.
type opening struct {
	info Info
	d    *Decoder
	head []byte
	r    io.Reader // what is behind it
}

// whole is the stream from its start.
func (s *opening) whole() io.Reader { return io.MultiReader(bytes.NewReader(s.head), s.r) }

// known is what a binary stream is; nobody knows when opening it said so.
func (s *opening) known(err error) Info {
	if u := (*Unknown)(nil); errors.As(err, &u) {
		s.info.Format, s.info.Carrier = "", ""
	}
	return s.info
}

// sniffed finds out what r is.
func sniffed(r io.Reader, headOnly bool) (s opening, err error) {
	r, s.info.Compression, err = stream.Decompress(r)
	if err != nil {
		return s, err
	}
	s.head, err = readHead(r)
	if len(s.head) == 0 && err != nil && err != io.EOF {
		return s, err
	}
	if s.r = r; err != nil {
		s.r = failing{err}
	}
	if headOnly {
		s.r = io.LimitReader(s.r, HeadSize-int64(len(s.head)))
	}
	for i := range table {
		if d := table[i].Decoder; d.NewBinary != nil && d.Is(s.head) {
			s.d, s.info.Format = d, table[i].ID
			s.info.Carrier = carrier(s.head, s.info.Format, record.UTF8)
			return s, nil
		}
	}
	s.info.Format, s.info.Encoding, err = Detect(s.head)
	if err != nil {
		var u *Unknown
		if s.info.Compression != stream.None && errors.As(err, &u) {
			u.What = "This is " + article(s.info.Compression) + " file. Its content: " + u.What
		}
		return s, err
	}
	s.info.Carrier = carrier(s.head, s.info.Format, s.info.Encoding)
	s.d = spec(s.info.Format).Decoder
	return s, nil
}

// Decompressed is what r, a stream as Open takes it, holds under its
// compression.
func Decompressed(r io.Reader) (io.Reader, error) {
	r, _, err := stream.Decompress(r)
	return r, err
}

func article(kind string) string {
	if kind == stream.XZ {
		return "an " + kind
	}
	return "a " + kind
}

// firstLook is how many bytes are read at first: enough for a format that its
// signature tells.
const firstLook = 8 << 10

// readHead reads up to HeadSize bytes, and the error that came before. Of a
// log that its signature tells, no more is read than that takes.
func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, 0, firstLook)
	for len(head) < HeadSize {
		if len(head) == cap(head) {
			if len(head) == firstLook && evtxlog.Is(head) {
				break
			}
			head = append(make([]byte, 0, min(4*len(head), HeadSize)), head...)
		}
		n, err := r.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if err != nil {
			return head, err
		}
	}
	return head, nil
}

// failing gives its error at once.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// OpenAs returns the reader of the events of a text of which it is known what it is,
// in UTF-8, whatever its beginning looks like. EVTX is no text.
func OpenAs(f Format, r io.Reader, opt record.Options) (record.Reader, error) {
	s := spec(f)
	if s == nil || s.Decoder.New == nil {
		return nil, fmt.Errorf("there is no format of text %q", f)
	}
	opt.Encoding = record.UTF8
	return s.Decoder.New(record.NewScanner(r, record.UTF8), opt), nil
}
