package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/intake"
	"escutcheon/views"
)

// An archive may hold as many members as it likes: a page shows so many of
// them, and one answer to a program has so many.
const (
	pageMembers = 150
	jsonMembers = 10_000
)

// members is the page of an archive's members that a request asks for.
func (h *Handlers) members(c echo.Context, i intake.Import) (*views.Members, error) {
	ctx := c.Request().Context()
	after, status := afterParam(c), intake.Status(c.QueryParam("status"))
	list, err := h.membersShown(c, i.ID, status, after)
	if err != nil {
		return nil, err
	}
	counts, err := h.Ask.Imports.MemberCounts(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	m := &views.Members{Shown: string(status)}
	for _, s := range []intake.Status{intake.Asking, intake.Running, intake.Queued, intake.Done, intake.Failed,
		intake.Cancelled, intake.Deleting} {
		if n := counts[s]; n > 0 {
			m.Total += n
			m.Counts = append(m.Counts, views.MemberCount{Status: string(s), Count: n,
				URL: with(c, "status", string(s), "with", "")})
		}
	}
	if err := h.countRejecting(c, i.ID, m); err != nil {
		return nil, err
	}
	if m.Shown != "" {
		m.AllURL = with(c, "status", "", "with", "")
	}
	if len(list) > pageMembers {
		list = list[:pageMembers]
		m.Pager.NextURL = with(c, "after", fmt.Sprint(list[pageMembers-1].Ordinal))
	}
	if after > 0 {
		m.Pager.PrevURL = with(c)
	}
	m.Pager.Prev, m.Pager.Next, m.Pager.Shown, m.Pager.Total = "first", "next", len(list), m.Total
	m.Pager.Total = m.Matching()
	for _, e := range list {
		m.Rows = append(m.Rows, h.importRow(e))
	}
	return m, nil
}

// rejecting is what a page says of the members that have rejected records.
const rejecting = "with rejected records"

// membersShown are the members that a request asks for: of a status, or with
// rejected records.
func (h *Handlers) membersShown(c echo.Context, id int64, status intake.Status, after int64) ([]intake.Import, error) {
	ctx := c.Request().Context()
	if c.QueryParam("with") == "rejected" {
		return h.Ask.Imports.MembersRejecting(ctx, id, after, pageMembers+1)
	}
	return h.Ask.Imports.MembersAfter(ctx, id, status, after, pageMembers+1)
}

func (h *Handlers) countRejecting(c echo.Context, id int64, m *views.Members) error {
	n, err := h.Ask.Imports.CountRejecting(c.Request().Context(), id)
	if n > 0 {
		m.Rejecting = &views.MemberCount{Status: rejecting, Count: n, URL: with(c, "status", "", "with", "rejected")}
	}
	if c.QueryParam("with") == "rejected" {
		m.Shown = rejecting
	}
	return err
}

func afterParam(c echo.Context) int64 {
	n, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64) // any other text is the list's start
	return max(n, 0)
}

// importJSON answers a program. ?members=0 leaves an archive's members out.
func (h *Handlers) importJSON(c echo.Context, i intake.Import) error {
	row := h.importRow(i)
	if err := h.risk(c.Request().Context(), &row, i); err != nil {
		return err
	}
	j := row.JSON()
	j.Format = i.Format // the short name, as the command line has it
	if i.Status == intake.Asking && i.Path != "" {
		a, err := h.Questions.Open(i)
		if err != nil {
			return err
		}
		j.Asks = a.Names()
	}
	if isArchive(i) && c.QueryParam("members") != "0" {
		list, err := h.Ask.Imports.MembersAfter(c.Request().Context(), i.ID, "", afterParam(c), jsonMembers+1)
		if err != nil {
			return err
		}
		if len(list) > jsonMembers {
			list = list[:jsonMembers]
			j.MembersNext = fmt.Sprintf("%s?after=%d", j.URL, list[jsonMembers-1].Ordinal)
		}
		j.Members = make([]views.MemberJSON, 0, len(list))
		for _, e := range list {
			m := h.importRow(e).Member()
			m.Format = e.Format
			j.Members = append(j.Members, m)
		}
	}
	return c.JSON(http.StatusOK, j)
}

// began answers an action that made or queued an import: a program gets it as
// POST /imports has it, a browser its page.
func (h *Handlers) began(c echo.Context, i intake.Import) error {
	u := views.ImportURL(number(i.ID))
	if WantsJSON(c) {
		return c.JSON(http.StatusAccepted, queued{json.Number(number(i.ID)), i.Name, u, i.Status})
	}
	return c.Redirect(http.StatusSeeOther, u)
}
