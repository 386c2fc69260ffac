package db

import (
	"database/sql"
	"maps"

	"escutcheon/store"
)

// merge reads which names are shown with another host's, and what the risk of
// those hosts comes to: that of all their names, as if it were of one.
func (l *hostList) merge() (err error) {
	if l.of, err = mergesOf(l.ctx, l.q); err != nil || len(l.of) == 0 {
		return err
	}
	l.over = maps.Clone(l.over)
	for main, names := range l.of {
		o := newObject(l.ctx, l.q, "system", main)
		o.also = names
		r, st, err := l.v.riskOf(o, store.RiskOf{Rule: l.f.Rule, AsOf: l.f.AsOf, Now: l.f.Now})
		if err != nil {
			return err
		}
		if l.over[main] = nil; r.Any {
			l.over[main] = &st
		}
		for _, name := range names {
			l.over[name] = nil
		}
	}
	return nil
}

// parts are the numbers of the hosts that are shown with some others.
func (l *hostList) parts(mains []string) (out []int64, err error) {
	var names []string
	for _, main := range mains {
		names = append(names, l.of[main]...)
	}
	if len(names) == 0 {
		return nil, nil
	}
	return out, each(l.ctx, l.q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT id FROM host WHERE dest IN (SELECT value FROM json_each(?))`, jsonList(names))
}

// join adds to hosts what is known of them under their other names.
func (l *hostList) join(out []store.Host, parts map[int64]store.Host) {
	byName := make(map[string]store.Host, len(parts))
	for _, p := range parts {
		byName[p.Dest] = p
	}
	for i := range out {
		h := &out[i]
		for _, name := range l.of[h.Dest] {
			p, ok := byName[name]
			if !ok {
				continue
			}
			h.Also = append(h.Also, name)
			h.Events, h.Findings, h.Suppressed = h.Events+p.Events, h.Findings+p.Findings, h.Suppressed+p.Suppressed
			h.Closed, h.Notes = h.Closed+p.Closed, h.Notes+p.Notes
			switch {
			case !p.HasTime:
			case !h.HasTime:
				h.First, h.Last, h.HasTime = p.First, p.Last, true
			default:
				h.First, h.Last = min(h.First, p.First), max(h.Last, p.Last)
			}
		}
	}
}
