package archive

import "io"

// extent is a stretch of the outermost archive: between from and to, both from
// 0 to 1, or as far as now says that it has been read.
type extent struct {
	from, to float64
	now      func() float64
}

// overhead is what a member weighs besides its bytes: that of one without any
// takes its time too.
const overhead = 4096

// weight is what a member of a declared size weighs among others.
func weight(size int64) float64 { return float64(max(0, size)) + overhead }

// end is where the extent ends, as far as is known.
func (x extent) end() float64 {
	if x.now != nil {
		return x.now()
	}
	return x.to
}

// of is the extent of a member of the container whose extent this is.
func (x extent) of(e *entry) extent {
	if x.now != nil {
		return extent{from: x.now(), now: x.now}
	}
	wide := x.to - x.from
	return extent{from: x.from + wide*e.from, to: x.from + wide*e.to}
}

// inside is the extent of a container that lies in this one, of size bytes of
// which m counts what is read. One with a list has been read whole by now.
func (x extent) inside(c container, m *meter, size int64) extent {
	if _, tar := c.(*tarball); !tar {
		return extent{from: x.from, to: x.end()}
	}
	if x.now != nil || size <= 0 {
		return x
	}
	return extent{now: func() float64 {
		return x.from + (x.to-x.from)*min(1, float64(m.n)/float64(size))
	}}
}

// fileExtent is that of a tar which is a file of size bytes.
func fileExtent(r io.Seeker, size int64) extent {
	return extent{now: func() float64 {
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return 0
		}
		return part(at, size)
	}}
}

func part(n, of int64) float64 { return min(1, float64(n)/float64(max(1, of))) }
