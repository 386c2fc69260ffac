package handlers

import (
	"context"
	"slices"
	"strconv"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// laneOf is the lane of a change to the configuration.
func laneOf(k detection.Kind) views.Lane {
	switch k.Class() {
	case detection.ClassModule, detection.ClassFilter:
		return views.LaneModules
	case detection.ClassLogging:
		return views.LaneLogging
	}
	return views.LaneOther
}

// shades are the spans of a timeline in which HTTP logging was off.
func shades(j judged, t views.Timeline) (out []views.Shade) {
	for _, o := range j.Off {
		if o.From.IsZero() || !o.From.Before(t.To) || !o.To.IsZero() && !o.To.After(t.From) || len(out) == mostShades {
			continue
		}
		label := "HTTP log off"
		if o.Scope != "all sites" {
			label += ", " + o.Scope
		}
		out = append(out, views.Shade{From: o.From, To: o.To, Label: label, Kind: "off"})
	}
	return out
}

// mostShades is how many spans a timeline shades, mostCrossings how many of its
// incidents it says when they began.
const (
	mostShades    = 6
	mostCrossings = 3
)

// crossings are the moments at which the incidents of the period reached their
// thresholds.
func (h *Handlers) crossings(ctx context.Context, object string, of store.RiskOf, s scored) (out []views.Crossing,
	err error) {
	for _, in := range s.Ranked() {
		if in.Kind != risk.ByScore || len(out) == mostCrossings {
			continue
		}
		at, err := h.crossing(ctx, object, of, s, in)
		if err != nil {
			return nil, err
		}
		out = append(out, views.Crossing{At: second(at), Run: second(in.Crossed), Label: in.Severity.String()})
	}
	return out, nil
}

// withNotes are the marks of a timeline with those of the notes in its period,
// where there is a mark at all.
func withNotes(t views.Timeline, notes []views.NoteView) []views.RiskMark {
	if len(t.Marks) == 0 {
		return nil
	}
	out := t.Marks
	for _, n := range notes {
		if n.Deleted || !n.Created.After(t.From) || n.Created.After(t.To) {
			continue
		}
		id := strconv.FormatInt(n.ID, 10)
		out = append(out, views.RiskMark{Time: n.Created, Lane: views.LaneNotes, URL: "#note-" + id, FindingID: "note " + id})
	}
	slices.SortStableFunc(out, func(a, b views.RiskMark) int { return a.Time.Compare(b.Time) })
	return out
}
