package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"escutcheon/store"
)

// AllRiskEvents streams the risk events of all risk objects, finding by finding.
// Between two chunks it holds nothing of the database's.
func (d *DB) AllRiskEvents(ctx context.Context) iter.Seq2[store.RiskEvent, error] {
	return func(yield func(store.RiskEvent, error) bool) {
		q := byNumber{ids: `SELECT id FROM finding WHERE verdict = 0 ORDER BY id`}
		ids, err := q.numbers(ctx, d)
		for len(ids) > 0 && err == nil {
			n := min(len(ids), chunkRows)
			var out []store.RiskEvent
			var list []byte
			if list, err = json.Marshal(ids[:n]); err != nil {
				break
			}
			err = each(ctx, d.out, func(r *sql.Rows) error {
				e, err := scanRiskEvent(r)
				out = append(out, e)
				return err
			}, `SELECT `+riskEventColumns+` FROM json_each(?) n CROSS JOIN finding f ON f.id = n.value AND f.verdict = 0
				JOIN risk_event r ON r.finding_id = f.id`, string(list))
			for _, e := range out {
				if !yield(e, nil) {
					return
				}
			}
			ids = ids[n:]
		}
		if err != nil {
			yield(store.RiskEvent{}, err)
		}
	}
}
