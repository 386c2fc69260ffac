package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"maps"
	"math"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/intake"
)

// noLine is the line where there is none: nothing is before it.
const noLine = math.MinInt64

// keeping is what retention means to a transaction: see store.Retention.
type keeping struct {
	line, gone int64 // seconds
	retained   map[string]map[int64]string
}

func readKeeping(ctx context.Context, q conn) (k keeping, err error) {
	return k, one(ctx, q, `SELECT ifnull(line, ?1), ifnull(gone, ?1) FROM retention`, []any{int64(noLine)}, &k.line,
		&k.gone)
}

// windows reads the windows before the line of which all is kept, by rule, each with the
// search that it is all for.
func (k *keeping) windows(ctx context.Context, q conn) (map[string]map[int64]string, error) {
	if k.retained != nil {
		return k.retained, nil
	}
	k.retained = map[string]map[int64]string{}
	return k.retained, each(ctx, q, func(r *sql.Rows) error {
		var rule, search string
		var start int64
		err := r.Scan(&rule, &start, &search)
		if k.retained[rule] == nil {
			k.retained[rule] = map[int64]string{}
		}
		k.retained[rule][start] = search
		return err
	}, `SELECT rule_id, start, search FROM retained_window`)
}

// foundIn are the windows within from … to, its end left out, in which rules over whole
// windows found something, by rule, each with the rule's search.
func foundIn(ctx context.Context, q conn, rules *detection.Rules, from, to int64) (map[string]map[int64]string, error) {
	out := map[string]map[int64]string{}
	for _, r := range rules.All() {
		if !r.Whole() {
			continue
		}
		starts, search := map[int64]string{}, searchOf(r)
		if err := each(ctx, q, func(rows *sql.Rows) error {
			var packed []byte
			var total part
			if err := rows.Scan(&packed, &total.last); err != nil {
				return err
			}
			all, err := unpackWindows(packed, &total)
			for i := range all.list {
				starts[all.list[i].start] = search
			}
			return err
		}, `SELECT windows, last FROM finding WHERE rule_id = ? AND first < ? AND last >= ?`, r.ID, to, from); err != nil {
			return nil, err
		}
		if err := each(ctx, q, func(rows *sql.Rows) error {
			var start int64
			err := rows.Scan(&start)
			starts[start] = search
			return err
		}, `SELECT w.start FROM finding f JOIN finding_window w ON w.finding_id = f.id
			WHERE f.rule_id = ? AND w.start < ? AND w.start >= ?`, r.ID, to, from); err != nil {
			return nil, err
		}
		maps.DeleteFunc(starts, func(start int64, _ string) bool { return start < from || start >= to })
		if len(starts) > 0 {
			out[r.ID] = starts
		}
	}
	return out, nil
}

// keepsWhole says whether a window holds all that a rule over whole windows asks for.
func (w *work) keepsWhole(rule string, start int64) (bool, error) {
	if start >= w.gone {
		return true, nil
	}
	all, err := w.windows(w.ctx, w.tx)
	r := w.rules.Find(rule)
	return r != nil && all[rule][start] == searchOf(r), err
}

// searchOf names a rule's search.
func searchOf(r *detection.Rule) string {
	sum := sha256.Sum256([]byte(r.Fingerprint()))
	return hex.EncodeToString(sum[:])
}

// unexpired is a batch without the events that are older than the line, and how many
// those are.
func (w *work) unexpired(b *intake.Batch) (*intake.Batch, int64) {
	old := func(e *event.Event) bool { return e.HasTime && e.Second() < w.line }
	first := 0
	for first < len(b.Events) && !old(&b.Events[first]) {
		first++
	}
	if first == len(b.Events) {
		return b, 0
	}
	out := *b
	out.Events, out.Matches, out.Packed = nil, nil, nil
	place := make([]int, len(b.Events))
	for i := range b.Events {
		if place[i] = -1; !old(&b.Events[i]) {
			place[i] = len(out.Events)
			out.Events = append(out.Events, b.Events[i])
		}
	}
	for _, m := range b.Matches {
		if m.Event = place[m.Event]; m.Event >= 0 {
			out.Matches = append(out.Matches, m)
		}
	}
	return &out, int64(len(b.Events) - len(out.Events))
}
