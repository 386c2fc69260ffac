package materialize

import (
	"math"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// Doubts are what is not decided of what rules found: what they took more for
// than they may (spl.EventBounds and its like), and what is yet to be made. A
// finding that goes takes those of its key with it.
type Doubts interface {
	// PutDoubt stores one in the place of what was known of the same; Decided
	// says that there is none.
	PutDoubt(d Doubt) error
	// Pending are some that are Pending, of the first rule that has any, in their
	// order.
	Pending(most int) ([]Doubt, error)
}

// Doubt says that a finding's row is not decided, or what a run over a window
// tells of it.
type Doubt struct {
	RuleID string
	Key    string // "": of all findings of a rule whose rows are made together
	Start  int64  // of the window; Whole: of all time, the row
	Why    spl.Doubt
}

// Whole stands for the window of all time.
const Whole = math.MinInt64

// rowSteps is how much work on the rows of a rule a transaction does, and allSteps
// on those of all rules: some tenths of a second. What is left is Pending, and made
// in steps (Tidy).
const (
	rowSteps = 10_000_000
	allSteps = 2 * rowSteps
)

// row makes a row of a group or of one of its windows: without its filter where a
// transaction has done its work, and not at all where it has done twice as much.
func (c *Cascade) row(r *detection.Rule, by []string, s *spl.State) (spl.Result, error) {
	w := c.workOn(r)
	if w.Steps >= 2*rowSteps {
		return spl.Result{Key: by, State: s, Verdict: dropped, Doubt: spl.Pending}, nil
	}
	return r.Plan().ResultOf(w, by, s)
}

// together makes the rows of groups together, without a filter where a transaction
// has done its work.
func (c *Cascade) together(r *detection.Rule, groups []*Finding) ([]spl.Result, error) {
	return r.Plan().RowsOf(c.workOn(r), planGroups(groups))
}

func (c *Cascade) workOn(r *detection.Rule) *spl.Work {
	w := c.work[r]
	if w == nil {
		w = &spl.Work{}
		c.work[r] = w
	}
	w.Plain = c.spent(r)
	return w
}

// spent says whether a transaction has done its work on the rows of a rule.
func (c *Cascade) spent(r *detection.Rule) bool {
	all := 0
	for _, w := range c.work {
		all += w.Steps
	}
	return all >= allSteps || c.work[r] != nil && c.work[r].Steps >= rowSteps
}

// tired says whether a transaction that could do more is to end.
func (c *Cascade) tired() bool {
	for r := range c.work {
		if c.spent(r) {
			return true
		}
	}
	return false
}

func (c *Cascade) doubt(r *detection.Rule, key string, start int64, why spl.Doubt) error {
	return c.tx.PutDoubt(Doubt{r.ID, key, start, why})
}

// resume makes some of what is pending.
func (c *Cascade) resume(rows int) (n int, done bool, err error) {
	list, err := c.tx.Pending(max(rows/asRows, 1))
	for i, d := range list {
		if n += asRows; c.tired() {
			return n, false, nil
		}
		if err = c.resumeOne(d); err != nil {
			return n, false, err
		}
		if i == len(list)-1 {
			return n, false, nil // perhaps there are more
		}
	}
	return n, true, err
}

func (c *Cascade) resumeOne(d Doubt) error {
	r := c.rules.Find(d.RuleID)
	if r == nil || c.at[d.RuleID] == Leaving { // what is of it goes
		return c.tx.PutDoubt(Doubt{d.RuleID, d.Key, d.Start, spl.Decided})
	}
	if d.Key == "" {
		c.noteRun(r, d.Start)
		return c.doubt(r, "", d.Start, spl.Decided)
	}
	f, err := c.tx.Finding(r, d.Key)
	if err != nil {
		return err
	}
	if f == nil {
		return c.doubt(r, d.Key, d.Start, spl.Decided)
	}
	if d.Start == Whole {
		_, err := c.put(f)
		return err
	}
	w, err := c.tx.Window(r, d.Key, d.Start)
	if err != nil {
		return err
	}
	if w == nil {
		return c.doubt(r, d.Key, d.Start, spl.Decided)
	}
	return c.retell(f, nil, d.Start, w, true)
}
