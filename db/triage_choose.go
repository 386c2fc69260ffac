package db

import (
	"database/sql"

	"escutcheon/fault"
	"escutcheon/store"
)

// choose reads what the change is of.
func (s *triaging) choose() error {
	if s.kind == store.OfHost {
		return s.chooseHost()
	}
	from, args := `finding WHERE verdict <= 1 AND key IN (SELECT value FROM json_each(?))`, []any{jsonList(s.c.Findings)}
	if s.c.Filter != nil {
		var where string
		where, args = findingsWhere(*s.c.Filter)
		from = `finding WHERE ` + where
	}
	var damaged []int
	if err := s.each(func(r *sql.Rows) error {
		var o decided
		var packed []byte
		err := r.Scan(&o.name, &o.dest, &packed)
		if err == nil {
			o.Triage, err = unpackTriage(packed)
		}
		if s.all = append(s.all, o); o.Damaged {
			damaged = append(damaged, len(s.all)-1)
		}
		return err
	}, `SELECT key, dest, (SELECT json_array(`+triageColumns+`) FROM triage WHERE kind = 'finding' AND name = key)
		FROM `+from+` ORDER BY dest, key LIMIT ?`, append(args, store.MostTriaged+1)...); err != nil {
		return err
	}
	for _, i := range damaged {
		if err := mendTriage(s.ctx, s.tx, s.kind, s.all[i].name, &s.all[i].Triage); err != nil {
			return err
		}
	}
	switch {
	case len(s.all) > store.MostTriaged:
		return fault.New(fault.Invalid, "These are more than %d findings, which is the most at once. Narrow the filter.",
			store.MostTriaged)
	case len(s.all) == 0 && s.c.Filter != nil:
		return fault.New(fault.Invalid, "The filter chooses no finding.")
	case s.c.Filter != nil:
		return nil
	}
	return s.checkNamed()
}

// checkNamed refuses findings that are not there, or not at the revision that was
// seen.
func (s *triaging) checkNamed() error {
	at := make(map[string]int, len(s.all))
	for i := range s.all {
		at[s.all[i].name] = i
	}
	n := len(s.c.Revisions)
	for i, key := range s.c.Findings {
		found, ok := at[key]
		if !ok {
			return fault.New(fault.NotFound, "There is no finding %q.", key)
		}
		if n == 0 {
			continue
		}
		if n != 1 && n != len(s.c.Findings) {
			return fault.New(fault.Invalid, "There are %d revisions for %d findings.", n, len(s.c.Findings))
		}
		if err := s.all[found].at(s.c.Revisions[min(i, n-1)]); err != nil {
			return err
		}
	}
	if len(s.all) == 0 {
		return fault.New(fault.Invalid, "No finding is chosen.")
	}
	return nil
}

func (s *triaging) chooseHost() error {
	var has bool
	if err := s.get(`SELECT EXISTS (SELECT 1 FROM host WHERE dest = ?)`, []any{s.c.Host}, &has); err != nil {
		return err
	}
	if !has {
		return fault.New(fault.NotFound, "No log of a host %q has been imported.", s.c.Host)
	}
	t, err := triageOf(s.ctx, s.tx, s.kind, s.c.Host)
	if err != nil {
		return err
	}
	s.all = []decided{{s.c.Host, s.c.Host, t}}
	if len(s.c.Revisions) > 0 {
		return s.all[0].at(s.c.Revisions[0])
	}
	return nil
}

// at is a conflict where a revision is not the newest.
func (o *decided) at(revision int64) error {
	if o.Revision == revision {
		return nil
	}
	return fault.New(fault.Conflict, "This has been triaged since you opened it: you had revision %d, it is at %d.",
		revision, o.Revision)
}
