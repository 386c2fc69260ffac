package detection

import (
	"crypto/sha256"
	"fmt"

	"escutcheon/detection/spl"
)

// Content is all that Assemble read, in force or not: the built-in rules and
// those of files, what was refused, and what the files hold besides. Rules are
// what runs of it. It is read-only and may be used by many goroutines at once.
type Content struct {
	// Rules are those that compile, the seed first, then the built-in ones,
	// then the loaded ones in the order of their files. A loaded rule that
	// replaces a built-in one stands in its place.
	Rules []*Rule
	// Refused are the rules that do not.
	Refused []Refusal
	// Duplicates are the loaded rules in whose place a later one with the same
	// id runs.
	Duplicates []Duplicate
	// Problems are about files that are no rules.
	Problems []Problem

	// What Again takes over.
	loaded map[[sha256.Size]byte]*loaded // by hashOf
	beside [sha256.Size]byte             // see besideOf
	env    *beside
	byID   map[string]*Rule
}

// ByID is the rule of an id, as it is written; nil where there is none.
func (c *Content) ByID(id string) *Rule { return c.byID[id] }

// Env is what the rules are compiled with, without the rules' filters.
func (c *Content) Env() spl.Env { return c.env.read() }

// Duplicate is a rule that gives way to another file's.
type Duplicate struct{ ID, Name, File, By string }

// Problem is a sentence about a file.
type Problem struct{ File, Reason string }

// BuiltInFile stands for the file of a built-in rule in messages.
const BuiltInFile = "(built in)"

// InForce is the rules that compile and that keep says yes to; a nil keep says
// yes to all.
func (c *Content) InForce(keep func(*Rule) bool) *Rules {
	var out []*Rule
	for _, r := range c.Rules {
		if keep == nil || keep(r) {
			out = append(out, r)
		}
	}
	return NewRules(out)
}

// WithFilter is a rule of the content compiled with another filter, as for a
// preview: its rows have the verdict spl.Aside where the filter leaves them out. The error's position, if it is an
// *spl.Error, is in the expression.
func (c *Content) WithFilter(r *Rule, expression string) (*Rule, error) {
	name := r.FilterMacro()
	if name == "" {
		return nil, fmt.Errorf("the search of %q calls no macro that ends in _filter, so it cannot be filtered", r.Name)
	}
	definition, err := filterDefinition(expression, c.Env())
	if err != nil {
		return nil, err
	}
	out := *r
	out.Warnings = nil
	env := c.Env()
	env.Macros = env.Macros.Overlay(spl.Macros{name: {Definition: definition, Aside: true}})
	if err := out.compile(env); err != nil {
		return nil, err
	}
	return &out, nil
}

// index notes the rules by their ids.
func (c *Content) index() {
	c.byID = make(map[string]*Rule, len(c.Rules))
	for _, r := range c.Rules {
		c.byID[r.ID] = r
	}
}
