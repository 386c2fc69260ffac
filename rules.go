package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/rulebook"
)

// rules runs "rules check", and "rules disable", "enable" and "unfilter".
func rules(ctx context.Context, e *env, args []string) (code int, err error) {
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
	path := fs.String("db", "", "say of each rule too why it cannot fire on the logs in this database `file`; "+
		"without files or folders, of the rules in it")
	var source ruleSource
	valuesFlag(fs, &source.values)
	rest, err := parse(e, fs, args, -1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 || rest[0] != "check" {
		return 0, usageError{"say what to do with the rules: check, disable, enable or unfilter"}
	}
	if len(rest) == 1 && *path == "" {
		return 0, usageError{"name the files or folders that hold the rules"}
	}
	c := checking{env: e, asJSON: *asJSON}
	if c.values, err = source.readValues(); err != nil {
		return 0, err
	}
	if *path != "" {
		if c.store, err = openToRead(ctx, e, *path); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, c.store.Close()) }()
	}
	return exitDone, c.check(ctx, rest[1:])
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
	store, err := openDatabase(ctx, e, *path)
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
