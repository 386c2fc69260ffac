package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"escutcheon/casefile"
	"escutcheon/fault"
	"escutcheon/store"
)

// caseFile exports a case as a case file, or imports one.
func caseFile(ctx context.Context, e *env, args []string) (int, error) {
	fl, path := flags("case")
	fresh := fl.Bool("new", false, "import: as a case of its own, also where it is here already")
	author := fl.String("author", "", "import: the `name` it is signed with")
	rest, err := parse(e, fl, args, 3)
	if err != nil {
		return 0, err
	}
	switch {
	case len(rest) == 3 && rest[0] == "export":
		return exportCase(ctx, e, *path, rest[1], rest[2])
	case len(rest) == 2 && rest[0] == "import":
		if *author != "" {
			ctx = store.WithActor(ctx, store.Actor{Person: *author, Address: store.CommandLine})
		}
		return importCase(ctx, e, *path, rest[1], *fresh)
	}
	return 0, usageError{"say what to do: export ID FILE.zip, or import FILE.zip"}
}

// exportCase writes a case file: under its name stands the old file or a whole new one.
func exportCase(ctx context.Context, e *env, db, number, name string) (_ int, err error) {
	id, ok := store.ParseCaseNumber(number)
	if !ok {
		return 0, usageError{fmt.Sprintf("%q is no number of a case: write 12 or ESC-12", number)}
	}
	q, err := openQuery(ctx, e, db, "", "", "zip", "zip")
	if err != nil {
		return 0, err
	}
	defer q.store.Close()
	f, err := os.CreateTemp(filepath.Dir(name), ".case-*.zip")
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q cannot be written: %v.", name, err)
	}
	defer func() { err = errors.Join(err, f.Close(), forget(f.Name())) }()
	if err := answerOf(ctx, e, q, "/cases/"+store.CaseNumber(id)+"/case.zip", f); err != nil {
		return 0, err
	}
	if err := errors.Join(f.Sync(), f.Chmod(0o600)); err != nil {
		return 0, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return 0, fault.New(fault.Invalid, "%q cannot be written: %v.", name, err)
	}
	_, err = fmt.Fprintf(e.stdout, "%s: %d bytes in %s\n", store.CaseNumber(id), size, printable(name))
	return exitDone, err
}

// forget removes a file that may have got its name.
func forget(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// importCase brings the case of a case file. The database may be a new one.
func importCase(ctx context.Context, e *env, db, name string, fresh bool) (code int, err error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return 0, fault.New(fault.NotFound, "There is no file %q.", name)
	}
	to, _, err := openStore(ctx, e, db, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	done, err := casefile.Bring(ctx, to, name, fresh)
	if err != nil {
		return 0, err
	}
	for _, w := range done.Warnings {
		fmt.Fprintln(e.stderr, printable(w))
	}
	for _, r := range done.Notes.Refused {
		fmt.Fprintf(e.stderr, "notes.csv, line %d: %s\n", r.Line, printable(r.Reason))
	}
	c := done.Case
	if done.Known {
		_, err = fmt.Fprintf(e.stdout, "%s is this case already: nothing was changed.\n", c.Number())
		return exitDone, err
	}
	_, err = fmt.Fprintf(e.stdout, "%s (%s there): hosts %d, findings %d, events %d, notes %d, questions %d\n", c.Number(),
		c.Origin, c.Hosts, c.Findings, c.Events, c.Notes, c.Questions)
	return exitDone, err
}
