package db

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"slices"

	"escutcheon/csvsafe"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// Hosts returns one page of hosts. Sort is score (the default), gravity, last, dest
// or findings.
func (d *DB) Hosts(ctx context.Context, f store.HostFilter, p store.Page) (out []store.Host, c store.Cursors,
	err error) {
	err = d.listHosts(ctx, f, func(l *hostList) error {
		var some []candidate
		var err error
		at, bad := parseMark(p.After + p.Before)
		switch column := hostSorts[p.Sort]; {
		case f.AsOf != nil || f.Among != nil || bad == nil && at.long || p.Sort == "gravity":
			some, c, err = l.bySort(p)
		case column != "":
			some, c, err = l.ordered(column, p)
		default:
			some, c, err = l.byScore(p)
		}
		if err == nil {
			out, err = l.hosts(some)
		}
		return err
	})
	return out, c, err
}

// hosts are the whole rows of some.
func (l *hostList) hosts(some []candidate) (out []store.Host, err error) {
	at := make(map[int64]int, len(some))
	part := map[int64]store.Host{}
	ids, names := make([]int64, len(some)), make([]string, len(some))
	for i, c := range some {
		at[c.id], ids[i], names[i] = i, c.id, c.dest
	}
	out = make([]store.Host, len(some))
	more, err := l.parts(names)
	if err != nil {
		return nil, err
	}
	ids = append(ids, more...)
	if err = each(l.ctx, l.q, func(r *sql.Rows) error {
		var h store.Host
		err := r.Scan(&h.ID, &h.Dest, &h.Spelling, &h.First, &h.Last, &h.HasTime, &h.Events, &h.Findings, &h.Suppressed,
			&h.Closed, &h.Notes)
		if i, ok := at[h.ID]; ok {
			out[i] = h
		} else {
			part[h.ID] = h
		}
		return err
	}, `SELECT h.id, h.dest, h.spelling, ifnull(h.first, 0), ifnull(h.last, 0), h.last IS NOT NULL, h.events,
			(SELECT ifnull(sum(n), 0) FROM finding_count c WHERE c.dest = h.dest AND (?2 = '' OR c.rule_id = ?2)),
			(SELECT ifnull(sum(suppressed), 0) FROM finding_count c WHERE c.dest = h.dest AND (?2 = '' OR c.rule_id = ?2)),
			(SELECT ifnull(sum(closed), 0) FROM finding_count c WHERE c.dest = h.dest AND (?2 = '' OR c.rule_id = ?2)),
			(SELECT count(*) FROM note WHERE note.dest = h.dest AND deleted = 0)
		FROM host h WHERE h.id IN (SELECT value FROM json_each(?1))`, jsonList(ids), l.f.Rule); err != nil {
		return nil, err
	}
	l.join(out, part)
	standings, err := l.standings(names)
	for i := range out {
		h := &out[i]
		if st := standings[h.Dest]; st != nil {
			h.Score, h.RiskEvents, h.AsOf, h.AsOfKind = st.score, st.events, st.asOf, st.kind
		} else {
			h.AsOf, h.AsOfKind = risk.AsOf(l.f.AsOf, l.f.Now, nil, nil)
		}
	}
	return out, err
}

// standings are those of some hosts.
func (l *hostList) standings(names []string) (overlay, error) {
	out := overlay{}
	var damaged []string
	if l.f.AsOf == nil {
		if err := each(l.ctx, l.q, func(r *sql.Rows) error {
			var st standing
			var live, whole bool
			err := r.Scan(&st.object, &st.score, &st.events, &st.asOf, &live, &whole)
			if !whole {
				met.Add(1)
				damaged = append(damaged, st.object)
			}
			if st.kind = risk.Newest; live {
				st.asOf, st.kind = l.f.Now, risk.Now
			}
			out[st.object] = &st
			return err
		}, `SELECT object, score, events, as_of, live, `+objectSum.whole("object_risk")+` FROM object_risk WHERE object_type = 'system' AND rule_id = ?
			AND object IN (SELECT value FROM json_each(?))`, l.f.Rule, jsonList(names)); err != nil {
			return nil, err
		}
	}
	for _, name := range damaged {
		st, err := standingAnew(l.ctx, l.q, l.v.Scorer, "system", name, l.f.Rule, moment{now: l.f.Now})
		if err != nil {
			return nil, err
		}
		if out[name] = st; st == nil {
			delete(out, name)
		}
	}
	for _, name := range names {
		if st, moved := l.over[name]; moved {
			out[name] = st
		}
	}
	return out, nil
}

// SummarizeHosts counts the hosts that a filter chooses.
func (d *DB) SummarizeHosts(ctx context.Context, f store.HostFilter) (s store.HostSummary, err error) {
	err = d.listHosts(ctx, f, func(l *hostList) error {
		var some []candidate
		var err error
		if f.AsOf != nil {
			some, err = l.all()
		} else if err = l.count(&s); err == nil {
			some, err = l.moved()
		}
		for _, c := range some {
			s.Hosts++
			s.Top = max(s.Top, c.score)
			if c.score > 0 {
				s.Risky++
			}
			if c.newest {
				s.Newest++
			}
		}
		return err
	})
	return s, err
}

// AllHosts yields the hosts that have risk events in the period, sorted by the
// bytes of dest's cell: tables are sorted as they are read.
func (d *DB) AllHosts(ctx context.Context, f store.HostFilter) iter.Seq2[store.Host, error] {
	return func(yield func(store.Host, error) bool) {
		var found []store.Host
		f, err := d.hostsAmong(ctx, f)
		if err != nil {
			yield(store.Host{}, err)
			return
		}
		err = d.listHosts(ctx, f, func(l *hostList) error {
			all, err := l.all()
			if err == nil {
				all = slices.DeleteFunc(all, func(c candidate) bool { return !c.risk })
				found, err = l.hosts(all)
			}
			return err
		})
		if err != nil {
			yield(store.Host{}, err)
			return
		}
		slices.SortFunc(found, func(a, b store.Host) int { return cmp.Compare(csvsafe.Cell(a.Dest), csvsafe.Cell(b.Dest)) })
		for _, h := range found {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// HostByDest returns one host with its risk.
func (d *DB) HostByDest(ctx context.Context, f store.HostFilter) (h store.Host, err error) {
	defer fault.Wrap(&err, "host")
	if f.Dest == "" {
		return h, fault.New(fault.NotFound, "No host is named. Start from the list of hosts.")
	}
	err = d.snapshot(ctx, func(q conn) error {
		v, err := d.viewer(ctx, q)
		if err != nil {
			return err
		}
		l := &hostList{ctx: ctx, q: q, f: f, over: overlay{}}
		var c candidate
		if err := one(ctx, q, `SELECT id FROM host WHERE dest = ?`, []any{f.Dest}, &c.id); err != nil {
			if err == sql.ErrNoRows {
				err = noLog(ctx, q, f.Dest)
			}
			return err
		}
		c.dest = f.Dest
		o, err := wholeObject(ctx, q, "system", f.Dest)
		if err != nil {
			return err
		}
		if len(o.also) > 0 {
			l.of = merges{f.Dest: o.also}
		}
		r, _, err := v.riskOf(o, store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now})
		if err != nil {
			return err
		}
		l.over[f.Dest] = &standing{object: f.Dest, score: int64(r.Score), events: int64(r.Count), asOf: r.AsOf,
			kind: r.AsOfKind}
		found, err := l.hosts([]candidate{c})
		if err == nil {
			h = found[0]
		}
		return err
	})
	return h, err
}

// HoldsAnything says whether there is any host or import.
func (d *DB) HoldsAnything(ctx context.Context) (any bool, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&any) },
		`SELECT EXISTS (SELECT 1 FROM host) OR EXISTS (SELECT 1 FROM import)`)
	return any, err
}
