package materialize

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"escutcheon/detection"
)

// setAside has the rules fall behind that were set aside while new events were matched
// (detection.Rules.MatchBriefly): CatchUp runs them over these, in steps.
func (c *Cascade) setAside(ids []int64, matches []detection.Match) error {
	first := map[*detection.Rule]int64{}
	for _, m := range matches {
		if id := ids[m.Event]; m.Aside && id != 0 && (first[m.Rule] == 0 || id < first[m.Rule]) {
			first[m.Rule] = id
		}
	}
	rules := slices.SortedFunc(maps.Keys(first), func(a, b *detection.Rule) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range rules {
		at := int64(Leaving)
		if c.First > 0 && first[r] >= c.First { // it was run over nothing behind it
			at = first[r] - 1
		}
		if err := c.fallBehind(r, first[r], at); err != nil {
			return err
		}
	}
	return nil
}

// fallBehind has a rule that was run over an event be run anew over all that is behind
// a cursor. With Leaving that is everything: what it found is forgotten first.
func (c *Cascade) fallBehind(r *detection.Rule, event, at int64) error {
	if !c.ranOver(r, event) {
		return nil
	}
	cursors, err := c.tx.Cursors()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(cursors, func(k Cursor) bool { return k.RuleID == r.ID })
	if i < 0 {
		return fmt.Errorf("rule %s was set aside and has no cursor", r.ID)
	}
	k := cursors[i]
	if k.At = at; at == Leaving {
		k.Filtered = ""
	}
	return c.putCursor(k)
}
