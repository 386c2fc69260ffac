package views

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// shades are the spans without logs or without logging. A label that would stand on
// another one, or beside next to nothing, is left out; the legend and the sentence say it.
func (p *lanePlot) shades(t Timeline) {
	ends := [2]float64{} // of the labels of two lines
	for _, s := range t.Shades {
		from, to := t.laneX(s.From), float64(lnRight)
		if !s.To.IsZero() {
			to = t.laneX(s.To)
		}
		if to <= from || len(p.Shades) == lnMost {
			continue
		}
		out := laneShade{X: from, W: round1(to - from), Y: lnShade, H: p.Base - lnShade, Kind: s.Kind, LX: from}
		if s.Kind == "blind" || s.Kind == "less" {
			out.Y, out.H = lnTop-lnStep/2, 2*lnStep
		}
		label := VisibleShort(s.Label, 60)
		wide := textWide(label)
		if from > lnRight-wide {
			out.LX, out.End = lnRight, true
		}
		for line, end := range ends {
			if start := out.LX - wide*float64(btoi(out.End)); start >= end && out.W >= lnLabel {
				out.Label, out.LY, ends[line] = label, lnLine+line*(lnLine+2), start+wide+8
				break
			}
		}
		p.Shades = append(p.Shades, out)
	}
}

// axis are the ticks, with their labels and what day or year they are in.
func (p *lanePlot) axis(t Timeline) {
	times, layout, context := ticks(t.From, t.To)
	var lines strings.Builder
	said, end := "", 0.0
	for _, at := range times {
		x := t.laneX(at)
		fmt.Fprintf(&lines, "M%s %dV%d", f1(x), lnShade, p.Base+5)
		label := at.Format(layout)
		if x+3+textWide(label) <= lnWidth {
			p.Ticks = append(p.Ticks, tlTick{x, label})
		}
		if of := at.Format(context); of != said && x >= end && x+3+textWide(of) <= lnWidth {
			p.Context = append(p.Context, tlTick{x, of})
			said, end = of, x+textWide(of)+12
		}
	}
	p.Lines = lines.String()
}

// steps are what ticks may stand apart, in seconds, how a label is written, and how
// much room it takes.
var tickSteps = []struct {
	step   int64
	layout string
	room   float64
}{
	{1, time.TimeOnly, 62}, {5, time.TimeOnly, 62}, {15, time.TimeOnly, 62}, {30, time.TimeOnly, 62},
	{60, "15:04", 46}, {120, "15:04", 46}, {300, "15:04", 46}, {600, "15:04", 46}, {900, "15:04", 46},
	{1800, "15:04", 46}, {3600, "15:04", 46}, {2 * 3600, "15:04", 46}, {3 * 3600, "15:04", 46},
	{6 * 3600, "15:04", 46}, {12 * 3600, "15:04", 70}, {daySeconds, dayLayout, 70}, {2 * daySeconds, dayLayout, 70},
	{7 * daySeconds, dayLayout, 70},
}

const (
	daySeconds = 24 * 3600
	dayLayout  = "Mon 2 Jan"
)

// ticks are moments between two others that stand apart enough for their labels, how
// these are written, and the day or year they are in.
func ticks(from, to time.Time) (out []time.Time, layout, context string) {
	span := unix(to) - unix(from)
	if span <= 0 {
		return nil, dayLayout, "2006"
	}
	wide := (lnRight - lnLeft) / span
	for _, s := range tickSteps {
		if float64(s.step)*wide < s.room {
			continue
		}
		at := from.Unix() - mod(from.Unix()-4*daySeconds, s.step) // weeks begin on a Monday
		for at += s.step; at <= to.Unix(); at += s.step {
			out = append(out, time.Unix(at, 0).UTC())
		}
		context = "2006"
		if s.step < daySeconds {
			context = "Mon 2 Jan 2006"
		}
		return out, s.layout, context
	}
	return monthTicks(from, to, wide)
}

// monthTicks are those of months or years.
func monthTicks(from, to time.Time, wide float64) (out []time.Time, layout, context string) {
	months := 1
	for _, next := range []int{3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000} {
		if float64(months)*30.4*daySeconds*wide >= 56 {
			break
		}
		months = next
	}
	layout = "2006"
	if months < 12 {
		layout = "Jan 2006"
	}
	year, month := from.UTC().Year(), int(from.UTC().Month())-1
	n := year*12 + month
	for n = n - n%months + months; ; n += months {
		at := time.Date(0, time.Month(1+n), 1, 0, 0, 0, 0, time.UTC)
		if at.After(to) || len(out) > lnWidth/lnLine {
			return out, layout, context
		}
		out = append(out, at)
	}
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// sum is the 24-hour sum as steps, with its peak, the thresholds that it reaches and
// the next one.
func (p *lanePlot) sum(t Timeline) {
	var top SumStep
	for _, s := range t.Steps {
		if s.Sum > top.Sum {
			top = s
		}
	}
	scale := niceTop(top.Sum)
	for _, th := range t.Thresholds {
		if th.Value >= top.Sum {
			scale = max(scale, niceTop(th.Value))
			break
		}
	}
	y := func(v int64) float64 { return round1(float64(p.Base) - float64(max(0, v))/float64(scale)*lnSumHigh) }
	p.limits(t, scale, y)
	p.Path = stepPath(t.Steps, t.laneX, y, lnLeft, lnRight)
	if top.Sum > 0 {
		p.Peak = noteAt(t.laneX(top.At), y(top.Sum)-3, Num(top.Sum))
	}
}

// limits are the thresholds within a scale. Their labels stand before them, a line
// apart at least.
func (p *lanePlot) limits(t Timeline, scale int64, y func(int64) float64) {
	below := math.Inf(1)
	for _, th := range slices.SortedFunc(slices.Values(t.Thresholds), func(a, b Threshold) int {
		return cmp.Compare(a.Value, b.Value)
	}) {
		if th.Value > scale {
			continue
		}
		word, _, _ := strings.Cut(th.Label, " ")
		below = min(y(th.Value)+4, below-lnLine)
		p.Limits = append(p.Limits, laneLimit{y(th.Value), below, word + " " + Num(th.Value)})
	}
}

// crossings are the moments at which thresholds were reached. A label that would
// stand on another one is left out.
func (p *lanePlot) crossings(t Timeline) {
	end := 0.0
	for _, c := range slices.SortedStableFunc(slices.Values(t.Crossings), func(a, b Crossing) int {
		return a.At.Compare(b.At)
	}) {
		if !c.At.After(t.From) || c.At.After(t.To) {
			continue
		}
		n := noteAt(t.laneX(c.At), float64(p.SumTop-14), c.Label+" "+c.At.UTC().Format(time.TimeOnly))
		start := n.LX - textWide(n.Label)*float64(btoi(n.End))
		if start < end {
			n.Label = ""
		} else {
			end = start + textWide(n.Label) + 8
		}
		p.Crossing = append(p.Crossing, n)
	}
}

// noteAt is a text beside a place, before it where the picture ends.
func noteAt(x, y float64, label string) laneNote {
	if x+4+textWide(label) > lnWidth {
		return laneNote{X: x, LX: x - 4, Y: round1(y), Label: label, End: true}
	}
	return laneNote{X: x, LX: x + 4, Y: round1(y), Label: label}
}

// stepPath is a line of steps as path data; of those at one place the greatest.
func stepPath(steps []SumStep, x func(time.Time) float64, y func(int64) float64, left, right float64) string {
	last := y(0)
	type point struct{ x, y float64 }
	var points []point
	for _, s := range steps {
		px := x(s.At)
		if n := len(points); n > 0 && px-points[n-1].x < 2 && points[n-1].x > left {
			points[n-1].y = min(points[n-1].y, y(s.Sum))
			continue
		}
		points = append(points, point{px, y(s.Sum)})
	}
	for len(points) > 0 && points[0].x <= left {
		last, points = points[0].y, points[1:]
	}
	out := fmt.Sprintf("M%s %s", f1(left), f1(last))
	for _, p := range points {
		if p.y != last {
			out += "H" + f1(p.x) + "V" + f1(p.y)
			last = p.y
		}
	}
	return out + "H" + f1(right)
}

// upperFirst is a text that begins a sentence.
func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
