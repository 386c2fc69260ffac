package csvsafe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrRow is what is wrong with a table of rows: a quote that is not closed, text
// after one, a row that is too long. The text says what, Row of the reader where.
var ErrRow = errors.New("the table is broken")

// Reader reads what Writer wrote, and what spreadsheets make of it (rows that end
// with LF, all cells in quotes, a byte order mark). It is not encoding/csv's, which
// changes line ends within cells.
type Reader struct {
	r    *bufio.Reader
	most int
	line int64 // of the next byte
	row  int64
	size int
	open bool // the file has begun
}

// NewReader returns a reader of rows of at most so many bytes.
func NewReader(r io.Reader, most int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), most: most, line: 1}
}

// Line is the line, from 1 on, in which the row that was read last begins.
func (r *Reader) Line() int64 { return r.row }

// Row returns the cells of the next row, with their guards; io.EOF after the last.
// Lines without any cell are passed over.
func (r *Reader) Row() (cells []string, err error) {
	if !r.open {
		r.open = true
		if mark, _ := r.r.Peek(3); string(mark) == "\xEF\xBB\xBF" {
			_, _ = r.r.Discard(3) // it was peeked at
		}
	}
	for ends := true; ends; {
		r.row, r.size = r.line, 0
		head, err := r.r.Peek(2)
		if len(head) == 0 {
			return nil, err
		}
		if ends = head[0] == '\n' || string(head) == "\r\n"; ends { // of the two one a round
			if _, err := r.next(); err != nil {
				return nil, err
			}
		}
	}
	for {
		cell, last, err := r.cell()
		if err != nil {
			return nil, err
		}
		if cells = append(cells, cell); last {
			return cells, nil
		}
	}
}

// cell reads a cell and what ends it; last says that the row ends with it.
func (r *Reader) cell() (text string, last bool, err error) {
	var b bytes.Buffer
	c, err := r.next()
	if err == nil && c == '"' {
		if err := r.quoted(&b); err != nil {
			return "", false, err
		}
		last, err := r.end()
		return b.String(), last, err
	}
	for ; ; c, err = r.next() {
		switch {
		case err == io.EOF:
			return b.String(), true, nil
		case err != nil:
			return "", false, err
		case c == ',':
			return b.String(), false, nil
		case c == '\n', c == '\r' && r.follows('\n'):
			return b.String(), true, nil
		}
		b.WriteByte(c)
	}
}

// quoted reads up to the quote that closes the cell.
func (r *Reader) quoted(b *bytes.Buffer) error {
	for {
		c, err := r.next()
		switch {
		case err == io.EOF:
			return fmt.Errorf("%w: a quote is not closed", ErrRow)
		case err != nil:
			return err
		case c == '"' && !r.follows('"'):
			return nil
		}
		b.WriteByte(c)
	}
}

// end reads what stands behind a quoted cell.
func (r *Reader) end() (last bool, err error) {
	c, err := r.next()
	switch {
	case err == io.EOF:
		return true, nil
	case err != nil:
		return false, err
	case c == ',':
		return false, nil
	case c == '\n', c == '\r' && r.follows('\n'):
		return true, nil
	}
	return false, fmt.Errorf("%w: there is text after a closing quote", ErrRow)
}

// follows takes the next byte, if it is that one.
func (r *Reader) follows(want byte) bool {
	if b, _ := r.r.Peek(1); len(b) == 0 || b[0] != want { // an error comes again
		return false
	}
	_, err := r.next()
	return err == nil
}

func (r *Reader) next() (byte, error) {
	c, err := r.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if c == '\n' {
		r.line++
	}
	if r.size++; r.size > r.most {
		return 0, fmt.Errorf("%w: a row is longer than %d bytes", ErrRow, r.most)
	}
	return c, nil
}
