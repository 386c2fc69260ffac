package views

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Lane is the row of a timeline that a mark stands in.
type Lane int

// The lanes, from the top. A timeline of risk has the first four always, the last
// where there are notes.
const (
	LaneModules Lane = iota
	LaneLogging
	LaneCommands
	LaneOther
	LaneNotes
	laneCount
)

var laneWords = [laneCount]string{"Modules", "Logging", "Commands", "Other changes", "Notes"}

// laneShapes tell the lanes' marks apart without their colour.
var laneShapes = [laneCount]int{1, 2, 3, 0, 4}

// The picture in lanes, in its own units.
const (
	lnWidth           = 960
	lnLeft, lnRight   = 104, 946
	lnTop, lnStep     = 40, 30 // the line of the first lane, and from one to the next
	lnSumHigh         = 46
	lnNear, lnMost    = 14.0, 20 // marks nearer are one; of more, nearer ones are
	lnLabel, lnLetter = 14, 6.2  // from a mark to its label; what a letter takes
)

// lanePlot is a timeline in lanes, laid out.
type lanePlot struct {
	Lanes     []laneLine
	Marks     []laneMark
	Shades    []laneShade
	Days      []tlTick // the midnights that have a label
	Midnights string   // as path data
	Lines     []tlLine // thresholds
	Crossing  []tlTick
	Path      string // of the sum
	Base      int    // of the sum
	Height    int
}

type (
	laneLine struct {
		Y     int
		Label string
	}
	laneMark struct {
		Of     []int // indexes of the marks it is of
		Lane   Lane
		X, R   float64
		Hit    float64 // half the width of where it is clicked
		Y      int
		Count  int
		Label  string
		Before bool // the label stands before it
	}
	laneShade struct {
		X, W  float64
		Label string
		Kind  string
		End   bool // the label ends where the span does
	}
)

func (t Timeline) laneX(at time.Time) float64 {
	span := t.To.Sub(t.From).Seconds()
	if span <= 0 {
		return lnLeft
	}
	return round1(lnLeft + min(1, max(0, at.Sub(t.From).Seconds()/span))*(lnRight-lnLeft))
}

// lanes lays a timeline out.
func (t Timeline) lanes() lanePlot {
	n := LaneNotes
	if slices.ContainsFunc(t.Marks, func(m RiskMark) bool { return m.Lane == LaneNotes }) {
		n = laneCount
	}
	p := lanePlot{Base: lnTop + int(n)*lnStep + lnSumHigh}
	p.Height = p.Base + 22
	for l := range n {
		p.Lanes = append(p.Lanes, laneLine{lnTop + int(l)*lnStep, laneWords[l]})
	}
	p.marks(t)
	p.shades(t)
	p.days(t)
	p.sum(t)
	for _, c := range t.Crossings {
		if c.At.After(t.From) && !c.At.After(t.To) {
			p.Crossing = append(p.Crossing, tlTick{t.laneX(c.At), c.Label})
		}
	}
	return p
}

// marks puts those that coincide together, and as many more as it takes for the
// picture to stay small.
func (p *lanePlot) marks(t Timeline) {
	for near := lnNear; ; near *= 1.4 {
		p.Marks = t.together(near)
		if len(p.Marks) <= lnMost || near > lnWidth {
			break
		}
	}
	for i := range p.Marks {
		p.Marks[i].room(p.Marks, i)
	}
}

// together are the marks of each lane within a stretch of the picture, by time.
func (t Timeline) together(near float64) (out []laneMark) {
	var open [laneCount]int // the lane's last mark, from 1
	for i, m := range t.Marks {
		lane := min(max(m.Lane, 0), laneCount-1)
		x := t.laneX(m.Time)
		if g := open[lane] - 1; g >= 0 && x-out[g].X < near {
			out[g].Of = append(out[g].Of, i)
			out[g].Count += m.all()
			continue
		}
		out = append(out, laneMark{Of: []int{i}, Lane: lane, X: x, Y: lnTop + int(lane)*lnStep, Count: m.all()})
		open[lane] = len(out)
	}
	for i := range out {
		out[i].R = min(10, 5+float64(len(fmt.Sprint(out[i].Count))-1)*2)
		out[i].Label = t.laneLabel(out[i])
	}
	return out
}

// laneLabel is the name of what a mark is of, where it is one, and how many.
func (t Timeline) laneLabel(m laneMark) string {
	name := t.Marks[m.Of[0]].Name
	for _, i := range m.Of {
		if n := t.Marks[i].Name; n != "" && name != "" && n != name {
			name = ""
			break
		} else if name == "" {
			name = n
		}
	}
	name = VisibleShort(name, 40)
	switch {
	case m.Count == 1:
		return name
	case name == "":
		return Num(int64(m.Count))
	}
	return name + ", " + Num(int64(m.Count))
}

// room leaves out of a label what has no room between a mark and its neighbours.
func (m *laneMark) room(all []laneMark, at int) {
	before, after := float64(lnLeft-4), float64(lnRight)
	for i, o := range all {
		if o.Lane != m.Lane || i == at {
			continue
		}
		if o.X <= m.X {
			before = max(before, o.X+o.R)
		} else {
			after = min(after, o.X-o.R)
		}
	}
	m.Hit = min(12, max(m.R, min(m.X-before, after-m.X)-1))
	for _, label := range []string{m.Label, Num(int64(m.Count))} {
		wide := float64(len([]rune(label)))*lnLetter + lnLabel
		if label == "1" {
			continue
		}
		if m.X+wide <= after {
			m.Label = label
			return
		}
		if m.X >= lnRight-wide && m.X-wide >= before {
			m.Label, m.Before = label, true
			return
		}
	}
	m.Label = ""
}

// shades are the spans without logs or without logging.
func (p *lanePlot) shades(t Timeline) {
	for _, s := range t.Shades {
		from, to := t.laneX(s.From), float64(lnRight)
		if !s.To.IsZero() {
			to = t.laneX(s.To)
		}
		if to <= from || len(p.Shades) == lnMost {
			continue
		}
		p.Shades = append(p.Shades, laneShade{X: from, W: round1(to - from), Label: VisibleShort(s.Label, 60), Kind: s.Kind,
			End: from > lnRight-float64(len(s.Label))*lnLetter})
	}
}

// days are the midnights, UTC, with a label where there is room.
func (p *lanePlot) days(t Timeline) {
	if !t.To.After(t.From) || t.To.Sub(t.From) > 60*24*time.Hour {
		return
	}
	end := 0.0
	for day := t.From.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour); !day.After(t.To); day = day.Add(24 * time.Hour) {
		x, label := t.laneX(day), ""
		if x >= end && x <= lnRight-64 {
			label, end = day.Format("Mon 2 Jan"), x+68
		}
		p.Midnights += fmt.Sprintf("M%s 18V%d", f1(x), p.Base+5)
		if label != "" {
			p.Days = append(p.Days, tlTick{x, label})
		}
	}
}

// sum is the 24-hour sum as steps, with the thresholds that it reaches and the
// next one.
func (p *lanePlot) sum(t Timeline) {
	var top int64
	for _, s := range t.Steps {
		top = max(top, s.Sum)
	}
	scale := niceTop(top)
	for _, th := range t.Thresholds {
		if th.Value >= top {
			scale = max(scale, niceTop(th.Value))
			break
		}
	}
	y := func(v int64) float64 { return round1(float64(p.Base) - float64(max(0, v))/float64(scale)*lnSumHigh) }
	for _, th := range t.Thresholds {
		if th.Value > scale {
			continue
		}
		line := tlLine{Y: y(th.Value), Label: th.Label, X: lnLeft + 4}
		if n := len(p.Lines); n > 0 && p.Lines[n-1].Y-line.Y < 11 {
			line.X = p.Lines[n-1].X + 112
		}
		p.Lines = append(p.Lines, line)
	}
	p.Path = stepPath(t.Steps, t.laneX, y, lnLeft, lnRight)
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

// newest is where the picture is to be opened where it does not fit: the newest
// change to modules or logging, else the newest mark.
func (p lanePlot) newest() float64 {
	if len(p.Marks) == 0 {
		return lnRight
	}
	best := slices.MaxFunc(p.Marks, func(a, b laneMark) int {
		return cmp.Or(cmp.Compare(btoi(a.Lane <= LaneLogging), btoi(b.Lane <= LaneLogging)), cmp.Compare(a.X, b.X))
	})
	return best.X
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lanePath draws a mark of a lane around a point.
func lanePath(l Lane, x, y, r float64) string {
	switch laneShapes[l] {
	case 1:
		return fmt.Sprintf("M%s %sl%[3]s %[3]sl-%[3]s %[3]sl-%[3]s -%[3]sZ", f1(x), f1(y-r), f1(r))
	case 2:
		return fmt.Sprintf("M%s %sh%[3]sv%[3]sh-%[3]sZ", f1(x-r*.85), f1(y-r*.85), f1(r*1.7))
	case 3:
		return fmt.Sprintf("M%s %sl%s %sh-%sZ", f1(x), f1(y-r), f1(r), f1(r*1.8), f1(2*r))
	case 4:
		return fmt.Sprintf("M%s %sh%[3]sv%[4]sh-%[3]sZ", f1(x-r*.6), f1(y-r), f1(r*1.2), f1(r*2))
	}
	return fmt.Sprintf("M%s %sa%[3]s %[3]s 0 1 0 %[4]s 0a%[3]s %[3]s 0 1 0 -%[4]s 0Z", f1(x-r), f1(y), f1(r), f1(2*r))
}
