package archive

import (
	"errors"
	"fmt"
	"io"
)

// Options says how an archive is read. What is zero has a default.
type Options struct {
	Password string // for encrypted members, "" when there is none

	// Temp makes a place for a zip or 7z inside another archive, which has to
	// be read at any offset. Close gives it back. Without Temp such an archive
	// is held in memory, up to 32 MiB.
	Temp func() (Temp, error)

	Total   int64 // bytes that all members together may unpack to; 256 GiB
	Ratio   int64 // bytes that one byte may unpack to, once Floor is passed; 1,000
	Floor   int64 // bytes that may always be unpacked; 256 MiB
	Members int64 // 100,000
	Depth   int   // archives in archives, the outermost counted; 3
}

// The defaults. Logs of repeated events shrink to a tenth or a thirtieth, those
// with long tails of zeros to a thousandth: deflate can do no better than
// 1,032 to 1. So the ratio is that of a file of zeros, and a log of zeros that
// Windows set aside passes by the floor, whose bytes cost a second to read.
const (
	defaultTotal   = 256 << 30
	defaultRatio   = 1000
	defaultFloor   = 256 << 20
	defaultMembers = 100_000
	defaultDepth   = 3
	inMemory       = 32 << 20
)

func (o *Options) fill() {
	for _, f := range []struct {
		v   *int64
		def int64
	}{{&o.Total, defaultTotal}, {&o.Ratio, defaultRatio}, {&o.Floor, defaultFloor}, {&o.Members, defaultMembers}} {
		if *f.v <= 0 {
			*f.v = f.def
		}
	}
	if o.Depth <= 0 {
		o.Depth = defaultDepth
	}
}

// Temp holds an archive that lies in another.
type Temp interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// What errors of this package are, for errors.Is.
var (
	ErrNone          = errors.New("this is no archive")
	ErrPassword      = errors.New("a password is needed")
	ErrWrongPassword = errors.New("the password is wrong")
	ErrLimit         = errors.New("a limit is met")
	ErrOffice        = errors.New("this is an Office document")
	ErrOverlap       = errors.New("members overlap")
	ErrMethod        = errors.New("the compression is not read") // or the encryption
	ErrOnce          = errors.New("a member is read once")
)

// Error is what a person is told. Err says what it is: one of the errors
// above, or io.ErrUnexpectedEOF for what is damaged.
type Error struct {
	What string // sentences
	Err  error
}

func (e *Error) Error() string { return e.What }

func (e *Error) Unwrap() error { return e.Err }

func errorf(is error, format string, args ...any) *Error {
	return &Error{What: fmt.Sprintf(format, args...), Err: is}
}

// damaged says what of a member or of an archive is missing.
func damaged(format string, args ...any) *Error {
	return errorf(io.ErrUnexpectedEOF, format, args...)
}
