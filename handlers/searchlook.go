package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// look is how a page shows what a search found.
type look struct {
	window  search.Window
	columns []string // chosen ones of events
	mark    int64    // the event that was asked about
	kept    string   // the key of a search whose job may have the rows
}

// mostColumns is how many columns of events are shown.
const mostColumns = 20

func lookOf(c echo.Context, rows int) (l look, err error) {
	l = look{window: search.Window{Limit: min(rows, pageRows)}, kept: c.QueryParam("kept")}
	l.mark, _ = strconv.ParseInt(c.QueryParam("mark"), 10, 64) // any other text marks none
	if l.columns, err = columnsOf(c.QueryParam("columns")); err != nil {
		return l, err
	}
	for name, side := range map[string]search.Side{"after": search.Older, "before": search.Newer,
		"around": search.Around} {
		if at := c.QueryParam(name); at != "" {
			if l.window.At, err = search.ParsePlace(at); err != nil {
				return l, err
			}
			l.window.Side = side
		}
	}
	if n := c.QueryParam("from"); n != "" {
		if l.window.From, err = strconv.Atoi(n); err != nil || l.window.From < 0 {
			return l, fault.New(fault.Invalid, "from is %q; it is how many rows stand before the first.", n)
		}
	}
	l.window.Sort, l.window.Descending = strings.CutPrefix(c.QueryParam("sort"), "-")
	return l, nil
}

// columnsOf are names with commas between.
func columnsOf(list string) (out []string, err error) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) > mostColumns {
		return nil, fault.New(fault.Invalid, "There are %d columns; at most %d are shown. CSV and JSON lines have all.",
			len(out), mostColumns)
	}
	return out, nil
}

// runOf is a search as an address has it, not run yet.
func runOf(c echo.Context, l look) *views.SearchRun {
	param := func(name string) string { return strings.TrimSpace(c.QueryParam(name)) }
	return &views.SearchRun{Text: strings.ReplaceAll(param("q"), "\r\n", "\n"),
		Earliest: param("earliest"), Latest: param("latest"), NowIs: param("now"),
		Key: l.kept, SearchLook: views.SearchLook{Chosen: l.columns, Mark: l.mark, Sort: l.window.Sort,
			Descending: l.window.Descending}}
}

// rowsPager leads to the rows before and after those of a page.
func rowsPager(c echo.Context, r *views.SearchRun, v search.View) (p views.Pager) {
	n := int64(len(v.Rows))
	if n == 0 || !v.Ended {
		return p
	}
	to := func(pairs ...string) string {
		for _, name := range []string{"after", "before", "around", "from"} {
			if !slices.Contains(pairs, name) {
				pairs = append(pairs, name, "")
			}
		}
		return r.To(append(pairs, "mark", c.QueryParam("mark"))...)
	}
	before, after := v.Before > 0, v.Before+n < v.Total
	if !v.Events {
		p.Prev, p.Next = "earlier rows", "later rows"
		if before {
			p.PrevURL = to("from", strconv.FormatInt(max(v.Before-pageRows, 0), 10))
		}
		if after {
			p.NextURL = to("from", strconv.FormatInt(v.Before+n, 10))
		}
		return p
	}
	if before {
		p.PrevURL = to("before", search.PlaceOf(v.Rows[0]).String())
	}
	if after {
		p.NextURL = to("after", search.PlaceOf(v.Rows[n-1]).String())
	}
	return p
}

// params are those of the look that a job's own page keeps.
func (l look) params(c echo.Context) (out []string) {
	for _, name := range []string{"columns", "saved", "mark", "limit", "after", "before", "around", "from",
		"sort"} {
		if v := c.QueryParam(name); v != "" {
			out = append(out, name, v)
		}
	}
	return out
}

// SearchWith is a search with one thing more: a term to add or to leave out, a column
// to show or not. It leads to the search.
func (h *Handlers) SearchWith(c echo.Context) error {
	l, err := lookOf(c, pageRows)
	if err != nil {
		return err
	}
	r := runOf(c, l)
	r.Saved = c.QueryParam("saved")
	to := r.URL()
	switch add, not := c.QueryParam("add"), c.QueryParam("not"); {
	case add != "":
		to = r.With(search.WithTerm(r.Text, add))
	case not != "":
		to = r.With(search.WithTerm(r.Text, "NOT "+not))
	case c.QueryParam("column") != "":
		to = r.Toggled(c.QueryParam("column"))
	}
	return c.Redirect(http.StatusSeeOther, to)
}
