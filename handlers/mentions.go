package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
	"escutcheon/views/markdown"
)

// mostMentions is how many events and findings one note pins.
const mostMentions = 20

// pinMentions pins the events and findings that a note mentions and that are here, so
// that what the note says of them can be looked at when their import is gone.
func (h *Handlers) pinMentions(ctx context.Context, text, person string) error {
	if h.Ask.Pins == nil || person == "" {
		return nil
	}
	n := 0
	for _, m := range markdown.Mentions(text) {
		if n == mostMentions {
			return nil
		}
		var p store.Pin
		var events []store.Pin
		var err error
		switch m.Kind {
		case "event":
			id, bad := strconv.ParseInt(m.Ref, 10, 64)
			if bad != nil {
				continue
			}
			p, _, err = h.pinOfEvent(ctx, id)
		case "finding":
			p, events, err = h.pinOfFinding(ctx, m.Ref)
		default:
			continue
		}
		if fault.CodeOf(err) == fault.NotFound {
			continue // the link says so
		}
		if err == nil {
			_, err = h.Ask.Pins.Pin(ctx, p, events, person)
		}
		if err != nil {
			return err
		}
		n++
	}
	return nil
}

// orEvidence leads to the evidence of an event or a finding that is not here any more,
// if it was pinned; else the error stands.
func (h *Handlers) orEvidence(c echo.Context, kind, ref string, cause error) error {
	if fault.CodeOf(cause) != fault.NotFound || h.Ask.Pins == nil || WantsJSON(c) {
		return cause
	}
	pins, err := h.Ask.Pins.PinsOf(c.Request().Context(), kind, ref)
	if err != nil {
		return errors.Join(cause, err)
	}
	var newest int64
	for id := range pins {
		newest = max(newest, id)
	}
	if newest == 0 {
		return cause
	}
	return c.Redirect(http.StatusSeeOther, views.EvidenceURL(newest))
}
