package views

import (
	"fmt"
	"strconv"
	"time"
)

// FeedsPage shows live feeds.
type FeedsPage struct {
	Frame
	Rows    []FeedRow
	Listens []string // what takes feeds, in sentences
	Tokens  []FeedTokenRow
	Zones   []string
	May     bool // tokens are shown, and made
	Problem string
	Secret  string // of a token that was just made: shown once

	HasInbox  bool // ingesters may feed this console
	Inbox     InboxWaits
	Ingesters []IngesterRow
}

// InboxWaits is what ingesters put down and the console has not taken.
type InboxWaits struct {
	Deliveries, Bytes int64
	Oldest, Counted   time.Time
	Problem           string
}

// IngesterRow is one that takes feeds elsewhere.
type IngesterRow struct {
	Name        string
	Began, Seen time.Time
	Quiet       bool
	Listens     []string
	Refused     []FeedRow
}

// FeedRow is a source.
type FeedRow struct {
	Name, Kind                           string
	Last, Newest                         time.Time
	Rate                                 float64 // events a second
	Lag                                  time.Duration
	HasLag, Live                         bool
	Read, New, Rejected, Repeated, Bytes int64
	Expired                              int64 // older than what is kept
	Refused                              int64
	Refusal                              string
	RefusedAt                            time.Time
	Import                               string // number; "" none
}

// FeedTokenRow is a token, without its secret.
type FeedTokenRow struct {
	ID                 int64
	Name, Zone, Author string
	Created            time.Time
	Revoked            bool
}

func (t FeedTokenRow) revoke() string {
	return "/feeds/tokens/" + strconv.FormatInt(t.ID, 10) + "/revoke"
}

// state is how a source does, in a word.
func (r FeedRow) state() string {
	switch {
	case r.Live:
		return "live"
	case r.Last.IsZero():
		return "nothing yet"
	}
	return "quiet"
}

func (r FeedRow) lag() string {
	switch {
	case !r.HasLag:
		return "–"
	case r.Lag < 10*time.Second:
		return fmt.Sprintf("%.1f s", r.Lag.Seconds())
	}
	return Duration(r.Lag)
}

// heading says what is shown.
func (p FeedsPage) heading() string {
	live := int64(0)
	for _, r := range p.Rows {
		if r.Live {
			live++
		}
	}
	if len(p.Rows) == 0 {
		return "No live feed yet"
	}
	return fmt.Sprintf("%s, %s live", Plural(int64(len(p.Rows)), "feed"), Num(live))
}
