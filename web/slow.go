package web

import (
	"errors"
	"net/http"
	"time"
)

// pieceBytes and piecePatience are the least that a client must take: a piece
// of an answer in this time. One that takes less is cut.
const (
	pieceBytes    = 64 << 10
	piecePatience = 30 * time.Second
)

// cutSlow cuts clients that take nothing of an answer, or next to nothing:
// each holds a goroutine, and what is made for it.
func cutSlow(h http.Handler, patience time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &pieces{w, http.NewResponseController(w), patience}
		if out.extend(0) != nil { // what the connection's last answer has left
			return
		}
		h.ServeHTTP(out, r)
	})
}

// pieces writes piece by piece, and gives each some time.
type pieces struct {
	http.ResponseWriter
	ctrl     *http.ResponseController
	patience time.Duration
}

// extend gives what is written next some time; 0 any.
func (p *pieces) extend(d time.Duration) error {
	by := time.Time{}
	if d > 0 {
		by = time.Now().Add(d)
	}
	if err := p.ctrl.SetWriteDeadline(by); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

func (p *pieces) Write(b []byte) (n int, err error) {
	for {
		piece := b[n:min(len(b), n+pieceBytes)]
		if err := p.extend(p.patience); err != nil {
			return n, err
		}
		m, err := p.ResponseWriter.Write(piece)
		n += m
		if err != nil || n == len(b) {
			return n, err
		}
	}
}

// Unwrap is for http.ResponseController.
func (p *pieces) Unwrap() http.ResponseWriter { return p.ResponseWriter }
