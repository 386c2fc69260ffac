package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"escutcheon/views/picture"
)

// MomentKind is what a moment of a case is; it says the shape of its mark.
type MomentKind int

// The kinds of moments.
const (
	MomentModule MomentKind = iota
	MomentLogging
	MomentCommand
	MomentEvidence
	MomentNote
)

var momentWords = []string{"module", "logging", "command or log", "evidence", "note"}

var momentLanes = []Lane{LaneModules, LaneLogging, LaneCommands, LaneStatus, LaneNotes}

// Words say what a moment is.
func (k MomentKind) Words() string { return momentWords[k] }

// ParseMoment reads the words of a kind.
func ParseMoment(words string) (MomentKind, bool) {
	i := slices.Index(momentWords, words)
	return MomentKind(max(i, 0)), i >= 0
}

// CaseMoment is a moment on one of a case's hosts.
type CaseMoment struct {
	At         time.Time
	Dest       string
	Kind       MomentKind
	Text       string
	Log        bool // Text is the log's
	By         string
	Where, URL string
	Evidence   int64 // that it is pinned as
}

// CaseTimeline is what happened on all hosts of a case.
type CaseTimeline struct {
	Number, Title string
	Moments       []CaseMoment // by time
	MoreHosts     int
}

// mostCaseLanes is how many hosts a picture has lanes for.
const mostCaseLanes = 20

// The picture of a case, in its own units.
const (
	csLeft, csRight = 190, 946
	csTop, csStep   = 20, 30
)

// hosts are those with moments, the first to change first.
func (t CaseTimeline) hosts() (out []string) {
	seen := map[string]bool{}
	for _, m := range t.Moments {
		if !seen[m.Dest] {
			seen[m.Dest] = true
			out = append(out, m.Dest)
		}
	}
	return out
}

// Span is from the first to the last moment.
func (t CaseTimeline) Span() (from, to time.Time) {
	if len(t.Moments) == 0 {
		return from, to
	}
	return t.Moments[0].At, t.Moments[len(t.Moments)-1].At
}

// Sentence says what the picture shows.
func (t CaseTimeline) Sentence() string {
	hosts := t.hosts()
	if len(hosts) == 0 {
		return "Nothing of the case has a time yet."
	}
	from, to := t.Span()
	s := fmt.Sprintf("%s on %s, from %s to %s.", Plural(int64(len(t.Moments)), "moment"),
		Plural(int64(len(hosts)), "host"), from.UTC().Format("2006-01-02 15:04:05"), utc(to))
	if n := len(hosts) - mostCaseLanes; n > 0 {
		s += fmt.Sprintf(" The picture has the first %d hosts.", mostCaseLanes)
	}
	return s
}

// Scene is the timeline as a picture that stands alone: a lane a host.
func (t CaseTimeline) Scene() picture.Scene {
	hosts := t.hosts()
	hosts = hosts[:min(len(hosts), mostCaseLanes)]
	base := csTop + csStep*max(1, len(hosts))
	s := scene{picture.Scene{Width: lnWidth + 2*scMargin, Height: base + 40 + scHead + scFoot,
		Title: t.Number + " " + VisibleShort(t.Title, 90), Desc: t.Sentence()}}
	s.text(-scHead+22, 0, 15, inkColour, s.Title)
	s.Items[0].Bold = true
	s.text(-scHead+40, 0, 12, dimColour, t.Sentence())
	from, to := t.Span()
	pad := max(time.Minute, to.Sub(from)/40)
	from, to = from.Add(-pad), to.Add(pad)
	x := func(at time.Time) float64 {
		return round1(csLeft + float64(at.Sub(from))/float64(to.Sub(from))*(csRight-csLeft))
	}
	lane := map[string]int{}
	for i, h := range hosts {
		lane[h] = csTop + csStep*i
		s.text(float64(lane[h])+4, 0, scText, inkColour, VisibleShort(h, 28))
		s.line(fmt.Sprintf("M%d %dH%d", csLeft, lane[h], csRight), lineColour, 1, 0)
	}
	if len(hosts) > 0 {
		s.caseAxis(from, to, base, x)
	}
	labelEnd := map[string]float64{}
	for _, m := range t.Moments {
		y, ok := lane[m.Dest]
		if !ok {
			continue
		}
		l := momentLanes[m.Kind]
		i := picture.Item{Path: lanePath(l, x(m.At), float64(y), 6), Fill: laneColours[l], Stroke: inkColour, StrokeWidth: 1}
		if l == LaneNotes {
			i.Stroke, i.StrokeWidth = sumColour, 2
		}
		s.path(i)
		label := VisibleShort(strings.Join(strings.Fields(m.Text), " "), 24)
		if m.Kind > MomentLogging || x(m.At) < labelEnd[m.Dest] {
			continue
		}
		labelEnd[m.Dest] = x(m.At) + textWide(label) + 8
		if end := x(m.At)+textWide(label) > csRight; end {
			s.endText(float64(y)-9, x(m.At)+6, dimColour, label, true)
		} else {
			s.text(float64(y)-9, x(m.At)-4, scText, dimColour, label)
		}
	}
	s.caseLegend(float64(base) + 50)
	return s.Scene
}

func (s *scene) caseAxis(from, to time.Time, base int, x func(time.Time) float64) {
	times, layout, context := ticks(from, to)
	said := ""
	end := 0.0
	for _, at := range times {
		s.line(fmt.Sprintf("M%s %dV%d", f1(x(at)), csTop-csStep/2, base), lineColour, .5, 2)
		label := at.UTC().Format(layout)
		if x(at) < end || x(at)+textWide(label) > lnWidth {
			continue
		}
		s.text(float64(base)+14, x(at)+3, scText, dimColour, label)
		end = x(at) + textWide(label) + 10
		if of := at.UTC().Format(context); of != said {
			s.text(float64(base)+28, x(at)+3, scText, dimColour, of)
			said, end = of, max(end, x(at)+textWide(of)+12)
		}
	}
}

func (s *scene) caseLegend(y float64) {
	at := 0.0
	for k, words := range momentWords {
		l := momentLanes[k]
		i := picture.Item{Path: lanePath(l, at+6, y-4, 5), Fill: laneColours[l], Stroke: inkColour, StrokeWidth: 1}
		if l == LaneNotes {
			i.Stroke, i.StrokeWidth = sumColour, 2
		}
		s.path(i)
		s.text(y, at+18, scText, dimColour, words)
		at += 18 + textWide(words) + 20
	}
	s.text(y, at, scText, dimColour, "times in UTC")
}
