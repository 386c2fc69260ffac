package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
)

// columnNames are those of block.Columns, in the order of its set.
var columnNames = [...]string{"second", "nanos", "host", "channel", "provider", "code", "record", "event"}

// mostListed is how many numbers a statement asks for at most; of more any may come.
const mostListed = 4096

// Read reads blocks.
func (s *Store) Read(ctx context.Context, a blockstore.Ask) ([]blockstore.Rows, error) {
	if err := s.ready(ctx); err != nil || len(a.Blocks) == 0 {
		return nil, err
	}
	body, err := s.send(ctx, s.selecting(&a), nil, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	r := &reading{ask: &a, in: bufio.NewReaderSize(body, 256<<10), out: make([]blockstore.Rows, len(a.Blocks)),
		raws: make([][]block.Row, len(a.Blocks)), at: map[int64]int{}}
	for i := range a.Blocks {
		r.at[a.Blocks[i].First] = i
		r.out[i].Columns.Resize(a.Blocks[i].Count)
	}
	if err := r.rows(); err != nil {
		return nil, fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), err)
	}
	if a.Originals {
		for i := range r.out {
			r.out[i].Originals = block.Collect(a.Blocks[i].Count, r.raws[i])
		}
	}
	return r.out, nil
}

// selecting is the statement. The first row of each block comes whatever it holds: it
// says that the block is there.
func (s *Store) selecting(a *blockstore.Ask) string {
	var q, refs, loose strings.Builder
	q.WriteString(`SELECT first, pos`)
	for i, name := range columnNames {
		if a.Columns&(1<<i) != 0 {
			q.WriteString(`, ` + name)
		}
	}
	if a.Originals {
		q.WriteString(`, place, raw`)
	}
	for i := range a.Blocks {
		p := &a.Blocks[i]
		fmt.Fprintf(&refs, ",(%d,%d)", p.First, p.At)
		if p.Loose {
			fmt.Fprintf(&loose, ",%d", p.First)
		}
	}
	fmt.Fprintf(&q, ` FROM %s WHERE (first, at) IN (%s)`, s.all("event"), refs.String()[1:])
	if c := conditions(a, loose.String()); c != "" {
		q.WriteString(` AND (pos = 0 OR ` + c + `)`)
	}
	q.WriteString(` FORMAT RowBinary`)
	return q.String()
}

// conditions are those of the rows that are asked for; "" for any.
func conditions(a *blockstore.Ask, loose string) string {
	var all, kind []string
	if a.Timed {
		all = append(all, fmt.Sprintf(`second >= %s AND second <= %s`, number(a.From), number(a.To)))
	}
	if a.After > 0 {
		all = append(all, `event > `+number(a.After))
	}
	if a.UpTo > 0 {
		all = append(all, `event <= `+number(a.UpTo))
	}
	all = appendIn(all, "host", a.Hosts, "")
	kind = appendIn(kind, "channel", a.Channels, "")
	kind = appendIn(kind, "code", a.Codes, "")
	kind = appendIn(kind, "provider", a.Providers, ` OR event != first + pos`)
	switch {
	case len(kind) > 0 && loose != "":
		all = append(all, `(first IN (`+loose[1:]+`) OR `+strings.Join(kind, " AND ")+`)`)
	default:
		all = append(all, kind...)
	}
	if len(a.Texts) > 0 {
		var stand, veiled []string
		for _, t := range a.Texts {
			stand = append(stand, `positionCaseInsensitive(raw, `+quoted(t)+`) > 0`)
		}
		for _, t := range block.Veiled {
			veiled = append(veiled, `position(raw, `+quoted(t)+`) > 0`)
		}
		all = append(all, `(`+strings.Join(stand, " AND ")+` OR `+strings.Join(veiled, " OR ")+`)`)
	}
	return strings.Join(all, " AND ")
}

func appendIn(to []string, column string, ids []int64, or string) []string {
	if len(ids) == 0 || len(ids) > mostListed {
		return to
	}
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(number(id))
	}
	return append(to, fmt.Sprintf(`(%s IN (%s)%s)`, column, b.String(), or))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// quoted is a text as a literal: of what is no ASCII letter or digit the bytes.
func quoted(s string) string {
	b := []byte{'\''}
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c == ' ' {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, `\x%02x`, c)
		}
	}
	return string(append(b, '\''))
}

// reading reads an answer.
type reading struct {
	ask  *blockstore.Ask
	in   *bufio.Reader
	out  []blockstore.Rows
	raws [][]block.Row
	at   map[int64]int
}

func (r *reading) rows() error {
	var head [12]byte
	for {
		if _, err := io.ReadFull(r.in, head[:1]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := io.ReadFull(r.in, head[1:]); err != nil {
			return cut(err)
		}
		first, pos := int64(binary.LittleEndian.Uint64(head[:])), int(binary.LittleEndian.Uint32(head[8:]))
		k, ok := r.at[first]
		if !ok || pos >= r.ask.Blocks[k].Count {
			return fmt.Errorf("row %d of block %d, which was not asked for", pos, first)
		}
		if err := r.row(k, pos); err != nil {
			return cut(err)
		}
	}
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// row reads what follows of a row.
func (r *reading) row(k, pos int) error {
	to := &r.out[k]
	to.There, to.Came = true, to.Came+1
	var b [8]byte
	next := func() (int64, error) {
		_, err := io.ReadFull(r.in, b[:])
		return int64(binary.LittleEndian.Uint64(b[:])), err
	}
	for i, column := range [...][]int64{to.Columns.Second, to.Columns.Nanos, to.Columns.Host, to.Columns.Channel,
		to.Columns.Provider, to.Columns.Code, to.Columns.Record, to.Columns.Event} {
		if r.ask.Columns&(1<<i) == 0 {
			continue
		}
		v, err := next()
		if err != nil {
			return err
		}
		column[pos] = v
	}
	if !r.ask.Originals {
		return nil
	}
	place, err := next()
	if err != nil {
		return err
	}
	size, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	if size > block.MostBytes {
		return fmt.Errorf("a record of %d bytes", size)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(r.in, raw); err != nil {
		return err
	}
	r.raws[k] = append(r.raws[k], block.Row{At: int32(pos), Offset: place, Raw: raw})
	return nil
}
