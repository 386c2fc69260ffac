package views

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// The timeline's picture, in its own units: two panels over one time axis. The
// upper one shows the 24-hour sum with its thresholds, the lower one a mark
// for each risk event at the height of its score.
const (
	tlWidth, tlHeight     = 960, 320
	tlLeft, tlRight       = 46, 946
	tlSumTop, tlSumBase   = 32, 138
	tlMarkTop, tlMarkBase = 172, 276
	// Marks nearer than this in x at one score coincide and stack.
	tlNear = 7.0
	// Up to so many marks are drawn each for itself; above, those that
	// coincide become one with their count.
	tlMany = 150
)

// plot is the timeline laid out.
type plot struct {
	Nights []tlSpan
	Days   []tlTick // at midnight
	Hours  []tlTick // at 06, 12 and 18
	Lines  []tlLine // thresholds
	SumMax []tlLine // the scale of the upper panel
	Scores []tlLine // the scale of the lower panel
	Path   string   // of the sum, as SVG path data
	Area   string
	Stacks []tlStack
	Cross  float64 // x; below 0 for none
	Rules  []tlRule
}

type (
	tlSpan struct{ X, W float64 }
	tlTick struct {
		X     float64
		Label string
	}
	tlLine struct {
		Y     float64
		Label string
		X     float64 // of the label of a threshold
	}
	// tlStack is the marks that coincide.
	tlStack struct {
		Marks []tlMark
		X, Y  float64 // where its count stands
		Count int     // marks in it, drawn or not
	}
	tlMark struct {
		X, Y  float64
		Index int // among the timeline's marks
		Shape int // by rule, with Tone
		Tone  int
		All   int // how many risk events this one stands for
		// Uneven: they have several scores.
		Uneven bool
		Until  time.Time
	}
	tlRule struct {
		ID, Name string
		Shape    int
		Tone     int
		Count    int
	}
)

func (t Timeline) x(at time.Time) float64 {
	span := t.To.Sub(t.From).Seconds()
	if span <= 0 {
		return tlLeft
	}
	f := at.Sub(t.From).Seconds() / span
	return round1(tlLeft + min(1, max(0, f))*(tlRight-tlLeft))
}

func round1(f float64) float64 { return math.Round(f*10) / 10 }

func (t Timeline) plot() plot {
	p := plot{Cross: -1}
	p.ticks(t)
	p.sum(t)
	p.rules(t)
	p.marks(t)
	if !t.Crossed.IsZero() && t.Crossed.After(t.From) && !t.Crossed.After(t.To) {
		p.Cross = t.x(t.Crossed)
	}
	return p
}

// ticks are the days, the hours and the nights (20:00 to 06:00 UTC).
func (p *plot) ticks(t Timeline) {
	if !t.To.After(t.From) || t.To.Sub(t.From) > 60*24*time.Hour {
		return
	}
	// Labels stand apart: of the days in a long period only every so many has one.
	wide := t.x(t.From.Add(24*time.Hour)) - tlLeft
	every := 1 + int(68/max(wide, 1))
	if wide >= 68 {
		every = 1
	}
	for day := t.From.UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour); !day.After(t.To); day = day.Add(
		24 * time.Hour) {
		if x, end := t.x(day.Add(20*time.Hour)), t.x(day.Add(30*time.Hour)); end > x {
			p.Nights = append(p.Nights, tlSpan{x, round1(end - x)})
		}
		if day.After(t.From) {
			label := ""
			if x := t.x(day); len(p.Days)%every == 0 && (x <= tlRight-68 || len(p.Days) == 0 ||
				dayLabel(x)-68 > p.Days[len(p.Days)-1].X+68) {
				label = day.Format("Mon 2 Jan")
			}
			p.Days = append(p.Days, tlTick{t.x(day), label})
		}
		for _, h := range []int{6, 12, 18} {
			if at := day.Add(time.Duration(h) * time.Hour); wide >= 64 && at.After(t.From) && at.Before(t.To) {
				p.Hours = append(p.Hours, tlTick{t.x(at), fmt.Sprintf("%02d", h)})
			}
		}
	}
}

// labelX is where the label of a line at y begins: beside those of the lines
// that it would stand on.
func labelX(above []tlLine, y float64) float64 {
	x := float64(tlLeft + 4)
	for _, l := range above {
		if math.Abs(l.Y-y) < 12 && l.X >= x {
			x = l.X + 110
		}
	}
	return x
}

// sum draws the 24-hour sum as steps, and the thresholds that fit its scale:
// those crossed and the next one.
func (p *plot) sum(t Timeline) {
	var top int64
	for _, s := range t.Steps {
		top = max(top, s.Sum)
	}
	scale := niceTop(top)
	for _, th := range t.Thresholds {
		if th.Value >= top { // the next threshold is always in the picture
			scale = max(scale, niceTop(th.Value))
			break
		}
	}
	y := func(v int64) float64 {
		return round1(tlSumBase - float64(v)/float64(scale)*(tlSumBase-tlSumTop))
	}
	for _, th := range t.Thresholds {
		if th.Value <= scale {
			p.Lines = append(p.Lines, tlLine{Y: y(th.Value), Label: th.Label, X: labelX(p.Lines, y(th.Value))})
		}
	}
	for _, v := range []int64{0, scale / 2, scale} {
		p.SumMax = append(p.SumMax, tlLine{Y: y(v), Label: Num(v)})
	}
	var b strings.Builder
	last := y(0)
	fmt.Fprintf(&b, "M%s %s", f1(tlLeft), f1(last))
	for _, s := range t.Steps {
		x, v := t.x(s.At), y(s.Sum)
		if s.At.After(t.To) {
			break
		}
		if !s.At.After(t.From) { // the sum that the period begins with
			b.Reset()
			fmt.Fprintf(&b, "M%s %s", f1(tlLeft), f1(v))
		} else if v != last {
			fmt.Fprintf(&b, "H%sV%s", f1(x), f1(v))
		}
		last = v
	}
	fmt.Fprintf(&b, "H%d", tlRight)
	p.Path = b.String()
	p.Area = p.Path + fmt.Sprintf("V%dH%dZ", tlSumBase, tlLeft)
}

// niceTop is the least of 100, 200, 250, 400, 500, 800 and their tens that
// holds a value.
func niceTop(v int64) int64 {
	for unit := int64(100); unit < math.MaxInt64/100; unit *= 10 {
		for _, n := range []int64{unit, 2 * unit, unit * 5 / 2, 4 * unit, 5 * unit, 8 * unit} {
			if v <= n {
				return n
			}
		}
	}
	return math.MaxInt64
}

// rules gives every rule its own shape and tone, in the order of their names.
func (p *plot) rules(t Timeline) {
	at := map[string]int{}
	for _, m := range t.Marks {
		i, ok := at[m.RuleID]
		if !ok {
			i = len(p.Rules)
			at[m.RuleID] = i
			p.Rules = append(p.Rules, tlRule{ID: m.RuleID, Name: m.RuleName})
		}
		p.Rules[i].Count += m.all()
	}
	slices.SortFunc(p.Rules, func(a, b tlRule) int { return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID) })
	for i := range p.Rules {
		p.Rules[i].Shape, p.Rules[i].Tone = i%shapes, i/shapes%tones
	}
}

// shapes is how many shapes of a mark there are: circle, diamond, square,
// triangle.
// With the tones (filled, hollow, pale) twelve rules can be told apart.
const (
	shapes = 4
	tones  = 3
)

func (p *plot) rule(id string) tlRule {
	for _, r := range p.Rules {
		if r.ID == id {
			return r
		}
	}
	return tlRule{}
}

// marks stacks the risk events that coincide, upwards from their score.
func (p *plot) marks(t Timeline) {
	top := int64(100)
	for _, m := range t.Marks {
		top = max(top, m.Score)
	}
	top = niceTop(top)
	y := func(v int64) float64 {
		return round1(tlMarkBase - float64(max(0, v))/float64(top)*(tlMarkBase-tlMarkTop))
	}
	for _, v := range []int64{0, top / 2, top} {
		p.Scores = append(p.Scores, tlLine{Y: y(v), Label: Num(v)})
	}
	for _, near := range t.groups(y) {
		first := t.Marks[near[0]]
		s := tlStack{X: t.x(first.Time)}
		for _, index := range near {
			s.Count += t.Marks[index].all()
		}
		base := y(first.Score)
		drawn := near
		if len(t.Marks) > tlMany {
			drawn = near[:1]
		}
		step := min(8, (base-tlMarkTop)/float64(max(1, len(drawn)-1)))
		for i, index := range drawn {
			m := t.Marks[index]
			rule := p.rule(m.RuleID)
			mark := tlMark{X: t.x(m.Time), Y: round1(base - float64(i)*step), Index: index, Shape: rule.Shape, Tone: rule.Tone,
				All: m.all(), Until: m.last(),
				Uneven: m.Uneven}
			if len(drawn) < len(near) {
				mark.All, mark.Until = s.Count, t.Marks[near[len(near)-1]].last()
				for _, other := range near {
					mark.Uneven = mark.Uneven || t.Marks[other].Score != m.Score
				}
			}
			s.Marks = append(s.Marks, mark)
		}
		s.Y = s.Marks[len(s.Marks)-1].Y - 8
		p.Stacks = append(p.Stacks, s)
	}
}

// all is how many risk events a mark stands for.
func (m RiskMark) all() int { return max(1, m.All) }

// last is the time of the last of them.
func (m RiskMark) last() time.Time {
	if m.Until.After(m.Time) {
		return m.Until
	}
	return m.Time
}

// groups are the marks that stand at one place, by time of their first: those of
// one score near in x. Of many, those near in y are at one place too, and near is
// as far as it takes for the picture to be of tlMany places.
func (t Timeline) groups(y func(int64) float64) [][]int {
	if len(t.Marks) <= tlMany {
		return t.coinciding(tlNear, func(m RiskMark) float64 { return float64(m.Score) })
	}
	for near := tlNear; ; near *= 2 {
		out := t.coinciding(near, func(m RiskMark) float64 { return math.Round(y(m.Score) / (near + 1)) })
		if len(out) <= tlMany {
			return out
		}
	}
}

// coinciding groups the indexes of marks of one height that are near in x.
func (t Timeline) coinciding(near float64, height func(RiskMark) float64) (out [][]int) {
	open := map[float64]int{} // height to the group that takes more of it
	for i, m := range t.Marks {
		at := height(m)
		g, ok := open[at]
		if ok && t.x(m.Time)-t.x(t.Marks[out[g][0]].Time) < near {
			out[g] = append(out[g], i)
			continue
		}
		open[at] = len(out)
		out = append(out, []int{i})
	}
	return out
}

// sentence says what the picture shows.
func (t Timeline) sentence() string {
	span := "In the " + Duration(t.To.Sub(t.From)) + " to " + utc(t.To) + ", "
	if len(t.Marks) == 0 {
		return span + Visible(t.Dest) + " has no risk event."
	}
	count, first, last := 0, time.Time{}, time.Time{}
	for _, m := range t.Marks {
		if !m.risk() {
			continue
		}
		if count == 0 {
			first, last = m.Time, m.Time
		}
		count += m.all()
		if m.last().After(last) {
			last = m.last()
		}
	}
	var peak int64
	var peakAt time.Time
	for _, s := range t.Steps {
		if s.Sum > peak {
			peak, peakAt = s.Sum, s.At
		}
	}
	out := fmt.Sprintf("%s%s has %s with a score of %s in all, the first at %s, the last at %s.", span,
		VisibleShort(t.Dest, 80),
		Plural(int64(count), "risk event"), Num(t.Score), utc(first), utc(last))
	if peak > 0 {
		out += fmt.Sprintf(" The 24-hour sum peaks at %s at %s.", Num(peak), utc(peakAt))
	}
	for _, s := range t.Shades {
		out += " " + upperFirst(VisibleShort(s.Label, 60)) + " from " + utc(s.From)
		if !s.To.IsZero() {
			out += " to " + utc(s.To)
		}
		out += "."
	}
	for _, c := range t.Crossings {
		out += fmt.Sprintf(" It reached %s at %s; the run of %s was the first to see it.", c.Label, utc(c.At), utc(c.Run))
	}
	if len(t.Crossings) > 0 {
		return out
	}
	if t.Crossed.IsZero() {
		return out + " No incident threshold is crossed."
	}
	return out + " An incident begins at " + utc(t.Crossed) + "."
}

// label says a mark to those who do not see it.
func (m RiskMark) label() string {
	return fmt.Sprintf("%s, score %d, %s, %s in the window %s to %s UTC: %s", utc(m.Time), m.Score, Visible(m.RuleName),
		Plural(m.Count, "event"),
		m.WindowFrom.UTC().Format(minutes), m.WindowTo.UTC().Format("15:04"), VisibleShort(m.Message, 200))
}

// shapePath draws a mark of a shape around a point.
func shapePath(shape int, x, y float64) string {
	switch shape {
	case 1:
		return fmt.Sprintf("M%s %sl5.2 5.2l-5.2 5.2l-5.2 -5.2Z", f1(x), f1(y-5.2))
	case 2:
		return fmt.Sprintf("M%s %sh8v8h-8Z", f1(x-4), f1(y-4))
	case 3:
		return fmt.Sprintf("M%s %sl5.2 9h-10.4Z", f1(x), f1(y-5.4))
	}
	return fmt.Sprintf("M%s %sa4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0Z", f1(x-4.2), f1(y))
}
