package materialize

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"escutcheon/detection"
)

// Adopt makes the findings those of the rules of the cascade, and says whether
// any differs from those that were in force. What a rule found that is gone
// goes. A rule that is new or whose search has changed begins before the first
// stored event (CatchUp); one whose filter alone has changed is filtered again
// at once.
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
		if err := c.tx.Forget(id); err != nil {
			return false, err
		}
		if err := c.tx.DeleteCursor(id); err != nil {
			return false, err
		}
		delete(c.at, id)
		changed = true
	}
	return changed, c.Settle()
}

// adopt puts one rule into force; was is what it was, zero when it was not.
func (c *Cascade) adopt(r *detection.Rule, was Cursor) (changed bool, err error) {
	now := Cursor{RuleID: r.ID, Name: r.Name, Digest: digest(r), Filter: r.Plan.Fingerprint(), At: was.At}
	switch {
	case was.Digest != now.Digest:
		if now.At, err = c.start(); err == nil {
			err = c.tx.Forget(r.ID)
		}
	case was.Filter != now.Filter:
		err = c.refilter(r)
	default:
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.at[r.ID] = now.At
	return true, c.tx.PutCursor(now)
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

// digest names what a rule's states, findings and risk events depend on, its
// filter left out.
func digest(r *detection.Rule) string {
	sum := sha256.Sum256(append([]byte(r.Unfiltered()+"\n"), r.Raw...))
	return hex.EncodeToString(sum[:])
}

// refilter makes a rule's rows and risk anew from the states of its groups.
func (c *Cascade) refilter(r *detection.Rule) error {
	groups, err := c.tx.Findings(r)
	if err != nil {
		return err
	}
	byKey, keys := map[string]*Finding{}, []string{}
	for _, f := range groups {
		if !f.Made { // made again of the groups
			byKey[f.Key], keys = f, append(keys, f.Key)
		}
	}
	return c.eachFinding(keys, func(key string) error { return c.refilterFinding(byKey[key]) })
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
