package db

import (
	"context"
	"database/sql"
	"fmt"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
)

// UndoTriage takes a change back, by its number: of all of which nothing has
// changed since. It says how many these are, and of how many something has. Notes
// that went with the change stay.
func (d *DB) UndoTriage(ctx context.Context, bulk int64, author string) (undone store.Triaged, kept int64,
	err error) {
	defer fault.Wrap(&err, "undo of triage %d", bulk)
	c := store.TriageChange{Author: author}
	if err := checkName(author); err != nil {
		return undone, 0, err
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		s := &triaging{tx: t, c: &c, now: d.now().UnixNano(), why: fmt.Sprintf("undo of %d", bulk), undo: true}
		if kept, err = s.chooseUndone(bulk); err != nil {
			return err
		}
		err := s.write()
		undone = store.Triaged{Bulk: s.bulk, Changed: int64(len(s.rows)), All: int64(len(s.rows)) + kept}
		return err
	})
	d.seen.lately.forget()
	return undone, kept, err
}

// chooseUndone makes of all that a change was of what it was before, where it is
// still as the change left it. The others are kept as they are.
func (s *triaging) chooseUndone(bulk int64) (kept int64, err error) {
	steps, err := s.stepsOf(bulk)
	if err != nil {
		return 0, err
	}
	if len(steps) == 0 {
		return 0, fault.New(fault.NotFound, "There is no change %d to undo.", bulk)
	}
	for len(steps) > 0 {
		n := 1
		for n < len(steps) && steps[n].of.name == steps[0].of.name {
			n++
		}
		o := *steps[0].of
		made := o.Revision
		if o.Triage, err = triageOf(s.ctx, s.tx, s.kind, o.name); err != nil {
			return 0, err
		}
		if o.Revision == made {
			o.Revision, o.Author, o.Reopened = o.Revision+1, s.c.Author, false
			for _, st := range steps[:n] {
				o.restore(st.field, st.old)
				s.step = append(s.step, stepRow{&o, st.field, st.new, st.old})
			}
			s.rows = append(s.rows, o)
		} else {
			kept++
		}
		steps = steps[n:]
	}
	return kept, nil
}

// restore gives one field the words that it had.
func (o *decided) restore(field, words string) {
	switch field {
	case "status":
		o.Status, _ = triage.ParseStatus(words)
	case "disposition":
		o.Disposition, _ = triage.ParseDisposition(words)
	case "urgency":
		o.Urgency, _ = triage.ParseUrgency(words)
	case "owner":
		o.Owner = words
	}
}

// stepsOf are the steps of a change, by name. What nobody chose has no number.
func (s *triaging) stepsOf(bulk int64) (out []stepRow, err error) {
	err = s.each(func(r *sql.Rows) error {
		st := stepRow{of: &decided{}}
		err := r.Scan(&s.kind, &st.of.name, &st.of.Revision, &st.field, &st.old, &st.new)
		out = append(out, st)
		return err
	}, `SELECT kind, name, revision, field, old, new FROM triage_history WHERE bulk = ? AND bulk > 0
		ORDER BY name, id`, bulk)
	return out, err
}
