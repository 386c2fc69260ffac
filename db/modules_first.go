package db

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/detection"
	modules "escutcheon/detection/ledger"
	"escutcheon/store"
)

// How much is asked for the hosts that had modules first.
const (
	mostFirst  = 100  // modules, the gravest of each ledger
	mostSearch = 2000 // changes of a name
)

// firsts are the hosts of which logs or files have a module first, by its name and image.
type firsts map[[2]string]seenOn

type seenOn struct {
	dest string // "" on none at a known time
	at   time.Time
}

// tell says of the modules of a ledger that are on several hosts, and that nothing says to
// be harmless, which host had them first.
func (f firsts) tell(ctx context.Context, q conn, l store.Ledger) error {
	names, err := namesOf(ctx, q, l.Dest)
	asked := 0
	for i := range l.Modules {
		m := &l.Modules[i]
		if m.Hosts < 2 || m.Name == "" || m.Judged == modules.Own || m.Judged == modules.Product {
			continue
		}
		if asked++; err != nil || asked > mostFirst {
			break
		}
		m.FirstHost, m.FirstSeen = names[0], m.First
		var first seenOn
		if first, err = f.of(ctx, q, m); first.dest != "" && (m.FirstSeen.IsZero() || !first.at.After(m.FirstSeen)) {
			m.FirstHost, m.FirstSeen = first.dest, first.at
			if slices.Contains(names, first.dest) {
				m.FirstHost = names[0]
			}
		}
	}
	return err
}

func (f firsts) of(ctx context.Context, q conn, m *store.LedgerModule) (first seenOn, err error) {
	name, image := m.Key()
	key := [2]string{name, image}
	if first, ok := f[key]; ok {
		return first, nil
	}
	earlier := func(dest string, nanos int64) {
		if at := time.Unix(0, nanos).UTC(); first.dest == "" || at.Before(first.at) {
			first = seenOn{dest, at}
		}
	}
	if err = each(ctx, q, func(r *sql.Rows) error {
		var dest, is string
		var nanos int64
		err := r.Scan(&dest, &nanos, &is)
		if is == "" || detection.ImageKey(is) == image {
			earlier(dest, nanos)
		}
		return err
	}, `SELECT ifnull((SELECT main FROM host_alias a WHERE a.dest = h.dest AND undone IS NULL), h.dest), c.nanos, c.image
		FROM (SELECT host_id, nanos, image FROM change_event WHERE module = ?1 COLLATE NOCASE AND module <> ''
			AND nanos IS NOT NULL ORDER BY nanos LIMIT ?4) c CROSS JOIN host h ON h.id = c.host_id
		WHERE EXISTS (SELECT 1 FROM host_module o WHERE o.dest = h.dest AND o.module = ?2 AND o.image = ?3)
		LIMIT 20`, m.Name, name, image, mostSearch); err != nil {
		return first, err
	}
	err = each(ctx, q, func(r *sql.Rows) error {
		var dest string
		var nanos int64
		err := r.Scan(&dest, &nanos)
		earlier(dest, nanos)
		return err
	}, `SELECT ifnull((SELECT main FROM host_alias a WHERE a.dest = f.dest AND undone IS NULL), f.dest), f.modified
		FROM artifact_module m JOIN artifact f ON f.id = m.artifact_id
		WHERE m.module = ? AND m.image = ? AND f.dest <> '' AND f.modified IS NOT NULL ORDER BY f.modified LIMIT 1`, name,
		image)
	f[key] = first
	return first, err
}
