package handlers

import (
	"context"
	"math"
	"slices"
	"time"

	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/views"
)

// mostCrossing is how many risk events of an hour are looked at for the one that
// crossed a threshold.
const mostCrossing = 5000

// dated is an incident with the moment at which it reached its threshold.
type dated struct {
	risk.Incident
	At int64
}

// datedOf are incidents with their moments.
func (h *Handlers) datedOf(ctx context.Context, f store.RiskFilter, s risk.Settings, list []risk.Incident) (
	out []dated, err error) {
	f.After, f.UpTo = math.MaxInt64, math.MinInt64
	for _, in := range list {
		if in.Kind == risk.ByScore {
			f.After, f.UpTo = min(f.After, in.Crossed-risk.Day), max(f.UpTo, in.Crossed)
		}
	}
	var hours []risk.Hour
	if f.After < f.UpTo {
		if _, hours, err = h.Ask.Timeline.RiskSpan(ctx, f, 0); err != nil {
			return nil, err
		}
	}
	for _, in := range list {
		at, err := h.crossingIn(ctx, f, s, in, hours)
		if err != nil {
			return nil, err
		}
		out = append(out, dated{in, at})
	}
	return out, nil
}

// crossing is when an incident's threshold was reached.
func (h *Handlers) crossing(ctx context.Context, object string, f store.RiskOf, s scored, in risk.Incident) (int64,
	error) {
	all, err := h.datedOf(ctx, store.RiskFilter{Object: object, Type: f.Type, Rule: f.Rule}, s.Settings(),
		[]risk.Incident{in})
	if err != nil {
		return 0, err
	}
	return all[0].At, nil
}

// crossingIn finds the hour in which an incident's threshold was reached, and then
// the risk event.
func (h *Handlers) crossingIn(ctx context.Context, f store.RiskFilter, s risk.Settings, in risk.Incident,
	hours []risk.Hour) (int64, error) {
	by, ok := s.CrossedIn(in, hours)
	if !ok {
		return in.Crossed, nil
	}
	if at, ok := exactly(s, in, hours); ok {
		return at, nil
	}
	hour := risk.HourOf(by.Last)
	of := func(o risk.Hour) bool { return risk.HourOf(o.Last) == hour }
	f.After, f.UpTo = (hour-1)*int64(time.Hour/time.Second), hour*int64(time.Hour/time.Second)
	single, err := h.Ask.Timeline.RiskSeconds(ctx, f, mostCrossing)
	if err != nil {
		return 0, err
	}
	if by, ok = s.CrossedIn(in, append(slices.DeleteFunc(slices.Clone(hours), of), single...)); !ok {
		return in.Crossed, nil
	}
	return by.Last, nil
}

// exactly is when an incident's threshold was reached, where hours alone tell: the
// one in which it was has no two risk events of one rule.
func exactly(s risk.Settings, in risk.Incident, hours []risk.Hour) (at int64, ok bool) {
	by, ok := s.CrossedIn(in, hours)
	several := func(o risk.Hour) bool { return risk.HourOf(o.Last) == risk.HourOf(by.Last) && o.Count > 1 }
	return by.Last, ok && !slices.ContainsFunc(hours, several)
}

// shown are the incidents of the period, the gravest first.
func (h *Handlers) shown(ctx context.Context, f store.RiskFilter, s scored) (out []views.Incident, err error) {
	all, err := h.datedOf(ctx, f, s.Settings(), s.Ranked())
	for _, in := range all {
		v := incident(in.Incident, s.Settings())
		v.At = second(in.At)
		out = append(out, v)
	}
	return out, err
}

// mostCrossings is of how many incidents of a window a timeline says when they
// began: the gravest.
const mostCrossings = 3

// crossings are the moments in a window at which incidents reached their
// thresholds, and when the first incident began.
func (h *Handlers) crossings(ctx context.Context, o pictured, w window, s spanned) (out []views.Crossing,
	begun time.Time, err error) {
	if len(s.incidents) > 0 && s.incidents[0].From <= w.upTo {
		begun = second(s.incidents[0].From)
	}
	v := o.View
	v.Incidents = s.incidents
	var list []risk.Incident
	for _, in := range v.Ranked() {
		if in.Kind == risk.ByScore && in.Crossed > w.from && in.Crossed-risk.Day <= w.upTo {
			list = append(list, in)
		}
	}
	all, err := h.datedOf(ctx, o.filter(0, 0), o.Settings(), list)
	for _, in := range all {
		if in.At > w.from && in.At <= w.upTo && len(out) < mostCrossings {
			out = append(out, views.Crossing{At: second(in.At), Run: second(in.Crossed), Label: in.Severity.String()})
		}
	}
	return out, begun, err
}
