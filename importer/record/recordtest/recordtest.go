// Package recordtest holds readers of records to saying the same of the same
// bytes, however these come. What they are to say is their own tests' matter.
package recordtest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Both returns what a reader of in gives, a line each for its events and its
// rejections. A record that is in the window as a whole may be read in one
// look, one that comes byte by byte is not: where both differ, t fails.
func Both(t testing.TB, open func(*record.Scanner) record.Reader, in string) string {
	t.Helper()
	whole := all(open, strings.NewReader(in))
	if slow := all(open, iotest.OneByteReader(strings.NewReader(in))); slow != whole {
		t.Errorf("%.100s:\n%.500s\nbyte by byte:\n%.500s", in, whole, slow)
	}
	return whole
}

func all(open func(*record.Scanner) record.Reader, in io.Reader) string {
	rd := open(record.NewScanner(in, record.UTF8))
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			fmt.Fprintf(&b, "%+v\n", e)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%+v\n", rej)
		default:
			return b.String()
		}
	}
}
