package main

import (
	"context"
	"encoding/json"
	"fmt"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/rulebook"
	"escutcheon/rulefiles"
	"escutcheon/unseen"
)

// checking is one run of "rules check".
type checking struct {
	*env
	store  *db.DB // nil without --db
	asJSON bool
	values []detection.SourceFile // of --sigma-values
}

// openToRead opens a database of which the rules are not put into force.
func openToRead(ctx context.Context, e *env, path string) (*db.DB, error) {
	store, err := openDatabase(ctx, e, path)
	if err == nil {
		store.DecodeWith(importer.Decoder{})
	}
	return store, err
}

// checked is what --json prints of one rule.
type checked struct {
	State   string `json:"state"` // compiled or refused
	Name    string `json:"name"`
	ID      string `json:"id"`
	File    string `json:"file"`
	Command string `json:"command,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Offset  *int   `json:"offset,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Warnings are about what does not keep the rule from running.
	Warnings []string `json:"warnings,omitempty"`
	// Off says why the rule is loaded switched off.
	Off      string `json:"off,omitempty"`
	Language string `json:"language,omitempty"`
	// Silent says, with --db, why the rule cannot fire on the logs in the database.
	Silent []string `json:"silent,omitempty"`
}

// check reads rules with what lies beside them and says of each whether it
// compiles and, with a database, why it cannot fire there. It fails only when
// there is nothing to check.
func (c *checking) check(ctx context.Context, paths []string) error {
	found, readErr := &rulefiles.Found{}, error(nil)
	if err := c.keptValues(ctx); err != nil {
		return err
	}
	if len(paths) > 0 {
		found, readErr = rulefiles.Read(paths...)
	} else {
		files, err := c.store.RuleFiles(ctx)
		if err != nil {
			return err
		}
		found.Files = files
	}
	if len(paths) > 0 && found.Rules() == 0 {
		if readErr == nil {
			readErr = fault.New(fault.NotFound, "There is no rule in %s. A rule is YAML with a search, or in Sigma.",
				quoteAll(paths))
		}
		return readErr
	}
	content, err := detection.Assemble(append(c.values, found.Files...), nil)
	if err != nil {
		return err
	}
	list := checkedRules(found.Files, content)
	if len(paths) == 0 {
		list = append(builtIn(content), list...)
	}
	silent, err := c.silent(ctx, content, list)
	if err != nil {
		return err
	}
	for i := range list {
		if err := list[i].print(c.env, c.asJSON); err != nil {
			return err
		}
	}
	err = c.counts(list, silent)
	tellProblems(c.env, readErr, append(found.Problems, content.Problems...))
	return err
}

// keptValues are those of the database, where no file of them was named.
func (c *checking) keptValues(ctx context.Context) error {
	if c.store == nil || len(c.values) > 0 {
		return nil
	}
	files, err := c.store.RuleFiles(ctx)
	for _, f := range files {
		if f.Kind == detection.ValuesFile {
			c.values = append(c.values, f)
		}
	}
	return err
}

// counts prints how many rules compile.
func (c *checking) counts(list []checked, silent int) (err error) {
	compiled := 0
	for _, one := range list {
		if one.State == "compiled" {
			compiled++
		}
	}
	switch {
	case c.asJSON && c.store != nil:
		_, err = fmt.Fprintf(c.stdout, "{\"compiled\":%d,\"rules\":%d,\"silent\":%d}\n", compiled, len(list), silent)
	case c.asJSON:
		_, err = fmt.Fprintf(c.stdout, "{\"compiled\":%d,\"rules\":%d}\n", compiled, len(list))
	case c.store != nil:
		_, err = fmt.Fprintf(c.stdout, "compiled %d of %d; %d cannot fire on these logs\n", compiled, len(list), silent)
	default:
		_, err = fmt.Fprintf(c.stdout, "compiled %d of %d\n", compiled, len(list))
	}
	return err
}

// silent says of the rules that compile why they cannot fire on the logs of the
// database, and how many these are.
func (c *checking) silent(ctx context.Context, content *detection.Content, list []checked) (n int, err error) {
	if c.store == nil {
		return 0, nil
	}
	kept, fired, err := c.kept(ctx)
	if err != nil {
		return 0, err
	}
	stored := func(r *detection.Rule) bool { return kept[r.ID] == string(r.Raw) }
	var rules []*detection.Rule
	checks := map[string]bool{}
	for _, one := range list {
		checks[one.ID] = one.State == "compiled"
	}
	for _, r := range content.Rules {
		if checks[r.ID] && !(fired[r.ID] && stored(r)) {
			rules = append(rules, r)
		}
	}
	why, err := rulebook.Silences(ctx, c.store, rules, stored)
	for i := range list {
		if list[i].State == "compiled" {
			list[i].Silent = why[list[i].ID]
			n += min(1, len(list[i].Silent))
		}
	}
	return n, err
}

// kept are the YAML of the rules that the database has in force, by id, and those
// of them that have findings.
func (c *checking) kept(ctx context.Context) (yaml map[string]string, fired map[string]bool, err error) {
	files, err := c.store.RuleFiles(ctx)
	if err != nil {
		return nil, nil, err
	}
	content, err := detection.Assemble(files, nil)
	if err != nil {
		return nil, nil, err
	}
	stats, err := c.store.RuleStats(ctx)
	yaml, fired = map[string]string{}, map[string]bool{}
	for _, r := range content.Rules {
		if s, ok := stats[r.ID]; ok && !s.Behind {
			yaml[r.ID], fired[r.ID] = string(r.Raw), s.Findings > 0
		}
	}
	return yaml, fired, err
}

// builtIn are the rules that are read from no file.
func builtIn(content *detection.Content) (out []checked) {
	for _, r := range content.Rules {
		if r.File == "" {
			out = append(out, checked{State: "compiled", Name: r.Name, ID: r.ID, Warnings: r.Warnings})
		}
	}
	return out
}

// checkedRules are the rules of the files, in their order.
func checkedRules(files []detection.SourceFile, content *detection.Content) []checked {
	byFile := map[string]checked{}
	for _, r := range content.Rules {
		if r.File != "" {
			byFile[r.File] = checked{State: "compiled", Name: r.Name, ID: r.ID, File: r.File, Warnings: r.Warnings, Off: r.Off,
				Language: r.Language()}
		}
	}
	for _, d := range content.Duplicates {
		byFile[d.File] = checked{State: "compiled", Name: d.Name, ID: d.ID, File: d.File,
			Warnings: []string{fmt.Sprintf("the rule in %q has the same id and runs in its place", d.By)}}
	}
	for _, r := range content.Refused {
		c := checked{State: "refused", Name: r.Name, ID: r.ID, File: r.File, Reason: r.Reason}
		if r.Pos.Line > 0 {
			offset := r.Pos.Offset
			c.Command, c.Line, c.Column, c.Offset = r.Command, r.Pos.Line, r.Pos.Column, &offset
		}
		byFile[r.File] = c
	}
	var out []checked
	for i := range files {
		if c, ok := byFile[files[i].Path]; ok {
			out = append(out, c)
		}
	}
	return out
}

func (c *checked) print(e *env, asJSON bool) error {
	if asJSON {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s\n", unseen.JSON(line))
		return err
	}
	text := fmt.Sprintf("compiled  %s (%s)", c.Name, c.ID)
	switch {
	case c.State == "refused" && c.Command == "" && c.Line > 0:
		text = fmt.Sprintf("refused  %s: line %d, column %d: %s", c.Name, c.Line, c.Column, c.Reason)
	case c.State == "refused" && c.Line > 0:
		text = fmt.Sprintf("refused  %s: command %q at line %d, column %d: %s", c.Name, c.Command, c.Line, c.Column, c.Reason)
	case c.State == "refused":
		text = fmt.Sprintf("refused  %s: %s", c.Name, c.Reason)
	}
	_, err := fmt.Fprintln(e.stdout, printable(text))
	if c.Off != "" && err == nil {
		_, err = fmt.Fprintln(e.stdout, printable("  switched off: "+c.Off))
	}
	for _, why := range c.Silent {
		if err == nil {
			_, err = fmt.Fprintln(e.stdout, printable("  cannot fire: "+why))
		}
	}
	return err
}
