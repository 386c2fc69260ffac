package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// hostList is a list of hosts as it is put together: within one snapshot.
type hostList struct {
	ctx  context.Context
	q    conn
	v    viewer
	f    store.HostFilter
	text string  // in lower case
	over overlay // the hosts whose rows in object_risk do not hold
	of   merges  // names that are shown with another host's

	severe bool // the severity of hosts at a moment is known
}

// listHosts makes ready for a list of hosts.
func (d *DB) listHosts(ctx context.Context, f store.HostFilter, do func(*hostList) error) (err error) {
	defer fault.Wrap(&err, "hosts")
	return d.snapshot(ctx, func(q conn) error {
		v, err := d.viewer(ctx, q)
		if err != nil {
			return err
		}
		l := &hostList{ctx: ctx, q: q, v: v, f: f, text: strings.ToLower(f.Text), severe: f.Severity != ""}
		if l.over, err = v.overlaid(ctx, q, "system", f.Rule, moment{f.AsOf, f.Now},
			l.severe); err != nil {
			return err
		}
		if err := l.merge(); err != nil {
			return err
		}
		return do(l)
	})
}

// candidate is a host that may be on a page.
type candidate struct {
	id       int64
	dest     string
	last     int64
	score    int64
	severity risk.Severity
	newest   bool // its as-of is its own newest risk event
	risk     bool // it has risk events in the period
}

// where are the conditions on a host's name, in a column.
func (l *hostList) where(column string) (string, []any) {
	cond, args := "", []any{}
	if l.text != "" {
		cond, args = cond+` AND instr(`+column+`, ?) > 0`, append(args, l.text)
	}
	if l.f.Among != nil {
		cond, args = cond+` AND `+column+` IN (SELECT value FROM json_each(?))`, append(args, *l.f.Among)
	}
	if l.f.Dest != "" {
		cond, args = cond+` AND `+column+` = ?`, append(args, l.f.Dest)
	}
	if len(l.of) > 0 {
		cond, args = cond+` AND `+column+` NOT IN (SELECT value FROM json_each(?))`, append(args, jsonList(l.of.hidden()))
	}
	return cond, args
}

// holds is where, for hosts whose rows hold.
func (l *hostList) holds(column string) (string, []any) {
	cond, args := l.where(column)
	if len(l.over) > 0 {
		cond, args = cond+` AND `+column+` NOT IN (SELECT value FROM json_each(?))`, append(args, jsonList(l.over.names()))
	}
	return cond, args
}

// fits says whether a severity is the one asked for.
func (l *hostList) fits(s risk.Severity) bool {
	return l.f.Severity == "" || s.String() == l.f.Severity
}

// all are the hosts that the filter chooses. Those at a moment that was asked for
// are remembered: a page asks for them twice.
func (l *hostList) all() ([]candidate, error) {
	if l.f.AsOf == nil || l.f.Among != nil || len(l.of) > 0 {
		return l.look()
	}
	k := chosenKey{askedKey{"system", l.f.Rule, *l.f.AsOf, l.severe}, l.text, l.f.Severity, l.f.Dest}
	c := chosen{settings: l.v.Settings, rules: l.v.rules}
	behind := false
	if err := one(l.ctx, l.q, `SELECT made, last, EXISTS (SELECT 1 FROM risk_touched) AND NOT `+stillLate+`
		FROM risk_clock, sequence WHERE name = 'store'`, []any{lateSince()}, &c.made, &c.stored, &behind); err != nil {
		return nil, err
	}
	if old, ok := l.v.seen.chosenBefore(k, c); ok && !behind {
		return old, nil
	}
	var err error
	if c.hosts, err = l.look(); err == nil && !behind {
		l.v.seen.choose(k, c)
	}
	return slices.Clone(c.hosts), err
}

func (l *hostList) look() (out []candidate, err error) {
	rows := map[string]candidate{}
	if l.f.AsOf == nil {
		cond, args := l.where("object")
		if err := each(l.ctx, l.q, func(r *sql.Rows) error {
			var c candidate
			var live int64
			err := r.Scan(&c.dest, &c.score, &c.severity, &live)
			c.newest, c.risk = live == 0, true
			rows[c.dest] = c
			return err
		}, `SELECT object, score, severity, live FROM object_risk INDEXED BY object_risk_score
			WHERE object_type = 'system' AND rule_id = ?`+cond, append([]any{l.f.Rule}, args...)...); err != nil {
			return nil, err
		}
	}
	cond, args := l.where("dest")
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var h candidate
		if err := r.Scan(&h.id, &h.dest, &h.last); err != nil {
			return err
		}
		c := rows[h.dest]
		if st, ok := l.over[h.dest]; ok {
			c = candidateOf(st)
		}
		if c.id, c.dest, c.last = h.id, h.dest, h.last; l.fits(c.severity) {
			out = append(out, c)
		}
		return nil
	}, `SELECT id, dest, ifnull(last, 0) FROM host WHERE true`+cond, args...)
	return out, err
}

// candidateOf is what a standing says of a host; nil says that it has no risk.
func candidateOf(st *standing) candidate {
	if st == nil {
		return candidate{}
	}
	return candidate{dest: st.object, score: st.score, severity: st.severity, newest: st.kind == risk.Newest,
		risk: st.events > 0}
}

// bySort is a page of the list, for which all of it is looked at.
func (l *hostList) bySort(p store.Page) ([]candidate, store.Cursors, error) {
	if p.Sort == "gravity" {
		return l.byGravity(p)
	}
	all, err := l.all()
	if err != nil {
		return nil, store.Cursors{}, err
	}
	findings := map[string]int64{}
	if p.Sort == "findings" {
		if err := each(l.ctx, l.q, func(r *sql.Rows) error {
			var dest string
			var n int64
			err := r.Scan(&dest, &n)
			findings[dest] = n
			return err
		}, `SELECT dest, sum(n) FROM finding_count WHERE (?1 = '' OR rule_id = ?1) GROUP BY dest`,
			l.f.Rule); err != nil {
			return nil, store.Cursors{}, err
		}
	}
	return sorted(all, p, func(c candidate) mark {
		switch p.Sort {
		case "last":
			return mark{Value: c.last, ID: c.id}
		case "dest":
			return mark{Value: c.dest, ID: c.id}
		case "findings":
			return mark{Value: findings[c.dest], ID: c.id}
		}
		return mark{Value: c.score, ID: c.id}
	})
}

// hostSorts are the columns that lists of hosts are sorted by, besides score.
var hostSorts = map[string]string{"last": "ifnull(last, 0)", "dest": "dest",
	"findings": "(SELECT ifnull(sum(n), 0) FROM finding_count c WHERE c.dest = host.dest AND ?1 IN ('', c.rule_id))"}

// ordered is a page of the list by a column of hostSorts, at the hosts' own as-of.
func (l *hostList) ordered(column string, p store.Page) (out []candidate, c store.Cursors, err error) {
	k := keyset{column: column, id: "id", page: p}
	cond, args := l.where("dest")
	if l.f.Severity != "" {
		cond += ` AND CASE WHEN dest IN (SELECT value FROM json_each(?)) THEN dest IN (SELECT value FROM json_each(?))
			ELSE ifnull((SELECT severity FROM object_risk WHERE object_type = 'system' AND object = dest
				AND rule_id = ?1), 0) = ? END`
		args = append(args, jsonList(l.over.names()), jsonList(l.over.fitting(l.fits)), severityNumber(l.f.Severity))
	}
	next, nargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var c candidate
		var m mark
		err := r.Scan(&c.id, &c.dest, &m.Value)
		m.ID = c.id
		out, marks = append(out, c), append(marks, m)
		return err
	}, `SELECT id, dest, `+column+` FROM host WHERE ?1 IS NOT NULL`+cond+next+order,
		append(append([]any{l.f.Rule}, args...), nargs...)...)
	n := k.trim(len(out))
	out, marks = out[:n.end], marks[:n.end]
	if k.reversed() {
		slices.Reverse(out)
		slices.Reverse(marks)
	}
	return out, k.cursors(marks, n.more), err
}

// byScore is a page of the list by score, for which no more of it is looked at
// than the page and the hosts whose rows do not hold.
func (l *hostList) byScore(p store.Page) ([]candidate, store.Cursors, error) {
	k := keyset{column: "score", id: "host_id", page: p}
	list, err := l.standing(k)
	if err == nil {
		var more []candidate
		if full := len(list) > p.Limit && !p.Asc && !k.reversed() && list[p.Limit].score > 0; !full {
			more, err = l.quiet(k) // they have a score of 0
		}
		if err == nil {
			list = append(list, more...)
			more, err = l.moved()
			list = append(list, more...)
		}
	}
	if err != nil {
		return nil, store.Cursors{}, err
	}
	return sorted(list, p, func(c candidate) mark { return mark{Value: c.score, ID: c.id} })
}

// standing are the next hosts of a page whose rows hold.
func (l *hostList) standing(k keyset) (out []candidate, err error) {
	cond, args := l.where("object")
	if l.f.Severity != "" {
		cond, args = cond+` AND severity = ?`, append(args, severityNumber(l.f.Severity))
	}
	next, nargs, order, err := k.clause()
	if err != nil {
		return nil, err
	}
	order, _, _ = strings.Cut(order, " LIMIT") // those that do not hold are passed over
	args = append(append([]any{l.f.Rule}, args...), nargs...)
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var c candidate
		if err := r.Scan(&c.id, &c.dest, &c.score); err != nil {
			return err
		}
		if _, moved := l.over[c.dest]; !moved {
			out = append(out, c)
		}
		if len(out) > k.page.Limit {
			return errPageFull
		}
		return nil
	}, `SELECT host_id, object, score FROM object_risk INDEXED BY object_risk_score
		WHERE object_type = 'system' AND rule_id = ? AND host_id > 0`+cond+next+order, args...)
	return out, passFull(err)
}

// quiet are the next hosts of a page that have no row: their score is 0.
func (l *hostList) quiet(k keyset) (out []candidate, err error) {
	if !l.fits(risk.None) {
		return nil, nil
	}
	cond, args := l.where("dest")
	k.column, k.id = "0", "id"
	next, nargs, order, err := k.clause()
	if err != nil {
		return nil, err
	}
	order = strings.ReplaceAll(order, " 0 DESC,", "")
	order = strings.ReplaceAll(order, " 0 ASC,", "")
	order, _, _ = strings.Cut(order, " LIMIT")
	args = append(append([]any{l.f.Rule}, args...), nargs...)
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var c candidate
		if err := r.Scan(&c.id, &c.dest); err != nil {
			return err
		}
		if _, moved := l.over[c.dest]; !moved {
			out = append(out, c)
		}
		if len(out) > k.page.Limit {
			return errPageFull
		}
		return nil
	}, `SELECT id, dest FROM host WHERE NOT EXISTS (SELECT 1 FROM object_risk WHERE object_type = 'system'
		AND object = dest AND rule_id = ?)`+cond+next+order, args...)
	return out, passFull(err)
}

// moved are the hosts of the filter whose rows do not hold.
func (l *hostList) moved() (out []candidate, err error) {
	if len(l.over) == 0 {
		return nil, nil
	}
	cond, args := l.where("dest")
	err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var id int64
		var dest string
		err := r.Scan(&id, &dest)
		c := candidateOf(l.over[dest])
		if c.id, c.dest = id, dest; l.fits(c.severity) {
			out = append(out, c)
		}
		return err
	}, `SELECT id, dest FROM host WHERE dest IN (SELECT value FROM json_each(?))`+cond,
		append([]any{jsonList(l.over.names())}, args...)...)
	return out, err
}

func jsonList[T any](list []T) string {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // numbers and texts always marshal
	}
	return string(b)
}

func severityNumber(name string) int64 {
	for s := risk.None; s <= risk.Critical; s++ {
		if s.String() == name {
			return int64(s)
		}
	}
	return -1
}
