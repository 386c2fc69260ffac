// Package csvsafe writes CSV that a spreadsheet can open without running what
// an attacker wrote into a log: RFC 4180, UTF-8 without a byte order mark, all
// cells in quotes, and no cell that a spreadsheet takes for a formula.
package csvsafe

import (
	"bufio"
	"io"
	"strings"
)

// Cell makes a value safe. It gets a leading apostrophe where the first character
// that is seen begins a formula (= + - @ and their full-width and other forms) or
// where it begins with tab or CR. Within it = and @ get one after ";", tab, CR
// or LF. A NUL becomes ␀, bytes that are no UTF-8 become U+FFFD.
func Cell(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", nul)
	s = within(s, func(n int) int { return max(n, 1) })
	if begins(s) {
		return "'" + s
	}
	return s
}

// Writer writes rows of safe cells. It is not encoding/csv's, which turns the
// line ends inside a cell into the file's own and drops lone CRs: a message
// must come out as it went in.
type Writer struct {
	w    *bufio.Writer
	cell func(string) string
	err  error // the first error of any write
}

// NewWriter returns a writer whose first row is header.
func NewWriter(w io.Writer, header ...string) (*Writer, error) {
	c := &Writer{w: bufio.NewWriterSize(w, 32<<10), cell: Cell}
	return c, c.Row(header...)
}

// Exactly has the cells come back as they were: see Exact.
func (w *Writer) Exactly() { w.cell = Exact }

// Row writes one row.
func (w *Writer) Row(cells ...string) error {
	for i, c := range cells {
		if i > 0 {
			w.write(",")
		}
		w.write(`"`)
		w.write(strings.ReplaceAll(w.cell(c), `"`, `""`))
		w.write(`"`)
	}
	w.write("\r\n")
	return w.err
}

func (w *Writer) write(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

// Flush writes what is buffered and returns the first error of any write.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}
