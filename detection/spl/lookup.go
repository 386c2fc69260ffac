package spl

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Table is a lookup table: the rows of a CSV file and how they are matched.
// It is read-only once a search is compiled with it.
type Table struct {
	Fields []string   // none: a table without rows that has whatever field is asked for
	Rows   [][]string // each as long as Fields

	// Wildcard and CIDR name the fields in which a row holds patterns with *
	// or address ranges; all others are compared whole.
	Wildcard, CIDR []string
	// IgnoreCase compares without the case of letters.
	IgnoreCase bool
	// Max is how many rows may match, the first ones counting; 0 for 1,000.
	Max int
	// Min and Default: when fewer rows match, the fields asked for get Default
	// until there are Min values.
	Min     int
	Default string
}

// Tables are lookup tables by name, without .csv at the end.
type Tables map[string]*Table

// Find returns the table of a name, with or without .csv; nil for none.
func (t Tables) Find(name string) *Table {
	for _, n := range []string{name, strings.TrimSuffix(name, ".csv"), name + ".csv"} {
		if x, ok := t[n]; ok {
			return x
		}
	}
	return nil
}

// maxTable bounds a table, in values.
const maxTable = 2_000_000

// ReadTable reads the CSV text of a lookup: a line of field names, then rows.
// A row that is too short is filled with empty values.
func ReadTable(r io.Reader) (*Table, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.LazyQuotes = true
	head, err := in.Read()
	if err != nil {
		return nil, errors.New("the table has no line of field names")
	}
	head[0] = strings.TrimPrefix(head[0], "\uFEFF")
	for i := range head { // a space after the comma is usual
		head[i] = strings.TrimSpace(head[i])
	}
	t := &Table{Fields: head}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the table cannot be read: %w", err)
		}
		for len(row) < len(head) {
			row = append(row, "")
		}
		t.Rows = append(t.Rows, row[:len(head)])
		if len(t.Rows)*len(head) > maxTable {
			return nil, fmt.Errorf("the table has more than %d values", maxTable)
		}
	}
}

// fingerprint names what a search depends on in the table.
func (t *Table) fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %v %d %d %q", t.Fields, t.Wildcard, t.CIDR, t.IgnoreCase, t.Max, t.Min, t.Default)
	for _, row := range t.Rows {
		fmt.Fprintf(h, "%q", row)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
