package db

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
	"escutcheon/store"
)

// doubtKey names what is not decided.
type doubtKey struct {
	key, rule string
	start     int64
}

// doubts are what a transaction knows of what is not decided.
type doubts struct {
	put map[doubtKey]spl.Doubt // to be written
	any map[string]bool        // rules of which something may be stored
}

// PutDoubt stores that something is not decided, or that it is.
func (l *ledger) PutDoubt(d materialize.Doubt) error {
	if d.Why == spl.Decided {
		some, err := l.doubted(d.RuleID)
		if err != nil || !some {
			return err
		}
	}
	if l.doubts.put == nil {
		l.doubts.put = map[doubtKey]spl.Doubt{}
	}
	l.doubts.put[doubtKey{d.Key, d.RuleID, d.Start}] = d.Why
	if d.Why != spl.Decided {
		l.knowDoubts(d.RuleID, true)
	}
	return l.room()
}

// doubted says whether anything of a rule may be stored as not decided: of most
// rules nothing is.
func (l *ledger) doubted(rule string) (some bool, err error) {
	if some, known := l.doubts.any[rule]; known {
		return some, nil
	}
	err = l.get(`SELECT EXISTS (SELECT 1 FROM undecided WHERE rule_id = ?)`, []any{rule}, &some)
	l.knowDoubts(rule, some)
	return some, err
}

func (l *ledger) knowDoubts(rule string, some bool) {
	if l.doubts.any == nil {
		l.doubts.any = map[string]bool{}
	}
	l.doubts.any[rule] = some
}

// flushDoubts writes what is not decided.
func (l *ledger) flushDoubts() error {
	keys := make([]doubtKey, 0, len(l.doubts.put))
	for k := range l.doubts.put {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b doubtKey) int {
		return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.rule, b.rule), cmp.Compare(a.start, b.start))
	})
	for _, k := range keys {
		var err error
		if why := l.doubts.put[k]; why == spl.Decided {
			_, err = l.exec(`DELETE FROM undecided WHERE key = ? AND rule_id = ? AND start = ?`, k.key, k.rule, k.start)
		} else {
			_, err = l.exec(`INSERT INTO undecided (key, rule_id, start, why) VALUES (?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET why = excluded.why WHERE why <> excluded.why`, k.key, k.rule, k.start, int(why))
		}
		if err != nil {
			return err
		}
	}
	clear(l.doubts.put)
	return nil
}

// Pending are some findings and windows that are yet to be made.
func (l *ledger) Pending(most int) (out []materialize.Doubt, err error) {
	if err := l.Flush(); err != nil {
		return nil, err
	}
	err = l.each(func(r *sql.Rows) error {
		d := materialize.Doubt{Why: spl.Pending}
		err := r.Scan(&d.RuleID, &d.Key, &d.Start)
		out = append(out, d)
		return err
	}, `SELECT rule_id, key, start FROM undecided INDEXED BY undecided_pending WHERE why = 3 AND rule_id =
		(SELECT rule_id FROM undecided INDEXED BY undecided_pending WHERE why = 3 ORDER BY rule_id LIMIT 1)
		ORDER BY rule_id, key, start LIMIT ?`, most)
	return out, err
}

// doubtOf is what is not decided of a finding's row, 0 for nothing: what is
// stored, or that the rule's filter is yet to come to it.
func doubtOf(table string) string {
	return fmt.Sprintf(`ifnull((SELECT u.why FROM undecided u WHERE u.key = %[1]s.key AND u.rule_id = %[1]s.rule_id
		AND u.start = %[2]d), ifnull((SELECT %[3]d FROM rule x WHERE x.id = %[1]s.rule_id AND x.filtered <> ''
		AND x.filtered < %[1]s.key), 0))`, table, materialize.Whole, spl.Pending)
}

// undecidedRules are the rules of which something is not decided, read of an index
// without looking at all that is; %[1]s is a table and a condition.
const undecidedRules = `WITH RECURSIVE r (id) AS (SELECT min(rule_id) FROM %[1]s UNION ALL
	SELECT (SELECT min(rule_id) FROM %[1]s AND rule_id > r.id) FROM r WHERE r.id IS NOT NULL)`

// countUndecided counts what is not decided, of the few rules that have any.
func (d *DB) countUndecided(ctx context.Context, stats map[string]store.RuleStats) error {
	upTo := func(of string) string {
		return fmt.Sprintf(`(SELECT count(*) FROM (SELECT 1 FROM %s AND rule_id = r.id LIMIT %d))`, of,
			store.MostUndecided+1)
	}
	const rows, events = `undecided WHERE true`, `unattributed WHERE missing = ''`
	row := fmt.Sprintf(` AND start = %d`, materialize.Whole)
	window := fmt.Sprintf(` AND start > %d`, materialize.Whole)
	count := func(of string, columns string, into func(*store.Undecided) []any) error {
		return d.rows(ctx, func(r *sql.Rows) error {
			var id string
			var u store.Undecided
			if err := r.Scan(append([]any{&id}, into(&u)...)...); err != nil {
				return err
			}
			s := stats[id]
			s.Undecided.Add(u)
			stats[id] = s
			return nil
		}, fmt.Sprintf(undecidedRules, of)+` SELECT id, `+columns+` FROM r WHERE id IS NOT NULL`)
	}
	err := count(rows, strings.Join([]string{upTo(rows + row + ` AND why = 1`), upTo(rows + row + ` AND why = 2`),
		upTo(rows + ` AND why = 3`), upTo(rows+window+` AND why = 1`) + ` + ` + upTo(rows+window+` AND why = 2`),
		upTo(rows + window + ` AND why = 4`)}, `, `),
		func(u *store.Undecided) []any { return []any{&u.Filter, &u.Rows, &u.Pending, &u.Windows, &u.Cut} })
	if err != nil {
		return err
	}
	if err := count(events, upTo(events), func(u *store.Undecided) []any { return []any{&u.Events} }); err != nil {
		return err
	}
	return count(`passed_block WHERE true`, `(SELECT sum(count) FROM passed_block WHERE rule_id = r.id)`,
		func(u *store.Undecided) []any { return []any{&u.Damaged} })
}
