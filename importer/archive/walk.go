package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
)

// walker goes through an archive and the archives in it.
type walker struct {
	ctx     context.Context
	opt     Options
	size    int64 // of the outermost archive
	visit   func(*Member) error
	folders *int64
	index   int64
	outer   int64           // members of the outermost archive, archives among them
	entries int64           // members and folders, those of archives inside too
	total   int64           // bytes unpacked
	over    error           // the limit of the whole archive that is met
	buffers []*bufio.Reader // one for each depth, as one member is read at a time
}

// walk visits the members of c, whose Path begins with prefix and which lies at
// x.
func (w *walker) walk(c container, prefix string, depth int, x extent) error {
	return c.each(func(e *entry) error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if w.entries++; w.entries > w.opt.Members {
			w.over = errorf(ErrLimit,
				"The archive holds more than %d members, which is the limit. Unpack it and import the logs in it.", w.opt.Members)
			return w.over
		}
		if e.folder {
			*w.folders++
			return nil
		}
		if depth == 1 {
			w.outer++
		}
		m := &Member{Name: e.name, Path: shown(prefix+e.name, MaxShown), Size: e.size, Encrypted: e.encrypted, Skip: e.skip,
			Modified: e.modified, Zoneless: e.zoneless, x: x.of(e)}
		m.From, m.Outer = m.x.from, w.outer
		if e.skip == "" {
			if done, err := w.look(e, m, depth); done || err != nil {
				return err
			}
		}
		return w.report(m)
	})
}

func (w *walker) buffer(depth int) *bufio.Reader {
	for len(w.buffers) < depth {
		w.buffers = append(w.buffers, bufio.NewReaderSize(nil, 4096))
	}
	return w.buffers[depth-1]
}

func (w *walker) report(m *Member) error {
	m.Index = w.index
	w.index++
	return w.visit(m)
}

// look opens a member. An archive is walked, and done says that this was all;
// anything else is left in m to be read.
func (w *walker) look(e *entry, m *Member, depth int) (done bool, err error) {
	r, err := e.open()
	if err != nil {
		m.Err = err
		return false, passing(err)
	}
	src := w.buffer(depth)
	read := &meter{w: w, r: r, packed: e.packed, name: e.name}
	src.Reset(read)
	m.r = src
	head, err := src.Peek(HeadSize)
	if errors.Is(err, ErrWrongPassword) || errors.Is(err, ErrMethod) { // anything else is said when it is read
		m.Err, m.r = err, nil
		return false, nil
	}
	c, free, err := w.inner(src, head, e, m, depth)
	if c == nil {
		if err != nil {
			m.Err, m.r = err, nil
		}
		return false, passing(err)
	}
	before := w.index
	err = w.walk(c, m.Path+"!", depth+1, m.x.inside(c, read, e.size))
	free()
	switch {
	case passing(err) != nil || w.over != nil || w.ctx.Err() != nil:
		return true, err
	case err != nil:
		m.Err, m.r = ownError(err, e.name), nil
		return false, nil
	case w.index == before:
		m.Skip, m.r = "This is an archive with no file in it.", nil
		return false, nil
	}
	return true, nil
}

// inner opens the archive that a member is, if it is one. Otherwise the
// container is nil and m.r gives the member's bytes.
func (w *walker) inner(src *bufio.Reader, head []byte, e *entry, m *Member,
	depth int) (c container, free func(), err error) {
	kind := Is(head)
	var t io.Reader
	if kind == "" {
		if t, _, m.r, err = w.unpackTar(src, src, -1); t == nil {
			return nil, nil, err
		}
		kind = Tar
	}
	if depth >= w.opt.Depth {
		return nil, nil, errorf(
			ErrLimit,
			"%q is an archive that lies %d archives deep, and %d is the limit. Unpack the outer archive and import this one.",
			quoted(e.name), depth+1, w.opt.Depth)
	}
	if kind == Tar {
		if t == nil {
			t = src
		}
		return &tarball{r: t}, func() {}, nil
	}
	at, size, free, err := w.spool(src, e.name)
	if err != nil {
		return nil, nil, err
	}
	c, err = w.random(kind, at, size)
	if err != nil {
		free()
		return nil, nil, ownError(err, e.name)
	}
	return c, free, nil
}

// spool makes r readable at any offset.
func (w *walker) spool(r io.Reader, name string) (io.ReaderAt, int64, func(), error) {
	if w.opt.Temp == nil {
		b, err := io.ReadAll(io.LimitReader(r, inMemory+1))
		if err != nil {
			return nil, 0, nil, err
		}
		if len(b) > inMemory {
			return nil, 0, nil, errorf(
				ErrLimit, "%q is an archive of more than %d MiB inside another. Unpack the outer archive and import this one.",
				quoted(name), inMemory>>20)
		}
		return bytes.NewReader(b), int64(len(b)), func() {}, nil
	}
	f, err := w.opt.Temp()
	if err != nil {
		return nil, 0, nil, &stopped{err}
	}
	n, err := io.Copy(f, r)
	if err != nil {
		_ = f.Close() // the first error is the one that tells
		if passing(err) != nil {
			err = &stopped{err} // the place is full or broken
		}
		return nil, 0, nil, err
	}
	return f, n, func() { _ = f.Close() }, nil // nothing is kept of it
}

// passing is err when it is no fault of the archive, and ends the walk.
func passing(err error) error {
	var own *Error
	if err == nil || errors.As(err, &own) {
		return nil
	}
	return err
}

// ownError says of which archive inside another err speaks.
func ownError(err error, name string) error {
	var own *Error
	if !errors.As(err, &own) {
		return err
	}
	return errorf(own.Err, "In the archive %q: %s", quoted(name), own.What)
}
