package search

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"escutcheon/csvsafe"
	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
	"escutcheon/unseen"
)

// Cell is what a column of a row shows: a time where the column is _time, its values
// one a line; false when it is missing.
func Cell(row spl.Row, column string) (string, bool) {
	v, ok := row.Get(column)
	if ok && column == "_time" {
		v = ShowTime(v)
	}
	return v, ok
}

// FoundCell is Cell of a row that may be an event: what commands set over it, of the
// columns that the search has itself, else what the event says.
func FoundCell(f spl.Found, column string, own []string) (string, bool) {
	if f.Event == nil || f.Row != nil && slices.Contains(own, column) {
		return Cell(f.Row, column)
	}
	if column != "_time" {
		return f.Event.Get(column)
	}
	if t := f.Event.Time(); !t.IsZero() {
		return t.UTC().Format(time.RFC3339Nano), true
	}
	return "", false
}

// WithColumns is a row with other columns than those of their search.
func WithColumns(f spl.Found, columns, own []string) spl.Found {
	var row spl.Row
	for _, c := range columns {
		if l := f.Row.List(c); len(l) > 1 {
			row = append(row, f.Row[slices.IndexFunc(f.Row, func(x spl.Field) bool { return x.Name == c })])
		} else if v, ok := FoundCell(f, c, own); ok {
			row = append(row, spl.Field{Name: c, Value: v})
		}
	}
	f.Row = row
	return f
}

// ShowTime writes the seconds since 1970 that searches calculate with as RFC 3339 in
// UTC; what is no such number stays.
func ShowTime(v string) string {
	if t, ok := value.ParseEpoch(v); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return v
}

// JSONCells are the cells of a row as JSON has them: a text, a list of texts where
// there are several values, null for a missing one.
func JSONCells(row spl.Row, columns []string) []any {
	out := make([]any, len(columns))
	for i, c := range columns {
		out[i] = jsonCell(row, c)
	}
	return out
}

func jsonCell(row spl.Row, column string) any {
	if l := row.List(column); len(l) > 1 {
		return l
	}
	if v, ok := Cell(row, column); ok {
		return v
	}
	return nil
}

// CSV writes rows as CSV that a spreadsheet can open.
type CSV struct{ w *csvsafe.Writer }

// NewCSV writes the header.
func NewCSV(w io.Writer, columns []string) (*CSV, error) {
	c, err := csvsafe.NewWriter(w, columns...)
	return &CSV{c}, err
}

// Row writes a row.
func (c *CSV) Row(row spl.Row, columns []string) error {
	cells := make([]string, len(columns))
	for i, name := range columns {
		cells[i], _ = Cell(row, name)
	}
	return c.w.Row(cells...)
}

// End writes what is left.
func (c *CSV) End() error { return c.w.Flush() }

// JSONLine is a row as an object in one line: its columns in order, without those that
// are missing.
func JSONLine(row spl.Row, columns []string) ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range columns {
		v := jsonCell(row, name)
		if v == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		for i, x := range []any{name, v} {
			text, err := json.Marshal(x)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteString("}\n")
	return unseen.JSON([]byte(b.String())), nil
}

// Message is one of a search, as programs read it.
type Message struct {
	Level  string `json:"level"`
	Text   string `json:"text"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Mended string `json:"mended,omitempty"` // the whole search as it would be right, where that is known
}

// Messages are those of an answer; none is an empty list.
func Messages(list []spl.Message) []Message {
	out := []Message{}
	for _, m := range list {
		out = append(out, Message{Level: m.Level, Text: m.Text, Line: m.Pos.Line, Column: m.Pos.Column})
	}
	return out
}
