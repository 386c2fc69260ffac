package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"escutcheon/fault"
)

// A version of a block begins with the day on which it was put: so many bits stand behind
// it (blockstore.Ref.At). Parts are of one day, and a day's may be dropped by whoever runs the
// server.
const day = 1 << 44

// migrations bring a server to what this version knows, one after another. They are never
// changed once they are out.
var migrations = []func(s *Store, major int) []string{
	func(s *Store, major int) []string {
		// Codecs came with 19.1; that a part is on the disk when it is acknowledged, with 20.10.
		raw, sure := "", ""
		if major >= 20 {
			raw = " CODEC(ZSTD(1))"
		}
		if major >= 21 {
			sure = ", fsync_after_insert = 1, fsync_part_directory = 1"
		}
		return []string{
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (first Int64, at Int64, pos UInt32, second Int64, nanos Int64,
				host Int64, channel Int64, provider Int64, code Int64, record Int64, event Int64, place Int64, raw String%s)
				ENGINE = ReplacingMergeTree PARTITION BY intDiv(at, %d) ORDER BY (first, at, pos)
				SETTINGS index_granularity = 1024%s`, s.table("event"), raw, day, sure),
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (host Int64, channel Int64, code Int64, first Int64, at Int64,
				events AggregateFunction(uniqExact, UInt32), earliest AggregateFunction(min, Int64),
				latest AggregateFunction(max, Int64)) ENGINE = AggregatingMergeTree PARTITION BY intDiv(at, %d)
				ORDER BY (host, channel, code, first, at)`, s.table("kind"), day),
			fmt.Sprintf(`CREATE MATERIALIZED VIEW IF NOT EXISTS %s TO %s AS SELECT host, channel, code, first, at,
				uniqExactState(pos) AS events, minState(second) AS earliest, maxState(second) AS latest FROM %s
				WHERE event = first + pos GROUP BY host, channel, code, first, at`, s.table("kind_of_event"), s.table("kind"),
				s.table("event")),
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (name String, at UInt64) ENGINE = MergeTree ORDER BY at`,
				s.table("owner")),
		}
	},
	func(s *Store, major int) []string {
		return []string{
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (first Int64, at Int64, pos UInt32, second Int64, opcode String,
				eventcode String, computer String, message String) ENGINE = Null`, s.table("seed_record")),
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (first Int64, at Int64, opcode String, eventcode String, computer String,
				message String, events AggregateFunction(uniqExact, UInt32), earliest AggregateFunction(min, Int64),
				latest AggregateFunction(max, Int64)) ENGINE = AggregatingMergeTree PARTITION BY intDiv(at, %d)
				PRIMARY KEY (first, at) ORDER BY (first, at, opcode, eventcode, computer, message)`, s.table("seed"), day),
			fmt.Sprintf(`CREATE MATERIALIZED VIEW IF NOT EXISTS %s TO %s AS SELECT first, at, opcode, eventcode, computer,
				message, uniqExactState(pos) AS events, minState(second) AS earliest, maxState(second) AS latest FROM %s
				GROUP BY first, at, opcode, eventcode, computer, message`, s.table("seed_of_record"), s.table("seed"),
				s.table("seed_record")),
		}
	},
	(*Store).inboxTables,
}

// migrate makes what is missing on a server. Several may do so at a time.
func (s *Store) migrate(ctx context.Context, host string, major int) error {
	do := func(query string) error {
		_, err := s.textAt(ctx, host, query)
		return err
	}
	if err := do(`CREATE DATABASE IF NOT EXISTS ` + s.database); err != nil {
		return err
	}
	if err := do(fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (version UInt32) ENGINE = MergeTree ORDER BY version`,
		s.table("schema"))); err != nil {
		return err
	}
	text, err := s.textAt(ctx, host, `SELECT max(version) FROM `+s.table("schema"))
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || version > len(migrations) {
		return fault.New(fault.Invalid, "The database %s was made by a newer Escutcheon (its schema is number %.10q). Use "+
			"that one.", s.Address(), strings.TrimSpace(text))
	}
	for ; version < len(migrations); version++ {
		for _, q := range migrations[version](s, major) {
			if err := do(q); err != nil {
				return err
			}
		}
		if err := do(fmt.Sprintf(`INSERT INTO %s (version) SELECT toUInt32(%d)`, s.table("schema"),
			version+1)); err != nil {
			return err
		}
	}
	for _, q := range s.distributed() {
		if err := do(q); err != nil {
			return err
		}
	}
	return nil
}
