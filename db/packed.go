package db

import (
	"encoding/binary"
	"errors"
	"math"

	"escutcheon/detection"
)

// windows are what a finding comes to in single windows. The newest ones stand
// in the finding's own row, so that a finding that grows is one row to write;
// those up to a start are rows of finding_window.
type windows struct {
	list []window // in the finding's row, by start
	rows int64    // windows that start later are not in rows
}

type window struct {
	start int64
	part
}

// What a finding's own row holds of windows at most.
const (
	mostWindows     = 8
	mostWindowBytes = 2 << 10
)

// noRows and allRows are windows.rows where no window is in a row of its own,
// and where all are.
const noRows, allRows = math.MinInt64, math.MaxInt64

// at is a window in the finding's row.
func (w *windows) at(start int64) *window {
	for i := range w.list {
		if w.list[i].start == start {
			return &w.list[i]
		}
	}
	return nil
}

// put adds a window that starts after rows, or takes its place.
func (w *windows) put(one window) {
	i := len(w.list)
	for i > 0 && w.list[i-1].start >= one.start {
		i--
	}
	if i < len(w.list) && w.list[i].start == one.start {
		w.list[i] = one
		return
	}
	w.list = append(w.list, window{})
	copy(w.list[i+1:], w.list[i:])
	w.list[i] = one
}

// spill takes the first windows out of the finding's row that it has no place
// for.
func (w *windows) spill() (out []window) {
	n, size := 0, 0
	for i := len(w.list) - 1; i >= 0; i-- {
		if size += len(w.list[i].state); size > mostWindowBytes || len(w.list)-i > mostWindows {
			n = i + 1
			break
		}
	}
	if n > 0 {
		w.rows = max(w.rows, w.list[n-1].start)
	}
	out, w.list = w.list[:n:n], w.list[n:]
	return out
}

// pack is how windows are stored beside what the finding comes to in all.
// Nothing is stored where all are in rows.
func (w *windows) pack(total *part) []byte {
	if w.rows == allRows {
		return nil
	}
	b := binary.AppendVarint(make([]byte, 0, 64), w.rows)
	for i := range w.list {
		one := &w.list[i]
		b = binary.AppendVarint(b, one.start)
		if one.part == *total { // most findings have one window
			b = append(b, 0)
			continue
		}
		b = append(binary.AppendUvarint(b, uint64(len(one.state))), one.state...)
		for _, n := range [...]int64{one.count, one.first - one.start, one.last - one.start, one.change} {
			b = binary.AppendVarint(b, n)
		}
	}
	return b
}

var errPacked = errors.New("what a finding comes to in its windows cannot be read")

// unpackWindows is the inverse of pack. Older versions stored all windows in
// rows; those of a finding start no later than that of its last event.
func unpackWindows(b []byte, total *part) (w windows, err error) {
	if len(b) == 0 {
		return windows{rows: detection.WindowOf(total.last).Start}, nil
	}
	next := func() int64 {
		v, n := binary.Varint(b)
		if n <= 0 {
			b, err = nil, errPacked
			return 0
		}
		b = b[n:]
		return v
	}
	w.rows = next()
	for len(b) > 0 {
		one := window{start: next()}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return w, errPacked
		}
		one.state, b = string(b[n:n+int(size)]), b[n+int(size):]
		if size == 0 {
			one.part = *total
		} else {
			one.count, one.first, one.last, one.change = next(), one.start+next(), one.start+next(), next()
		}
		w.list = append(w.list, one)
	}
	return w, err
}
