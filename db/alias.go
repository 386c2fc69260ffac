package db

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

// mostAliases is how many further names a host has at most.
const mostAliases = 50

// namesOf are a dest and the names that were merged with it.
func namesOf(ctx context.Context, q conn, dest string) ([]string, error) {
	out := []string{dest}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		out = append(out, name)
		return err
	}, `SELECT dest FROM host_alias WHERE main = ? AND undone IS NULL ORDER BY dest`, dest)
}

// aliasesOf are the names merged with the dest ?1.
const aliasesOf = `(SELECT dest FROM host_alias WHERE main = ?1 AND undone IS NULL)`

// hostsOf are the numbers of the host ?1 under all its names.
const hostsOf = `(SELECT id FROM host WHERE dest = ?1 OR dest IN ` + aliasesOf + `)`

// named is a filter of findings with all names of its dest.
func (d *DB) named(ctx context.Context, f store.FindingFilter) (store.FindingFilter, error) {
	if f.Dest == "" || len(f.Dests) > 0 {
		return f, nil
	}
	var err error
	f.Dests, err = d.names(ctx, f.Dest)
	return f, err
}

func (d *DB) names(ctx context.Context, dest string) (out []string, err error) {
	err = d.snapshot(ctx, func(q conn) error {
		out, err = namesOf(ctx, q, dest)
		return err
	})
	return out, err
}

// isOne is the condition that a column is one of some names: for the usual one name
// such that an index gives the order, too.
func isOne(column string, names []string) (string, any) {
	if len(names) == 1 {
		return column + ` = ?`, names[0]
	}
	return column + ` IN (SELECT value FROM json_each(?))`, jsonList(names)
}

// merges are the names in force by the host they are shown with.
type merges map[string][]string

func mergesOf(ctx context.Context, q conn) (merges, error) {
	out := merges{}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var dest, main string
		err := r.Scan(&dest, &main)
		out[main] = append(out[main], dest)
		return err
	}, `SELECT dest, main FROM host_alias WHERE undone IS NULL ORDER BY main, dest`)
}

// hidden are the names that have no row of their own in a list.
func (m merges) hidden() (out []string) {
	for _, names := range m {
		out = append(out, names...)
	}
	return out
}

// HostAliases are the names merged with a dest; main is the host that dest itself
// is shown with, "" when it stands for itself.
func (d *DB) HostAliases(ctx context.Context, dest string) (out []store.HostAlias, main string, err error) {
	defer fault.Wrap(&err, "names of host %q", dest)
	err = d.snapshot(ctx, func(q conn) error {
		return each(ctx, q, func(r *sql.Rows) error {
			var a store.HostAlias
			var created int64
			err := r.Scan(&a.Dest, &a.Main, &a.Author, &created, &a.Spelling)
			if a.Created = fromNanos(created); a.Dest == dest {
				main = a.Main
			} else {
				out = append(out, a)
			}
			return err
		}, `SELECT a.dest, a.main, a.author, a.created, ifnull(h.spelling, a.dest) FROM host_alias a
			LEFT JOIN host h ON h.dest = a.dest WHERE a.undone IS NULL AND ? IN (a.main, a.dest) ORDER BY a.dest`, dest)
	})
	return out, main, err
}

// MergeHosts shows a host with another one from now on, as an analyst said that it
// is the same machine. Nothing that is stored of the two changes.
func (d *DB) MergeHosts(ctx context.Context, a store.HostAlias) (err error) {
	defer fault.Wrap(&err, "merge hosts")
	if a.Author = strings.TrimSpace(a.Author); a.Author == "" {
		return fault.New(fault.Invalid, "Type your name: merging is signed.")
	}
	if err := checkName(a.Author); err != nil {
		return err
	}
	if a.Dest == a.Main {
		return fault.New(fault.Invalid, "%q is this host's own name. Type the other one.", a.Dest)
	}
	err = d.write(ctx, func(t *tx) error {
		if err := mayMerge(ctx, t, a); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO host_alias (dest, main, author, created) VALUES (?, ?, ?, ?)`, a.Dest, a.Main,
			a.Author, d.now().UnixNano())
		return cmp.Or(err, auditNames(t, "merged", a.Author, fieldChange{a.Main, "", a.Dest}), relisted(t))
	})
	d.seen.lately.forget()
	return err
}

// mayMerge says in a sentence why two hosts cannot be merged.
func mayMerge(ctx context.Context, t *tx, a store.HostAlias) error {
	var known, leads, names int
	var of, mains sql.NullString
	if err := t.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM host WHERE dest IN (?1, ?2)),
		(SELECT main FROM host_alias WHERE dest = ?1 AND undone IS NULL),
		(SELECT main FROM host_alias WHERE dest = ?2 AND undone IS NULL),
		(SELECT count(*) FROM host_alias WHERE main = ?1 AND undone IS NULL),
		(SELECT count(*) FROM host_alias WHERE main = ?2 AND undone IS NULL)`, a.Dest, a.Main).Scan(&known, &of, &mains,
		&leads, &names); err != nil {
		return err
	}
	switch {
	case known < 2:
		return fault.New(fault.Invalid, "There is no host %q in these logs. Type a name as the list of hosts has it.", a.Dest)
	case of.Valid:
		return fault.New(fault.Invalid, "%q is merged with %q already.", a.Dest, of.String)
	case mains.Valid:
		return fault.New(fault.Invalid, "%q is shown with %q. Merge there.", a.Main, mains.String)
	case leads > 0:
		return fault.New(fault.Invalid, "Other names are shown with %q. Undo that, or merge on its page.", a.Dest)
	case names >= mostAliases:
		return fault.New(fault.Invalid, "This host has %d names, which is the most.", names)
	}
	return nil
}

// PartHosts takes the merging of a name back.
func (d *DB) PartHosts(ctx context.Context, a store.HostAlias) (err error) {
	defer fault.Wrap(&err, "part hosts")
	if a.Author = strings.TrimSpace(a.Author); a.Author == "" {
		return fault.New(fault.Invalid, "Type your name: undoing is signed.")
	}
	err = d.write(ctx, func(t *tx) error {
		done, err := t.exec(`UPDATE host_alias SET undone = ?3, undoer = ?4 WHERE dest = ?1 AND main = ?2 AND undone IS NULL`,
			a.Dest, a.Main, d.now().UnixNano(), a.Author)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, error(fault.New(fault.NotFound, "%q is not merged with %q.", a.Dest, a.Main)))
		}
		return cmp.Or(auditNames(t, "parted", a.Author, fieldChange{a.Main, a.Dest, ""}), relisted(t))
	})
	d.seen.lately.forget()
	return err
}

// auditNames tells, on the page of either, that a host has a name more or less.
func auditNames(t *tx, action, person string, c fieldChange) error {
	shown := func(name string) string {
		if name == "" {
			return ""
		}
		return c.field
	}
	return t.audit(auditRow{Person: person, Action: action, Object: "host " + c.field, Field: "name", Old: c.old,
		New: c.new}, auditRow{Person: person, Action: action, Object: "host " + c.old + c.new, Field: "shown with",
		Old: shown(c.old), New: shown(c.new)})
}

// relisted says that what lists remember of hosts does not hold any more.
func relisted(t *tx) error {
	for _, name := range []string{"rows", "verdicts"} {
		if _, err := t.exec(`INSERT INTO sequence (name, last) VALUES (?1, random())
			ON CONFLICT (name) DO UPDATE SET last = excluded.last`, name); err != nil {
			return err
		}
	}
	return nil
}
