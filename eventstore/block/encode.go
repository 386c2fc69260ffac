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

// encode writes a column in about the shortest way: which that is, a sample of
// the values tells.
func encode(values []int64) []byte {
	if len(values) == 0 {
		return []byte{constant, 0}
	}
	n := runsOf(values)
	if n == 1 {
		return binary.AppendVarint([]byte{constant}, values[0])
	}
	at, steps := sample(values)
	var ways [][]byte
	if n <= len(values)/2 {
		ways = append(ways, appendRuns([]byte{runs}, values))
	}
	if !diverse(at) {
		ways = append(ways, appendListed([]byte{listed}, values))
	}
	byValue, byStep := chooseFrame(at), chooseFrame(steps)
	if byStep.cost < byValue.cost {
		ways = append(ways, appendPacked([]byte{deltas}, differences(values), byStep))
	} else {
		ways = append(ways, appendPacked([]byte{packed}, values, byValue))
	}
	best := ways[len(ways)-1]
	for _, b := range ways {
		if b != nil && len(b) < len(best) {
			best = b
		}
	}
	return best
}

// runsOf is how many times a value begins to follow itself.
func runsOf(values []int64) int {
	n := 1
	for i := 1; i < len(values); i++ {
		if values[i] != values[i-1] {
			n++
		}
	}
	return n
}

// appendRuns writes each run as the difference from the run before and its
// length.
func appendRuns(out []byte, values []int64) []byte {
	last, from := int64(0), 0
	for i := 1; i <= len(values); i++ {
		if i < len(values) && values[i] == values[from] {
			continue
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
func appendPacked(out []byte, values []int64, f frame) []byte {
	base, width := f.base, f.width
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

// frame is from where distances are counted and how many bits one takes.
type frame struct {
	base        int64
	width, cost int // in bits; the cost is of all values
}

// chooseFrame chooses what makes the values, which ascend, short. The least of
// all may be an outlier itself, so some that few are below are tried too.
func chooseFrame(ascending []int64) frame {
	best := frameFrom(ascending, ascending[0])
	for _, part := range []int{64, 8} {
		if f := frameFrom(ascending, ascending[len(ascending)/part]); f.cost < best.cost {
			best = f
		}
	}
	return best
}

func frameFrom(values []int64, base int64) frame {
	var n [65]int // how many take so many bits
	for _, v := range values {
		n[bits.Len64(uint64(v)-uint64(base))]++
	}
	best, far := frame{base, 64, 64 * len(values)}, 0
	for w := 64; w >= 0; w-- {
		if c := w*len(values) + far; w <= widest && c < best.cost {
			best.width, best.cost = w, c
		}
		far += n[w] * (outlier + w)
	}
	return best
}

// sampled is about how many values are looked at to choose how a column is
// written.
const sampled = 512

// sample is some of the values and what they are more than those before them,
// both ascending.
func sample(values []int64) (at, steps []int64) {
	every := max(len(values)/sampled, 1)
	at = make([]int64, 0, 2*sampled)
	steps = make([]int64, 0, 2*sampled)
	for i := every - 1; i < len(values); i += every {
		at = append(at, values[i])
		if i > 0 {
			steps = append(steps, values[i]-values[i-1])
		}
	}
	slices.Sort(at)
	slices.Sort(steps)
	return at, steps
}

// diverse says whether most of the values, which ascend, differ.
func diverse(ascending []int64) bool {
	return len(ascending) > 64 && runsOf(ascending) > len(ascending)/2
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
