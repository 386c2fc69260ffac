package clickhouse

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"escutcheon/eventstore/blockstore"
)

// putColumns are those of a row, in the order in which they are sent.
const putColumns = `first, at, pos, second, nanos, host, channel, provider, code, record, event, place, raw`

// Put keeps versions of blocks. It is one INSERT, acknowledged by the server, for those
// of each day; one that fails half-way may leave rows that nobody asks for.
func (s *Store) Put(ctx context.Context, blocks []blockstore.Block) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	size := 0
	for i := range blocks {
		size += blocks[i].Columns.Len() * 100
		if o := blocks[i].Originals; o != nil {
			size += o.Size()
		}
	}
	b := make([]byte, 0, size)
	for i := range blocks {
		b = appendBlock(b, &blocks[i])
	}
	if err := s.insert(ctx, "event", putColumns, b); err != nil {
		return err
	}
	return s.putSeed(ctx, blocks)
}

// insert sends rows, and returns when they are acknowledged.
func (s *Store) insert(ctx context.Context, table, columns string, rows []byte) error {
	body, err := s.send(ctx, fmt.Sprintf(`INSERT INTO %s (%s) FORMAT RowBinary`, s.all(table), columns),
		bytes.NewReader(rows), int64(len(rows)))
	if err != nil {
		return err
	}
	return body.Close()
}

// putSeed has the rows of the seed's search be counted: what is sent is not kept itself.
// A record that comes twice counts once, as its place in the version says.
func (s *Store) putSeed(ctx context.Context, blocks []blockstore.Block) error {
	var b []byte
	for i := range blocks {
		of := &blocks[i]
		for _, r := range of.Seed {
			if of.Columns.Event[r.Pos] != of.First+int64(r.Pos) {
				continue // it is no event of its own
			}
			b = appendNumber(appendNumber(b, of.First), of.At)
			b = appendNumber(binary.LittleEndian.AppendUint32(b, uint32(r.Pos)), r.Second)
			for _, v := range [...]string{r.Row.OpCode, r.Row.EventCode, r.Row.Computer, r.Row.Message} {
				b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
			}
		}
	}
	if len(b) == 0 {
		return nil
	}
	return s.insert(ctx, "seed_record", `first, at, pos, second, opcode, eventcode, computer, message`, b)
}

func appendBlock(b []byte, of *blockstore.Block) []byte {
	c := of.Columns
	for i := range c.Event {
		b = appendNumber(appendNumber(b, of.First), of.At)
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
		for _, v := range [...]int64{c.Second[i], c.Nanos[i], c.Host[i], c.Channel[i], c.Provider[i], c.Code[i], c.Record[i],
			c.Event[i]} {
			b = appendNumber(b, v)
		}
		place, raw := int64(0), ""
		if of.Originals != nil {
			place, raw = of.Originals.Record(i)
		}
		b = appendNumber(b, place)
		b = append(binary.AppendUvarint(b, uint64(len(raw))), raw...)
	}
	return b
}

func appendNumber(b []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) }

// Forget forgets versions. The server takes them away in its own time.
func (s *Store) Forget(ctx context.Context, refs []blockstore.Ref) error {
	if err := s.ready(ctx); err != nil || len(refs) == 0 {
		return err
	}
	var in strings.Builder
	for i, r := range refs {
		if i > 0 {
			in.WriteByte(',')
		}
		fmt.Fprintf(&in, "(%d,%d)", r.First, r.At)
	}
	for _, table := range []string{"event", "kind", "seed"} {
		if err := s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DELETE WHERE (first, at) IN (%s)`, s.table(table),
			in.String())); err != nil {
			return err
		}
	}
	return nil
}
