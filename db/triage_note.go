package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"escutcheon/store"
)

// mostNamed is how many findings a note names that is of several.
const mostNamed = 20

// addNotes stores the note that goes with a change, of its finding or host; of
// several findings of a dest one that names them. It says how many there are.
func (s *triaging) addNotes(d *DB) (n int64, err error) {
	if s.c.Note == "" {
		return 0, nil
	}
	for list := s.all; len(list) > 0; n++ {
		same := 1
		for same < len(list) && list[same].dest == list[0].dest {
			same++
		}
		note := store.Note{Dest: list[0].dest, Author: s.c.Author, Text: s.c.Note}
		switch {
		case s.kind == store.OfHost:
		case same == 1:
			note.Finding = list[0].name
		default:
			if note.Text, err = s.naming(d, list[:same]); err != nil {
				return n, err
			}
		}
		if _, err := insertNote(s.ctx, s.tx, note, s.now); err != nil {
			return n, err
		}
		list = list[same:]
	}
	return n, nil
}

// naming is the note with the findings that it is of. Their labels are the log's,
// so they stand as code.
func (s *triaging) naming(d *DB, list []decided) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nOf %d findings:\n", s.c.Note, len(list))
	keys := make([]string, 0, mostNamed)
	for _, o := range list[:min(len(list), mostNamed)] {
		keys = append(keys, o.name)
	}
	rules := d.inForce()
	err := s.each(func(r *sql.Rows) error {
		f, err := scanFinding(r)
		if err != nil {
			return err
		}
		label := f.Key
		if rules != nil {
			if of := rules.Find(f.RuleID); of != nil {
				label = of.Label(f.Row, f.Change)
			}
		}
		fmt.Fprintf(&b, "- [finding](/findings/%s) `%s`\n", f.Key, strings.ReplaceAll(label, "`", "'"))
		return nil
	}, `SELECT `+findingColumns+` FROM finding WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key`, jsonList(keys))
	if more := len(list) - len(keys); more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return strings.TrimSpace(b.String()), err
}

// NoteMandatory says whether triage needs a note.
func (d *DB) NoteMandatory(ctx context.Context) (bool, error) { return noteMandatory(ctx, d.r) }

func noteMandatory(ctx context.Context, q conn) (must bool, err error) {
	err = one(ctx, q, `SELECT EXISTS (SELECT 1 FROM setting WHERE name = 'note_mandatory' AND value = '1')`, nil, &must)
	return must, err
}

// DemandNote sets whether triage needs a note.
func (d *DB) DemandNote(ctx context.Context, must bool) error {
	return d.write(ctx, func(t *tx) error {
		was, err := noteMandatory(ctx, t)
		if err != nil {
			return err
		}
		word := map[bool]string{false: "0", true: "1"}
		return t.set("note_mandatory", word[was], word[must])
	})
}
