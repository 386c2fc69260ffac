package db

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/detection/verdict"
	"escutcheon/fault"
	"escutcheon/store"
)

// mostImports is how many imports' hosts with risk are remembered.
const mostImports = 1000

// importSeen is what was said of an import, and what that rests on.
type importSeen struct {
	rankState
	made time.Time
	risk store.ImportRisk
}

// hostsOfImport are the hosts whose new events an import or its members brought.
const hostsOfImport = `SELECT DISTINCT host_id FROM import_host
	WHERE import_id = ?1 OR import_id IN (SELECT id FROM import WHERE parent = ?1)`

// RisksOfImports says of imports, in their order, which of the hosts whose new
// events they brought have risk now; at most first of each are named. It is
// remembered while nothing changes.
func (d *DB) RisksOfImports(ctx context.Context, ids []int64, now int64, first int) (out []store.ImportRisk,
	err error) {
	defer fault.Wrap(&err, "risks of imports")
	out = make([]store.ImportRisk, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	return out, d.listHosts(ctx, store.HostFilter{Now: now}, func(l *hostList) error {
		list, is, err := l.rankedNow()
		if err != nil {
			return err
		}
		var at map[int64]int // where the hosts with risk stand in the list
		for i, id := range ids {
			if old, ok := l.v.seen.importBefore(id, is); ok {
				out[i] = old
				continue
			}
			if at == nil {
				at = risky(list)
			}
			if out[i], err = l.importRisk(id, list, at, first); err != nil {
				return err
			}
			if is.lasts || is.busy {
				l.v.seen.imported(id, importSeen{is.rankState, time.Now(), out[i]})
			}
		}
		return nil
	})
}

func risky(list []placed) map[int64]int {
	at := map[int64]int{}
	for i := range list {
		if list[i].score > 0 {
			at[list[i].id] = i
		}
	}
	return at
}

func (l *hostList) importRisk(id int64, list []placed, at map[int64]int, first int) (r store.ImportRisk, err error) {
	var places []int
	if err := each(l.ctx, l.q, func(r *sql.Rows) error {
		var host int64
		err := r.Scan(&host)
		if i, ok := at[host]; ok {
			places = append(places, i)
		}
		return err
	}, hostsOfImport, id); err != nil {
		return r, err
	}
	slices.Sort(places)
	r.Hosts = int64(len(places))
	for _, i := range places[:min(len(places), first)] {
		h := store.RiskyHost{Dest: list[i].dest, Score: list[i].score, Gravity: verdict.Gravity(list[i].rank >> gravityBits)}
		if err := one(l.ctx, l.q, `SELECT spelling FROM host WHERE id = ?`, []any{list[i].id}, &h.Spelling); err != nil {
			return r, err
		}
		r.First = append(r.First, h)
	}
	return r, nil
}

func (s *seen) importBefore(id int64, now ranking) (store.ImportRisk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.imports[id]
	return old.risk, ok && (now.lasts && old.rankState == now.rankState || now.busy && time.Since(old.made) < rankedFor)
}

func (s *seen) imported(id int64, is importSeen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.imports == nil || len(s.imports) >= mostImports {
		s.imports = map[int64]importSeen{}
	}
	s.imports[id] = is
}

// DestsOfImport are the dests of the hosts whose new events an import or its
// members brought.
func (d *DB) DestsOfImport(ctx context.Context, id int64) (out []string, err error) {
	defer fault.Wrap(&err, "hosts of import %d", id)
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		out = append(out, dest)
		return err
	}, `SELECT dest FROM host WHERE id IN (`+hostsOfImport+`)`, id)
}
