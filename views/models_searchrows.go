package views

import (
	"strconv"
	"time"
)

// SearchRow is an event, or a row of a table.
type SearchRow struct {
	ID            int64 // of an event of the store; else 0
	Time          time.Time
	Dest, Channel string
	Code          int64
	Brief         string
	Finding       string // that it is of, where it is no event of the store
	Lead          string // where a row of a table leads; "" nowhere
	Cells         []SearchCell
}

// SearchCell is a cell of a table.
type SearchCell struct {
	Text    string
	Missing bool
}

// numeric says whether all cells of a column are numbers.
func (r SearchRun) numeric(column int) bool {
	some := false
	for _, row := range r.Rows {
		if c := row.Cells[column]; !c.Missing && c.Text != "" {
			if _, err := strconv.ParseFloat(c.Text, 64); err != nil {
				return false
			}
			some = true
		}
	}
	return some
}
