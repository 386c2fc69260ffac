package views

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Lane is the row of a timeline that a mark stands in.
type Lane int

// The lanes, from the top. A timeline of risk has the first four always, the others
// where there are notes or changes of status.
const (
	LaneModules Lane = iota
	LaneLogging
	LaneCommands
	LaneOther
	LaneNotes
	LaneStatus
	laneCount
)

var laneWords = [laneCount]string{"Modules", "Logging", "Commands", "Other changes", "Notes", "Status"}

// laneNouns are what a mark of a lane stands for.
var laneNouns = [laneCount]string{"risk event", "risk event", "risk event", "risk event", "note", "change of status"}

// laneShapes tell the lanes' marks apart without their colour.
var laneShapes = [laneCount]int{1, 2, 3, 0, 4, 5}

// The picture in lanes, in its own units.
const (
	lnWidth           = 960
	lnLeft, lnRight   = 104, 946
	lnShade           = 28     // where shades begin; their labels stand above
	lnTop, lnStep     = 48, 30 // the line of the first lane, and from one to the next
	lnGap             = 42     // from the line of the last lane to the top of the sum
	lnSumHigh         = 64
	lnAxis            = 36       // below the sum
	lnNear, lnMost    = 14.0, 20 // marks nearer are one; of more, nearer ones are
	lnLabel, lnLetter = 14, 6.2  // from a mark to its label; what a letter takes
	lnLine            = 11       // a line of text
)

// lanePlot is a timeline in lanes, laid out.
type lanePlot struct {
	Lanes    []laneLine
	Marks    []laneMark
	Shades   []laneShade
	Ticks    []tlTick // those that have a label
	Context  []tlTick // the day or year that they are in
	Lines    string   // of the ticks, as path data
	Limits   []laneLimit
	Crossing []laneNote
	Peak     laneNote
	Path     string // of the sum
	SumTop   int
	Base     int // of the sum
	Height   int
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
		Far    float64 // where the last of them is
		Hit    float64 // half the width of where it is clicked
		Y      int
		Count  int
		Label  string
		Before bool // the label stands before it
	}
	laneShade struct {
		X, W  float64
		Y, H  int
		Label string // "" where it has no room
		Kind  string
		LX    float64 // of the label
		LY    int
		End   bool // the label ends there
	}
	// laneLimit is a threshold across the sum, with its label before it.
	laneLimit struct {
		Y, LY float64
		Label string
	}
	// laneNote is a text at a place of the sum.
	laneNote struct {
		X, LX, Y float64
		Label    string // "" none
		End      bool
	}
)

// unix is a moment in seconds, which any two may be apart.
func unix(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

func (t Timeline) laneX(at time.Time) float64 {
	from, to := unix(t.From), unix(t.To)
	if to <= from {
		return lnLeft
	}
	return round1(lnLeft + min(1, max(0, (unix(at)-from)/(to-from)))*(lnRight-lnLeft))
}

// lanes lays a timeline out.
func (t Timeline) lanes() lanePlot {
	var p lanePlot
	var y [laneCount]int
	for l := range laneCount {
		is := func(m RiskMark) bool { return m.lane() == l }
		if l < LaneNotes || slices.ContainsFunc(t.Marks, is) {
			y[l] = lnTop + len(p.Lanes)*lnStep
			p.Lanes = append(p.Lanes, laneLine{y[l], laneWords[l]})
		}
	}
	p.SumTop = p.Lanes[len(p.Lanes)-1].Y + lnGap
	p.Base = p.SumTop + lnSumHigh
	p.Height = p.Base + lnAxis
	p.marks(t, y)
	p.shades(t)
	p.axis(t)
	p.sum(t)
	p.crossings(t)
	return p
}

// lane is the one that a mark stands in.
func (m RiskMark) lane() Lane { return min(max(m.Lane, 0), laneCount-1) }

// risk says whether a mark is of risk events.
func (m RiskMark) risk() bool { return m.lane() < LaneNotes && !m.FromFile }

// marks puts those that coincide together, and as many more of the lane that has
// most as it takes for the picture to stay small.
func (p *lanePlot) marks(t Timeline, y [laneCount]int) {
	var near [laneCount]float64
	for l := range near {
		near[l] = lnNear
	}
	for {
		var count [laneCount]int
		p.Marks = t.together(near)
		for _, m := range p.Marks {
			count[m.Lane]++
		}
		most := 0
		for l := range count {
			if count[l] > count[most] {
				most = l
			}
		}
		if len(p.Marks) <= lnMost || count[most] == 1 {
			break
		}
		near[most] *= 1.4
	}
	for i := range p.Marks {
		p.Marks[i].Y = y[p.Marks[i].Lane]
	}
	for l := range laneCount {
		p.labels(t, l)
	}
}

// together are the marks of each lane within a stretch of the picture, by time.
func (t Timeline) together(near [laneCount]float64) (out []laneMark) {
	var open [laneCount]int // the lane's last mark, from 1
	for i, m := range t.Marks {
		lane, x, far := m.lane(), t.laneX(m.Time), t.laneX(m.last())
		if g := open[lane] - 1; g >= 0 && x-out[g].X < near[lane] {
			out[g].Of = append(out[g].Of, i)
			out[g].Count += m.all()
			out[g].Far = max(out[g].Far, far)
			continue
		}
		out = append(out, laneMark{Of: []int{i}, Lane: lane, X: x, Far: far, Count: m.all()})
		open[lane] = len(out)
	}
	for i := range out {
		out[i].R = min(10, 5+float64(len(fmt.Sprint(out[i].Count))-1)*2)
	}
	return out
}

// labels give the marks of a lane what there is room for, from the left.
func (p *lanePlot) labels(t Timeline, l Lane) {
	var of []*laneMark
	for i := range p.Marks {
		if p.Marks[i].Lane == l {
			of = append(of, &p.Marks[i])
		}
	}
	slices.SortStableFunc(of, func(a, b *laneMark) int { return cmp.Compare(a.X, b.X) })
	taken := float64(lnLeft - 4)
	for i, m := range of {
		before, after := taken, float64(lnRight)
		if i+1 < len(of) {
			after = of[i+1].X - of[i+1].R
		}
		if i > 0 {
			before = max(before, of[i-1].X+of[i-1].R)
		}
		m.Hit = min(12, max(m.R, min(m.X-before, after-m.X)-1))
		taken = m.label(t.laneLabel(*m), before, after)
	}
}

// label gives a mark the longest label that has room, and says up to where it takes
// it.
func (m *laneMark) label(label string, before, after float64) (taken float64) {
	for _, s := range []string{label, Num(int64(m.Count))} {
		wide := textWide(s) + lnLabel
		switch {
		case s == "1" || s == "":
		case m.X+wide <= after:
			m.Label = s
			return m.X + wide
		case m.X >= lnRight-wide && m.X-wide >= before:
			m.Label, m.Before = s, true
			return m.X + m.R
		}
	}
	return m.X + m.R
}

// textWide is about how wide a text is.
func textWide(s string) float64 { return float64(len([]rune(s))) * lnLetter }

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
	case 5:
		return fmt.Sprintf("M%s %sh%[3]sl-%[4]s %[5]sZ", f1(x-r), f1(y-r*.8), f1(2*r), f1(r), f1(r*1.8))
	}
	return fmt.Sprintf("M%s %sa%[3]s %[3]s 0 1 0 %[4]s 0a%[3]s %[3]s 0 1 0 -%[4]s 0Z", f1(x-r), f1(y), f1(r), f1(2*r))
}

// farPath draws how far a mark goes on, "" where that is not seen.
func (m laneMark) farPath() string {
	if m.Far <= m.X+m.R {
		return ""
	}
	return fmt.Sprintf("M%s %sH%sV%sH%sZ", f1(m.X), f1(float64(m.Y)-1.5), f1(m.Far), f1(float64(m.Y)+1.5), f1(m.X))
}
