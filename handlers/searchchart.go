package handlers

import (
	"io"
	"path"
	"slices"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// chartOf is what a search for a chart came to, as it is drawn; nil for none.
func chartOf(s *search.Search, columns []string, table []spl.Found) *views.SearchChart {
	p := s.Picture(columns, table)
	if p == nil {
		return nil
	}
	c := &views.SearchChart{X: p.X, Times: p.Times, Labels: p.Labels, Left: p.Left, Points: p.Points}
	for _, one := range p.Series {
		c.Series = append(c.Series, views.ChartSeries{Name: one.Name, Values: one.Values})
	}
	return c
}

// SearchChart is the chart of a search as an SVG or PNG file, by the end of the path.
func (h *Handlers) SearchChart(c echo.Context) error {
	a, err := h.asked(c, pageRows)
	if err == nil {
		err = a.refused()
	}
	if err != nil {
		return err
	}
	var chart *views.SearchChart
	if a.search.Draws() {
		columns, table, err := h.tableOf(c, a)
		if err != nil {
			return err
		}
		chart = chartOf(a.search, columns, table)
	}
	if chart == nil {
		return fault.New(fault.NotFound, "This search has nothing to draw: end it with chart, timechart or stats by _time.")
	}
	scene := chart.Scene()
	if path.Ext(c.Path()) == ".png" {
		return h.stream(c, "image/png", "chart.png", func(w io.Writer) error { return scene.PNG(w) })
	}
	return h.stream(c, "image/svg+xml", "chart.svg", func(w io.Writer) error { return scene.SVG(w) })
}

// tableOf are all rows of a table: those that are kept of the search that the page ran,
// or else it is run.
func (h *Handlers) tableOf(c echo.Context, a asked) (columns []string, table []spl.Found, err error) {
	var all search.Window
	if key := a.time.Key(a.text); c.QueryParam("kept") == key {
		if job := h.Searches.Kept(key, func(j *search.Job) bool { return j.Has(all) }); job != nil {
			if v, err := job.View(all); err == nil && v.Whole != nil {
				return v.Columns, v.Whole, nil
			}
		}
	}
	answer, err := h.Searches.Run(c.Request().Context(), a.search, a.in, &search.Progress{}, nil)
	if err != nil {
		return nil, nil, err
	}
	return answer.Columns, slices.DeleteFunc(answer.Rows, func(f spl.Found) bool { return f.Verdict != spl.Kept }), nil
}
