package spl

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"

	"escutcheon/detection/spl/value"
)

// value is an aggregate's result. It is null when there was no value.
func (s *slot) value(a Agg) value.Value {
	switch a.Func {
	case "count":
		return value.Text(strconv.FormatInt(s.N, 10))
	case "dc":
		return value.Text(strconv.FormatInt(s.Hash.count(), 10))
	}
	if s.N == 0 {
		return value.Null
	}
	switch a.Func {
	case "min", "max":
		if s.NaN {
			return value.Whole(string(s.Text))
		}
		return value.Whole(string(s.Num))
	case "earliest", "latest", "first", "last":
		return value.Whole(string(s.Text))
	case "earliest_time", "latest_time":
		return value.Text(value.FormatEpoch(s.At))
	case "sum":
		return value.Text(decimal(s.Sum))
	case "avg":
		return value.Num(s.ratio(s.Sum, 9))
	case "sumsq":
		return value.Num(s.ratio(s.Sq, 18) * float64(s.N))
	case "range":
		return value.Text(decimal(new(big.Int).Sub(s.Sq, s.Sum)))
	case "values":
		keys := s.Set.sorted()
		return value.ListOf(keys[:min(len(keys), maxValues)])
	case "list":
		var out []string
		for _, i := range s.List {
			out = append(out, string(i.V))
		}
		return value.ListOf(out)
	case "mode":
		return value.Text(s.Set.most())
	case "perc":
		return s.Set.percentile(a.Arg)
	}
	return s.spread(a.Func)
}

// decimal writes billionths.
func decimal(x *big.Int) string {
	whole, frac := new(big.Int).QuoRem(new(big.Int).Abs(x), big.NewInt(1e9), new(big.Int))
	out := whole.String()
	if frac.Sign() != 0 {
		f := strconv.FormatInt(1e9+frac.Int64(), 10)[1:]
		for f[len(f)-1] == '0' {
			f = f[:len(f)-1]
		}
		out += "." + f
	}
	if x.Sign() < 0 {
		out = "-" + out
	}
	return out
}

// ratio is x / 10^digits / N.
func (s *slot) ratio(x *big.Int, digits int64) float64 {
	d := new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)
	f, _ := new(big.Rat).SetFrac(x, d.Mul(d, big.NewInt(s.N))).Float64()
	return f
}

// spread is the variance or the standard deviation; those of one value, as a
// sample, are 0.
func (s *slot) spread(fn string) value.Value {
	n := big.NewInt(s.N)
	num := new(big.Int).Mul(s.Sq, n) // N·Σx² − (Σx)²
	num.Sub(num, new(big.Int).Mul(s.Sum, s.Sum))
	below := s.N
	if fn == "stdev" || fn == "var" {
		if below--; below == 0 {
			return value.Num(0)
		}
	}
	d := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	d.Mul(d, n).Mul(d, big.NewInt(below))
	f, _ := new(big.Rat).SetFrac(num, d).Float64()
	if fn == "stdev" || fn == "stdevp" {
		f = math.Sqrt(f)
	}
	return value.Num(f)
}

// most is the most frequent value, of several the first.
func (b bag) most() string {
	best, n := "", int64(-1)
	for _, k := range b.sorted() {
		if b[k] > n {
			best, n = k, b[k]
		}
	}
	return best
}

// percentile is the value below which p percent of the numbers lie, between
// two of them in proportion.
func (b bag) percentile(p float64) value.Value {
	type entry struct {
		x float64
		n int64
	}
	var all []entry
	total := int64(0)
	for k, n := range b {
		if x, ok := value.ParseFloat(k); ok {
			all = append(all, entry{x, n})
			total += n
		}
	}
	if total == 0 {
		return value.Null
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.x, b.x) })
	at := func(i int64) float64 {
		for _, e := range all {
			if i -= e.n; i < 0 {
				return e.x
			}
		}
		return all[len(all)-1].x
	}
	rank := p / 100 * float64(total-1)
	lo := math.Floor(rank)
	x, y := at(int64(lo)), at(int64(lo)+1)
	return value.Num(x + (y-x)*(rank-lo))
}

// MarshalJSON writes the values in order, each with its count.
func (b bag) MarshalJSON() ([]byte, error) {
	type pair struct {
		V bytes `json:"v"`
		N int64 `json:"n"`
	}
	keys := b.sorted()
	out := make([]pair, 0, len(b))
	for _, k := range keys[:min(len(keys), maxValues)] {
		out = append(out, pair{bytes(k), b[k]})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *bag) UnmarshalJSON(data []byte) error {
	var pairs []struct {
		V bytes `json:"v"`
		N int64 `json:"n"`
	}
	if err := json.Unmarshal(data, &pairs); err != nil {
		return err
	}
	*b = bag{}
	for _, p := range pairs {
		if p.N < 0 {
			return errors.New("a count is negative")
		}
		(*b)[string(p.V)] += p.N
	}
	return nil
}

// MarshalJSON writes the hashes in order, eight bytes each.
func (h hashes) MarshalJSON() ([]byte, error) {
	var raw []byte
	all := h.sorted()
	for _, x := range all[:min(len(all), maxValues+1)] {
		raw = binary.BigEndian.AppendUint64(raw, x)
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(raw))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *hashes) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(raw)%8 != 0 {
		return errors.New("the hashes cannot be read")
	}
	*h = hashes{}
	for ; len(raw) > 0; raw = raw[8:] {
		(*h)[binary.BigEndian.Uint64(raw)] = struct{}{}
	}
	return nil
}
