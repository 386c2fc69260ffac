package rulebook

import (
	"context"
	"strings"

	"escutcheon/detection"
	"escutcheon/fault"
)

// Refused is why a rule that was sent is not taken.
type Refused struct{ detection.Refusal }

func (r *Refused) Error() string { return r.Reason }

// Unwrap makes it a fault.Invalid with a sentence.
func (r *Refused) Unwrap() error {
	return fault.New(fault.Invalid, "The rule cannot be run: %s.", strings.TrimSuffix(r.Refusal.String(), "."))
}

// Post checks a rule that somebody sent as YAML, or those of a Sigma file, and brings
// them into force, as if files of them had been loaded: in the place of those with the
// same ids. known says that there was the first. Where one is refused none is taken, and
// the error is a *Refused.
func (b *Book) Post(ctx context.Context, yaml []byte, author string) (rules []*detection.Rule, known bool, err error) {
	rules, why := b.Content().Check(yaml)
	if why != nil {
		return nil, false, &Refused{*why}
	}
	known = b.Find(rules[0].ID) != nil
	var files []detection.SourceFile
	for _, r := range rules {
		files = append(files, detection.SourceFile{Kind: detection.RuleFile, Path: r.File, Content: r.Raw, Author: author})
	}
	if err := b.Load(ctx, files); err != nil {
		return nil, known, err
	}
	for i, r := range rules {
		if now := b.Find(r.ID); now != nil {
			rules[i] = now
		}
	}
	return rules, known, nil
}

// Remove takes a loaded rule away, and all files of its id; the built-in one of
// the same id is in force again. What the rule found goes.
func (b *Book) Remove(ctx context.Context, id string) error {
	r := b.Find(id)
	switch {
	case r == nil:
		return fault.New(fault.NotFound, "There is no rule %q.", id)
	case r.File == "":
		return fault.New(fault.Conflict, "%q is built in and cannot be removed. Disable it instead.", r.Name)
	}
	paths := []string{r.File}
	for _, d := range b.Content().Duplicates {
		if strings.EqualFold(d.ID, r.ID) {
			paths = append(paths, d.File)
		}
	}
	if err := b.store.DropRuleFiles(ctx, paths); err != nil {
		return err
	}
	return b.Reload(context.WithoutCancel(ctx))
}
