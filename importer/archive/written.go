package archive

import "time"

// Times outside of these are no times at which a file was written.
var (
	firstWritten = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	lastWritten  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// sane is a time in UTC, zero where no file can have been written then.
func sane(t time.Time) time.Time {
	if t.Before(firstWritten) || t.After(lastWritten) {
		return time.Time{}
	}
	return t.UTC()
}

// written is sane of nanoseconds since 1970.
func written(nanos int64) time.Time { return sane(time.Unix(0, nanos)) }

// fromFileTime makes nanoseconds since 1970 of 100 ns since 1601; 0 for what they do not
// reach.
func fromFileTime(t uint64) int64 {
	const epoch, most = 116_444_736_000_000_000, 1 << 63 / 100
	if t <= epoch || t-epoch >= most {
		return 0
	}
	return int64(t-epoch) * 100
}

// written says when a member of a zip was written last; zoneless: by a clock of which the
// zip does not say where it stood.
func (h *zipHead) written() (at time.Time, zoneless bool) {
	if h.modified != 0 {
		return written(h.modified), false
	}
	if h.day == 0 {
		return at, false
	}
	month := time.Month(h.day >> 5 & 15)
	at = time.Date(1980+int(h.day>>9), month, int(h.day&31), int(h.clock>>11), int(h.clock>>5&63), int(h.clock&31)*2, 0,
		time.UTC)
	if at.Month() != month || h.day&31 == 0 || h.clock>>11 > 23 {
		return time.Time{}, false
	}
	return sane(at), true
}
