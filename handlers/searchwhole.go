package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/spl"
	"escutcheon/search"
)

// SearchCSV is what a search gives, whole.
func (h *Handlers) SearchCSV(c echo.Context) error {
	return h.whole(c, "text/csv; charset=utf-8", "csv", func(w io.Writer, columns []string) (
		func(spl.Found) error, func() error, error) {
		out, err := search.NewCSV(w, columns)
		return func(f spl.Found) error { return out.Row(f.Row, columns) }, out.End, err
	})
}

// SearchJSONLines is what a search gives, whole, an object a line.
func (h *Handlers) SearchJSONLines(c echo.Context) error {
	return h.whole(c, "application/x-ndjson", "jsonl", func(w io.Writer, columns []string) (
		func(spl.Found) error, func() error, error) {
		return func(f spl.Found) error {
			line, err := search.JSONLine(f.Row, columns)
			if err == nil {
				_, err = w.Write(line)
			}
			return err
		}, func() error { return nil }, nil
	})
}

// errCut ends a download that is not whole, so that it does not look it.
var errCut = errors.New("the answer was cut")

// listColumns are those of events whose columns are chosen: as on the page, their time
// and host first.
func listColumns(chosen []string) []string {
	out := []string{"_time", "dest"}
	for _, name := range chosen {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// whole streams all rows of a search.
func (h *Handlers) whole(c echo.Context, kind, ending string, open func(io.Writer, []string) (
	row func(spl.Found) error, end func() error, err error)) error {
	a, err := h.asked(c, mostRows)
	if err == nil {
		err = a.refused()
	}
	if err != nil {
		return err
	}
	l, err := lookOf(c, pageRows)
	if err != nil {
		return err
	}
	return h.stream(c, kind, "search."+ending, func(w io.Writer) error {
		var row func(spl.Found) error
		var end func() error
		var failed error
		put := func(f spl.Found) bool {
			if f.Verdict == spl.Kept {
				failed = row(f)
			}
			return failed == nil
		}
		var each func(spl.Found) bool
		if a.search.Lists() && (a.search.Events() || l.window.Sort == "") {
			columns := a.search.Columns()
			if !a.search.Events() {
				l.columns = nil
			}
			if len(l.columns) > 0 {
				columns = listColumns(l.columns)
			}
			if row, end, failed = open(w, columns); failed != nil {
				return failed
			}
			each = put
			if len(l.columns) > 0 {
				own := a.search.Columns()
				each = func(f spl.Found) bool { return put(search.WithColumns(f, columns, own)) }
			}
		}
		answer, err := h.Searches.Run(c.Request().Context(), a.search, a.in, &search.Progress{}, each)
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		if each == nil {
			if row, end, err = open(w, answer.Columns); err != nil {
				return err
			}
			for _, f := range search.Ordered(answer.Rows, l.window) {
				if !put(f) {
					return failed
				}
			}
		}
		if err := end(); err != nil {
			return err
		}
		if !answer.Complete {
			text, _ := json.Marshal(search.Messages(answer.Messages))
			return fmt.Errorf("%w: %s", errCut, text)
		}
		return nil
	})
}
