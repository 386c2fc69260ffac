package stream

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

// Decoders are used again: a header of ten bytes may ask for all of MaxWindow,
// and an archive may hold a hundred thousand such.
var zstds, xzs sync.Pool

// Zstandard decompresses zstd in the goroutine that reads it, within MaxWindow.
func Zstandard(r io.Reader) (io.Reader, error) {
	d, ok := zstds.Get().(*zstd.Decoder)
	if ok {
		if err := d.Reset(r); err != nil {
			return nil, err
		}
	} else {
		var err error
		d, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(MaxWindow))
		if err != nil {
			return nil, err
		}
	}
	return &pooled{r: d, back: func() {
		if d.Reset(nil) == nil { // it keeps no reader
			zstds.Put(d)
		}
	}}, nil
}

// XZip decompresses xz within MaxWindow.
func XZip(r io.Reader) (io.Reader, error) {
	r = &source{r: r}
	z, ok := xzs.Get().(*xz.Reader)
	var err error
	if ok {
		err = z.Reset(r)
	} else {
		z, err = xz.NewReader(r, MaxWindow)
	}
	if err != nil {
		return nil, err
	}
	return &pooled{r: z, back: func() { xzs.Put(z) }}, nil
}

// pooled gives its decoder back at its first error, the end among them.
type pooled struct {
	r    io.Reader
	back func()
	err  error
}

func (p *pooled) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.r.Read(b)
	if err != nil {
		p.end(err)
	}
	return n, err
}

func (p *pooled) Close() error {
	if p.err == nil {
		p.end(io.EOF)
	}
	return nil
}

func (p *pooled) end(err error) {
	p.back()
	p.err, p.r, p.back = err, nil, nil
}
