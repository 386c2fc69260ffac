package materialize

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// Ran is the cursor of a rule that was run over all stored events.
const Ran = math.MaxInt64

// Leaving is the cursor of a rule that has gone, or has another search: what it
// found before is forgotten first, step by step (Tidy), and nothing reads it.
const Leaving = -1

// Unfiltered comes before all keys.
const Unfiltered = " "

// Cascade gathers what a transaction does to events, and then settles what
// follows. It lives as long as the transaction.
type Cascade struct {
	// AtOnce is about how many rows change at once with the rules (Adopt); 0 is
	// 4,096.
	AtOnce int
	// Later leaves rows that are made of all groups of a rule together to CatchUp.
	Later bool
	// First is the number from which on nothing was stored before the transaction; 0:
	// it is not known.
	First int64

	tx     Tx
	events Events
	rules  *detection.Rules
	alone  map[*detection.Rule]*detection.Rules // each rule by itself
	at     map[string]int64                     // how far rules were run, those that are not Ran

	grown  map[string]*growth                     // by finding
	stale  map[string]*stale                      // by finding
	remade map[*detection.Rule]map[int64]struct{} // whose rows are made together, and the windows to make
	whole  map[*detection.Rule]map[int64]struct{} // windows to run rules over that are Whole
	named  map[*detection.Rule]bool               // rules with a new group that may be named as a row of others is

	work map[*detection.Rule]*spl.Work // what rows of rules took
}

// New is a cascade over a transaction, with the rules in force.
func New(tx Tx, events Events, rules *detection.Rules) (*Cascade, error) {
	c := &Cascade{tx: tx, events: events, rules: rules,
		alone: map[*detection.Rule]*detection.Rules{},
		grown: map[string]*growth{}, stale: map[string]*stale{}, remade: map[*detection.Rule]map[int64]struct{}{},
		whole: map[*detection.Rule]map[int64]struct{}{}, named: map[*detection.Rule]bool{},
		work: map[*detection.Rule]*spl.Work{}}
	var err error
	c.at, err = tx.Behind()
	return c, err
}

// cursor is how far a rule was run.
func (c *Cascade) cursor(id string) int64 {
	if at, behind := c.at[id]; behind {
		return at
	}
	return Ran
}

// ranOver says whether a rule was run over an event, or will be with it.
func (c *Cascade) ranOver(r *detection.Rule, event int64) bool { return c.cursor(r.ID) >= event }

// rule is a rule in force by its id.
func (c *Cascade) rule(id string) (*detection.Rule, error) {
	if r := c.rules.Find(id); r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("rule %s is not in force", id)
}

// Settle brings findings, windows and risk up to date with what was gathered.
func (c *Cascade) Settle() error {
	remake := c.remake
	if c.Later {
		remake = c.postpone
	}
	for _, step := range []func() error{c.shrink, c.grow, remake, c.pendAll, c.tx.Flush} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// sorted are the keys of a map in order, so that what is written is written in
// order.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
