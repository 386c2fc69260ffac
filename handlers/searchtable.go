package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// mostTable is how many columns of a table a page shows, tableCells how many cells.
const (
	mostTable  = 50
	tableCells = 800
)

// rowsOfTable is how many rows of a table of so many columns a page has.
func rowsOfTable(columns int) int {
	return max(tableCells/max(min(columns, mostTable), 1), 1)
}

// lead is where a row leads, as the page gives it back.
type lead struct {
	Values   []string `json:"v"`
	Earliest string   `json:"from,omitempty"`
	Latest   string   `json:"to,omitempty"`
}

// fillTable fills in the rows of a table, where each leads, and its chart.
func fillTable(r *views.SearchRun, s *search.Search, v search.View) {
	r.Chart = chartOf(s, v.Columns, v.Whole)
	r.Columns, r.AllColumns = v.Columns[:min(len(v.Columns), mostTable)], len(v.Columns)
	d := s.Drill()
	if d != nil {
		search.Settle(d, v.Whole)
	}
	most := bytesOfCell(len(v.Rows), len(r.Columns))
	for _, f := range v.Rows {
		row := views.SearchRow{ID: search.StoredNumber(f), Cells: cellsOf(f, r.Columns, v.Columns, most)}
		if d != nil {
			row.Lead = leadText(search.LeadOf(d, f))
		}
		r.Drills = r.Drills || row.Lead != "" || row.ID != 0
		r.Rows = append(r.Rows, row)
	}
}

func leadText(l *search.Lead) string {
	if l == nil {
		return ""
	}
	at := lead{Values: l.Values}
	if !l.Earliest.IsZero() {
		at.Earliest, at.Latest = l.Earliest.UTC().Format(time.RFC3339Nano), l.Till.UTC().Format(time.RFC3339Nano)
	}
	text, err := json.Marshal(at)
	if err != nil || len(text) > mostLead {
		return ""
	}
	return string(text)
}

// mostLead is how long, in bytes, what tells a row's events may be on a page.
const mostLead = 600

// SearchDrill leads from a row of a table to the events that it was made of.
func (h *Handlers) SearchDrill(c echo.Context) error {
	a, err := h.asked(c, pageRows)
	if err == nil {
		err = a.refused()
	}
	if err != nil {
		return err
	}
	var row lead
	d := a.search.Drill()
	if d == nil || json.Unmarshal([]byte(c.QueryParam("row")), &row) != nil {
		return fault.New(fault.Invalid, "The events of this row cannot be told from others.")
	}
	text, ok := d.Search(row.Values)
	if !ok {
		return fault.New(fault.Invalid, "The events of this row cannot be told from others.")
	}
	at, err := within(a, row)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, openSearch(text, at))
}

// within is the time of a row, within that of its search.
func within(a asked, row lead) (search.Asked, error) {
	at := a.time
	for _, end := range []struct {
		of    string
		into  *string
		bound time.Time
		early bool
	}{{row.Earliest, &at.Earliest, a.in.Earliest, true}, {row.Latest, &at.Latest, a.in.Latest, false}} {
		if end.of == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, end.of)
		if err != nil {
			return at, fault.New(fault.Invalid, "%q is no time of a row.", end.of)
		}
		if end.bound.IsZero() || t.After(end.bound) == end.early {
			*end.into = end.of
		}
	}
	return at, nil
}
