package db

import (
	"math"

	"escutcheon/detection/risk"
	"escutcheon/store"
)

// hostCounts are how many hosts a filter chooses: those with a row in
// object_risk, of which fits have the severity asked for, and all.
type hostCounts struct {
	rows, fits, risky, newest int64
	all                       int64
}

// count counts the hosts whose rows hold: all hosts, which is remembered while no
// row changes, without the few whose rows do not.
func (l *hostList) count(s *store.HostSummary) error {
	c, err := l.counted()
	if err != nil {
		return err
	}
	if len(l.over) > 0 {
		over, err := l.countRows(` AND object IN (SELECT value FROM json_each(?))`,
			` AND dest IN (SELECT value FROM json_each(?))`, jsonList(l.over.names()))
		if err != nil {
			return err
		}
		c = hostCounts{c.rows - over.rows, c.fits - over.fits, c.risky - over.risky, c.newest - over.newest,
			c.all - over.all}
	}
	s.Hosts, s.Risky, s.Newest = c.fits, c.risky, c.newest
	if l.fits(risk.None) { // hosts without a row
		s.Hosts += c.all - c.rows
	}
	s.Top, err = l.top()
	return err
}

// top is the greatest score of the hosts whose rows hold.
func (l *hostList) top() (top int64, err error) {
	cond, args := l.holds("object")
	if l.f.Severity != "" {
		cond, args = cond+` AND severity = ?`, append(args, severityNumber(l.f.Severity))
	}
	err = one(l.ctx, l.q, `SELECT max(0, ifnull((SELECT score FROM object_risk INDEXED BY object_risk_score
		WHERE object_type = 'system' AND rule_id = ? AND host_id > 0`+cond+` ORDER BY score DESC LIMIT 1), 0))`,
		append([]any{l.f.Rule}, args...), &top)
	return top, err
}

// countRows counts the hosts of the filter for which more holds, of their rows
// and of themselves.
func (l *hostList) countRows(ofRow, ofHost string, more ...any) (c hostCounts, err error) {
	severity := int64(math.MinInt64)
	if l.f.Severity != "" {
		severity = severityNumber(l.f.Severity)
	}
	index := ` INDEXED BY object_risk_score`
	if ofRow != "" {
		index = ``
	}
	cond, args := l.where("object")
	if err := one(l.ctx, l.q, `SELECT count(*), ifnull(sum(fits), 0), ifnull(sum(fits AND score > 0), 0),
			ifnull(sum(fits AND live = 0), 0)
		FROM (SELECT score, live, ?1 IN (severity, -9223372036854775808) AS fits FROM object_risk`+index+`
			WHERE object_type = 'system' AND rule_id = ?2 AND host_id > 0`+cond+ofRow+`)`,
		append(append([]any{severity, l.f.Rule}, args...), more...), &c.rows, &c.fits, &c.risky, &c.newest); err != nil {
		return c, err
	}
	cond, args = l.where("dest")
	return c, one(l.ctx, l.q, `SELECT count(*) FROM host WHERE true`+cond+ofHost, append(args, more...), &c.all)
}

// countKey is a filter of lists of hosts, countState what their counts rest on.
type (
	countKey   struct{ rule, text, severity, dest string }
	countState struct{ made, rows, stored int64 }
	countSeen  struct {
		countState
		hostCounts
	}
)

// mostCounted is how many filters' counts are remembered.
const mostCounted = 64

// counted counts the hosts by their rows as they are, whether they hold or not.
func (l *hostList) counted() (hostCounts, error) {
	if l.f.Among != nil {
		return l.countRows("", "")
	}
	k, now := countKey{l.f.Rule, l.text, l.f.Severity, l.f.Dest}, countState{}
	if err := one(l.ctx, l.q, `SELECT made, last, ifnull((SELECT last FROM sequence WHERE name = 'rows'), 0)
		FROM risk_clock, sequence WHERE name = 'store'`, nil, &now.made, &now.stored, &now.rows); err != nil {
		return hostCounts{}, err
	}
	l.v.seen.mu.Lock()
	old, ok := l.v.seen.counts[k]
	l.v.seen.mu.Unlock()
	if ok && old.countState == now {
		return old.hostCounts, nil
	}
	c, err := l.countRows("", "")
	if err != nil {
		return c, err
	}
	l.v.seen.mu.Lock()
	defer l.v.seen.mu.Unlock()
	if l.v.seen.counts == nil || len(l.v.seen.counts) >= mostCounted {
		l.v.seen.counts = map[countKey]countSeen{}
	}
	l.v.seen.counts[k] = countSeen{now, c}
	return c, nil
}
