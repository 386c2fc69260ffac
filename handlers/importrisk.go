package handlers

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/views"
)

// How many hosts with risk a list of imports names of each, and an import's page.
const (
	rowRisks  = 2
	pageRisks = 8
)

// risks fills in which hosts of imports that have ended have risk.
func (h *Handlers) risks(ctx context.Context, rows []views.ImportRow, list []intake.Import) error {
	return h.fillRisks(ctx, list, rowRisks, func(i int) *views.ImportRow { return &rows[i] })
}

// risk is risks of one import, for its page and JSON.
func (h *Handlers) risk(ctx context.Context, row *views.ImportRow, i intake.Import) error {
	return h.fillRisks(ctx, []intake.Import{i}, pageRisks, func(int) *views.ImportRow { return row })
}

func (h *Handlers) fillRisks(ctx context.Context, list []intake.Import, first int,
	row func(int) *views.ImportRow) error {
	var ids []int64
	var of []int
	for i, one := range list {
		if one.Status.Ended() && one.New > 0 {
			ids, of = append(ids, one.ID), append(of, i)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := h.Ask.Imports.RisksOfImports(ctx, ids, h.Now().Unix(), pageRisks)
	if err != nil {
		return err
	}
	for n, r := range found {
		v := &views.ImportRisk{Hosts: r.Hosts, URL: "/?import=" + url.QueryEscape(number(ids[n]))}
		for _, host := range r.First[:min(len(r.First), first)] {
			v.First = append(v.First, views.RiskyHost{Dest: host.Dest, Spelling: host.Spelling,
				Gravity: host.Gravity.String(), Score: host.Score})
		}
		row(of[n]).Risk = v
	}
	return nil
}

// destsOfImport are the hosts of the import that a request names, as a filter of
// hosts has them; nil where it names none.
func (h *Handlers) destsOfImport(c echo.Context) (*string, error) {
	text := c.QueryParam("import")
	if text == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fault.New(fault.Invalid, "An import is named by its number, as in import=7.")
	}
	dests, err := h.Ask.Imports.DestsOfImport(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	if dests == nil {
		dests = []string{}
	}
	list, err := json.Marshal(dests)
	among := string(list)
	return &among, err
}
