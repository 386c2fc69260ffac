package db

import (
	"context"
	"database/sql"
	"encoding/json"

	"escutcheon/fault"
)

// RulesOfEvents are the rules in whose findings some events are, by the event's number,
// by their ids.
func (d *DB) RulesOfEvents(ctx context.Context, ids []int64) (out map[int64][]string, err error) {
	defer fault.Wrap(&err, "rules of events")
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	out = map[int64][]string{}
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var id int64
		var rule string
		err := r.Scan(&id, &rule)
		out[id] = append(out[id], rule)
		return err
	}, `SELECT DISTINCT x.event_id, f.rule_id FROM json_each(?) CROSS JOIN finding_event x ON x.event_id = value
		JOIN finding f ON f.id = x.finding_id WHERE f.verdict <= 1 ORDER BY 1, 2`, string(list))
}
