package db

import (
	"context"
	"database/sql"
	"fmt"

	"escutcheon/store"
)

// differ asks for the first columns of the rows that only one of two questions answers.
func differ(first, a, b string) string {
	return `SELECT DISTINCT ` + first + ` FROM (SELECT * FROM (` + a + ` EXCEPT ` + b + `) UNION ALL
		SELECT * FROM (` + b + ` EXCEPT ` + a + `)) ORDER BY 1`
}

// counted are what triggers count of other rows of the same file: of each table the
// rows that it has, and those that it should have. The first column says of whom.
var counted = []struct{ object, what, is, should string }{
	{"host ", "what is counted of its findings is not how many they are",
		`SELECT dest name, rule_id, n, suppressed, closed, closed_suppressed FROM finding_count`,
		`SELECT dest, rule_id, count(*), sum(verdict = 1), sum(verdict = 0 AND status >= 3),
			sum(verdict = 1 AND status >= 3) FROM finding WHERE verdict <= 1 GROUP BY dest, rule_id`},
	{"rule ", "what is counted of its risk events is not how many they are",
		`SELECT rule_id name, n FROM risk_count WHERE n <> 0`,
		`SELECT rule_id, count(*) FROM risk_event GROUP BY rule_id`},
	{"host ", "what is counted of its threat objects is not how many they are",
		`SELECT dest name, value, type, n FROM threat_count`,
		`SELECT f.dest, t.value, t.type, count(DISTINCT f.id) FROM threat_object t
			JOIN finding f ON f.id = t.finding_id AND f.verdict = 0 GROUP BY f.dest, t.value, t.type`},
	{"module ", "what is counted of its hosts is not how many they are",
		`SELECT module name, image, hosts FROM module_count`,
		`SELECT module, image, count(*) FROM host_module GROUP BY module, image`},
}

// counts compares what is counted of rows with the rows.
func (c *checking) counts() error {
	for _, n := range counted {
		if err := each(c.ctx, c.q, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			c.say(n.object+name, "%s", n.what)
			return err
		}, differ("name", n.is, n.should)); err != nil {
			return err
		}
	}
	return nil
}

// summed are what is made of all findings together, at the end of transactions or
// later: of each table what a row tells, where nothing of it is yet to be made. The first
// column says of whom. %[1]s is the file.
var summed = []struct{ object, what, query string }{
	{"risk of ", "its sums by hour are not what its risk events come to", `SELECT object name, object_type, week, tiles
		FROM %[1]s.risk_week w WHERE ` + untouched},
	{"risk of ", "its score is not what its risk events come to", `SELECT object name, object_type, rule_id, score,
		events, rules, severity, first, last, as_of FROM %[1]s.object_risk w WHERE live = 0 AND ` + untouched + `
		AND NOT EXISTS (SELECT 1 FROM main.object_risk o WHERE o.object_type = w.object_type AND o.object = w.object
			AND o.rule_id = w.rule_id AND (o.live = 1 OR o.until < 9223372036854775807))
		AND NOT EXISTS (SELECT 1 FROM anew.object_risk o WHERE o.object_type = w.object_type AND o.object = w.object
			AND o.rule_id = w.rule_id AND (o.live = 1 OR o.until < 9223372036854775807))`},
	{"host ", "its changes are not what its events tell", `SELECT h.dest name, c.event_id, c.nanos, c.kind, c.module,
		c.image, c.scope, c.account, c.hash FROM %[1]s.change_event c JOIN %[1]s.host h ON h.id = c.host_id`},
	{"host ", "its verdict is not what its events come to", `SELECT dest name, gravity, module, image, nanos, sentence
		FROM %[1]s.host_verdict w WHERE ` + judged},
	{"host ", "its modules are not those of its events", `SELECT dest name, module, image FROM %[1]s.host_module w
		WHERE ` + judged},
}

const (
	untouched = `NOT EXISTS (SELECT 1 FROM main.risk_touched t WHERE t.object_type = w.object_type AND t.object = w.object)
		AND NOT EXISTS (SELECT 1 FROM anew.risk_touched t WHERE t.object_type = w.object_type AND t.object = w.object)`
	judged = `NOT EXISTS (SELECT 1 FROM main.host_change c WHERE c.dest = w.dest AND c.until <= -9223372036854775808)
		AND NOT EXISTS (SELECT 1 FROM anew.host_change c WHERE c.dest = w.dest AND c.until <= -9223372036854775808)`
)

// compareSums compares what is made of all findings together, where all rules are
// compared and nothing of it is yet to be made.
func compareSums(ctx context.Context, pool *sql.DB, damaged func(store.Damage)) error {
	var pending bool
	if err := one(ctx, pool, `SELECT count(*) < 2 FROM (SELECT 1 FROM main.sequence a, main.sequence z
		WHERE a.name = 'changes' AND z.name = 'changes end' AND a.last >= z.last
		UNION ALL SELECT 1 FROM anew.sequence a, anew.sequence z
		WHERE a.name = 'changes' AND z.name = 'changes end' AND a.last >= z.last)`, nil, &pending); err != nil || pending {
		return err
	}
	for _, s := range summed {
		if err := each(ctx, pool, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			damaged(store.Damage{Object: s.object + name, What: s.what})
			return err
		}, differ("name", fmt.Sprintf(s.query, "main"), fmt.Sprintf(s.query, "anew"))); err != nil {
			return err
		}
	}
	return nil
}
