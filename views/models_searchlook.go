package views

import (
	"slices"
	"strings"
)

// SearchLook is how a page shows what a search found.
type SearchLook struct {
	Chosen     []string // columns of events; none for the usual ones
	Mark       int64    // the event that was asked about; 0 for none
	Before     int64    // rows that stand before those of the page
	Sort       string   // the column that a table is sorted by
	Descending bool
	Pager      Pager
	Drills     bool // some rows of a table lead to their events
	AllColumns int  // of a table, also those that are not shown
}

// URL is the search's page.
func (r SearchRun) URL() string { return r.url() }

// To is the search's page with the same order, and other words of its address.
func (r SearchRun) To(pairs ...string) string {
	return r.url(append([]string{"sort", r.sortedBy(), "kept", r.kept()}, pairs...)...)
}

// With is the search's page with another text.
func (r SearchRun) With(text string) string { return r.url("q", text) }

// Toggled is the search's page with a column of events that it has not, or without one
// that it has.
func (r SearchRun) Toggled(column string) string {
	list := slices.DeleteFunc(slices.Clone(r.Chosen), func(c string) bool { return c == column })
	if len(list) == len(r.Chosen) {
		list = append(list, column)
	}
	return r.url("columns", strings.Join(list, ","), "kept", r.Key)
}

// shows says whether a column of events is chosen.
func (r SearchRun) shows(column string) bool { return slices.Contains(r.Chosen, column) }

// hidden are the fields of a form that leads to this search again.
func (r SearchRun) hidden(also ...string) (out [][2]string) {
	all := append([]string{"q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs, "saved", r.Saved,
		"on", "page"}, also...)
	for i := 0; i+1 < len(all); i += 2 {
		if all[i+1] != "" {
			out = append(out, [2]string{all[i], all[i+1]})
		}
	}
	return out
}

func (r SearchRun) columns() string { return strings.Join(r.Chosen, ",") }

// kept says that a page after this one may take its rows from where these are.
func (r SearchRun) kept() string {
	if r.Ended && !r.Stopped {
		return r.Key
	}
	return ""
}

// sortedBy is the order of a table as an address has it.
func (r SearchRun) sortedBy() string {
	if r.Sort != "" && r.Descending {
		return "-" + r.Sort
	}
	return r.Sort
}

// ordered is aria-sort of a column of a table.
func (r SearchRun) ordered(column string) string {
	switch {
	case r.Sort != column:
		return "none"
	case r.Descending:
		return "descending"
	}
	return "ascending"
}

// turn is the order that a click on the head of a column asks for: numbers the greatest
// first.
func (r SearchRun) turn(i int) string {
	name := r.Columns[i]
	if r.Sort == name && !r.Descending || r.Sort != name && r.numeric(i) {
		return "-" + name
	}
	return name
}

// OpenURL is where a row of an event leads.
func (r SearchRun) OpenURL(e SearchRow) string {
	switch {
	case e.ID != 0:
		return WithQuery(EventURL(e.ID), "search", r.Key, "columns", r.columns())
	case e.Finding != "":
		return FindingURL(e.Finding)
	}
	return ""
}

// rowsShown says which rows these are.
func (r SearchRun) rowsShown() string {
	n := int64(len(r.Rows))
	if n == 0 || n >= r.Total {
		return ""
	}
	what := "rows"
	if r.Events {
		what = "events, the newest first"
	}
	return Num(r.Before+1) + " to " + Num(r.Before+n) + " of " + Num(r.Total) + " " + what
}

// fieldTerm is the term that finds a field's value; "" for a value that no term says.
func fieldTerm(name, value string) string {
	if value == "" || len(value) > mostTerm || strings.ContainsAny(value, "*\x00") || strings.Contains(name, "*") {
		return ""
	}
	return quotedTerm(name) + "=" + quotedTerm(value)
}

// mostTerm is the longest value, in bytes, that is added to a search.
const mostTerm = 400

func quotedTerm(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
