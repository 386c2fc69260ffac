package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// again is a sighting of an event that is not its first.
type again struct {
	event, imported, offset int64
	record                  int64 // whose bytes it has: the event's own number, or that of a record that is no event
}

// mostAgain is how many sightings stand in one row.
const mostAgain = 1 << 15

// packAgain packs sightings of one import, sorted by event: of each the distance
// to the event and the offset before it, and to its record from its event.
func packAgain(list []again) []byte {
	var b []byte
	var last again
	for _, s := range list {
		b = binary.AppendUvarint(b, uint64(s.event-last.event))
		b = binary.AppendVarint(b, s.offset-last.offset)
		b = binary.AppendVarint(b, s.record-s.event)
		last = s
	}
	return b
}

func unpackAgain(data []byte, imported int64, visit func(again)) error {
	s := again{imported: imported}
	for len(data) > 0 {
		event, n := binary.Uvarint(data)
		offset, m := binary.Varint(data[max(n, 0):])
		record, k := int64(0), 0
		if n > 0 && m > 0 {
			record, k = binary.Varint(data[n+m:])
		}
		if k <= 0 {
			return fmt.Errorf("the sightings of import %d: %w", imported, block.ErrDamaged)
		}
		s.event, s.offset = s.event+int64(event), s.offset+offset
		s.record = s.event + record
		visit(s)
		data = data[n+m+k:]
	}
	return nil
}

// byEvent is the order in which sightings are stored.
func byEvent(a, b again) int {
	return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.offset, b.offset))
}

// addAgain stores further sightings of an import.
func (t *tx) addAgain(imported int64, list []again) error {
	slices.SortFunc(list, byEvent)
	for part := range slices.Chunk(list, mostAgain) {
		if _, err := t.exec(`INSERT INTO again (import_id, first_event, last_event, count, data) VALUES (?, ?, ?, ?, ?)`,
			imported, part[0].event, part[len(part)-1].event, len(part), packAgain(part)); err != nil {
			return err
		}
	}
	return nil
}

// againAmong are the further sightings of the events first … last, those of one
// event by import and offset.
func againAmong(ctx context.Context, q queryer, first, last int64) (map[int64][]again, error) {
	out := map[int64][]again{}
	err := eachAgain(ctx, q, first, last, func(s again) { out[s.event] = append(out[s.event], s) })
	for _, list := range out {
		slices.SortStableFunc(list, byPlace)
	}
	return out, err
}

func byPlace(a, b again) int {
	return cmp.Or(cmp.Compare(a.imported, b.imported), cmp.Compare(a.offset, b.offset))
}

// variantsAmong are those of them that say what the events are, where there are
// very many of one: see intake.MostVariants.
func variantsAmong(ctx context.Context, q queryer, first, last int64) (map[int64][]again, error) {
	out := map[int64][]again{}
	err := eachAgain(ctx, q, first, last, func(s again) {
		list := append(out[s.event], s)
		if len(list) >= 4*intake.MostVariants {
			list = firstRecords(list)
		}
		out[s.event] = list
	})
	for id, list := range out {
		if len(list) > intake.MostVariants {
			list = firstRecords(list)
			out[id] = list
		}
		slices.SortStableFunc(list, byPlace)
	}
	return out, err
}

// firstRecords are a sighting of each of the intake.MostVariants first records.
func firstRecords(list []again) []again {
	slices.SortStableFunc(list, func(a, b again) int { return cmp.Compare(a.record, b.record) })
	list = slices.CompactFunc(list, func(a, b again) bool { return a.record == b.record })
	return list[:min(len(list), intake.MostVariants)]
}

func eachAgain(ctx context.Context, q queryer, first, last int64, visit func(again)) error {
	return each(ctx, q, func(r *sql.Rows) error {
		var imported int64
		var data []byte
		if err := r.Scan(&imported, &data); err != nil {
			return err
		}
		return unpackAgain(data, imported, func(s again) {
			if s.event >= first && s.event <= last {
				visit(s)
			}
		})
	}, `SELECT import_id, data FROM again WHERE first_event <= ? AND last_event >= ? ORDER BY import_id, id`, last, first)
}

// againRow is one stored row of further sightings.
type againRow struct {
	id   int64
	list []again
}

// againOf are rows of an import's further sightings: those of events within
// first … last.
func (t *tx) againOf(imported, first, last int64, limit int) (out []againRow, err error) {
	err = t.each(func(r *sql.Rows) error {
		var one againRow
		var data []byte
		if err := r.Scan(&one.id, &data); err != nil {
			return err
		}
		err := unpackAgain(data, imported, func(s again) { one.list = append(one.list, s) })
		out = append(out, one)
		return err
	}, `SELECT id, data FROM again WHERE import_id = ? AND first_event <= ? AND last_event >= ? ORDER BY id LIMIT ?`,
		imported, last, first, limit)
	return out, err
}

// storeAgain stores what is left of a row; none, and it goes.
func (t *tx) storeAgain(row againRow) error {
	if len(row.list) == 0 {
		_, err := t.exec(`DELETE FROM again WHERE id = ?`, row.id)
		return err
	}
	_, err := t.exec(`UPDATE again SET first_event = ?, last_event = ?, count = ?, data = ? WHERE id = ?`,
		row.list[0].event, row.list[len(row.list)-1].event, len(row.list), packAgain(row.list), row.id)
	return err
}
