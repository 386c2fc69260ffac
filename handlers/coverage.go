package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/blind"
	"escutcheon/detection/verdict"
	"escutcheon/store"
	"escutcheon/views"
)

// BlindStore is what the page of a host's coverage asks beside the others.
type BlindStore interface {
	// Blinded are the changes that blind the logs of a host.
	Blinded(ctx context.Context, of store.VerdictOf) ([]verdict.Change, error)
	// RecordGaps are the gaps in the numbers of its records.
	RecordGaps(ctx context.Context, dest string) (gaps []blind.Gap, cut bool, err error)
	// RequestSites are the sites whose requests it logged, and when there were any.
	RequestSites(ctx context.Context, of store.VerdictOf) (sites []blind.Site, cut bool, err error)
}

// HostCoverage says which logs of a host were seen, and when less than there should be.
func (h *Handlers) HostCoverage(c echo.Context) error {
	ctx, dest := c.Request().Context(), destParam(c)
	if dest == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	_, main, err := h.Ask.Hosts.HostAliases(ctx, dest)
	if err != nil {
		return err
	}
	if main != "" {
		return c.Redirect(http.StatusSeeOther, views.WithQuery(views.HostCoverageURL(main), "as-of", c.QueryParam("as-of")))
	}
	at, err := asOfParam(c)
	if err != nil {
		return err
	}
	seen, in, cut, err := h.blindness(ctx, store.VerdictOf{Dest: dest, AsOf: at})
	if err != nil {
		return err
	}
	spans := blind.Make(in)
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, spansAsJSON(spans))
	}
	p := views.CoveragePage{Dest: dest, Spelling: seen.spelling, AsOfText: c.QueryParam("as-of"), Counting: seen.counting,
		Cut: cut, Gone: in.Gone}
	if p.Frame, err = h.frame(c, "Coverage of "+seen.spelling); err != nil {
		return err
	}
	for _, ch := range in.Channels {
		p.Channels = append(p.Channels, views.CoverageChannel{Name: ch.Name, Events: ch.Events, From: ch.From, To: ch.To})
	}
	for _, s := range spans {
		v := views.CoverageSpan{Kind: string(s.Kind), Text: s.Text, From: s.From, To: s.To}
		for _, e := range s.Evidence {
			u := views.EventURL(e.Event)
			if e.Artifact != 0 {
				u = views.ArtifactURL(e.Artifact, e.Line)
			}
			v.Evidence = append(v.Evidence, views.CoverageEvidence{Text: e.Text, URL: u})
		}
		p.Spans = append(p.Spans, v)
	}
	return render(c, http.StatusOK, views.HostCoverage(p))
}

// covered is what of a host's coverage is no span.
type covered struct {
	spelling string
	counting bool
}

// blindness gathers what the spans of a host are made of.
func (h *Handlers) blindness(ctx context.Context, of store.VerdictOf) (c covered, in blind.Input, cut bool, err error) {
	conf, err := h.Ask.Artifacts.Configuration(ctx, of)
	if err != nil {
		return c, in, false, err
	}
	c.spelling, in.OnFile, in.Files = conf.Spelling, conf.History, conf.Files
	seen, err := h.Ask.Verdicts.Coverage(ctx, of.Dest, of.AsOf)
	if err != nil {
		return c, in, false, err
	}
	c.counting, in.Gone = seen.Counting, seen.Gone
	in.Channels = channelsOf(seen)
	v, err := h.Ask.Verdicts.VerdictOf(ctx, of)
	if err != nil {
		return c, in, false, err
	}
	in.Verdict = v.Verdict
	if in.Changes, err = h.Ask.Blind.Blinded(ctx, of); err != nil {
		return c, in, false, err
	}
	var more bool
	if in.Gaps, cut, err = h.Ask.Blind.RecordGaps(ctx, of.Dest); err == nil {
		in.Sites, more, err = h.Ask.Blind.RequestSites(ctx, of)
	}
	return c, in, cut || more, err
}

func channelsOf(c store.Coverage) (out []blind.Channel) {
	for _, ch := range c.Channels {
		one := blind.Channel{Name: ch.Channel, Events: ch.Events}
		if ch.HasTime {
			one.From, one.To = second(ch.From), second(ch.To)
		}
		for _, g := range ch.Gaps {
			one.Gaps = append(one.Gaps, [2]time.Time{second(g.From), second(g.To)})
		}
		out = append(out, one)
	}
	return out
}

type blindJSON struct {
	Kind     string              `json:"kind"`
	From     *string             `json:"from"` // null: it began before all that was collected, or is not known
	To       *string             `json:"to"`   // null: no end was seen
	Text     string              `json:"text"`
	Evidence []blindEvidenceJSON `json:"evidence"`
}

type blindEvidenceJSON struct {
	Event    int64  `json:"event,omitempty"`
	Artifact int64  `json:"artifact,omitempty"`
	Line     int    `json:"line,omitempty"`
	Text     string `json:"text"`
}

func spansAsJSON(spans []blind.Span) []blindJSON {
	out := []blindJSON{}
	for _, s := range spans {
		one := blindJSON{Kind: string(s.Kind), From: instant(s.From), To: instant(s.To), Text: s.Text,
			Evidence: []blindEvidenceJSON{}}
		for _, e := range s.Evidence {
			one.Evidence = append(one.Evidence, blindEvidenceJSON{e.Event, e.Artifact, e.Line, e.Text})
		}
		out = append(out, one)
	}
	return out
}
