package archive

import (
	"io"
	"time"
	"unicode/utf8"
)

// Member is one file in an archive, or in an archive in it.
type Member struct {
	// Index counts the members from 0 on. It stays the same when the archive
	// is walked again with the same options.
	Index int64

	// Name is what the archive that holds the member calls it: any valid
	// UTF-8, "../", "C:\", "CON" and control characters included. It names no
	// file of this machine.
	Name string

	// Path is Name after the names of the archives around it, joined with "!",
	// the outermost archive left out, and cut at MaxShown bytes. It is for
	// showing, and must be escaped.
	Path string

	Size      int64  // bytes as declared; -1 when the archive does not say
	Encrypted bool   // and Err says when it could not be decrypted
	Skip      string // why it has no bytes, as a sentence: a link, a device
	Err       error  // an *Error: why its bytes cannot be read

	Modified time.Time // when the file was written last; zero: the archive does not say
	Zoneless bool      // that is by a clock whose zone the archive does not say, told as if it were UTC

	From  float64 // how much of the archive lies before it, 0 to 1
	Outer int64   // which member of the outermost archive it is or lies in, from 1

	r    io.Reader
	x    extent
	open bool
}

// To is how much of the archive is done with, 0 to 1, once the member has been
// read.
func (m *Member) To() float64 { return m.x.end() }

// MaxShown is how long a Path is at most, in bytes.
const MaxShown = 1000

// Open gives the member's bytes, once, until visit returns. A member that is
// compressed itself (x.evtx.gz) comes as it is. Reading ends with io.EOF when
// the whole member was read and its checksum was right; any other error is
// the context's, the device's, or an *Error.
func (m *Member) Open() (io.Reader, error) {
	switch {
	case m.Err != nil:
		return nil, m.Err
	case m.Skip != "":
		return nil, &Error{What: m.Skip, Err: ErrNone}
	case m.open || m.r == nil:
		return nil, ErrOnce
	}
	m.open = true
	return m.r, nil
}

// shown cuts a name for showing, between two characters.
func shown(name string, most int) string {
	if len(name) <= most {
		return name
	}
	n := most - len("…")
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n] + "…"
}

// quoted is a name as a sentence may hold it. Used with %q.
func quoted(name string) string { return shown(name, 200) }
