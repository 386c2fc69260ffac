package db

import (
	"context"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

// triaging is a change under way.
type triaging struct {
	*tx
	c    *store.TriageChange
	kind string
	why  string // of the steps
	undo bool
	now  int64
	bulk int64
	all  []decided // that it is of
	rows []decided // those that it changes
	step []stepRow
}

// decided is something that is triaged.
type decided struct {
	name, dest string
	store.Triage
}

// stepRow is a row of the history.
type stepRow struct {
	of              *decided
	field, old, new string
}

// SetTriage changes what was decided about findings or a host, all or nothing: a
// revision that is not the newest is a conflict. A note goes with it, which a
// setting demands.
func (d *DB) SetTriage(ctx context.Context, c store.TriageChange) (done store.Triaged, err error) {
	defer fault.Wrap(&err, "triage")
	if err := checkTriage(&c); err != nil {
		return done, err
	}
	if c.Filter != nil {
		f, err := d.among(ctx, *c.Filter)
		if err != nil {
			return done, err
		}
		c.Filter = &f
	}
	write := d.write
	if c.Filter != nil || len(c.Findings) > fewTriaged {
		write = d.writeLarge
	}
	err = write(ctx, func(t *tx) error {
		s := &triaging{tx: t, c: &c, kind: store.OfFinding, now: d.now().UnixNano()}
		if c.Host != "" {
			s.kind = store.OfHost
		}
		if err := s.noted(); err != nil {
			return err
		}
		if err := s.choose(); err != nil {
			return err
		}
		for i := range s.all {
			s.apply(&s.all[i])
		}
		if err := s.write(); err != nil {
			return err
		}
		done = store.Triaged{Bulk: s.bulk, Changed: int64(len(s.rows)), All: int64(len(s.all))}
		done.Notes, err = s.addNotes(d)
		return err
	})
	d.seen.lately.forget()
	return done, err
}

// fewTriaged is how many findings are changed in a moment.
const fewTriaged = 200

func checkTriage(c *store.TriageChange) error {
	c.Author = strings.TrimSpace(strings.ReplaceAll(c.Author, "\x00", "\uFFFD"))
	if c.Owner != nil {
		owner := strings.TrimSpace(strings.ReplaceAll(*c.Owner, "\x00", "\uFFFD"))
		c.Owner = &owner
	}
	c.Note = strings.TrimSpace(c.Note)
	names := []string{c.Author}
	if c.Owner != nil {
		names = append(names, *c.Owner)
	}
	if err := checkName(names...); err != nil {
		return err
	}
	switch {
	case c.Note != "":
		return checkNote(c.Author, c.Note)
	case c.Status == nil && c.Disposition == nil && c.Urgency == nil && c.Owner == nil:
		return fault.New(fault.Invalid, "There is nothing to set. Choose a status, a disposition, an owner or an urgency.")
	}
	return nil
}

func checkName(names ...string) error {
	for _, name := range names {
		if len(name) > store.MaxAuthor {
			return fault.New(fault.Invalid, "That name is longer than %d bytes. Type a shorter one.", store.MaxAuthor)
		}
	}
	return nil
}

// noted refuses a change without a note where a setting demands one.
func (s *triaging) noted() error {
	if s.c.Note != "" {
		return nil
	}
	must, err := noteMandatory(s.ctx, s.tx)
	if err == nil && must {
		err = fault.New(fault.Invalid, "A note is mandatory here: write why.")
	}
	return err
}

// apply notes what the change means for one.
func (s *triaging) apply(o *decided) {
	set := func(field, old, new string) bool {
		if old != new {
			s.step = append(s.step, stepRow{o, field, old, new})
		}
		return old != new
	}
	changed := false
	if v := s.c.Status; v != nil && set("status", o.Status.String(), v.String()) {
		o.Status, changed = *v, true
	}
	if v := s.c.Disposition; v != nil && set("disposition", o.Disposition.String(), v.String()) {
		o.Disposition, changed = *v, true
	}
	if v := s.c.Urgency; v != nil && set("urgency", o.Urgency.String(), v.String()) {
		o.Urgency, changed = *v, true
	}
	if v := s.c.Owner; v != nil && set("owner", o.Owner, *v) {
		o.Owner, changed = *v, true
	}
	if s.c.Status != nil && o.Reopened {
		o.Reopened, changed = false, true
	}
	if changed {
		o.Revision, o.Author = o.Revision+1, s.c.Author
		s.rows = append(s.rows, *o)
	}
}
