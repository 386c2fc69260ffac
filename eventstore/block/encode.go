package block

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// How a column is written: its first byte. A reader that does not know a way
// says that the block is damaged, so new ones need a new version.
const (
	constant = iota + 1 // one value
	runs                // values and how often each follows itself
	listed              // the values there are, and of each which it is
	packed              // distances from the least, but for outliers
	deltas              // as packed, of the differences
)

// encode writes a column in the shortest way.
func encode(values []int64) []byte {
	if len(values) == 0 {
		return []byte{constant, 0}
	}
	best := appendRuns([]byte{runs}, values)
	if len(best) == 0 { // one run
		return binary.AppendVarint([]byte{constant}, values[0])
	}
	for _, b := range [][]byte{
		appendListed([]byte{listed}, values),
		appendPacked([]byte{packed}, values),
		appendPacked([]byte{deltas}, differences(values)),
	} {
		if b != nil && len(b) < len(best) {
			best = b
		}
	}
	return best
}

// appendRuns writes each run as the difference from the run before and its
// length; nothing at all when there is but one.
func appendRuns(out []byte, values []int64) []byte {
	last, from := int64(0), 0
	for i := 1; i <= len(values); i++ {
		if i < len(values) && values[i] == values[from] {
			continue
		}
		if from == 0 && i == len(values) {
			return nil
		}
		out = binary.AppendUvarint(binary.AppendVarint(out, values[from]-last), uint64(i-from))
		last, from = values[from], i
	}
	return out
}

// mostListed is how many different values a list has at most.
const mostListed = 1 << 12

// appendListed writes the values there are in ascending order, and which of them
// each is; nil when they are too many.
func appendListed(out []byte, values []int64) []byte {
	if diverse(values) {
		return nil
	}
	index := map[int64]uint64{}
	for i, v := range values {
		if i > 0 && v == values[i-1] {
			continue
		}
		if index[v] = 0; len(index) > mostListed {
			return nil
		}
	}
	list := make([]int64, 0, len(index))
	for v := range index {
		list = append(list, v)
	}
	slices.Sort(list)
	out = binary.AppendUvarint(out, uint64(len(list)))
	last := int64(0)
	for i, v := range list {
		out = binary.AppendVarint(out, v-last)
		last, index[v] = v, uint64(i)
	}
	which := make([]uint64, len(values))
	for i, v := range values {
		if i > 0 && v == values[i-1] {
			which[i] = which[i-1]
		} else {
			which[i] = index[v]
		}
	}
	return appendBits(out, which, bits.Len(uint(len(list)-1)))
}

// differences are the values, each but the first less the one before.
func differences(values []int64) []int64 {
	out := make([]int64, len(values))
	last := int64(0)
	for i, v := range values {
		out[i], last = v-last, v
	}
	return out
}

// appendPacked writes the least of the values that are no outliers, how many bits
// the distance of each from it takes, the outliers, and the distances.
func appendPacked(out []byte, values []int64) []byte {
	base, width := frame(values)
	rest := make([]uint64, len(values))
	var far []byte
	n, last := 0, 0
	for i, v := range values {
		if rest[i] = uint64(v) - uint64(base); bits.Len64(rest[i]) > width {
			far = binary.AppendVarint(binary.AppendUvarint(far, uint64(i-last)), v)
			rest[i], last = 0, i
			n++
		}
	}
	out = append(binary.AppendVarint(out, base), byte(width))
	out = append(binary.AppendUvarint(out, uint64(n)), far...)
	return appendBits(out, rest, width)
}

// widest is the width of bits that a value has at most, but for whole ones: so
// many lie within eight bytes wherever they begin.
const widest = 56

// outlier is about how many bits one takes beyond those of its value.
const outlier = 16

// frame chooses the least value and the width that make the values short. The
// least of all may be an outlier itself, so some that few are below are tried too.
func frame(values []int64) (base int64, width int) {
	few := sample(values)
	base = slices.Min(values)
	least, width := cost(values, base)
	for _, part := range []int{64, 8} {
		if low := few[len(few)/part]; low != base {
			if c, w := cost(values, low); c < least {
				base, least, width = low, c, w
			}
		}
	}
	return base, width
}

// cost is how many bits the values take as distances from base, and of which
// width those are best.
func cost(values []int64, base int64) (least, width int) {
	var n [65]int // how many take so many bits
	for _, v := range values {
		n[bits.Len64(uint64(v)-uint64(base))]++
	}
	least, width = 64*len(values), 64
	far := 0
	for w := 64; w >= 0; w-- {
		if c := w*len(values) + far; w <= widest && c < least {
			least, width = c, w
		}
		far += n[w] * (outlier + w)
	}
	return least, width
}

// sampled is how many values are looked at to choose how a column is written.
const sampled = 256

// sample is some of the values, ascending.
func sample(values []int64) []int64 {
	step := max(len(values)/sampled, 1)
	out := make([]int64, 0, len(values)/step+1)
	for i := 0; i < len(values); i += step {
		out = append(out, values[i])
	}
	slices.Sort(out)
	return out
}

// diverse says whether hardly any of the values are equal.
func diverse(values []int64) bool {
	few := sample(values)
	n := len(few)
	return len(slices.Compact(few)) > n*3/4 && n > sampled/2
}

// appendBits writes the low bits of each value, one after another.
func appendBits(out []byte, values []uint64, width int) []byte {
	var held uint64
	n := 0
	for _, v := range values {
		held |= v << n
		if n += width; n >= 64 {
			out = binary.LittleEndian.AppendUint64(out, held)
			n -= 64
			held = v >> (width - n)
		}
	}
	for ; n > 0; n -= 8 {
		out = append(out, byte(held))
		held >>= 8
	}
	return out
}
