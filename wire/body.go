package wire

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"escutcheon/fault"
)

// Pace is the least that a client must send of what it announced.
type Pace struct {
	Silence time.Duration // for so long it may send nothing
	Window  time.Duration // in each such stretch of our waiting it sends
	Least   int64         // so many bytes
	Now     func() time.Time
}

// UsualPace ends what comes at less than a KiB a second.
var UsualPace = Pace{Silence: time.Minute, Window: time.Minute, Least: 60 << 10, Now: time.Now}

// Deadlines are set on what is read, as by http.ResponseController.
type Deadlines interface {
	SetReadDeadline(time.Time) error
}

// Begin gives every request that brings something some time, also where nobody reads
// it: net/http reads a rest before it answers the connection's next request.
func (p Pace) Begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(p.Now().Add(p.Silence)) // not without a connection
		}
		next.ServeHTTP(w, r)
	})
}

// Body reads what a client sends as long as it comes at a pace. That it does not,
// or is broken, is the client's fault and no error of ours; an end too soon stays
// io.ErrUnexpectedEOF.
func (p Pace) Body(r io.ReadCloser, to Deadlines) io.ReadCloser {
	return &body{ReadCloser: r, Pace: p, to: to}
}

type body struct {
	io.ReadCloser
	Pace
	to     Deadlines
	waited time.Duration // in this window
	came   int64         // and what came in it
}

func (b *body) Read(to []byte) (int, error) {
	if len(to) == 0 {
		return 0, nil
	}
	began := b.Now()
	if err := b.to.SetReadDeadline(began.Add(b.Silence)); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(to)
	b.waited += b.Now().Sub(began)
	b.came += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		if derr := b.to.SetReadDeadline(time.Time{}); derr != nil { // the answer may take its time
			return n, derr
		}
		return n, io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, tooSlow()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, err
	case err != nil:
		return n, fault.New(fault.Invalid, "What was sent broke off, or cannot be read. Send it again.")
	case b.waited < b.Window:
		return n, nil
	}
	if float64(b.came)*b.Window.Seconds() < float64(b.Least)*b.waited.Seconds() {
		return n, errors.Join(b.to.SetReadDeadline(time.Unix(1, 0)), tooSlow()) // the rest is not waited for either
	}
	b.waited, b.came = 0, 0
	return n, nil
}

func tooSlow() error {
	return fault.New(fault.Slow, "What was sent came too slowly, and was dropped. Send it again over a better connection.")
}
