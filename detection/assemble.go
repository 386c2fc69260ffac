package detection

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"escutcheon/detection/sigma"
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
	return (&Content{}).Again(files, filters, Cards{})
}

// Again is Assemble, and takes over what c has: a rule whose file, filter, macros
// and lookups are as they were is not read and compiled anew. What c does not have is
// taken from cards, where they hold it; its rules are compiled when they are first
// run.
func (c *Content) Again(files []SourceFile, filters map[string]string, cards Cards) (*Content, error) {
	a := &assembly{content: &Content{loaded: map[[sha256.Size]byte]*loaded{}}, filters: filters, before: c,
		cards: cards}
	a.readEnv(files)
	if err := a.builtIn(); err != nil {
		return nil, err
	}
	a.loadAll(files)
	a.content.switchOff()
	a.content.index()
	return a.content, nil
}

type assembly struct {
	content *Content
	filters map[string]string
	before  *Content
	cards   Cards
	sigma   *sigmaRules // where any correlation refers to them
}

// readEnv reads macros and lookups, or takes over what was made of the same files.
// They are read when a rule is compiled with them, where a card has their problems.
func (a *assembly) readEnv(files []SourceFile) {
	c := a.content
	c.beside = besideOf(files)
	if c.beside == a.before.beside {
		c.env = a.before.env
	} else {
		c.env = &beside{files: slices.DeleteFunc(slices.Clone(files), func(f SourceFile) bool { return f.Kind == RuleFile })}
		if c.env.problems, c.env.told = a.cards.problems(c.beside); !c.env.told {
			c.env.read()
		}
	}
	c.Problems = slices.Clip(c.env.problems)
}

// beside is what lies beside the rules: macros and lookups.
type beside struct {
	once     sync.Once
	files    []SourceFile // until they are read
	problems []Problem
	told     bool // a card has the problems
	env      spl.Env
	values   sigma.Values // of placeholders
}

// read reads the files, once.
func (b *beside) read() spl.Env {
	b.once.Do(func() {
		env, problems := makeEnv(b.files)
		values, wrong := sigmaValues(b.files)
		problems = append(problems, wrong...)
		if b.env, b.values, b.files = env, values, nil; !b.told {
			b.problems = problems
		}
	})
	return b.env
}

func makeEnv(files []SourceFile) (env spl.Env, problems []Problem) {
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
			problems = append(problems, Problem{f.Path, err.Error()})
		}
	}
	t, wrong := makeTables(defs, tables)
	return Env(macros, t), append(problems, wrong...)
}

// builtIn has the built-in rules come, the seed first. Loaded macros that break one
// are told and left out for it.
func (a *assembly) builtIn() error {
	files, err := builtInFiles()
	if err != nil {
		return err
	}
	list := make([]*loaded, len(files))
	everywhere(len(files), func(i int) { list[i] = a.load(&files[i]) })
	for i, l := range list {
		if l.rule == nil {
			return fmt.Errorf("%s: it is refused: %v", files[i].Path, l.refused)
		}
		a.content.loaded[l.file] = l
	}
	slices.SortStableFunc(list, func(a, b *loaded) int { return seedLast(a.rule) - seedLast(b.rule) })
	for _, l := range list {
		if a.content.Rules = append(a.content.Rules, l.rule); l.problem != "" {
			a.content.Problems = append(a.content.Problems, Problem{BuiltInFile, l.problem})
		}
	}
	return nil
}

func (a *assembly) loadAll(files []SourceFile) {
	var order []string
	byID := map[string]*Rule{}
	for i, l := range a.readAll(files) {
		if l == nil {
			continue
		}
		f := &files[i]
		a.content.loaded[l.file] = l
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
