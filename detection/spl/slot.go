package spl

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Limits on what one aggregate keeps. They are applied so that the order of
// events does not matter.
const (
	// maxValues is how many distinct values values() and the like keep: the
	// first in the order of bytes. dc() is exact up to there, and an estimate
	// beyond.
	maxValues = 10_000
	// maxListed is how many values list() keeps, as Splunk's limits have it.
	maxListed = 100
)

// slot is what one aggregate keeps of the events of a row. Whether all values
// are numbers is known only at the end, so min and max keep both orders.
type slot struct {
	N    int64    `json:"n,omitempty"` // values
	Text bytes    `json:"t,omitempty"` // min, max: first or last value as text; earliest, …: the value
	Num  bytes    `json:"d,omitempty"` // min, max: least or greatest number; "" when there is none
	NaN  bool     `json:"x,omitempty"` // min, max: some value is no number
	At   int64    `json:"a,omitempty"` // earliest, latest, first, last: where Text is from
	Sum  *big.Int `json:"u,omitempty"` // sum, avg, …: in billionths
	Sq   *big.Int `json:"q,omitempty"` // stdev, …: of the squares
	Set  bag      `json:"v,omitempty"` // values, mode, perc: how often each value is there
	Hash hashes   `json:"h,omitempty"` // dc
	List listed   `json:"l,omitempty"` // list
}

// kindOf says which member of a slot an aggregate uses.
func kindOf(fn string) string {
	switch fn {
	case "min", "max", "count", "list", "dc":
		return fn
	case "earliest", "latest", "first", "last", "earliest_time", "latest_time":
		return "best"
	case "sum", "avg":
		return "sum"
	case "sumsq", "stdev", "stdevp", "var", "varp":
		return "square"
	case "range":
		return "range"
	}
	return "set" // values, mode, perc
}

// add counts one value in, n times: t is its event's time, pos its place in
// the order of input.
func (s *slot) add(fn, v string, t, pos, n int64) {
	if fn == "count" {
		s.N += n
		return
	}
	one := slot{N: 1, Text: bytes(v), At: t}
	switch kindOf(fn) {
	case "min", "max":
		if _, ok := value.ParseDecimal(v); ok {
			one.Num = bytes(v)
		} else {
			one.NaN = true
		}
	case "best":
		if fn == "first" || fn == "last" {
			one.At = pos
		}
	case "sum", "square", "range":
		x, ok := billionths(v)
		if !ok {
			return
		}
		one = slot{N: n, Sum: x}
		if kindOf(fn) == "range" {
			one.Sq = x
			break
		}
		one.Sum = new(big.Int).Mul(x, big.NewInt(n))
		if kindOf(fn) == "square" {
			one.Sq = new(big.Int).Mul(new(big.Int).Mul(x, x), big.NewInt(n))
		}
	case "dc":
		one = slot{N: 1}
		s.Hash = s.Hash.add(hashText(v))
		s.N++
		return
	case "list":
		s.N += n
		for range min(n, maxListed) {
			s.List = s.List.add(item{pos, bytes(v)})
		}
		return
	case "set":
		s.N += n
		s.Set = s.Set.add(v, n)
		return
	}
	s.merge(fn, one)
}

func (s *slot) merge(fn string, o slot) {
	if o.N == 0 {
		return
	}
	if s.N == 0 && fn != "list" && fn != "dc" && kindOf(fn) != "set" {
		*s = o
		return
	}
	s.N += o.N
	switch kindOf(fn) {
	case "min", "max":
		s.mergeExtreme(fn, o)
	case "best":
		early := fn == "earliest" || fn == "first" || fn == "earliest_time"
		if o.At == s.At && o.Text < s.Text || o.At != s.At && (o.At < s.At) == early {
			s.At, s.Text = o.At, o.Text
		}
	case "sum":
		s.Sum = new(big.Int).Add(s.Sum, o.Sum)
	case "square":
		s.Sum, s.Sq = new(big.Int).Add(s.Sum, o.Sum), new(big.Int).Add(s.Sq, o.Sq)
	case "range":
		if o.Sum.Cmp(s.Sum) < 0 {
			s.Sum = o.Sum
		}
		if o.Sq.Cmp(s.Sq) > 0 {
			s.Sq = o.Sq
		}
	case "dc":
		for h := range o.Hash {
			s.Hash = s.Hash.add(h)
		}
	case "list":
		for _, i := range o.List {
			s.List = s.List.add(i)
		}
	case "set":
		for v, n := range o.Set {
			s.Set = s.Set.add(v, n)
		}
	}
}

func (s *slot) mergeExtreme(fn string, o slot) {
	s.NaN = s.NaN || o.NaN
	if o.Text != s.Text && (fn == "min") == (o.Text < s.Text) {
		s.Text = o.Text
	}
	if o.Num != "" && (s.Num == "" || betterNumber(fn, string(o.Num), string(s.Num))) {
		s.Num = o.Num
	}
}

// betterNumber says whether a goes before b as fn's result. Numbers that are
// equal but written differently are told apart by their text, so that the
// order of events does not matter.
func betterNumber(fn, a, b string) bool {
	x, _ := value.ParseDecimal(a)
	y, _ := value.ParseDecimal(b)
	c := x.Compare(y)
	if c == 0 {
		return a < b
	}
	return (fn == "min") == (c < 0)
}

// billionths reads a number as a whole number of 1e-9, so that sums do not
// depend on the order. Larger numbers than 1e30 are none.
func billionths(s string) (*big.Int, bool) {
	s = strings.TrimSpace(s)
	n, ok := value.ParseDecimal(s)
	if !ok {
		f, isFloat := value.ParseFloat(s)
		if !isFloat || math.Abs(f) > 1e30 {
			return nil, false
		}
		n, _ = value.ParseDecimal(strconv.FormatFloat(f, 'f', 9, 64))
	}
	neg, whole, frac := n.Parts()
	if len(whole) > 30 {
		return nil, false
	}
	x, ok := new(big.Int).SetString(whole+(frac + "000000000")[:9], 10)
	if ok && neg {
		x.Neg(x)
	}
	return x, ok
}

func hashText(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}

// bag counts distinct values; nil is empty.
type bag map[string]int64

func (b bag) add(v string, n int64) bag {
	if b == nil {
		b = bag{}
	}
	b[v] += n
	if len(b) > 2*maxValues {
		b.cut()
	}
	return b
}

// cut leaves the first maxValues. As it is done on the union, whatever the
// order, what is left is the same; only the counts of those that come close to
// the end and go may differ, and they are not there in the end.
func (b bag) cut() {
	keys := b.sorted()
	for _, k := range keys[min(maxValues, len(keys)):] {
		delete(b, k)
	}
}

func (b bag) sorted() []string {
	keys := make([]string, 0, len(b))
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// hashes are those of the distinct values; of more than maxValues the least.
type hashes map[uint64]struct{}

func (h hashes) add(x uint64) hashes {
	if h == nil {
		h = hashes{}
	}
	h[x] = struct{}{}
	if len(h) > 2*maxValues {
		for _, k := range h.sorted()[maxValues:] {
			delete(h, k)
		}
	}
	return h
}

func (h hashes) sorted() []uint64 {
	out := make([]uint64, 0, len(h))
	for k := range h {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// count is how many distinct values there were: exact up to maxValues, beyond
// that estimated from how far the least hashes reach.
func (h hashes) count() int64 {
	if len(h) <= maxValues {
		return int64(len(h))
	}
	kth := h.sorted()[maxValues-1]
	return int64(float64(maxValues-1) / (float64(kth) / (1 << 64)))
}

// item is one value of list() and where it stood in the input.
type item struct {
	Pos int64 `json:"p"`
	V   bytes `json:"v"`
}

// listed are the first values, in order.
type listed []item

func (l listed) add(x item) listed {
	i, _ := slices.BinarySearchFunc(l, x, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(string(a.V), string(b.V)))
	})
	if i >= maxListed {
		return l
	}
	l = slices.Insert(l, i, x)
	return l[:min(len(l), maxListed)]
}
