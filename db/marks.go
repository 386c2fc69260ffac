package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	modules "escutcheon/detection/ledger"
	"escutcheon/detection/verdict"
	"escutcheon/fault"
	"escutcheon/store"
)

const (
	mostMarks    = 10_000
	mostMarkName = 4096 // bytes of a module's name or image
	mostMarkDays = 10 * 365 * 24 * time.Hour
)

// marksOf are the modules that were marked as known, expired marks among them.
func marksOf(ctx context.Context, q conn) (modules.Marks, error) {
	var list []modules.Mark
	err := each(ctx, q, func(r *sql.Rows) error {
		var m modules.Mark
		var at int64
		err := r.Scan(&m.Name, &m.Image, &m.Hash, &m.Reason, &m.By, &at, &m.Until)
		m.At = fromNanos(at)
		list = append(list, m)
		return err
	}, `SELECT name, path, sha256, reason, author, created, until FROM known_mark`)
	return modules.NewMarks(list), err
}

// marksBeside are the marks in force of the modules of a verdict, in their order; nil: one
// has none. They change no verdict.
func (d *DB) marksBeside(ctx context.Context, q conn, names []string, v *verdict.Verdict) ([]*modules.Mark, error) {
	marks, err := marksOf(ctx, q)
	if err != nil || len(marks) == 0 {
		return make([]*modules.Mark, len(v.Modules)), err
	}
	files, err := hashesAt(ctx, q, names)
	out, now := make([]*modules.Mark, 0, len(v.Modules)), d.now()
	for i := range v.Modules {
		name, image := v.Modules[i].Key()
		m := marks.Of(name, image, files[image], now)
		if m != nil && m.Expired(now) {
			m = nil
		}
		out = append(out, m)
	}
	return out, err
}

// hashesAt are the hashes of the files of modules of a host, by where they lay.
func hashesAt(ctx context.Context, q conn, names []string) (map[string][]string, error) {
	out := map[string][]string{}
	is, of := isOne("dest", names)
	return out, each(ctx, q, func(r *sql.Rows) error {
		var path, hash string
		err := r.Scan(&path, &hash)
		out[detection.ImageKey(path)] = append(out[detection.ImageKey(path)], hash)
		return err
	}, `SELECT path, sha256 FROM artifact WHERE `+is+` AND kind = ?`, of, string(artifact.Module))
}

// MarkKnown keeps that a module is known, in the place of what was said of it before.
func (d *DB) MarkKnown(ctx context.Context, m modules.Mark) (err error) {
	defer fault.Wrap(&err, "mark module %q as known", m.Name)
	if m, err = d.checkMark(m); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		was, err := markOf(t, &m)
		if err != nil {
			return err
		}
		var n int
		if err := t.get(`SELECT count(*) FROM known_mark`, nil, &n); err != nil {
			return err
		}
		if was == nil && n >= mostMarks {
			return fault.New(fault.Invalid, "%d modules are marked, which is the most. Take marks back, or bring a list.", n)
		}
		name, image := m.Key()
		if m.Hash != "" && was == nil { // what was marked before its file was known
			if was, err = markOf(t, &modules.Mark{Name: m.Name, Image: m.Image}); err != nil {
				return err
			}
			if _, err := t.exec(`DELETE FROM known_mark WHERE module = ? AND image = ? AND sha256 = ''`, name,
				image); err != nil {
				return err
			}
		}
		if _, err := t.exec(`INSERT OR REPLACE INTO known_mark (module, image, sha256, name, path, reason, author, created,
			until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, name, image, m.Hash, m.Name, m.Image, m.Reason, m.By,
			d.now().UnixNano(), m.Until); err != nil {
			return err
		}
		return auditMark(t, "marked", m.By, was, &m)
	})
}

// UnmarkKnown takes a mark back; by says who does.
func (d *DB) UnmarkKnown(ctx context.Context, m modules.Mark) (err error) {
	defer fault.Wrap(&err, "take back the mark of module %q", m.Name)
	m.Hash = strings.ToLower(strings.TrimSpace(m.Hash))
	if m.By, err = signed(m.By); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		was, err := markOf(t, &m)
		if err != nil {
			return err
		}
		if was == nil {
			return fault.New(fault.NotFound, "This module is not marked as known, or not any more.")
		}
		name, image := m.Key()
		if _, err := t.exec(`DELETE FROM known_mark WHERE module = ? AND image = ? AND sha256 = ?`, name, image,
			m.Hash); err != nil {
			return err
		}
		return auditMark(t, "unmarked", m.By, was, nil)
	})
}

func signed(by string) (string, error) {
	if by = strings.TrimSpace(by); by == "" {
		return by, fault.New(fault.Invalid, "Type your name: a mark is signed.")
	}
	return by, checkName(by)
}

// checkMark says in a sentence what is wrong with a mark.
func (d *DB) checkMark(m modules.Mark) (modules.Mark, error) {
	m.Reason, m.Hash = strings.TrimSpace(m.Reason), strings.ToLower(strings.TrimSpace(m.Hash))
	var err error
	if m.By, err = signed(m.By); err != nil {
		return m, err
	}
	until, wrong := time.Parse(time.DateOnly, m.Until)
	switch now := d.now(); {
	case m.Name == "" && m.Image == "" && m.Hash == "":
		return m, fault.New(fault.Invalid, "Say which module: its name, and its image or the SHA-256 of its file.")
	case max(len(m.Name), len(m.Image)) > mostMarkName:
		return m, fault.New(fault.Invalid, "A name and an image are at most %d bytes.", mostMarkName)
	case m.Hash != "" && (len(m.Hash) != 64 || !detection.IsHash(m.Hash)):
		return m, fault.New(fault.Invalid, "%q is no SHA-256 in hex.", cut(m.Hash, 80))
	case m.Reason == "":
		return m, fault.New(fault.Invalid, "Say why this module is known: the reason stands beside it.")
	case len(m.Reason) > store.MaxMarkReason:
		return m, fault.New(fault.Invalid, "The reason is longer than %d bytes. Shorten it.", store.MaxMarkReason)
	case wrong != nil:
		return m, fault.New(fault.Invalid, "Type until when the mark counts: a day such as %s.",
			now.UTC().AddDate(0, 6, 0).Format(time.DateOnly))
	case m.Expired(now):
		return m, fault.New(fault.Invalid, "%s is over. Type a day that is to come.", m.Until)
	case until.Sub(now) > mostMarkDays:
		return m, fault.New(fault.Invalid, "A mark counts for ten years at most: what is known has to be looked at again.")
	}
	return m, nil
}

func markOf(t *tx, m *modules.Mark) (*modules.Mark, error) {
	name, image := m.Key()
	was := modules.Mark{Hash: m.Hash}
	err := t.get(`SELECT name, path, reason, author, until FROM known_mark WHERE module = ? AND image = ? AND sha256 = ?`,
		[]any{name, image, m.Hash}, &was.Name, &was.Image, &was.Reason, &was.By, &was.Until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &was, err
}

// auditMark tells of a mark that came, changed or went.
func auditMark(t *tx, action, person string, was, is *modules.Mark) error {
	of := cmp.Or(is, was)
	row := auditRow{Person: person, Action: action, Object: "module " + cmp.Or(of.Name, of.Image, of.Hash),
		Field: cmp.Or(of.Image, "known")}
	if of.Hash != "" {
		row.Field += " SHA-256 " + of.Hash
	}
	if was != nil {
		row.Old = was.Says()
	}
	if is != nil {
		row.New = is.Says()
	}
	return t.audit(row)
}
