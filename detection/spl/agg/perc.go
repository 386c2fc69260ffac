package agg

import (
	"cmp"
	"math"
	"slices"

	"escutcheon/detection/spl/value"
)

var (
	_ = RegisterNumbered("perc p exactperc upperperc", func(n float64) percentile { return percentile{percent: n} })
	_ = Alias("median", "perc", 50)
)

// percentile is the number below which so many percent of the numbers lie,
// between two of them in proportion.
type percentile struct {
	bag
	percent float64
}

func (p *percentile) Merge(o *percentile) { p.join(&o.bag) }

// many is a number that is there so many times.
type many struct {
	x float64
	n int64
}

func (p *percentile) Value() value.Value {
	var all []many
	total := int64(0)
	for _, v := range p.values() {
		if x, ok := value.ParseFloat(v); ok {
			all = append(all, many{x, p.count[v]})
			total += p.count[v]
		}
	}
	if total == 0 {
		return value.Null
	}
	slices.SortFunc(all, func(a, b many) int { return cmp.Compare(a.x, b.x) })
	rank := p.percent / 100 * float64(total-1)
	below := math.Floor(rank)
	x, y := nth(all, int64(below)), nth(all, int64(below)+1)
	return value.Num(x + (y-x)*(rank-below))
}

// nth is the i-th of all numbers, from 0; beyond the last it is the last.
func nth(all []many, i int64) float64 {
	for _, m := range all {
		if i -= m.n; i < 0 {
			return m.x
		}
	}
	return all[len(all)-1].x
}
