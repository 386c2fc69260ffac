package materialize

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"escutcheon/detection"
)

// Adopt puts the rules of the cascade into force, and says whether any differs
// from those that were. What a rule found that is gone, or whose search has
// changed, is forgotten, and one whose filter alone has changed is filtered
// again: some of that at once, the rest step by step (Tidy). A rule that is new
// or whose search has changed begins before the first stored event (CatchUp).
func (c *Cascade) Adopt() (changed bool, err error) {
	stored, err := c.tx.Cursors()
	if err != nil {
		return false, err
	}
	old := map[string]Cursor{}
	for _, k := range stored {
		old[k.RuleID] = k
	}
	for _, r := range c.rules.All() {
		one, err := c.adopt(r, old[r.ID])
		if err != nil {
			return false, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		changed = changed || one
		delete(old, r.ID)
	}
	for _, id := range sorted(old) {
		if old[id].Digest == "" { // it is going already
			continue
		}
		if err := c.putCursor(Cursor{RuleID: id, Name: old[id].Name, At: Leaving}); err != nil {
			return false, err
		}
		changed = true
	}
	_, err = c.Tidy(cmp.Or(c.AtOnce, atOnce))
	return changed, err
}

// atOnce is about how many rows change with the rules.
const atOnce = 4096

// adopt puts one rule into force; was is what it was, zero when it was not.
func (c *Cascade) adopt(r *detection.Rule, was Cursor) (changed bool, err error) {
	now := Cursor{RuleID: r.ID, Name: r.Name, Digest: digest(r), Filter: filterDigest(r), At: was.At}
	switch {
	case was.RuleID == "":
		now.At, err = c.start()
	case was.Digest != now.Digest:
		now.At = Leaving
	case was.Filter == now.Filter:
		return false, nil
	case was.At != Leaving:
		now.Filtered = Unfiltered
	}
	if err != nil {
		return false, err
	}
	return true, c.putCursor(now)
}

func (c *Cascade) putCursor(k Cursor) error {
	if c.at[k.RuleID] = k.At; k.At == Ran {
		delete(c.at, k.RuleID)
	}
	return c.tx.PutCursor(k)
}

// start is the cursor of a rule that was run over nothing: with nothing stored
// there is nothing to catch up with.
func (c *Cascade) start() (int64, error) {
	any, err := c.events.Any()
	if !any {
		return Ran, err
	}
	return 0, err
}

// filterDigest names what a rule's rows and risk events depend on beside its states.
func filterDigest(r *detection.Rule) string { return r.Fingerprint() + r.ScoresRead() }

// digest names what a rule's states, findings and risk events depend on, its
// filter left out.
func digest(r *detection.Rule) string {
	search := r.Unfiltered()
	if r.Whole() { // it keeps no states that its filter could be run over
		search = filterDigest(r)
	}
	sum := sha256.Sum256(append([]byte(search+"\n"+r.RiskRead()), r.Raw...))
	return hex.EncodeToString(sum[:])
}
