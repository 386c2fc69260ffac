package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// mostAnswered is how many files one answer is used for.
const mostAnswered = 100_000

// answerOf reads the answers of a request, from its form or its address.
func answerOf(c echo.Context) intake.Reading {
	value := func(name string) string {
		return cut(strings.TrimSpace(strings.ToValidUTF8(c.FormValue(name), "\uFFFD")), maxField)
	}
	return intake.Reading{Zone: value("zone"), Computer: value("computer"), Dates: value("dates")}
}

// Answer takes what a person says of a file that leaves something open, and
// starts its import; with others=1 that of all files that leave the same open.
func (h *Handlers) Answer(c echo.Context) error {
	i, err := h.importParam(c)
	if err != nil {
		return err
	}
	if i.Status != intake.Asking || i.Path == "" {
		return fault.New(fault.Conflict, "Import %d does not wait for an answer.", i.ID)
	}
	open, err := h.openOf(i)
	if err != nil {
		return err
	}
	if open.password {
		return h.unlock(c, i)
	}
	given := answerOf(c)
	if problem := unanswered(given, open); problem != "" {
		if wantsJSON(c) {
			return fault.New(fault.Invalid, "%s", problem)
		}
		return h.importPage(c, http.StatusBadRequest, i, problem)
	}
	others := []intake.Import{}
	if c.FormValue("others") != "" {
		if others, err = h.sameOpen(c.Request().Context(), i.ID, open, mostAnswered); err != nil {
			return err
		}
	}
	if err := h.answer(c, i, given, open); err != nil {
		return err
	}
	for _, o := range others {
		if err := h.answer(c, o, given, open); err != nil && fault.CodeOf(err) != fault.Conflict { // answered by somebody else
			return err
		}
	}
	if len(others) > 0 && !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/imports")
	}
	i.Status = intake.Queued
	return h.began(c, i)
}

// unanswered says what is missing of the answers, or wrong with them. A
// computer that nobody knows may stay unknown.
func unanswered(given intake.Reading, open asks) string {
	switch _, err := importer.Zone(given.Zone); {
	case open.zone && given.Zone == "":
		return "Say the zone of the times: a name such as Europe/Berlin, or UTC."
	case open.zone && err != nil:
		return sentenceOf(err)
	case open.dates && given.Dates == "":
		return "Say which number of the dates is the day."
	}
	if err := importer.ValidDates(given.Dates); open.dates && err != nil {
		return sentenceOf(err)
	}
	return ""
}

func (h *Handlers) answer(c echo.Context, i intake.Import, given intake.Reading, open asks) error {
	r := merged(i.Reading(), given, open)
	return h.Queue.Answer(c.Request().Context(), i.ID, zoneWords(r.Zone), r.Computer, r.Dates, "")
}

// unlock takes the password of an archive.
func (h *Handlers) unlock(c echo.Context, i intake.Import) error {
	password := c.FormValue("password")
	if password == "" || len(password) > maxField {
		return fault.New(fault.Invalid, "Say the password of the archive, of at most %d bytes.", maxField)
	}
	if err := h.Queue.Unlock(c.Request().Context(), i.ID, password); err != nil {
		return err
	}
	i.Status = intake.Queued
	return h.began(c, i)
}
