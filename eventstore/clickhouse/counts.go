package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"escutcheon/eventstore/blockstore"
)

// Counts calls tell for each count of versions of blocks, as the server keeps them.
func (s *Store) Counts(ctx context.Context, tell func(blockstore.Count) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT first, at, host, channel, code, toInt64(uniqExactMerge(events)),
		minMerge(earliest), maxMerge(latest) FROM %s GROUP BY first, at, host, channel, code FORMAT RowBinary`,
		s.all("kind")), nil, 0)
	if err != nil {
		return err
	}
	defer body.Close()
	in := bufio.NewReader(body)
	for {
		var b [8 * 8]byte
		if _, err := io.ReadFull(in, b[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var v [8]int64
		for i := range v {
			v[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
		if err := tell(blockstore.Count{Ref: blockstore.Ref{First: v[0], At: v[1]}, Host: v[2], Channel: v[3], Code: v[4],
			Events: v[5], Earliest: v[6], Latest: v[7]}); err != nil {
			return err
		}
	}
}
