package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"escutcheon/eventstore/block"
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
		var v [8]int64
		if err := readNumbers(in, v[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := tell(blockstore.Count{Ref: blockstore.Ref{First: v[0], At: v[1]}, Host: v[2], Channel: v[3], Code: v[4],
			Events: v[5], Earliest: v[6], Latest: v[7]}); err != nil {
			return err
		}
	}
}

// SeedCounts calls tell for each row of the seed's search in a version of a block.
func (s *Store) SeedCounts(ctx context.Context, tell func(blockstore.SeedCount) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT first, at, toInt64(uniqExactMerge(events)), minMerge(earliest),
		maxMerge(latest), opcode, eventcode, computer, message FROM %s
		GROUP BY first, at, opcode, eventcode, computer, message FORMAT RowBinary`, s.all("seed")), nil, 0)
	if err != nil {
		return err
	}
	defer body.Close()
	in := bufio.NewReader(body)
	for {
		var v [5]int64
		if err := readNumbers(in, v[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		c := blockstore.SeedCount{Ref: blockstore.Ref{First: v[0], At: v[1]}, Events: v[2], Earliest: v[3], Latest: v[4]}
		for _, to := range []*string{&c.Row.OpCode, &c.Row.EventCode, &c.Row.Computer, &c.Row.Message} {
			if *to, err = readText(in); err != nil {
				return cut(err)
			}
		}
		if err := tell(c); err != nil {
			return err
		}
	}
}

// readNumbers reads a row's numbers; io.EOF says that there is no row any more.
func readNumbers(in *bufio.Reader, to []int64) error {
	if _, err := in.Peek(1); err != nil {
		return err
	}
	var b [8]byte
	for i := range to {
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return cut(err)
		}
		to[i] = int64(binary.LittleEndian.Uint64(b[:]))
	}
	return nil
}

func readText(in *bufio.Reader) (string, error) {
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return "", err
	}
	if size > block.MostBytes {
		return "", fmt.Errorf("a text of %d bytes", size)
	}
	b := make([]byte, size)
	_, err = io.ReadFull(in, b)
	return string(b), err
}

// Size is what its parts take on the disks of all servers, and how many rows of records
// that is.
func (s *Store) Size(ctx context.Context) (bytes, rows int64, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, 0, err
	}
	for _, host := range s.hosts {
		text, err := s.textAt(ctx, host, fmt.Sprintf(`SELECT sum(bytes_on_disk), sumIf(rows, table = 'event') FROM system.parts
			WHERE active AND database = '%s' AND table IN ('event', 'kind', 'seed')`, s.database))
		if err != nil {
			return 0, 0, err
		}
		var b, n int64
		if _, err := fmt.Sscan(text, &b, &n); err != nil {
			return 0, 0, fmt.Errorf("the size of %s at %s: %w", s.database, host, err)
		}
		bytes, rows = bytes+b, rows+n
	}
	return bytes, rows, nil
}

// Versions are those of blocks that are kept, from a number on.
func (s *Store) Versions(ctx context.Context, since int64) (out []blockstore.Ref, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT DISTINCT first, at FROM (SELECT first, at FROM %s WHERE pos = 0 AND at >= %d
		UNION ALL SELECT first, at FROM %s WHERE at >= %[2]d UNION ALL SELECT first, at FROM %[4]s WHERE at >= %[2]d)
		FORMAT RowBinary`, s.all("event"), since, s.all("kind"), s.all("seed")), nil, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	for in := bufio.NewReader(body); ; {
		var v [2]int64
		if err := readNumbers(in, v[:]); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, blockstore.Ref{First: v[0], At: v[1]})
	}
}
