package views

import (
	"math"
	"strconv"
	"strings"

	"escutcheon/views/picture"
)

// seriesColours are those of the page's series in light.
var seriesColours = []string{"#0a58a6", "#b34700", "#2f7d5b", "#8d1246", "#6b5bb5", "#59636d"}

// chartMarks are chartShapes, as a picture that stands alone draws them.
var chartMarks = []string{"M-3-3h6v6h-6Z", "M0-4l4 7h-8Z", "M0-4l4 4l-4 4l-4-4Z", "M0 4l-4-7h8Z", "M-3 0h6M0-3v6",
	"M-3-3l6 6M3-3l-6 6"}

// The legend of a picture: rows of so many names.
const (
	legendColumns = 3
	legendRow     = 20
)

// Scene is the chart as a picture that stands alone, with its legend and its sentence.
func (c *SearchChart) Scene() picture.Scene {
	rows := 0
	if len(c.Series) > 1 {
		rows = (len(c.Series) + legendColumns - 1) / legendColumns
	}
	s := scene{picture.Scene{Width: chartWidth + 2*scMargin, Height: scHead + chartHeight + scMargin + rows*legendRow,
		Title: c.title(), Desc: c.sentence()}}
	s.text(-scHead+26, 0, 15, inkColour, VisibleShort(s.Title, 120))
	s.Items[0].Bold = true
	at, ticks := c.scale()
	for _, t := range ticks {
		s.line("M"+strconv.Itoa(chartLeft)+" "+f1(t.At)+"H"+strconv.Itoa(chartWidth-chartRight), lineColour, 1, 0)
		s.endText(t.At+4, chartLeft-8, dimColour, t.Label, true)
	}
	for _, t := range c.xTicks() {
		s.line("M"+f1(t.At)+" "+strconv.Itoa(chartBase)+"v5", lineColour, 1, 0)
		s.endText(chartBase+18, t.At-float64(len(t.Label))*scText*.27, dimColour, t.Label, false) // about its middle
	}
	s.endText(chartHeight-6, chartWidth-chartRight, dimColour, c.axis(), true)
	for k := range c.Series {
		c.draw(&s, k, at)
		if rows > 0 {
			c.legend(&s, k)
		}
	}
	return s.Scene
}

// dashOf is how the line of a series is broken: the second of a colour.
func dashOf(k int) float64 { return float64(4 * (k / len(seriesColours) % 2)) }

func (c *SearchChart) draw(s *scene, k int, at func(float64) float64) {
	colour, values := seriesColours[k%len(seriesColours)], c.Series[k].Values
	if !c.columns() {
		s.line(c.line(c.Series[k], at), colour, 1.75, dashOf(k))
	}
	every := max(c.points()/30, 1)
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		x := c.x(i)
		if c.columns() {
			left, wide := c.column(i, k)
			x = left + wide/2
			top, tall := min(at(v), at(0)), max(math.Abs(at(v)-at(0)), .5)
			column := picture.Item{Path: "M" + f1(left) + " " + f1(top) + "h" + f1(wide) + "v" + f1(tall) + "H" + f1(left) + "Z",
				Fill: colour}
			if k >= len(seriesColours) {
				column.Opacity = .5
			}
			if v != 0 {
				s.path(column)
			}
		}
		if (i%every == k%every || c.points() == 1) && !(c.columns() && len(c.Series) == 1) {
			s.mark(k, x, at(v))
		}
	}
}

// mark is the shape of a series.
func (s *scene) mark(k int, x, y float64) {
	m := picture.Item{Path: chartMarks[k%len(chartMarks)], X: x, Y: y, Stroke: seriesColours[k%len(seriesColours)],
		StrokeWidth: 1.5}
	if strings.HasSuffix(m.Path, "Z") {
		m.Fill = m.Stroke
	}
	s.path(m)
}

func (c *SearchChart) legend(s *scene, k int) {
	const wide = float64(chartWidth) / legendColumns
	x, y := float64(k%legendColumns)*wide, float64(chartHeight+legendRow*(k/legendColumns))+scText
	if !c.columns() {
		s.line("M"+f1(x)+" "+f1(y)+"h28", seriesColours[k%len(seriesColours)], 1.75, dashOf(k))
	}
	s.mark(k, x+14, y)
	s.endText(y+4, x+36, inkColour, VisibleShort(or(c.Series[k].Name, "(nothing)"), 40), false)
}
