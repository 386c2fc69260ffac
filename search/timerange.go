package search

import (
	"context"
	"strings"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/fault"
)

// ParseRange reads two moments: RFC 3339 (without a zone UTC, also without seconds, or
// a date alone), "now", "-24h@h" relative to now, "newest" and "newest-24h" relative
// to the newest event. One that is empty is no bound. newest as the end includes the
// newest event. It is now then; the zero time is the moment.
func (e *Engine) ParseRange(ctx context.Context, earliest, latest string, now time.Time) (r Range, err error) {
	if now.IsZero() {
		now = e.Now()
	}
	if r.Earliest, err = e.parseTime(ctx, earliest, false, now.UTC()); err == nil {
		r.Latest, err = e.parseTime(ctx, latest, true, now.UTC())
	}
	if err == nil && !r.Earliest.IsZero() && !r.Latest.IsZero() && r.Latest.Before(r.Earliest) {
		err = fault.New(fault.Invalid, "The time range ends (%s) before it begins (%s).", latest, earliest)
	}
	return r, err
}

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02"}

func (e *Engine) parseTime(ctx context.Context, text string, end bool, now time.Time) (time.Time, error) {
	s := strings.TrimSpace(text)
	if s == "" {
		return time.Time{}, nil
	}
	wrong := fault.New(fault.Invalid, "%q is no time. Write it as in 2025-12-15T01:48:53Z, -24h or newest-24h.", text)
	if by, ok := strings.CutPrefix(strings.ToLower(s), "newest"); ok {
		sec, any, err := e.Store.NewestSecond(ctx)
		if err != nil || !any {
			return time.Time{}, err
		}
		t := time.Unix(sec, 0).UTC()
		if end && by == "" {
			t = t.Add(time.Second)
		}
		return relative(t, by, wrong)
	}
	if by, ok := strings.CutPrefix(strings.ToLower(s), "now"); ok {
		return relative(now, by, wrong)
	}
	if strings.ContainsRune("+-@", rune(s[0])) {
		return relative(now, strings.ToLower(s), wrong)
	}
	for _, t := range []string{s, strings.Replace(s, " ", "+", 1), strings.Replace(s, " ", "T", 1)} {
		for _, layout := range layouts {
			if at, err := time.Parse(layout, strings.ToUpper(t)); err == nil {
				return at.UTC(), nil
			}
		}
	}
	return time.Time{}, wrong
}

func relative(t time.Time, by string, wrong error) (time.Time, error) {
	if by == "" {
		return t, nil
	}
	if out, ok := spl.RelativeTime(t, by); ok {
		return out, nil
	}
	return time.Time{}, wrong
}
