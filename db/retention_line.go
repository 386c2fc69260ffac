package db

import (
	"context"
	"database/sql"
	"slices"

	"escutcheon/detection"
	"escutcheon/store"
)

// youngest is how old events are at least that go for the size: what came to be within a
// day stays, whatever else fills the file.
const youngest = 24 * 60 * 60

// aligned is a moment as a line: the beginning of a scheduled window, so that none is cut.
func aligned(second int64) int64 { return detection.WindowOf(second).Start }

// lineBy is the line that bounds give at a moment; noLine: nothing is too old or too much.
// With a size it is not before the one that is there.
func lineBy(ctx context.Context, q conn, k store.Keep, now int64) (line int64, err error) {
	line = noLine
	if k.Age > 0 {
		line = aligned(now - int64(k.Age.Seconds()))
	}
	if k.Size == 0 {
		return line, nil
	}
	is, err := readKeeping(ctx, q)
	if err != nil {
		return line, err
	}
	used, err := usedBytes(ctx, q)
	if err != nil {
		return line, err
	}
	line = max(line, is.line)
	if used <= k.Size {
		return line, nil
	}
	list, err := weighed(ctx, q)
	return max(line, lineFor(list, used-k.Size, line, aligned(now-youngest))), err
}

// weight is what a block weighs, and when its events were.
type weight struct{ first, last, bytes int64 }

// before is about how many bytes events before a moment have.
func (b *weight) before(second int64) int64 {
	switch {
	case second > b.last:
		return b.bytes
	case second <= b.first:
		return 0
	}
	return int64(float64(b.bytes) * (float64(second) - float64(b.first)) / (float64(b.last) - float64(b.first) + 1))
}

// weighed are the blocks that have events with a time.
func weighed(ctx context.Context, q conn) (out []weight, err error) {
	row, err := rowBytes(ctx, q)
	if err != nil {
		return nil, err
	}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var bytes int64
		b, err := scanInfo(prefixed{r, &bytes})
		if err == nil && b.summary.Live > 0 && b.summary.Timed {
			out = append(out, weight{b.summary.First, b.summary.Last, bytes})
		}
		return err
	}, `SELECT bytes, `+infoColumns+` FROM block JOIN (SELECT b.first AS of, `+weightOfBlock+`) ON of = first`, row)
}

// weightOfBlock are the bytes that a block takes, those (?1) of a row that is kept elsewhere
// being given.
const weightOfBlock = `ifnull(length(d.data), 0) + ifnull(length(c.data), 0) + ifnull(length(w.data), 0)
	+ CAST(ifnull(` + rowsOfBlock + `, 0) * ?1 AS INTEGER) AS bytes FROM block b LEFT JOIN block_at a ON a.first = b.first LEFT JOIN block_bytes d ON d.first = b.first LEFT JOIN block_columns c ON c.first = b.first
	LEFT JOIN block_words w ON w.first = b.first`

// prefixed is a row whose first column is somebody else's.
type prefixed struct {
	r     *sql.Rows
	first *int64
}

func (p prefixed) Scan(dst ...any) error { return p.r.Scan(slices.Insert(dst, 0, any(p.first))...) }

// lineFor is the first line, not behind most, before which so many bytes more lie than
// before another one; most where there are not so many.
func lineFor(list []weight, bytes, from, most int64) int64 {
	enough := func(line int64) bool {
		n := int64(0)
		for i := range list {
			n += list[i].before(line) - list[i].before(from)
		}
		return n >= bytes
	}
	if len(list) == 0 || !enough(most) {
		return most
	}
	low := most
	for i := range list {
		low = min(low, list[i].first)
	}
	for high := most; low < high; { // enough(high)
		if middle := low + (high-low)/2; enough(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return min(most, aligned(low+windowLength-1))
}

// windowLength is how far the beginnings of scheduled windows are apart.
const windowLength = 60 * 60
