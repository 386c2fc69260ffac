package materialize

import (
	"errors"
	"slices"

	"escutcheon/detection"
)

// Tidy does about so many rows of what a change of the rules has left to do:
// it forgets what rules found that are gone, or that search otherwise, and
// filters findings again. It settles what follows, and says whether there is more.
func (c *Cascade) Tidy(rows int) (more bool, err error) {
	stored, err := c.tx.Cursors()
	if err != nil {
		return false, err
	}
	for _, k := range stored {
		if rows <= 0 || c.tired() {
			more = more || k.At == Leaving || k.Filtered != ""
			continue
		}
		n, done, err := c.tidy(k, rows)
		if err != nil {
			return false, err
		}
		rows, more = rows-n, more || !done
	}
	if _, done, err := c.resume(rows); err != nil || !done {
		return true, errors.Join(err, c.Settle())
	}
	return more, c.Settle()
}

// tidy does some of what is left to do of one rule.
func (c *Cascade) tidy(k Cursor, rows int) (n int, done bool, err error) {
	switch r := c.rules.Find(k.RuleID); {
	case k.At == Leaving:
		return c.forget(k, rows)
	case k.Filtered == "" || r == nil:
		return 0, true, nil
	default:
		n, done, err = c.refilter(r, &k, rows)
		if err == nil {
			err = c.putCursor(k)
		}
		return n, done, err
	}
}

// forget forgets what a rule found before. Then it begins, if it is in force.
func (c *Cascade) forget(k Cursor, rows int) (n int, done bool, err error) {
	for n < rows {
		some, err := c.tx.Forget(k.RuleID, rows-n)
		if err != nil {
			return n, false, err
		}
		if n += some; some > 0 {
			continue
		}
		if c.rules.Find(k.RuleID) == nil {
			delete(c.at, k.RuleID)
			return n, true, c.tx.DeleteCursor(k.RuleID)
		}
		if k.At, err = c.start(); err != nil {
			return n, false, err
		}
		return n, true, c.putCursor(k)
	}
	return n, false, nil
}

// asRows is as how much work as deleting rows it is to filter a finding again.
const asRows = 16

// refilter makes rows and risk of some findings of a rule anew from the states of
// groups. Where rows are made of all groups, that are all.
func (c *Cascade) refilter(r *detection.Rule, k *Cursor, rows int) (n int, done bool, err error) {
	if !r.Plan().Local() {
		k.Filtered = ""
		n, err = c.refilterAll(r)
		return n, true, err
	}
	most := max(rows/asRows, 1)
	groups, err := c.tx.FindingsAfter(r, k.Filtered, most)
	if err != nil {
		return 0, false, err
	}
	done = len(groups) < most
	for part := range slices.Chunk(groups, mostAhead) {
		keys := make([]string, len(part))
		for i, f := range part {
			keys[i] = f.Key
		}
		if err := c.tx.Prefetch(keys); err != nil {
			return n, false, err
		}
		for _, f := range part {
			if c.spent(r) {
				return n, false, nil
			}
			if err := c.refilterFinding(f); err != nil {
				return n, false, err
			}
			n, k.Filtered = n+asRows, f.Key
		}
	}
	if done {
		k.Filtered = ""
	}
	return n, done, nil
}

// refilterAll notes that all rows of a rule are to be made again, and those of all
// its runs.
func (c *Cascade) refilterAll(r *detection.Rule) (n int, err error) {
	groups, err := c.tx.Findings(r)
	if err != nil {
		return 0, err
	}
	c.noteRows(r)
	for _, f := range groups {
		if f.Made { // it is made again of the groups
			continue
		}
		windows, err := c.tx.Windows(r, f.Key)
		if err != nil {
			return n, err
		}
		for _, w := range windows {
			c.noteRun(r, w.Start)
		}
	}
	return asRows * len(groups), nil
}

func (c *Cascade) refilterFinding(f *Finding) error {
	row, err := c.put(f)
	if err != nil {
		return err
	}
	windows, err := c.tx.Windows(f.Rule, f.Key)
	if err != nil {
		return err
	}
	for _, w := range windows {
		if err := c.retell(f, row, w.Start, w.Part, true); err != nil {
			return err
		}
	}
	return nil
}
