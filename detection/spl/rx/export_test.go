package rx

import (
	"fmt"
	"slices"
)

// Spent is how many steps the search for a first match takes, and how many it
// may take. The pattern has to be one that Go's engine cannot run.
func Spent(pattern, s string) (steps, budget int, err error) {
	re, err := Compile(pattern)
	if err != nil || re.slow == nil {
		return 0, 0, fmt.Errorf("no program of ours: %w", err)
	}
	b := NewBudget(maxSteps)
	r := newRun(s, len(re.names), &b)
	r.find(re.slow, 0)
	return maxSteps - b.left, maxSteps, nil
}

// MatchString is Match with a budget of its own.
func (r *Regexp) MatchString(s string) bool {
	b := NewBudget(maxSteps)
	return r.Match(s, &b)
}

// FindAllStringSubmatchIndex is FindAll with a budget of its own.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	b := NewBudget(maxSteps)
	return r.FindAll(s, n, &b)
}

// Plenty is a budget that nothing spends.
func Plenty() *Budget {
	b := NewBudget(1 << 40)
	return &b
}

// Needed are the texts of which a match of a pattern holds one.
func Needed(pattern string) []string {
	re, err := Compile(pattern)
	if err != nil || re.need == nil {
		return nil
	}
	var out []string
	for _, texts := range re.need.by {
		out = append(out, texts...)
	}
	slices.Sort(out)
	return out
}

// Plain is the expression without what it looks for first, and without states.
func (r *Regexp) Plain() *Regexp {
	out := *r
	out.least, out.need, out.quick = least{}, nil, nil
	return &out
}

// Quick says what the states say of a text.
func (r *Regexp) Quick(s string) (matches, known bool) {
	if r.quick == nil {
		return false, false
	}
	return r.quick.match(s)
}

// Least is how many bytes a match of a pattern has at the least, and the sign that is
// looked for.
func Least(pattern string) (bytes int, rare string) {
	re, err := Compile(pattern)
	switch {
	case err != nil:
		return 0, err.Error()
	case re.least.rare == 0:
		return re.least.bytes, ""
	}
	return re.least.bytes, string(rune(re.least.rare))
}
