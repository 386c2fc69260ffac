package search

import (
	"cmp"
	"math"
	"slices"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// Picture are numbers over time or over texts, as a table of a search has them.
type Picture struct {
	X      string
	Times  []time.Time // of the points; nil where they are Labels
	Labels []string
	Series []Series
	Left   int // series that are not among them
	Points int // rows of the table, of which the picture may have the first ones
}

// Series are the numbers of one column; NaN where there is none.
type Series struct {
	Name   string
	Values []float64
}

// mostSeries is how many series a picture has, mostPoints how many numbers in all,
// mostLabels how many texts.
const (
	mostSeries = 12
	mostPoints = 3000
	mostLabels = 60
)

// Draws says whether the search asks for a chart.
func (s *Search) Draws() bool { return s.query.Plot() != nil }

// Picture is what a search for a chart came to, of all rows of its table; nil where it
// asks for none, or there is nothing to draw.
func (s *Search) Picture(columns []string, table []spl.Found) *Picture {
	plot := s.query.Plot()
	if plot == nil || !slices.Contains(columns, plot.X) || len(table) == 0 {
		return nil
	}
	p := &Picture{X: plot.X}
	timed := plot.X == "_time"
	if timed {
		table = sorted(table, plot.X, false)
	}
	places := p.places(table, timed, plot.By != "")
	if plot.By != "" {
		p.pivot(plot, table, places)
	} else {
		for _, c := range columns {
			if v, some := numbers(table, c); some && c != plot.X && len(p.Series) < 1000 {
				p.Series = append(p.Series, Series{c, v})
			}
		}
	}
	p.choose()
	if len(p.Series) == 0 || p.Points == 0 {
		return nil
	}
	p.cut()
	return p
}

// places are the points that rows are at: each at its own, unless equal ones are one.
func (p *Picture) places(table []spl.Found, timed, merged bool) []int {
	out := make([]int, len(table))
	seen := map[string]int{}
	for i, f := range table {
		v, _ := f.Row.Get(p.X)
		at, ok := seen[v]
		if !ok || !merged {
			at = p.Points
			seen[v] = at
			p.Points++
			if t, ok := value.ParseEpoch(v); ok && timed {
				p.Times = append(p.Times, t.UTC())
			}
			p.Labels = append(p.Labels, v)
		}
		out[i] = at
	}
	if len(p.Times) == p.Points {
		p.Labels = nil
	} else {
		p.Times = nil
	}
	return out
}

// numbers are those of a column: some says that there are, and nothing else.
func numbers(table []spl.Found, column string) (out []float64, some bool) {
	out = make([]float64, len(table))
	for i, f := range table {
		out[i] = math.NaN()
		v, ok := f.Row.Get(column)
		if !ok || v == "" {
			continue
		}
		n, ok := value.ParseFloat(v)
		if !ok || math.IsInf(n, 0) || math.IsNaN(n) {
			return nil, false
		}
		out[i], some = n, true
	}
	return out, some
}

// pivot makes a series of each value of a column.
func (p *Picture) pivot(plot *spl.Plot, table []spl.Found, places []int) {
	v, some := numbers(table, plot.Value)
	if !some {
		return
	}
	series := map[string]int{}
	for i, f := range table {
		name, _ := f.Row.Get(plot.By)
		at, ok := series[name]
		if !ok {
			if len(p.Series) == 1000 {
				continue
			}
			at = len(p.Series)
			series[name] = at
			values := make([]float64, p.Points)
			for k := range values {
				values[k] = math.NaN()
			}
			p.Series = append(p.Series, Series{name, values})
		}
		p.Series[at].Values[places[i]] = v[i]
	}
	slices.SortFunc(p.Series, func(a, b Series) int { return value.CompareText(a.Name, b.Name) })
}

// choose keeps the series with the greatest sums, in their order.
func (p *Picture) choose() {
	if p.Left = max(len(p.Series)-mostSeries, 0); p.Left == 0 {
		return
	}
	sum := func(s Series) (n float64) {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				n += math.Abs(v)
			}
		}
		return n
	}
	sums := make([]float64, len(p.Series))
	for i, s := range p.Series {
		sums[i] = sum(s)
	}
	order := make([]int, len(sums))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sums[b], sums[a]) })
	order = order[:mostSeries]
	slices.Sort(order)
	var kept []Series
	for _, i := range order {
		kept = append(kept, p.Series[i])
	}
	p.Series = kept
}

// cut keeps as many points as are drawn.
func (p *Picture) cut() {
	n := min(p.Points, max(mostPoints/len(p.Series), 1))
	if p.Times == nil {
		n = min(n, mostLabels)
		p.Labels = p.Labels[:n]
	} else {
		p.Times = p.Times[:n]
	}
	for i := range p.Series {
		p.Series[i].Values = p.Series[i].Values[:min(n, len(p.Series[i].Values))]
	}
}
