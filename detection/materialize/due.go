package materialize

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"escutcheon/detection"
)

// Rows that are made of all groups of a rule together cost as much for one event
// as for all. Imports leave them (Cascade.Later), and so does each step of CatchUp
// while a rule is behind; then it makes them.

// Due is what is yet to be made of a rule: its run over a window, by the second
// at which that starts, or AllTime, the rows of all its groups.
type Due struct {
	RuleID string
	Start  int64
}

const (
	// AllTime stands for the rows of all groups of a rule.
	AllTime = math.MinInt64
	// Named says that there are new groups, which may be named as rows are.
	Named = AllTime + 1
)

// dueRuns is how many runs are made in one transaction.
const dueRuns = 64

// postpone notes what is to be made again.
func (c *Cascade) postpone() error {
	for _, r := range slices.SortedFunc(maps.Keys(c.remade), byRule) {
		starts := sorted(c.remade[r])
		if c.named[r] {
			starts = append(starts, Named)
		}
		if err := c.putDue(r, append(starts, AllTime)); err != nil {
			return err
		}
	}
	clear(c.remade)
	clear(c.named)
	return nil
}

func byRule(a, b *detection.Rule) int { return cmp.Compare(a.ID, b.ID) }

func (c *Cascade) putDue(r *detection.Rule, starts []int64) error {
	for _, start := range starts {
		if err := c.tx.PutDue(Due{r.ID, start}); err != nil {
			return err
		}
	}
	return nil
}

// makeDue makes some of what was left of one rule.
func (c *Cascade) makeDue() error {
	due, err := c.tx.Due(dueRuns)
	if len(due) == 0 || err != nil {
		return err
	}
	if r := c.rules.Find(due[0].RuleID); r == nil || c.at[r.ID] == Leaving { // it is of nothing any more
	} else if due[0].Start == AllTime {
		due, err = c.makeAllTime(r, due)
	} else {
		err = c.makeRuns(r, due)
	}
	for _, d := range due {
		if err == nil {
			err = c.tx.DeleteDue(d)
		}
	}
	if err != nil {
		return fmt.Errorf("rows of rule %s: %w", due[0].RuleID, err)
	}
	return c.Settle()
}

// makeAllTime makes the rows of all groups of a rule, and says what that was of
// what is due.
func (c *Cascade) makeAllTime(r *detection.Rule, due []Due) (made []Due, err error) {
	made = due[:1]
	if len(due) > 1 && due[1].Start == Named {
		made, c.named[r] = due[:2], true
	}
	_, moved, err := c.remakeAll(r)
	delete(c.named, r)
	if err != nil {
		return made, err
	}
	return made, c.putDue(r, sorted(moved))
}

// makeRuns makes runs of a rule over windows.
func (c *Cascade) makeRuns(r *detection.Rule, due []Due) error {
	known, err := c.tx.Findings(r)
	if err != nil {
		return err
	}
	byKey := make(map[string]*Finding, len(known))
	for _, f := range known {
		byKey[f.Key] = f
	}
	var starts []int64
	for _, d := range due {
		if d.Start != Named {
			starts = append(starts, d.Start)
		}
	}
	return c.remakeRuns(r, starts, byKey)
}
