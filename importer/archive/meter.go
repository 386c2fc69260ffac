package archive

import (
	"bytes"
	"errors"
	"io"

	"escutcheon/importer/archive/stream"
)

// meter counts what is unpacked and stops at the limits and when the context
// is done.
type meter struct {
	w      *walker
	r      io.Reader
	name   string
	n      int64
	packed int64     // compressed bytes of this stream; below 1: not known
	from   *recorder // or where they are counted
	free   bool      // counted again when its members are read
	err    error
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if m.err = m.w.ctx.Err(); m.err != nil {
		return 0, m.err
	}
	if m.err = m.w.over; m.err != nil {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	if !m.free {
		m.w.total += int64(n)
	}
	if m.err = m.check(); m.err != nil {
		return 0, m.err
	}
	m.err = own(err, m.name)
	return n, m.err
}

// check is the limit that is met, or nil.
func (m *meter) check() error {
	w := m.w
	if max(w.total, m.n) > w.opt.Total {
		w.over = errorf(ErrLimit,
			"The archive unpacks to more than %d bytes, which is the limit. Unpack it and import the logs in it.", w.opt.Total)
		return w.over
	}
	if w.total > w.opt.Floor && w.total/w.opt.Ratio > w.size {
		w.over = errorf(ErrLimit, "The archive of %d bytes unpacks to more than %d times its size, as only archives made "+
			"to fill a disk do. If it is a log, unpack it and import that.", w.size, w.opt.Ratio)
		return w.over
	}
	packed := m.packed
	if m.from != nil {
		packed = m.from.n
	}
	if packed > 0 && m.n > w.opt.Floor && m.n/w.opt.Ratio > packed {
		if m.name != "" {
			return errorf(ErrLimit, "%q unpacks to more than %d times its size. If it is a log, unpack it and import that.",
				quoted(m.name), w.opt.Ratio)
		}
		w.over = errorf(ErrLimit, "The archive unpacks to more than %d times its size, as only archives made to fill a "+
			"disk do. If it is a log, unpack it and import that.", w.opt.Ratio)
		return w.over
	}
	return nil
}

// own makes an *Error of what a decoder says about a stream.
func own(err error, name string) error {
	var d *stream.Damaged
	if !errors.As(err, &d) {
		return err
	}
	if name == "" {
		return &Error{What: d.What, Err: io.ErrUnexpectedEOF}
	}
	return damaged("%q: %s", quoted(name), d.What)
}

// recorder keeps what is read, up to max bytes, until it is told to forget.
// Beyond max it ends, so that looking at a stream costs no more.
type recorder struct {
	r    io.Reader
	tape bytes.Buffer
	max  int
	n    int64
	on   bool // no longer recording
}

func (r *recorder) Read(p []byte) (int, error) {
	if r.on {
		n, err := r.r.Read(p)
		r.n += int64(n)
		return n, err
	}
	left := r.max - r.tape.Len()
	if left <= 0 {
		return 0, io.EOF
	}
	n, err := r.r.Read(p[:min(len(p), left)])
	r.n += int64(n)
	r.tape.Write(p[:n])
	return n, err
}

func (r *recorder) forget() { r.on, r.tape = true, bytes.Buffer{} }

func (r *recorder) played() io.Reader { return bytes.NewReader(r.tape.Bytes()) }

func replay(b []byte) io.Reader { return bytes.NewReader(b) }
