package feed

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"escutcheon/importer"
	"escutcheon/intake"
)

// What requests may hold at most while they are read, all of them together.
const mostRead = 64 << 20

// silence is for how long a sender may send nothing, and slowest what it sends at
// least in each such stretch.
const (
	silence = 15 * time.Second
	slowest = 16 << 10
)

// room counts the bytes of bodies that are being read.
type room struct {
	mu   sync.Mutex
	held int
}

// take takes bytes; it is false where there is no room for them.
func (r *room) take(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held+n > mostRead {
		return false
	}
	r.held += n
	return true
}

// full says whether hardly anything more can be read.
func (r *room) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held > mostRead*9/10
}

func (r *room) give(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held -= n
}

// What a body may be wrong by.
var (
	errTooLong  = fmt.Errorf("what was sent is longer than %d MiB, unpacked: send less at a time", importer.MostFed>>20)
	errEncoding = errors.New("the Content-Encoding is none that is read: gzip, deflate, zstd or none")
	errBroken   = errors.New("what was sent broke off, or is not packed as it says")
	errSlow     = errors.New("what was sent came too slowly")
)

// body reads what a request brings, unpacked. The function that it returns gives the
// room back.
func (s *Server) body(w http.ResponseWriter, r *http.Request) (data []byte, free func(), err error) {
	held := 0
	free = func() { s.room.give(held); held = 0 }
	src, err := unpacked(r, &paced{r: r.Body, to: http.NewResponseController(w), now: time.Now})
	if err != nil {
		return nil, free, err
	}
	defer src.Close()
	var buf bytes.Buffer
	const step = 64 << 10
	for {
		if buf.Len()+step > held {
			if !s.room.take(step) {
				return nil, free, intake.ErrBusy
			}
			held += step
		}
		n, err := io.CopyN(&buf, src, step)
		switch {
		case buf.Len() > importer.MostFed:
			return nil, free, errTooLong
		case errors.Is(err, io.EOF) && n < step:
			return buf.Bytes(), free, nil
		case errors.Is(err, errSlow), errors.Is(err, os.ErrDeadlineExceeded):
			return nil, free, errSlow
		case err != nil:
			return nil, free, errBroken
		}
	}
}

// unpacked is a body without the compression that its header names.
func unpacked(r *http.Request, body io.Reader) (io.ReadCloser, error) {
	switch strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return io.NopCloser(body), nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, errBroken
		}
		return z, nil
	case "deflate":
		z, err := zlib.NewReader(body)
		if err != nil {
			return nil, errBroken
		}
		return z, nil
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(importer.MostFed),
			zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, errBroken
		}
		return z.IOReadCloser(), nil
	}
	return nil, errEncoding
}

// paced reads what comes at a pace, so that no sender holds what it takes.
type paced struct {
	r     io.Reader
	to    interface{ SetReadDeadline(time.Time) error }
	now   func() time.Time
	began time.Time
	came  int
}

func (p *paced) Read(b []byte) (int, error) {
	now := p.now()
	if p.began.IsZero() || now.Sub(p.began) > silence {
		if !p.began.IsZero() && p.came < slowest {
			return 0, errSlow
		}
		p.began, p.came = now, 0
	}
	if err := p.to.SetReadDeadline(now.Add(silence)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.came += n
	return n, err
}
