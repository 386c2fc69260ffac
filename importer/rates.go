package importer

import (
	"sync"
	"time"

	"escutcheon/intake"
)

// rateSpan is over how long a rate is measured, in seconds.
const rateSpan = 60

// Rates knows how fast feeds bring events, how late these are, and what was refused:
// since the server's start. Its methods may be called at once.
type Rates struct {
	now func() time.Time

	mu    sync.Mutex
	began time.Time
	feeds map[intake.Feed]*rate
}

type rate struct {
	seconds [rateSpan]struct {
		at int64
		n  int
	}
	last      time.Time
	lag       time.Duration
	hasLag    bool
	refused   int64
	refusal   string
	refusedAt time.Time
}

// mostFeeds is of how many feeds rates are known.
const mostFeeds = 10_000

// NewRates returns one that knows nothing yet.
func NewRates(now func() time.Time) *Rates {
	return &Rates{now: now, began: now(), feeds: map[intake.Feed]*rate{}}
}

// of is a feed's rate; nil where too many are known.
func (r *Rates) of(f intake.Feed) *rate {
	one := r.feeds[f]
	if one == nil && len(r.feeds) < mostFeeds {
		one = &rate{}
		r.feeds[f] = one
	}
	return one
}

// Took notes that events came, and the time of the newest one.
func (r *Rates) Took(f intake.Feed, came time.Time, events int, newest time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.of(f)
	if one == nil {
		return
	}
	now := r.now()
	s := &one.seconds[now.Unix()%rateSpan]
	if s.at != now.Unix() {
		s.at, s.n = now.Unix(), 0
	}
	s.n += events
	one.last = now
	if !newest.IsZero() {
		one.lag, one.hasLag = max(0, now.Sub(newest)), true
	}
}

// Refused notes that something was refused, and why.
func (r *Rates) Refused(f intake.Feed, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.of(f); one != nil {
		one.refused++
		one.refusal, one.refusedAt = sentence, r.now()
	}
}

// Fill adds to states what is known of their feeds, and feeds of which nothing was
// stored yet.
func (r *Rates) Fill(list []intake.FeedState) []intake.FeedState {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[intake.Feed]bool{}
	for i := range list {
		seen[list[i].Feed] = true
		r.fill(&list[i])
	}
	for f := range r.feeds {
		if !seen[f] {
			s := intake.FeedState{Feed: f}
			r.fill(&s)
			list = append(list, s)
		}
	}
	return list
}

func (r *Rates) fill(s *intake.FeedState) {
	one := r.feeds[s.Feed]
	if one == nil {
		return
	}
	now, n := r.now(), 0
	for _, sec := range one.seconds {
		if now.Unix()-sec.at < rateSpan {
			n += sec.n
		}
	}
	over := min(rateSpan, max(1, now.Sub(r.began).Seconds()))
	s.Rate, s.Lag, s.HasLag = float64(n)/over, one.lag, one.hasLag
	s.Refused, s.Refusal, s.RefusedAt = one.refused, one.refusal, one.refusedAt
	s.Live = !one.last.IsZero() && now.Sub(one.last) < 5*time.Minute
}
