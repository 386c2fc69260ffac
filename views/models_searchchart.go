package views

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// SearchChart are the numbers of a table as they are drawn.
type SearchChart struct {
	X      string
	Times  []time.Time // of the points; nil where they are Labels
	Labels []string
	Series []ChartSeries
	Left   int // series that are not drawn
	Points int // of the table; those drawn are the first ones
}

// ChartSeries is one line or set of columns; NaN where there is no number.
type ChartSeries struct {
	Name   string
	Values []float64
}

// The measures of a chart.
const (
	chartWidth  = 960
	chartHeight = 280
	chartLeft   = 64
	chartRight  = 16
	chartTop    = 12
	chartBase   = 236
)

func (c *SearchChart) points() int { return max(len(c.Times), len(c.Labels)) }

// columns says whether numbers are drawn as columns, else as lines.
func (c *SearchChart) columns() bool {
	return c.Times == nil || len(c.Series) == 1 && c.points() <= 200
}

// bounds are the least and the greatest number, with 0 among them.
func (c *SearchChart) bounds() (low, high float64) {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	return low, high
}

// chartTick is a place of an axis with its words.
type chartTick struct {
	At    float64
	Label string
}

// step is a round number of which there are a few up to a span.
func step(span float64) float64 {
	if span <= 0 || math.IsInf(span, 0) {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(span/4)))
	for _, f := range []float64{1, 2, 5, 10} {
		if span/(f*unit) <= 5 {
			return f * unit
		}
	}
	return 10 * unit
}

// scale is where a number stands, and the ticks of the numbers.
func (c *SearchChart) scale() (at func(float64) float64, ticks []chartTick) {
	low, high := c.bounds()
	every := step(high - low)
	low, high = math.Floor(low/every)*every, math.Ceil(high/every)*every
	if high == low {
		high = low + every
	}
	at = func(v float64) float64 { return chartBase - (v-low)/(high-low)*(chartBase-chartTop) }
	for i := 0; i <= 12 && low+float64(i)*every <= high+every/2; i++ {
		v := low + float64(i)*every
		ticks = append(ticks, chartTick{at(v), chartNumber(v)})
	}
	return at, ticks
}

// chartNumber is a number as an axis has it.
func chartNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return Num(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// x is where a point stands: by its time, or by its turn.
func (c *SearchChart) x(i int) float64 {
	const wide = chartWidth - chartLeft - chartRight
	n := c.points()
	if c.Times == nil || c.columns() || n < 2 {
		return chartLeft + (float64(i)+0.5)*wide/float64(n)
	}
	all := c.Times[n-1].Sub(c.Times[0])
	if all <= 0 {
		return chartLeft
	}
	return chartLeft + float64(c.Times[i].Sub(c.Times[0]))/float64(all)*wide
}

// xTicks are some of the points, with their words.
func (c *SearchChart) xTicks() (out []chartTick) {
	n := c.points()
	every := (n + 7) / 8
	for i := 0; i < n; i += max(every, 1) {
		out = append(out, chartTick{c.x(i), c.pointShort(i)})
	}
	return out
}

// pointShort is a point's name on the axis.
func (c *SearchChart) pointShort(i int) string {
	if c.Times == nil {
		room := (chartWidth - chartLeft - chartRight) / min(c.points(), 8)
		return VisibleShort(c.Labels[i], room/8)
	}
	n := len(c.Times)
	layout := "2006-01-02"
	if c.Times[n-1].Sub(c.Times[0]) < time.Duration(max(n, 2)-1)*24*time.Hour {
		layout = "01-02 15:04"
		if c.Times[n-1].Sub(c.Times[0]) < time.Hour {
			layout = "15:04:05"
		}
	}
	return c.Times[i].Format(layout)
}

// axis is what the axis of the points is.
func (c *SearchChart) axis() string {
	if c.Times == nil {
		return VisibleShort(c.X, 40)
	}
	return VisibleShort(c.X, 40) + ", UTC"
}

// point is a point's name in words.
func (c *SearchChart) point(i int) string {
	if c.Times == nil {
		return VisibleShort(c.Labels[i], 60)
	}
	return c.Times[i].UTC().Format("2006-01-02 15:04:05 UTC")
}

// line is the path of a series, broken where it has no number.
func (c *SearchChart) line(s ChartSeries, at func(float64) float64) string {
	var b strings.Builder
	pen := byte('M')
	for i, v := range s.Values {
		if math.IsNaN(v) {
			pen = 'M'
			continue
		}
		b.WriteByte(pen)
		b.WriteString(f1(c.x(i)) + " " + f1(at(v)))
		pen = 'L'
	}
	return b.String()
}

// marks is the path of the marks of a series: its shape at some of its points.
func (c *SearchChart) marks(k int, at func(float64) float64) string {
	var b strings.Builder
	every := max(c.points()/30, 1)
	for i, v := range c.Series[k].Values {
		if math.IsNaN(v) || i%every != k%every && c.points() > 1 {
			continue
		}
		x := c.x(i)
		if c.columns() {
			left, w := c.column(i, k)
			x = left + w/2
		}
		b.WriteString("M" + f1(x) + " " + f1(at(v)) + chartShapes[k%len(chartShapes)])
	}
	return b.String()
}

// chartShapes tell series apart without colour, with the dashes of their lines.
var chartShapes = []string{"m-3-3h6v6h-6Z", "m0-4l4 7h-8Z", "m0-4l4 4l-4 4l-4-4Z", "m0 4l-4-7h8Z", "m-3 0h6m-3-3v6",
	"m-3-3l6 6m0-6l-6 6"}

// column is where the column of a series stands at a point.
func (c *SearchChart) column(i, k int) (left, width float64) {
	room := float64(chartWidth-chartLeft-chartRight) / float64(c.points()) * 0.8
	width = room / float64(len(c.Series))
	return c.x(i) - room/2 + float64(k)*width, max(width-0.5, 0.5)
}

// title is what the chart shows.
func (c *SearchChart) title() string {
	names := make([]string, 0, 3)
	for _, s := range c.Series[:min(len(c.Series), 3)] {
		names = append(names, VisibleShort(or(s.Name, "(nothing)"), 40))
	}
	words := strings.Join(names, ", ")
	if len(c.Series) > 3 {
		words += " and " + strconv.Itoa(len(c.Series)-3) + " more"
	}
	return words + " by " + VisibleShort(c.X, 40)
}

// sentence says what the chart shows to who does not see it.
func (c *SearchChart) sentence() string {
	n := c.points()
	words := c.title() + ": " + Plural(int64(n), "point") + " from " + c.point(0) + " to " + c.point(n-1) + "."
	best, of, where := math.Inf(-1), 0, 0
	for k, s := range c.Series {
		for i, v := range s.Values {
			if v > best {
				best, of, where = v, k, i
			}
		}
	}
	if !math.IsInf(best, 0) {
		words += " The greatest is " + chartNumber(best)
		if len(c.Series) > 1 {
			words += " of " + VisibleShort(or(c.Series[of].Name, "(nothing)"), 40)
		}
		words += ", at " + c.point(where) + "."
	}
	if n < c.Points {
		words += " The first " + Num(int64(n)) + " of " + Num(int64(c.Points)) + " points are drawn."
	}
	if c.Left > 0 {
		words += " " + Num(int64(c.Left)) + " series with smaller sums are not drawn."
	}
	return words
}
