package views

import (
	"fmt"

	"escutcheon/views/picture"
)

// The colours of a picture that leaves the page, of every lane and of what lies
// beneath: those of the page in light.
const (
	inkColour, dimColour, lineColour = "#1a1e22", "#565f68", "#c6cbd0"
	sumColour, limitColour           = "#0a58a6", "#cc5200"
	crossColour                      = "#8d1246"
)

var laneColours = [laneCount]string{"#8d1246", "#cc5200", "#0a58a6", "#71808e", "#ffffff", "#0a58a6"}

// shadeColours are those of a kind of shade, with how much they cover.
var shadeColours = map[string]struct {
	fill    string
	opacity float64
	words   string
}{"off": {"#cc5200", .12, "HTTP logging is off"}, "gap": {"#565f68", .16, "no logs"},
	"blind": {"#565f68", .1, "no IIS-Configuration log"},
	"less":  {"#8d1246", .1, "cleared, off or silent"}}

// The margins of the picture: its title stands above, its legend beneath.
const (
	scMargin, scHead, scFoot = 16, 52, 26
	scText                   = 11
)

// scene puts a picture together.
type scene struct{ picture.Scene }

// Scene is the timeline as a picture that stands alone, with what it is of, its
// range and its zone.
func (t Timeline) Scene() picture.Scene {
	p := t.lanes()
	s := scene{picture.Scene{Width: lnWidth + 2*scMargin, Height: p.Height + scHead + scFoot,
		Title: "Risk timeline of " + VisibleShort(t.Dest, 200), Desc: t.sentence()}}
	s.text(-scHead+22, 0, 15, inkColour, s.Title)
	s.Items[0].Bold = true
	s.text(-scHead+40, 0, 12, dimColour, t.From.UTC().Format("2006-01-02 15:04:05")+" to "+utc(t.To))
	s.ground(p)
	s.words(p)
	s.sum(p)
	s.marks(p)
	s.legend(t, p)
	return s.Scene
}

func (s *scene) text(y, x, size float64, colour, text string) {
	s.Items = append(s.Items, picture.Item{Text: text, X: scMargin + x, Y: scHead + y, Size: size, Fill: colour})
}

// endText is a text that ends at a place.
func (s *scene) endText(y, x float64, colour, text string, end bool) {
	s.text(y, x, scText, colour, text)
	s.Items[len(s.Items)-1].End = end
}

func (s *scene) path(i picture.Item) {
	i.X, i.Y = i.X+scMargin, i.Y+scHead
	s.Items = append(s.Items, i)
}

// line draws lines of one width.
func (s *scene) line(data, colour string, wide, dash float64) {
	if data != "" {
		s.path(picture.Item{Path: data, Stroke: colour, StrokeWidth: wide, Dash: dash})
	}
}

func (s *scene) ground(p lanePlot) {
	for _, sh := range p.Shades {
		c := shadeColours[sh.Kind]
		s.path(picture.Item{Path: fmt.Sprintf("M%s %dh%sv%dh-%[3]sZ", f1(sh.X), sh.Y, f1(sh.W), sh.H), Fill: c.fill,
			Opacity: c.opacity})
	}
	s.line(p.Lines, lineColour, 1, 0)
	for _, l := range p.Lanes {
		s.line(fmt.Sprintf("M%d %dH%d", lnLeft, l.Y, lnRight), lineColour, 1, 0)
	}
	for _, l := range p.Limits {
		s.line(fmt.Sprintf("M%d %sH%d", lnLeft, f1(l.Y), lnRight), limitColour, 1, 4)
	}
}

func (s *scene) words(p lanePlot) {
	for _, l := range p.Lanes {
		s.text(float64(l.Y)+4, 0, scText, dimColour, l.Label)
	}
	s.text(float64(p.SumTop)-14, 0, scText, dimColour, "24-hour sum")
	for _, l := range p.Limits {
		s.endText(l.LY, lnLeft-6, dimColour, l.Label, true)
	}
	for i, row := range [][]tlTick{p.Ticks, p.Context} {
		for _, d := range row {
			s.text(float64(p.Base+16+14*i), d.X+3, scText, dimColour, d.Label)
		}
	}
	for _, sh := range p.Shades {
		if sh.Label != "" {
			s.endText(float64(sh.LY), sh.LX, inkColour, sh.Label, sh.End)
		}
	}
}

func (s *scene) sum(p lanePlot) {
	s.line(p.Path, sumColour, 1.5, 0)
	for _, c := range p.Crossing {
		s.line(fmt.Sprintf("M%s %dV%d", f1(c.X), lnShade, p.Base), crossColour, 1.5, 0)
		if c.Label != "" {
			s.endText(c.Y, c.LX, crossColour, c.Label, c.End)
		}
	}
	if p.Peak.Label != "" {
		s.endText(p.Peak.Y, p.Peak.LX, dimColour, p.Peak.Label, p.Peak.End)
	}
}

func (s *scene) marks(p lanePlot) {
	for _, m := range p.Marks {
		if far := m.farPath(); far != "" {
			s.path(picture.Item{Path: far, Fill: laneColours[m.Lane], Opacity: .45})
		}
	}
	for _, m := range p.Marks {
		i := picture.Item{Path: lanePath(m.Lane, m.X, float64(m.Y), m.R), Fill: laneColours[m.Lane], Stroke: inkColour,
			StrokeWidth: 1}
		if m.Lane == LaneNotes {
			i.Stroke, i.StrokeWidth = sumColour, 2
		}
		s.path(i)
		if m.Label != "" && m.Before {
			s.endText(float64(m.Y)+4, m.X-lnLabel, inkColour, m.Label, true)
		} else if m.Label != "" {
			s.text(float64(m.Y)+4, m.X+lnLabel, scText, inkColour, m.Label)
		}
	}
}

// legend says what the lines and shades are.
func (s *scene) legend(t Timeline, p lanePlot) {
	x, y := 0.0, float64(p.Height)+10
	say := func(i picture.Item, words string) {
		i.X, i.Y = x, y-8
		s.path(i)
		s.text(y, x+18, scText, dimColour, words)
		x += 18 + textWide(words) + 20
	}
	say(picture.Item{Path: "M0 7H6V1H12", Stroke: sumColour, StrokeWidth: 1.5}, "24-hour sum, as the hourly runs see it")
	say(picture.Item{Path: "M0 4H12", Stroke: limitColour, StrokeWidth: 1, Dash: 4}, "threshold")
	if len(p.Crossing) > 0 {
		say(picture.Item{Path: "M6 -2V10", Stroke: crossColour, StrokeWidth: 1.5}, "a threshold is reached")
	}
	for _, kind := range []string{"off", "gap", "blind", "less"} {
		if c := shadeColours[kind]; t.shaded(kind) {
			say(picture.Item{Path: "M0 -2H12V10H0Z", Fill: c.fill, Opacity: c.opacity}, c.words)
		}
	}
}
