package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"escutcheon/intake"
)

// The inbox holds what ingesters took, until the console has taken it from there. A row is
// a delivery; the rows that are put together (a number of a stream) are one INSERT, and
// each says how many they are. The hour of a partition is that of the server's clock, so
// that a partition that is over stays as it is, whatever the clocks of ingesters say.

// inboxTables makes them.
func (s *Store) inboxTables(major int) []string {
	raw, sure := "", ""
	if major >= 20 {
		raw = " CODEC(ZSTD(1))"
	}
	if major >= 21 {
		sure = ", fsync_after_insert = 1, fsync_part_directory = 1"
	}
	return []string{
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (stream String, seq Int64, n Int64, of Int64, at Int64,
			hour UInt32 DEFAULT %s, came Int64, name String, kind String, format String, zone String, computer String,
			digest String, size Int64, data String%s)
			ENGINE = ReplacingMergeTree PARTITION BY hour ORDER BY (stream, seq, n)
			SETTINGS index_granularity = 64%s`, s.table("inbox"), thisHour, raw, sure),
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (stream String, at Int64, hour UInt32 DEFAULT %s, report String)
			ENGINE = ReplacingMergeTree(at) PARTITION BY hour ORDER BY stream`, s.table("ingester"), thisHour),
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (file String, part Int64, day Date DEFAULT toDate(now()), data String%s)
			ENGINE = ReplacingMergeTree PARTITION BY day ORDER BY (file, part) SETTINGS index_granularity = 1%s`,
			s.table("inbox_file"), raw, sure),
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (path String, size Int64, modified Int64)
			ENGINE = ReplacingMergeTree ORDER BY (path, size, modified)`, s.table("watched")),
	}
}

// thisHour is the hour by the server's clock.
const thisHour = `toUInt32(intDiv(toUInt32(now()), 3600))`

// MostPosted is how many deliveries are put together at most.
const MostPosted = 1000

// Post puts deliveries, MostPosted at most, which have a number of a stream together: the
// last that the stream has.
func (s *Store) Post(ctx context.Context, list []intake.Arrival) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	size := 0
	for i := range list {
		size += len(list[i].Data) + 512
	}
	b, at := make([]byte, 0, size), s.nextPost()
	for i := range list {
		a := &list[i]
		b = appendText(b, a.Stream)
		for _, v := range [...]int64{a.Seq, a.N, int64(len(list)), at, a.Came.UnixNano()} {
			b = appendNumber(b, v)
		}
		for _, v := range [...]string{a.Name, a.Kind, a.Format, a.Zone, a.Computer, string(a.Digest[:])} {
			b = appendText(b, v)
		}
		b = appendNumber(b, int64(len(a.Data)))
		b = append(binary.AppendUvarint(b, uint64(len(a.Data))), a.Data...)
	}
	return s.insert(ctx, "inbox", "stream, seq, n, of, at, came, name, kind, format, zone, computer, digest, "+
		"size, data", b)
}

// nextPost is when something is put: later than what was put before, whatever becomes of
// the clock, so that a stream is in order by it.
func (s *Store) nextPost() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posted = max(s.posted+1, time.Now().UnixNano())
	return s.posted
}

func appendText(b []byte, v string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// mostSeen is how many rows of the inbox are looked at before some are read.
const mostSeen = 4 * MostPosted

// group are the rows that were put together.
type group struct {
	stream   string
	seq      int64
	of, size int64
	rows     int64
	at       int64
}

// Arrivals returns what came behind a mark, in the order in which it came, of so many bytes
// and not much more. What is being put is left for the next time.
func (s *Store) Arrivals(ctx context.Context, after intake.Mark, most int64) (out []intake.Arrival,
	err error) {
	groups, err := s.groups(ctx, after)
	if err != nil {
		return nil, err
	}
	var in strings.Builder
	size := int64(0)
	for _, g := range groups {
		if size > 0 && size+g.size > most {
			break
		}
		size += max(1, g.size)
		fmt.Fprintf(&in, `,(%s,%d)`, quoted(g.stream), g.seq)
	}
	if in.Len() == 0 {
		return nil, nil
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT stream, name, kind, format, zone, computer, digest, data, seq, n, came
		FROM %s WHERE (stream, seq) IN (%s) ORDER BY at, stream, seq, n LIMIT 1 BY stream, seq, n FORMAT RowBinary`,
		s.all("inbox"), in.String()[1:]), nil, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b := bufio.NewReaderSize(body, 256<<10)
	for {
		a, err := readArrival(b)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), err)
		}
		out = append(out, a)
	}
}

// groups are those behind a mark that are whole. What is not, and is not the last of its
// stream, was never acknowledged: it is taken as far as it is there.
func (s *Store) groups(ctx context.Context, after intake.Mark) ([]group, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var behind strings.Builder
	for stream, seq := range after {
		fmt.Fprintf(&behind, ` AND NOT (stream = %s AND seq <= %d)`, quoted(stream), seq)
	}
	text, err := s.text(ctx, fmt.Sprintf(`SELECT stream, seq, of, size, at FROM (SELECT stream, seq, n, of, size, at FROM %s
		WHERE 1%s ORDER BY at, stream, seq, n LIMIT 1 BY stream, seq, n LIMIT %d) FORMAT TabSeparated`, s.all("inbox"),
		behind.String(), mostSeen))
	if err != nil {
		return nil, err
	}
	var list []group
	last := map[string]int64{} // the number of a stream
	rows := 0
	for line := range strings.Lines(text) {
		var g group
		if _, err := fmt.Sscan(line, &g.stream, &g.seq, &g.of, &g.size, &g.at); err != nil {
			return nil, fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), err)
		}
		rows++
		last[g.stream] = max(last[g.stream], g.seq)
		if n := len(list) - 1; n >= 0 && list[n].stream == g.stream && list[n].seq == g.seq {
			list[n].size, list[n].rows = list[n].size+g.size, list[n].rows+1
			continue
		}
		g.rows = 1
		list = append(list, g)
	}
	if n := len(list) - 1; rows == mostSeen && list[n].rows < list[n].of { // cut by the limit
		list = list[:n]
	}
	old := time.Now().Add(-time.Hour).UnixNano()
	return slices.DeleteFunc(list, func(g group) bool {
		return g.rows < g.of && last[g.stream] == g.seq && g.at > old
	}), nil
}

func readArrival(b *bufio.Reader) (a intake.Arrival, err error) {
	if a.Stream, err = readText(b); err != nil {
		return a, err
	}
	var digest, data string
	for _, to := range [...]*string{&a.Name, &a.Kind, &a.Format, &a.Zone, &a.Computer, &digest, &data} {
		if *to, err = readText(b); err != nil {
			return a, cut(err)
		}
	}
	copy(a.Digest[:], digest)
	a.Data = []byte(data)
	var n [3 * 8]byte
	if _, err := io.ReadFull(b, n[:]); err != nil {
		return a, cut(err)
	}
	a.Seq, a.N = int64(binary.LittleEndian.Uint64(n[:])), int64(binary.LittleEndian.Uint64(n[8:]))
	a.Came = time.Unix(0, int64(binary.LittleEndian.Uint64(n[16:]))).UTC()
	return a, nil
}

// Waiting says what stands behind a mark.
func (s *Store) Waiting(ctx context.Context, after intake.Mark) (w intake.Waiting, err error) {
	if err := s.ready(ctx); err != nil {
		return w, err
	}
	var behind strings.Builder
	for stream, seq := range after {
		fmt.Fprintf(&behind, ` AND NOT (stream = %s AND seq <= %d)`, quoted(stream), seq)
	}
	text, err := s.text(ctx, fmt.Sprintf(`SELECT toInt64(count()), toInt64(sum(size)), toInt64(min(came)) FROM %s WHERE 1%s
		FORMAT TabSeparated`, s.all("inbox"), behind.String()))
	if err != nil {
		return w, err
	}
	var oldest int64
	if _, err := fmt.Sscan(text, &w.Deliveries, &w.Bytes, &oldest); err != nil {
		return w, fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), err)
	}
	if w.Deliveries > 0 {
		w.Oldest = time.Unix(0, oldest).UTC()
	}
	return w, nil
}

// Clear removes what was taken: partitions of hours that are over, all of whose rows stand
// before a mark.
func (s *Store) Clear(ctx context.Context, taken intake.Mark) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	text, err := s.text(ctx, fmt.Sprintf(`SELECT hour, stream, max(seq) FROM %s WHERE hour + 1 < %s GROUP BY hour, stream
		FORMAT TabSeparated`, s.all("inbox"), thisHour))
	if err != nil {
		return err
	}
	whole := map[uint32]bool{}
	for line := range strings.Lines(text) {
		var hour uint32
		var stream string
		var seq int64
		if _, err := fmt.Sscan(line, &hour, &stream, &seq); err != nil {
			return fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), err)
		}
		before, known := whole[hour]
		whole[hour] = (before || !known) && seq <= taken[stream]
	}
	for hour, over := range whole {
		if over {
			if err := s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DROP PARTITION %d`, s.table("inbox"), hour)); err != nil {
				return err
			}
		}
	}
	if w, err := s.Waiting(ctx, taken); err != nil || w.Deliveries == 0 {
		if err = errors.Join(err, s.clearPieces(ctx)); err != nil {
			return err
		}
	}
	return s.clearIngesters(ctx)
}

// ingesterMemory is for how many hours an ingester that ended is known.
const ingesterMemory = 24

func (s *Store) clearIngesters(ctx context.Context) error {
	text, err := s.text(ctx, fmt.Sprintf(`SELECT DISTINCT hour FROM %s WHERE hour + %d < %s FORMAT TabSeparated`,
		s.all("ingester"), ingesterMemory, thisHour))
	if err != nil {
		return err
	}
	for _, hour := range strings.Fields(text) {
		if err := s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DROP PARTITION %.10s`, s.table("ingester"),
			hour)); err != nil {
			return err
		}
	}
	return nil
}

// Report notes what an ingester says of itself.
func (s *Store) Report(ctx context.Context, stream, report string) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	b := appendText(appendNumber(appendText(nil, stream), time.Now().UnixNano()), report)
	return s.insert(ctx, "ingester", "stream, at, report", b)
}

// Report is what an ingester said of itself, and how long ago.
type Report struct {
	Stream, Report string
	Ago            time.Duration
}

// Reports returns what ingesters said last.
func (s *Store) Reports(ctx context.Context) (out []Report, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT stream, argMax(report, at), max(at) FROM %s GROUP BY stream
		ORDER BY stream LIMIT 1000 FORMAT RowBinary`, s.all("ingester")), nil, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b := bufio.NewReader(body)
	for {
		var r Report
		if r.Stream, err = readText(b); errors.Is(err, io.EOF) {
			return out, nil
		}
		var at [8]byte
		if err == nil {
			r.Report, err = readText(b)
		}
		if err == nil {
			_, err = io.ReadFull(b, at[:])
		}
		if err != nil {
			return nil, fmt.Errorf("what ClickHouse at %s sent: %w", s.Address(), cut(err))
		}
		r.Ago = time.Since(time.Unix(0, int64(binary.LittleEndian.Uint64(at[:]))))
		out = append(out, r)
	}
}
