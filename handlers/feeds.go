package handlers

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/signin"
	"escutcheon/views"
)

// FeedStore is what the page of live feeds asks.
type FeedStore interface {
	// Feeds returns what came of each source.
	Feeds(ctx context.Context) ([]intake.FeedState, error)
	FeedTokens(ctx context.Context) ([]intake.FeedToken, error)
	AddFeedToken(ctx context.Context, t intake.FeedToken, secret string) (int64, error)
	RevokeFeedToken(ctx context.Context, id int64) error
}

// FeedRates knows what the server has seen of feeds since its start.
type FeedRates interface {
	Fill(list []intake.FeedState) []intake.FeedState
}

// FeedInbox knows of ingesters, and of what they have put down for the console.
type FeedInbox interface {
	Ingesters(ctx context.Context) ([]intake.Ingester, error)
	State() intake.Waiting
}

// Feeds shows the sources of live events, and what lets them in.
func (h *Handlers) Feeds(c echo.Context) error { return h.feedsPage(c, http.StatusOK, "", "") }

func (h *Handlers) feedsPage(c echo.Context, status int, problem, secret string) error {
	ctx := c.Request().Context()
	list, err := h.Ask.Feeds.Feeds(ctx)
	if err != nil {
		return err
	}
	if h.Rates != nil {
		list = h.Rates.Fill(list)
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		out := []feedJSON{}
		for _, f := range list {
			out = append(out, toFeedJSON(f))
		}
		answer := map[string]any{"feeds": out, "listens": append([]string{}, h.FeedsAt...)}
		if h.Inbox != nil {
			answer["inbox"], answer["ingesters"] = h.inboxJSON(ctx)
		}
		return c.JSON(status, answer)
	}
	p := views.FeedsPage{Problem: problem, Secret: secret, Listens: h.FeedsAt, Zones: zones}
	for _, f := range list {
		p.Rows = append(p.Rows, feedRow(f))
	}
	if h.Inbox != nil {
		h.inboxPage(ctx, &p)
	}
	if access.May(ctx, access.Admin) {
		tokens, err := h.Ask.Feeds.FeedTokens(ctx)
		if err != nil {
			return err
		}
		p.May = true
		for _, t := range tokens {
			p.Tokens = append(p.Tokens, views.FeedTokenRow{ID: t.ID, Name: t.Name, Zone: cmp.Or(t.Zone, "UTC"),
				Author: t.Author, Created: t.Created, Revoked: t.Revoked})
		}
	}
	if p.Frame, err = h.frame(c, "Live feeds"); err != nil {
		return err
	}
	if len(list) > 0 && secret == "" {
		p.Refresh = 5
	}
	return render(c, status, views.Feeds(p))
}

func feedRow(f intake.FeedState) views.FeedRow {
	return views.FeedRow{Name: f.Name, Kind: feedKinds[f.Kind], Last: f.Last, Newest: f.Newest, Rate: f.Rate, Lag: f.Lag,
		HasLag: f.HasLag, Live: f.Live, Read: f.Read, New: f.New, Rejected: f.Rejected, Repeated: f.Repeated,
		Bytes: f.Bytes, Expired: f.Expired, Refused: f.Refused, Refusal: f.Refusal, RefusedAt: f.RefusedAt,
		Import: number(f.Today)}
}

// feedKinds are the kinds of feeds in words.
var feedKinds = map[string]string{intake.FeedHEC: "HTTP Event Collector", intake.FeedBulk: "Elasticsearch bulk",
	intake.FeedOTLP: "OpenTelemetry (OTLP)", intake.FeedSyslog: "syslog", intake.FeedFolder: "watched folder"}

type feedJSON struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Rate      float64  `json:"events_per_second"`
	Lag       *float64 `json:"lag_seconds"` // of the newest event when it came; null: not known
	LastEvent *string  `json:"last_event"`
	LastCame  *string  `json:"last_received"`
	Read      int64    `json:"read"`
	New       int64    `json:"new"`
	Rejected  int64    `json:"rejected"`
	Repeated  int64    `json:"repeated"` // deliveries that were sent again
	Bytes     int64    `json:"bytes"`
	Expired   int64    `json:"expired"` // older than what is kept
	Refused   int64    `json:"refused"` // since the server's start
	Refusal   string   `json:"last_refusal"`
	Import    int64    `json:"import"` // of the newest day; 0 none
}

func toFeedJSON(f intake.FeedState) feedJSON {
	out := feedJSON{Name: f.Name, Kind: f.Kind, Rate: f.Rate, Read: f.Read, New: f.New, Rejected: f.Rejected,
		Repeated: f.Repeated, Bytes: f.Bytes, Expired: f.Expired, Refused: f.Refused, Refusal: f.Refusal, Import: f.Today,
		LastEvent: moment(f.Newest), LastCame: moment(f.Last)}
	if f.HasLag {
		s := f.Lag.Seconds()
		out.Lag = &s
	}
	return out
}

// moment is a time as JSON has it, nil where there is none.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339Nano)
	return &s
}

// AddFeedToken makes a token that lets a feed in. Its secret is shown once.
func (h *Handlers) AddFeedToken(c echo.Context) error {
	t := intake.FeedToken{Name: formText(c, "name"), Zone: formText(c, "zone")}
	secret := signin.NewSecret()
	id, err := h.Ask.Feeds.AddFeedToken(c.Request().Context(), t, secret)
	if err != nil {
		return refusedForm(c, err, func(status int, problem string) error { return h.feedsPage(c, status, problem, "") })
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusCreated, map[string]any{"id": id, "token": secret})
	}
	return h.feedsPage(c, http.StatusOK, "", secret)
}

// RevokeFeedToken has a token let nothing in any more.
func (h *Handlers) RevokeFeedToken(c echo.Context) error {
	id, err := idParam(c, "token")
	if err == nil {
		err = h.Ask.Feeds.RevokeFeedToken(c.Request().Context(), id)
	}
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	if WantsJSON(c) {
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]bool{"revoked": true})
	}
	return c.Redirect(http.StatusSeeOther, "/feeds")
}
