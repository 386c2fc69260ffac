package detection

import (
	"fmt"
	"slices"

	"escutcheon/detection/spl"
)

// Set is all rules that run together: the built-in ones and those loaded from
// files, compiled with the macros and lookup tables of the files. It is
// read-only and may be used by many goroutines at once.
type Set struct {
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
	// Env is what the rules were compiled with, without the rules' filters.
	Env spl.Env

	index *spl.Index
}

// Duplicate is a rule that gives way to another file's.
type Duplicate struct{ ID, Name, File, By string }

// Problem is a sentence about a file.
type Problem struct{ File, Reason string }

// BuiltInFile stands for the file of a built-in rule in messages.
const BuiltInFile = "(built in)"

func plansOf(rules []*Rule) []*spl.Plan {
	out := make([]*spl.Plan, len(rules))
	for i, r := range rules {
		out[i] = r.Plan
	}
	return out
}

// Candidates appends the numbers, in Rules, of those that may match an event,
// in order. A rule whose number is not among them does not match it.
func (s *Set) Candidates(e spl.Event, dst []int) []int { return s.index.Candidates(e, dst) }

// Only is the set of those rules that keep says yes to, with the same refusals.
func (s *Set) Only(keep func(*Rule) bool) *Set {
	out := *s
	out.Rules = nil
	for _, r := range s.Rules {
		if keep(r) {
			out.Rules = append(out.Rules, r)
		}
	}
	out.index = spl.NewIndex(plansOf(out.Rules))
	return &out
}

// WithFilter is a rule of the set compiled with another filter, as for a
// preview: its rows have the verdict spl.Suppressed where the filter leaves them
// out. The error's position, if it is an *spl.Error, is in the expression.
func (s *Set) WithFilter(r *Rule, expression string) (*Rule, error) {
	name := r.FilterMacro()
	if name == "" {
		return nil, fmt.Errorf("the search of %q calls no macro that ends in _filter, so it cannot be filtered", r.Name)
	}
	definition, err := FilterDefinition(expression, s.Env.Macros)
	if err != nil {
		return nil, err
	}
	out := *r
	out.Warnings = nil
	env := s.Env
	env.Macros = env.Macros.Overlay(spl.Macros{name: {Definition: definition}})
	if err := out.compile(env); err != nil {
		return nil, err
	}
	return &out, nil
}

// NewSet is a set of rules that are compiled already.
func NewSet(rules []*Rule) *Set {
	return &Set{Rules: slices.Clone(rules), Env: spl.Env{Macros: spl.BuiltIn()}, index: spl.NewIndex(plansOf(rules))}
}
