package detection

import (
	"errors"
	"strings"
)

// PostedPath is the file of a rule that came without one: its id names it, so
// that the same id takes its place.
func PostedPath(id string) string { return "posted/" + strings.ToLower(id) + ".yml" }

// Check reads one rule as a file of its own beside the content's macros and
// lookups, and says why it does not run, in Refusal; its File is where it is to be
// kept.
func (c *Content) Check(data []byte) (r *Rule, refused *Refusal) {
	r, err := parseRule(data)
	f := SourceFile{Kind: RuleFile, Path: "the rule", Content: data}
	if errors.Is(err, ErrNoSearch) {
		return nil, &Refusal{File: f.Path, Name: "the rule", Reason: err.Error()}
	}
	if err == nil {
		f.Path = PostedPath(r.ID)
		r.File = f.Path
		err = r.compile(c.Env())
	}
	if err != nil {
		why := refusal(f, r, err)
		return nil, &why
	}
	return r, nil
}
