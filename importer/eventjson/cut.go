package eventjson

import (
	"bytes"
	"slices"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// standing is the state between two objects: the lists that the reader is in,
// and what separated the objects.
type standing struct {
	stack string
	sep   byte
}

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	if len(r.stack) > 0 {
		r.sc.SkipBlank(',')
		return r.sc.Offset(), standing{string(r.stack), r.sep}, true
	}
	for {
		n, _ := r.separators()
		r.sc.Advance(n)
		if len(r.sc.Window()) > 0 || !r.sc.More() {
			return r.sc.Offset(), standing{"", r.sep}, true
		}
	}
}

// Resume is New for a reader that stands where a Cut said.
func Resume(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	st := s.(standing)
	return &reader{sc: sc, opt: opt, names: names{}, stack: []byte(st.stack), sep: st.sep}
}

// mostPairs and mostBetween bound where NewCut looks for two objects that
// follow each other, and what stands between them.
const (
	mostPairs   = 64
	mostBetween = 256
)

// NewCut makes a record.Cut for a stream that begins with head: two objects are
// taken to be separated as the first ones in it are. It is nil when there are
// none.
func NewCut(head []byte, opt record.Options) record.Cut {
	r := &reader{sc: record.NewScannerAt(bytes.NewReader(head), record.UTF8, 0, len(head)), opt: opt, names: names{}}
	begin, end := -1, -1 // of the object before
	var e event.Event
	for range mostPairs {
		offset, s, _ := r.At()
		at := int(offset)
		if end >= 0 && at < len(head) && at-end < mostBetween {
			return cutAt(head[end-1:at], start(head[begin:end], head[at:]), s)
		}
		switch err := r.Next(&e); err.(type) {
		case nil:
			begin, end = int(e.Offset), int(e.Offset)+len(e.Raw)
		case *record.Rejected:
			end = -1
		default:
			return nil
		}
	}
	return nil
}

// start is how both objects start: their first name, where it is the same, else
// their first byte.
func start(a, b []byte) []byte {
	n := 1
	for n < min(len(a), len(b), mostBetween) && a[n] == b[n] {
		if n++; a[n-1] == ':' {
			return b[:n]
		}
	}
	return b[:1]
}

// cutAt cuts where an object seems to start behind what stands between two.
func cutAt(between, start []byte, s record.State) record.Cut {
	text := slices.Concat(between, start)
	return func(w []byte) (int, record.State) {
		i := bytes.Index(w, text)
		if i < 0 {
			return -1, nil
		}
		return i + len(between), s
	}
}
