// Package sniff finds out what a stream of bytes is, from its content alone,
// and opens the decoder for it: how it is compressed, its encoding, its format.
// What is no log it names as well as it can. It has the table of all formats,
// from which the documentation and the console take their words. It decodes
// nothing itself.
package sniff

import (
	"bytes"
	"errors"
	"io"

	"escutcheon/importer/archive/stream"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
)

// HeadSize is how much of a stream is looked at, decompressed.
const HeadSize = 1 << 20

// Info is what a stream was found to be.
type Info struct {
	Format      Format
	Encoding    record.Encoding // "" when it is no text
	Compression string          // one of package stream's; "" when it is not compressed
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
	var info Info
	r, kind, err := stream.Decompress(r)
	info.Compression = kind
	if err != nil {
		return nil, info, err
	}
	head, err := readHead(r)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, info, err
	}
	if err != nil {
		r = failing{err}
	}
	if headOnly {
		r = io.LimitReader(r, HeadSize-int64(len(head)))
	}
	for i := range table {
		d := table[i].Decoder
		if d.NewBinary == nil || !d.Is(head) {
			continue
		}
		rd, err := d.NewBinary(head, r, opt)
		if u := (*Unknown)(nil); !errors.As(err, &u) {
			info.Format = table[i].ID
		}
		return rd, info, err
	}
	info.Format, info.Encoding, err = Detect(head)
	if err != nil {
		var u *Unknown
		if kind != stream.None && errors.As(err, &u) {
			u.What = "This is " + article(kind) + " file. Its content: " + u.What
		}
		return nil, info, err
	}
	opt.Encoding = info.Encoding
	sc := record.NewScanner(io.MultiReader(bytes.NewReader(head), r), info.Encoding)
	return spec(info.Format).Decoder.New(sc, opt), info, nil
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
