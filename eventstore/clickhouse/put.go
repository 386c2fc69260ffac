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
	body, err := s.send(ctx, fmt.Sprintf(`INSERT INTO %s (%s) FORMAT RowBinary`, s.all("event"), putColumns),
		bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	return body.Close()
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
	for _, table := range []string{"event", "kind"} {
		if err := s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DELETE WHERE (first, at) IN (%s)`, s.table(table),
			in.String())); err != nil {
			return err
		}
	}
	return nil
}
