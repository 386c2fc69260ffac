// Package fault holds the handful of coded errors that cross packages: what
// went wrong, as a sentence for the person in front of the screen, and which
// of a few kinds it is. web maps a kind to an HTTP status, main to an exit
// status; nobody else does. Errors that are nobody's fault but ours carry no
// code.
package fault

import (
	"errors"
	"fmt"
)

// Code is a kind of error.
type Code string

// The kinds. Internal is everything that carries no code.
const (
	Internal Code = "internal"
	NotFound Code = "not found"
	Invalid  Code = "invalid"
	Conflict Code = "conflict"
	TooLarge Code = "too large"
	Full     Code = "disk full"
	Busy     Code = "busy"
	Slow     Code = "too slow"
	ReadOnly Code = "read-only"
	Damaged  Code = "damaged"
)

// Error is a coded error. Sentence says what was wrong and what to do, in
// words that may be shown to anybody.
type Error struct {
	Code     Code
	Sentence string
}

func (e *Error) Error() string { return e.Sentence }

// New returns a coded error whose sentence is formatted as by fmt.Sprintf.
func New(c Code, format string, args ...any) error {
	return &Error{Code: c, Sentence: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first coded error in err's chain.
func CodeOf(err error) Code {
	if e := Find(err); e != nil {
		return e.Code
	}
	return Internal
}

// Wrap adds the name of the operation to *err, for use in a defer.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// Sentence is what an error tells a person: that of the first coded error in
// its chain, else its own text.
func Sentence(err error) string {
	if e := Find(err); e != nil {
		return e.Sentence
	}
	return err.Error()
}

// Find returns the first coded error in err's chain, else what it means to who
// Explains errors, or nil.
func Find(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	for _, f := range explain {
		if e := f(err); e != nil {
			return e
		}
	}
	return nil
}
