package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/rulefiles"
)

// rules runs "rules check", and "rules disable", "enable" and "unfilter".
func rules(ctx context.Context, e *env, args []string) (int, error) {
	if len(args) > 0 {
		switch what := rulebook.Mending(args[0]); what {
		case rulebook.Disable, rulebook.Enable, rulebook.Unfilter:
			return mendRule(ctx, e, what, args[1:])
		}
	}
	fs := flag.NewFlagSet("escutcheon rules check", flag.ContinueOnError) // it needs no database
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	asJSON := fs.Bool("json", false, "print one JSON object a rule, then one with the counts")
	rest, err := parse(e, fs, args, -1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 || rest[0] != "check" {
		return 0, usageError{"say what to do with the rules: check, disable, enable or unfilter"}
	}
	if len(rest) == 1 {
		return 0, usageError{"name the files or folders that hold the rules"}
	}
	return checkRules(e, rest[1:], *asJSON)
}

// mendRule switches a rule of a database off or on, or takes its filter away.
// Nothing is run.
func mendRule(ctx context.Context, e *env, what rulebook.Mending, args []string) (code int, err error) {
	fs, path := flags("rules " + string(what))
	author := fs.String("author", "command line", "who does it, for the rule's history")
	rest, err := parse(e, fs, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 {
		return 0, usageError{"name the rule by its id"}
	}
	store, err := db.Open(ctx, *path, time.Now, upgrading(e))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	name, err := rulebook.Mend(ctx, store, what, rest[0], *author, time.Now())
	if err != nil {
		return 0, err
	}
	done := map[rulebook.Mending]string{rulebook.Disable: "is switched off", rulebook.Enable: "is switched on",
		rulebook.Unfilter: "has no filter any more"}
	_, err = fmt.Fprintf(e.stdout, "%s %s\n", printable(name), done[what])
	return exitDone, err
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
}

// checkRules reads rules with what lies beside them and says of each whether
// it compiles. It fails only when there is nothing to check.
func checkRules(e *env, paths []string, asJSON bool) (int, error) {
	found, readErr := rulefiles.Read(paths...)
	if found.Rules() == 0 {
		if readErr == nil {
			readErr = fault.New(fault.NotFound, "There is no rule in %s. A rule is YAML with a search.", quoteAll(paths))
		}
		return 0, readErr
	}
	content, err := detection.Assemble(found.Files, nil)
	if err != nil {
		return 0, err
	}
	list := checkedRules(found.Files, content)
	compiled := 0
	for _, c := range list {
		if c.State == "compiled" {
			compiled++
		}
		if err := c.print(e, asJSON); err != nil {
			return 0, err
		}
	}
	if asJSON {
		_, err = fmt.Fprintf(e.stdout, "{\"compiled\":%d,\"rules\":%d}\n", compiled, len(list))
	} else {
		_, err = fmt.Fprintf(e.stdout, "compiled %d of %d\n", compiled, len(list))
	}
	tellProblems(e, readErr, append(found.Problems, content.Problems...))
	return exitDone, err
}

// checkedRules are the rules of the files, in their order.
func checkedRules(files []detection.SourceFile, content *detection.Content) []checked {
	byFile := map[string]checked{}
	for _, r := range content.Rules {
		if r.File != "" {
			byFile[r.File] = checked{State: "compiled", Name: r.Name, ID: r.ID, File: r.File, Warnings: r.Warnings}
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
		_, err = fmt.Fprintf(e.stdout, "%s\n", line)
		return err
	}
	text := fmt.Sprintf("compiled  %s (%s)", c.Name, c.ID)
	switch {
	case c.State == "refused" && c.Line > 0:
		text = fmt.Sprintf("refused  %s: command %q at line %d, column %d: %s", c.Name, c.Command, c.Line, c.Column, c.Reason)
	case c.State == "refused":
		text = fmt.Sprintf("refused  %s: %s", c.Name, c.Reason)
	}
	_, err := fmt.Fprintln(e.stdout, printable(text))
	return err
}

// tellProblems says what was left out, without failing.
func tellProblems(e *env, readErr error, problems []detection.Problem) {
	const most = 20
	for _, err := range unjoin(readErr) {
		fmt.Fprintf(e.stderr, "  %s\n", printable(err.Error()))
	}
	for i, p := range problems {
		if i == most {
			fmt.Fprintf(e.stderr, "  … and %d more\n", len(problems)-most)
			break
		}
		fmt.Fprintf(e.stderr, "  %s\n", printable(p.File+": "+p.Reason))
	}
}

// unjoin takes apart what errors.Join put together.
func unjoin(err error) []error {
	var many interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		return many.Unwrap()
	}
	return []error{err}
}

func quoteAll(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = fmt.Sprintf("%q", p)
	}
	return strings.Join(quoted, ", ")
}
