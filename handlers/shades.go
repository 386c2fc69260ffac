package handlers

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"escutcheon/detection/blind"
	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

const hour = 60 * 60

// mostShades is how many spans a timeline shades.
const mostShades = 6

// shadesOf are the spans of a timeline in which HTTP logging was off, no log was
// seen, or not the one that tells of modules: of many the longest. more says how
// many others there are.
func shadesOf(j judged, t views.Timeline) (out []views.Shade, more int) {
	within := shading{t: t}
	for _, o := range j.Off {
		label := "HTTP log off"
		if o.Scope != "all sites" {
			label += ", " + o.Scope
		}
		if !o.From.IsZero() {
			within.add(o.From, o.To, label, "off")
		}
	}
	within.less(j.blind)
	if !j.Counting && len(j.Lost) == 0 {
		within.unseen(j.Coverage)
	}
	slices.SortStableFunc(within.all, func(a, b views.Shade) int { return cmp.Compare(within.long(b), within.long(a)) })
	out = within.all[:min(len(within.all), mostShades)]
	slices.SortStableFunc(out, func(a, b views.Shade) int { return a.From.Compare(b.From) })
	return out, len(within.all) - len(out)
}

// shading gathers the shades of a timeline.
type shading struct {
	t   views.Timeline
	all []views.Shade
}

// add adds a span as far as it lies in the timeline; a zero end is none.
func (s *shading) add(from, to time.Time, label, kind string) {
	if from.Before(s.t.To) && (to.IsZero() || to.After(s.t.From) && to.After(from)) {
		s.all = append(s.all, views.Shade{From: from, To: to, Label: label, Kind: kind})
	}
}

// long is how many seconds of a shade the timeline shows; of logging that is off
// more than of anything else.
func (s *shading) long(o views.Shade) int64 {
	if o.Kind == "off" {
		return math.MaxInt64
	}
	return min(o.To.Unix(), s.t.To.Unix()) - max(o.From.Unix(), s.t.From.Unix())
}

// less adds the spans in which logs were cleared or off, or silent while others went on.
func (s *shading) less(spans []blind.Span) {
	for _, b := range spans {
		label, to := string(b.Kind), b.To
		switch b.Kind {
		case blind.Cleared: // a moment, which would not be seen
			to = b.From.Add(max(time.Hour, s.t.To.Sub(s.t.From)/100))
		case blind.ChannelOff, blind.RequestsStop, blind.HistoryReset:
		default:
			continue
		}
		if !b.From.IsZero() {
			s.add(b.From, to, label, "less")
		}
	}
}

// unseen adds the spans without logs: gaps, and what lies before the first and after
// the last event.
func (s *shading) unseen(c store.Coverage) {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	iisFirst, iisLast := first, last
	for _, ch := range c.Channels {
		if !ch.HasTime {
			continue
		}
		first, last = min(first, ch.From), max(last, ch.To)
		if strings.EqualFold(ch.Channel, event.IISConfiguration) {
			iisFirst, iisLast = ch.From, ch.To
		}
	}
	if first > last {
		return
	}
	if last-first < hour { // events of a moment stand for their hour: a line would not be seen
		first, last = first-first%hour, last-last%hour+hour
	}
	if !c.Gone.IsZero() {
		s.add(s.t.From, c.Gone, "removed by retention", "gap")
	}
	s.add(maxTime(s.t.From, c.Gone), second(first), "no logs", "gap")
	s.add(maxTime(second(last), c.Gone), s.t.To, "no logs", "gap")
	for _, g := range c.Gaps {
		s.add(second(g.From), second(g.To), "no logs", "gap")
	}
	const blind = "no IIS-Configuration log"
	from, to := maxTime(maxTime(s.t.From, c.Gone), second(first)), minTime(s.t.To, second(last))
	if iisFirst > iisLast {
		s.add(from, to, blind, "blind")
		return
	}
	if iisFirst-first >= store.GapLength {
		s.add(from, minTime(to, second(iisFirst)), blind, "blind")
	}
	if last-iisLast >= store.GapLength {
		s.add(maxTime(from, second(iisLast)), to, blind, "blind")
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
