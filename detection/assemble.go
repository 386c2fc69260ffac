package detection

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"escutcheon/detection/spl"
)

// Assemble reads the built-in rules and those of files, later files going
// before earlier ones. filters are what analysts wrote for the filter macros
// of rules, by the rules' ids in lower case (search terms, or search, where and
// regex commands); one that does not compile is left out, which the rule's
// Warnings say.
//
// A rule that is refused replaces nothing.
func Assemble(files []SourceFile, filters map[string]string) (*Content, error) {
	return (&Content{}).Again(files, filters)
}

// Again is Assemble, and takes over what c has: a rule whose file, filter, macros
// and lookups are as they were is not read and compiled anew.
func (c *Content) Again(files []SourceFile, filters map[string]string) (*Content, error) {
	builtIn, err := parseBuiltIn()
	if err != nil {
		return nil, err
	}
	a := &assembly{content: &Content{}, filters: filters, before: c}
	a.readEnv(files)
	for _, r := range builtIn {
		if err := a.builtIn(r); err != nil {
			return nil, err
		}
	}
	a.loadAll(files)
	return a.content, nil
}

type assembly struct {
	content *Content
	filters map[string]string
	before  *Content
}

// readEnv reads macros and lookups, or takes over what was made of the same files.
func (a *assembly) readEnv(files []SourceFile) {
	a.content.beside = besideOf(files)
	if a.content.beside == a.before.beside {
		a.content.Env, a.content.envProblems = a.before.Env, a.before.envProblems
	} else {
		a.makeEnv(files)
	}
	a.content.Problems = slices.Clip(a.content.envProblems)
}

func (a *assembly) makeEnv(files []SourceFile) {
	macros := BuiltInMacros()
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
			a.content.envProblems = append(a.content.envProblems, Problem{f.Path, err.Error()})
		}
	}
	t, problems := makeTables(defs, tables)
	a.content.envProblems = append(a.content.envProblems, problems...)
	a.content.Env = Env(macros, t)
}

// builtIn compiles a built-in rule. Loaded macros that break it are told and
// left out for it.
func (a *assembly) builtIn(r *Rule) error {
	if err := a.compile(r); err != nil {
		a.content.Problems = append(a.content.Problems,
			Problem{BuiltInFile, fmt.Sprintf("with the macros of the files, %v; it runs with the built-in ones", err)})
		if err := r.compile(Env(BuiltInMacros(), nil)); err != nil {
			return err
		}
	}
	a.content.Rules = append(a.content.Rules, r)
	return nil
}

// compile compiles a rule with its filter.
func (a *assembly) compile(r *Rule) error {
	env := a.content.Env
	text := a.filters[strings.ToLower(r.ID)]
	name := r.FilterMacro()
	if text == "" {
		return r.compile(env)
	}
	if name == "" {
		r.Warnings = append(r.Warnings, "its filter is left out: the search calls no macro that ends in _filter")
		return r.compile(env)
	}
	definition, err := filterDefinition(text, env)
	if err != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("its filter is left out: %v", err))
		return r.compile(env)
	}
	if err := r.compile(env); err != nil {
		return err
	}
	unfiltered := r.Plan.Fingerprint()
	env.Macros = env.Macros.Overlay(spl.Macros{name: {Definition: definition, Aside: true}})
	if err := r.compile(env); err != nil {
		return err
	}
	if !r.Plan.AsideStreams() {
		r.unfiltered = unfiltered
	}
	return nil
}

func (a *assembly) loadAll(files []SourceFile) {
	var order []string
	byID := map[string]*Rule{}
	a.content.loaded = map[string]*loaded{}
	for i, l := range a.readAll(files) {
		if l == nil {
			continue
		}
		f := &files[i]
		a.content.loaded[f.Path] = l
		if l.refused != nil {
			a.content.Refused = append(a.content.Refused, *l.refused)
		}
		if l.rule == nil {
			continue
		}
		r := l.rule
		id := strings.ToLower(r.ID)
		if old := byID[id]; old != nil {
			a.content.Duplicates = append(a.content.Duplicates, Duplicate{ID: r.ID, Name: old.Name, File: old.File, By: f.Path})
		} else {
			order = append(order, id)
		}
		byID[id] = r
	}
	own := len(a.content.Rules)
	for _, id := range order {
		a.place(byID[id], own)
	}
}

// place puts a loaded rule in the place of the built-in one with its id, or at
// the end. The first own rules are the built-in ones.
func (a *assembly) place(r *Rule, own int) {
	i := slices.IndexFunc(a.content.Rules[:own], func(b *Rule) bool {
		return b.File == "" && strings.EqualFold(b.ID, r.ID)
	})
	if i < 0 {
		a.content.Rules = append(a.content.Rules, r)
		return
	}
	out := *r
	out.Replaces = a.content.Rules[i].Name
	a.content.Rules[i] = &out
}
