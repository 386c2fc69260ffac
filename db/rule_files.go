package db

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/fault"
)

// RuleFiles returns the files of the rules that were loaded, in the order in
// which they were.
func (d *DB) RuleFiles(ctx context.Context) (out []detection.SourceFile, err error) {
	type file struct {
		detection.SourceFile
		loaded int64
	}
	var files []file // sorted here: SQLite would carry the contents through its sorter
	err = d.rows(ctx, func(r *sql.Rows) error {
		var f file
		err := r.Scan(&f.Path, &f.Kind, &f.Content, &f.Author, &f.Line, &f.loaded)
		files = append(files, f)
		return err
	}, `SELECT path, kind, content, author, line, loaded FROM rule_file`)
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.loaded, b.loaded), strings.Compare(a.Path, b.Path))
	})
	for _, f := range files {
		out = append(out, f.SourceFile)
	}
	return out, err
}

// KeepRuleFiles adds files of rules, in the place of those with the same path.
func (d *DB) KeepRuleFiles(ctx context.Context, files []detection.SourceFile) (err error) {
	defer fault.Wrap(&err, "keep the files of rules")
	return d.write(ctx, func(t *tx) error {
		now := d.now().UnixNano()
		for i, f := range files {
			if err := t.auditRuleFile(f); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO rule_file (path, kind, content, loaded, author, line)
				VALUES (?1, ?2, ?3, ?4, ?5, ?6)
				ON CONFLICT DO UPDATE SET kind = ?2, content = ?3, loaded = ?4, author = ?5, line = ?6
				WHERE kind <> ?2 OR content <> ?3 OR author <> ?5 OR line <> ?6`,
				f.Path, f.Kind, f.Content, now+int64(i), f.Author, f.Line); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropRuleFiles takes files of rules away, by their paths.
func (d *DB) DropRuleFiles(ctx context.Context, paths []string) (err error) {
	defer fault.Wrap(&err, "remove the files of rules")
	return d.write(ctx, func(t *tx) error {
		var rows []auditRow
		if err := t.each(func(r *sql.Rows) error {
			var f detection.SourceFile
			err := r.Scan(&f.Path, &f.Kind, &f.Content)
			rows = append(rows, auditRow{Action: "removed", Object: fileObject(&f), Field: f.Path, Old: string(f.Content)})
			return err
		}, `SELECT path, kind, content FROM rule_file WHERE path IN (SELECT value FROM json_each(?)) ORDER BY path`,
			jsonList(paths)); err != nil {
			return err
		}
		if err := t.audit(rows...); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM rule_file WHERE path IN (SELECT value FROM json_each(?))`, jsonList(paths))
		return err
	})
}

// fileObject is a file of rules in the audit trail: its rule, where it has one.
func fileObject(f *detection.SourceFile) string {
	if id := f.RuleID(); id != "" {
		return ruleObject(id)
	}
	return "file " + f.Path
}

// auditRuleFile tells of a file of rules that comes, where it is not there as it is.
func (t *tx) auditRuleFile(f detection.SourceFile) error {
	var was []byte
	var author string
	err := t.QueryRowContext(t.ctx, `SELECT content, author FROM rule_file WHERE path = ?`, f.Path).Scan(&was, &author)
	action := "changed"
	switch {
	case errors.Is(err, sql.ErrNoRows):
		action = "loaded"
	case err != nil:
		return err
	case bytes.Equal(was, f.Content) && author == f.Author:
		return nil
	}
	if f.Author != "" {
		action = "posted"
	}
	return t.audit(auditRow{Person: f.Author, Action: action, Object: fileObject(&f), Field: f.Path, Old: string(was),
		New: string(f.Content)})
}

// RuleSwitches say by the ids of the rules that somebody switched whether they are on.
func (d *DB) RuleSwitches(ctx context.Context) (out map[string]bool, err error) {
	out = map[string]bool{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var id string
		var on bool
		err := r.Scan(&id, &on)
		out[id] = on
		return err
	}, `SELECT id, enabled FROM rule_disabled`)
	return out, err
}

// RulesChanged has every process that uses the database read its rules anew.
func (d *DB) RulesChanged(ctx context.Context) error {
	return d.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE ruleset SET version = version + 1`)
		return err
	})
}

// EnableRule switches a rule on or off. What follows comes with UseRules.
func (d *DB) EnableRule(ctx context.Context, id string, on bool, author string) error {
	return d.write(ctx, func(t *tx) error {
		row := auditRow{Person: author, Action: "disabled", Object: ruleObject(id)}
		if on {
			row.Action = "enabled"
		}
		res, err := t.exec(`INSERT INTO rule_disabled (id, author, at, enabled) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET author = ?2, at = ?3, enabled = ?4 WHERE enabled <> ?4`,
			id, author, d.now().UnixNano(), on)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return t.audit(row)
	})
}
