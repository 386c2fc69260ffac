package detection

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// Refusal says why a rule does not run. Command and Pos are those of its
// search, and zero when the fault is not in the search.
type Refusal struct {
	File, Name, ID string
	Command        string
	Pos            spl.Pos
	Reason         string
}

func (r Refusal) String() string {
	if r.Pos.Line == 0 {
		return r.Reason
	}
	return fmt.Sprintf("command %q at line %d, column %d: %s", r.Command, r.Pos.Line, r.Pos.Column, r.Reason)
}

// Duplicate is a rule that gives way to another file's.
type Duplicate struct{ ID, Name, File, By string }

// Problem is a sentence about a file.
type Problem struct{ File, Reason string }

// BuiltInFile stands for the file of a built-in rule in messages.
const BuiltInFile = "(built in)"

// Assemble makes the set of the built-in rules and of files, later files going
// before earlier ones. filters are what analysts wrote for the filter macros
// of rules, by the rules' ids in lower case (FilterDefinition says what is
// allowed); one that does not compile is left out, which the rule's Warnings
// say.
//
// A rule that is refused replaces nothing.
func Assemble(files []SourceFile, filters map[string]string) (*Set, error) {
	builtIn, err := parseBuiltIn()
	if err != nil {
		return nil, err
	}
	a := &assembly{set: &Set{}, filters: filters}
	a.readEnv(files)
	for _, r := range builtIn {
		if err := a.builtIn(r); err != nil {
			return nil, err
		}
	}
	a.loadAll(files)
	a.set.index = spl.NewIndex(plansOf(a.set.Rules))
	return a.set, nil
}

type assembly struct {
	set     *Set
	filters map[string]string
}

// readEnv reads macros and lookups.
func (a *assembly) readEnv(files []SourceFile) {
	macros := spl.BuiltIn()
	tables := map[string]SourceFile{}
	var defs []lookupDef
	for _, f := range files {
		var err error
		switch f.Kind {
		case MacroFile:
			var m spl.Macros
			if strings.HasSuffix(strings.ToLower(f.Path), ".conf") {
				m, err = ParseMacrosConf(f.Content)
			} else {
				m, err = ParseMacros(f.Content)
			}
			maps.Copy(macros, m)
		case LookupFile:
			var d []lookupDef
			d, err = parseLookups(f)
			defs = append(defs, d...)
		case TableFile:
			tables[strings.ToLower(baseName(f.Path))] = f
		}
		if err != nil {
			a.set.Problems = append(a.set.Problems, Problem{f.Path, err.Error()})
		}
	}
	t, problems := makeTables(defs, tables)
	a.set.Problems = append(a.set.Problems, problems...)
	a.set.Env = spl.Env{Macros: macros, Tables: t}
}

// builtIn compiles a built-in rule. Loaded macros that break it are told and
// left out for it.
func (a *assembly) builtIn(r *Rule) error {
	if err := a.compile(r); err != nil {
		a.set.Problems = append(a.set.Problems, Problem{BuiltInFile, fmt.Sprintf("with the macros of the files, %v; it runs with the built-in ones", err)})
		if err := r.compile(spl.Env{Macros: spl.BuiltIn()}); err != nil {
			return err
		}
	}
	a.set.Rules = append(a.set.Rules, r)
	return nil
}

// compile compiles a rule with its filter.
func (a *assembly) compile(r *Rule) error {
	env := a.set.Env
	text := a.filters[strings.ToLower(r.ID)]
	name := r.FilterMacro()
	if text == "" {
		return r.compile(env)
	}
	if name == "" {
		r.Warnings = append(r.Warnings, "its filter is left out: the search calls no macro that ends in _filter")
		return r.compile(env)
	}
	definition, err := FilterDefinition(text, env.Macros)
	if err != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("its filter is left out: %v", err))
		return r.compile(env)
	}
	env.Macros = env.Macros.Overlay(spl.Macros{name: {Definition: definition}})
	return r.compile(env)
}

func (a *assembly) loadAll(files []SourceFile) {
	var order []string
	byID := map[string]*Rule{}
	for _, f := range files {
		if f.Kind != RuleFile {
			continue
		}
		r := a.load(f)
		if r == nil {
			continue
		}
		id := strings.ToLower(r.ID)
		if old := byID[id]; old != nil {
			a.set.Duplicates = append(a.set.Duplicates, Duplicate{ID: r.ID, Name: old.Name, File: old.File, By: f.Path})
		} else {
			order = append(order, id)
		}
		byID[id] = r
	}
	for _, id := range order {
		a.place(byID[id])
	}
}

// load reads and compiles one file; nil when it is no rule or refused.
func (a *assembly) load(f SourceFile) *Rule {
	r, err := parseRule(f.Content)
	if errors.Is(err, ErrNoSearch) {
		return nil
	}
	if err == nil {
		r.File = f.Path
		err = a.compile(r)
	}
	if err != nil {
		a.set.Refused = append(a.set.Refused, refusal(f, r, err))
		return nil
	}
	return r
}

// place puts a loaded rule in the place of the built-in one with its id, or at
// the end.
func (a *assembly) place(r *Rule) {
	i := slices.IndexFunc(a.set.Rules, func(b *Rule) bool { return b.File == "" && strings.EqualFold(b.ID, r.ID) })
	if i < 0 {
		a.set.Rules = append(a.set.Rules, r)
		return
	}
	r.Replaces = a.set.Rules[i].Name
	a.set.Rules[i] = r
}

// refusal puts an error of Load in words. r may be nil.
func refusal(f SourceFile, r *Rule, err error) Refusal {
	out := Refusal{File: f.Path, Name: stem(f.Path), Reason: err.Error()}
	if r != nil {
		out.ID = r.ID
		if r.Name != "" {
			out.Name = r.Name
		}
	}
	var e *spl.Error
	if !errors.As(err, &e) {
		return out
	}
	out.Command, out.Pos, out.Reason = e.Command, e.Pos, e.Reason
	if r != nil && out.Command == "" {
		out.Command = commandAt(r.Search, e.Pos.Offset)
	}
	if e.Subject != fmt.Sprintf("command %q", e.Command) {
		out.Reason = e.Subject + " " + e.Reason
	}
	if e.Macro != "" {
		out.Reason = fmt.Sprintf("in macro %q, %s", e.Macro, out.Reason)
	}
	return out
}

// commandAt is the command that a place of a search stands in: the word behind
// the last pipe before it, "search" at the start.
func commandAt(search string, offset int) string {
	start, quoted := 0, false
	for i := 0; i < min(offset, len(search)); i++ {
		switch search[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '|':
			if !quoted {
				start = i + 1
			}
		}
	}
	word := strings.TrimSpace(search[start:])
	if start == 0 && !strings.HasPrefix(word, "|") {
		return "search"
	}
	word = strings.TrimLeft(word, "| \t\r\n`")
	end := strings.IndexFunc(word, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_')
	})
	if end >= 0 {
		word = word[:end]
	}
	if word == "" {
		return "search"
	}
	return word
}

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
