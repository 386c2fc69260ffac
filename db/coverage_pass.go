package db

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"escutcheon/eventstore/block"
)

// pass counts events in blocks within (after, upTo], of those only (unless nil)
// that may hold events of some hosts, and says up to which record it came.
func (c *counting) pass(after, upTo int64, t *channelCounts, hosts []int64) (at int64, err error) {
	list, err := c.list(after, upTo, c.most)
	if err != nil {
		return after, err
	}
	at = upTo
	for i := range list {
		b := &list[i]
		if i > 0 && (len(t.of) >= mostCounts || !time.Now().Before(c.until)) || i == c.most-1 {
			at = b.first
		}
		if b.summary.Live > 0 && (hosts == nil || slices.ContainsFunc(hosts, b.summary.Hosts.MayHold)) {
			switch err := c.read(b); {
			case errors.Is(err, block.ErrDamaged):
				passed(b.first, int(b.count))
			case err != nil:
				return after, err
			default:
				t.add(b.first, &c.Columns)
			}
		}
		if at < upTo {
			break
		}
	}
	return at, c.put(t)
}

// list lists the first blocks within (after, upTo].
func (c *counting) list(after, upTo int64, most int) (out []blockInfo, err error) {
	return out, c.each(func(r *sql.Rows) error {
		b, err := scanInfo(r)
		out = append(out, b)
		return err
	}, `SELECT `+infoColumns+` FROM block WHERE first > ? AND first <= ? ORDER BY first LIMIT ?`, after, upTo, most)
}

// read reads what is counted of a block.
func (c *counting) read(b *blockInfo) error {
	err := c.contents().columns(c.ctx, c.tx, b.first, int(b.count), countedColumns, &c.Columns)
	if err != nil {
		err = damaged(b.first, err)
	}
	return err
}

// put adds what was counted to the rows, each by a statement of its own: of one that
// changes several SQLite keeps a copy of each page.
func (c *counting) put(t *channelCounts) error {
	for _, k := range t.keys() {
		var events int64
		var spans []byte
		to := t.of[k]
		query := `UPDATE coverage SET events = ?3, spans = ifnull(?4, x'') WHERE host_id = ?1 AND channel_id = ?2`
		err := c.get(`SELECT events, spans FROM coverage WHERE host_id = ? AND channel_id = ?`, []any{k.host, k.channel},
			&events, &spans)
		if errors.Is(err, sql.ErrNoRows) {
			query = `INSERT INTO coverage (host_id, channel_id, events, spans) VALUES (?1, ?2, ?3, ifnull(?4, x''))`
		} else if err == nil {
			err = to.add(events, spans)
		}
		if err == nil || errors.Is(err, sql.ErrNoRows) {
			_, err = c.exec(query, k.host, k.channel, to.events, packSpans(to.Spans()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
