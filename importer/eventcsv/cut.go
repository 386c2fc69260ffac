package eventcsv

import (
	"bytes"
	"errors"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// standing is the state between two rows: the header line that they are below.
type standing struct{ header string }

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	at := r.sc.Offset()
	if r.d.header == nil || r.lost || r.strict > at {
		return at, nil, false
	}
	return at, standing{r.d.header.text}, true
}

// Resume is New for a reader that stands where a Cut said.
func Resume(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	h, _ := parseHeader(s.(standing).header, opt.Encoding) // which has made it before
	return &reader{sc: sc, opt: opt, d: decoder{header: h, opt: opt}}
}

// NewCut makes a record.Cut for a stream that begins with head. It is nil when
// no header line stands there.
func NewCut(head []byte, opt record.Options) record.Cut {
	r := &reader{sc: record.NewScannerAt(bytes.NewReader(head), record.UTF8, 0, len(head)), opt: opt}
	var e event.Event
	var rejected *record.Rejected
	for r.d.header == nil {
		if err := r.Next(&e); err != nil && !errors.As(err, &rejected) {
			return nil
		}
	}
	h := r.d.header
	return func(w []byte) (int, record.State) { return h.cut(w), standing{h.text} }
}

// cut is where a row seems to begin in w, or -1.
func (h *header) cut(w []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(w[at:], '\n')
		if i < 0 || at+i+1 == len(w) {
			return -1
		}
		at += i + 1
		if !h.tells() || !short(w[at:]) && begins(w[at:], h) {
			return at
		}
	}
}
