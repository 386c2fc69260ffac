package db

import (
	"bytes"
	"database/sql"
	"slices"
	"strings"

	"escutcheon/sighting"
)

// Events without a record number are told by a digest. What is asked and stored of those of a
// batch is in the order of the digests, many a statement: each falls on another page of a
// table otherwise, and a log of requests has nothing else.

// digestKey is as much of a digest as is stored.
type digestKey = [16]byte

// lookUpDigests does what lookUp does for the events without a record number.
func (s *batch) lookUpDigests() error {
	of := make([]digestKey, len(s.b.Events))
	full := map[digestKey][32]byte{}
	times := map[digestKey]uint64{}
	for i := range s.b.Events {
		if s.columns.Record[i] < 0 {
			d := sighting.Digest(&s.b.Events[i])
			of[i] = digestKey(d[:16])
			full[of[i]] = d
			times[of[i]]++
		}
	}
	if len(times) == 0 {
		return nil
	}
	next, err := s.ordinals(times)
	if err != nil {
		return err
	}
	at := make(map[digestKey]int, len(times))
	for i := range s.b.Events {
		if s.columns.Record[i] < 0 {
			id := digestKey(sighting.Nth(full[of[i]], next[of[i]]))
			next[of[i]]++
			s.digests[i], at[id] = id[:], i
		}
	}
	return s.eachOf(sortedDigests(at), `SELECT digest, event_id FROM digest WHERE digest IN (`, `?`, `)`,
		func(dst []any, k digestKey) []any { return append(dst, k[:]) }, func(k digestKey, event int64) {
			s.columns.Event[at[k]] = event
		})
}

// ordinals counts records that come so many times more in the import, and says which one of
// its equals the first of them is.
func (s *batch) ordinals(times map[digestKey]uint64) (next map[digestKey]uint64, err error) {
	next = make(map[digestKey]uint64, len(times))
	return next, s.eachOf(sortedDigests(times), `INSERT INTO ordinal (import_id, digest, n) VALUES `, `(?, ?, ?)`,
		` ON CONFLICT (import_id, digest) DO UPDATE SET n = n + excluded.n RETURNING digest, n`,
		func(dst []any, k digestKey) []any { return append(dst, s.b.Import, k[:], int64(times[k])) },
		func(k digestKey, n int64) { next[k] = uint64(n) - times[k] + 1 })
}

// storeDigests stores those of the batch's new events.
func (s *batch) storeDigests() error {
	fresh := make(map[digestKey]int64)
	for i, d := range s.digests {
		if d != nil && s.ids[i] != 0 {
			fresh[digestKey(d)] = s.ids[i]
		}
	}
	keys := sortedDigests(fresh)
	return s.execMany(`INSERT INTO digest (digest, event_id) VALUES `, `(?, ?)`, ``, len(keys),
		func(dst []any, i int) []any { return append(dst, keys[i][:], fresh[keys[i]]) })
}

func sortedDigests[V any](of map[digestKey]V) []digestKey {
	keys := make([]digestKey, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b digestKey) int { return bytes.Compare(a[:], b[:]) })
	return keys
}

// eachOf asks for digests, many a statement: head, one for each, and tail. Answers are a
// digest and a number.
func (t *tx) eachOf(keys []digestKey, head, one, tail string, args func(dst []any, k digestKey) []any,
	take func(k digestKey, n int64)) error {
	var dst []any
	for len(keys) > 0 {
		rows := manyRows
		if len(keys) < manyRows {
			rows = 1 // two statements are all that is prepared
		}
		dst = dst[:0]
		for i := range rows {
			dst = args(dst, keys[i])
		}
		keys = keys[rows:]
		if err := t.each(func(r *sql.Rows) error {
			var digest sql.RawBytes
			var n int64
			err := r.Scan(&digest, &n)
			if err == nil {
				take(digestKey(digest), n)
			}
			return err
		}, head+strings.Repeat(one+", ", rows-1)+one+tail, dst...); err != nil {
			return err
		}
	}
	return nil
}
