package agg

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"escutcheon/detection/spl/value"
)

var _ = Register("dc distinct_count estdc", func() distinct { return distinct{} })

// distinct is how many distinct values there are: exact up to MaxValues, an
// estimate beyond. It keeps the hashes of the values, of many the least.
type distinct struct {
	n      int64
	hashes map[uint64]struct{} // may have as many again that do not count
}

// maxHashes is how many hashes count: one more than MaxValues says that there
// were more.
const maxHashes = MaxValues + 1

func (d *distinct) Add(in Input) {
	d.n += in.N
	sum := sha256.Sum256([]byte(in.Text))
	d.put(binary.BigEndian.Uint64(sum[:]))
}

func (d *distinct) put(h uint64) {
	if d.hashes == nil {
		d.hashes = map[uint64]struct{}{}
	}
	d.hashes[h] = struct{}{}
	if len(d.hashes) > 2*maxHashes {
		least := d.least()
		d.hashes = make(map[uint64]struct{}, 2*maxHashes)
		for _, h := range least {
			d.hashes[h] = struct{}{}
		}
	}
}

func (d *distinct) Merge(o *distinct) {
	d.n += o.n
	for h := range o.hashes {
		d.put(h)
	}
}

// least are the hashes that count, in order.
func (d *distinct) least() []uint64 {
	all := make([]uint64, 0, len(d.hashes))
	for h := range d.hashes {
		all = append(all, h)
	}
	slices.Sort(all)
	return all[:min(len(all), maxHashes)]
}

// Value estimates from how far the least hashes reach: k-1 of them share the
// part of all 2^64 that lies below the k-th.
func (d *distinct) Value() value.Value {
	n := int64(len(d.hashes))
	if n > MaxValues {
		kth := d.least()[MaxValues-1]
		n = int64((MaxValues - 1) / (float64(kth) / (1 << 64)))
	}
	return value.Text(strconv.FormatInt(n, 10))
}

func (d *distinct) Encode(s *Stored) {
	s.N = d.n
	for _, h := range d.least() {
		s.H = binary.BigEndian.AppendUint64(s.H, h)
	}
}

func (d *distinct) Decode(s *Stored) error {
	if len(s.H) == 0 || len(s.H)%8 != 0 || len(s.H) > 8*maxHashes {
		return errors.New("there are no hashes, or too many, or a part of one")
	}
	d.n, d.hashes = s.N, make(map[uint64]struct{}, len(s.H)/8)
	for raw := s.H; len(raw) > 0; raw = raw[8:] {
		d.hashes[binary.BigEndian.Uint64(raw)] = struct{}{}
	}
	return nil
}
