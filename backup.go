package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
)

// backup writes a verified copy of a database that others may be writing to.
func backup(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("backup")
	force := fs.Bool("force", false, "replace a file that is there")
	rest, err := parse(e, fs, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 {
		return 0, usageError{"say which file the copy goes to"}
	}
	to := rest[0]
	if there, err := os.Stat(to); err == nil {
		if own, err := os.Stat(*path); err == nil && os.SameFile(own, there) {
			return 0, usageError{"a backup is another file than the database"}
		}
		if !*force {
			return 0, fault.New(fault.Conflict, "There is a file %q already. Name another one, or say --force.", to)
		}
	}
	tmp, err := verifiedCopy(ctx, e, *path, to)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.Rename(tmp, to), syncFolder(to)); err != nil {
		return 0, errors.Join(err, os.Remove(tmp))
	}
	if _, err = fmt.Fprintf(e.stdout, "%s is a copy of %s, and whole.\n", printable(to), printable(*path)); err != nil {
		return 0, err
	}
	return exitDone, tellElsewhere(ctx, e, to, "Its events are in %s, not in the copy. Copy that database now, after the "+
		"file's, so that nothing is missing in it: docs/storage.md says how.\n")
}

// tellElsewhere says, where the events of a database file are not in it, what that means.
func tellElsewhere(ctx context.Context, e *env, path, sentence string) error {
	address, err := db.EventsOf(ctx, path)
	if err == nil && address != "" {
		_, err = fmt.Fprintf(e.stdout, sentence, printable(address))
	}
	return err
}

// beforeRestore ends the name that a database has from a restore on.
const beforeRestore = ".before-restore"

// restore puts a backup in the place of a database that no process has open.
func restore(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("restore")
	force := fs.Bool("force", false, "put a database that is there aside")
	rest, err := parse(e, fs, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 {
		return 0, usageError{"say which backup to restore"}
	}
	there, err := mayRestore(*path, *force)
	if err != nil {
		return 0, err
	}
	tmp, err := verifiedCopy(ctx, e, rest[0], *path)
	if err != nil {
		return 0, err
	}
	if _, err := mayRestore(*path, *force); err != nil { // that took a while
		return 0, errors.Join(err, os.Remove(tmp))
	}
	if there {
		err = putAside(*path)
	}
	if err := errors.Join(err, os.Rename(tmp, *path), syncFolder(*path)); err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(e.stdout, "%s is what %s holds.\n", printable(*path), printable(rest[0]))
	if there && err == nil {
		_, err = fmt.Fprintf(e.stdout, "What was there is kept as %s\n", printable(*path+beforeRestore))
	}
	if err == nil {
		err = tellElsewhere(ctx, e, *path, "Its events are in %[1]s, which is as it was. It reads them, and stores and "+
			"deletes none, until it is opened with --events %[1]s.\n")
	}
	return exitDone, err
}

// mayRestore says whether there is a database at a path, and refuses where that may
// not be put aside.
func mayRestore(path string, force bool) (there bool, err error) {
	if who := db.HeldOpen(path); who != "" {
		return true, fault.New(fault.Busy, "%s has the database open. Stop it, and restore then.", who)
	}
	for _, name := range []string{path, path + "-wal"} {
		if _, err := os.Stat(name); err == nil {
			there = true
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	if there && !force {
		return true, fault.New(fault.Conflict, "There is a database %q already. Name another file with --db, or say "+
			"--force: then it is kept as %q.", path, path+beforeRestore)
	}
	return there, nil
}

// putAside gives a database that nobody has open another name, with what was written
// last, which must not come to lie beside another file.
func putAside(path string) error {
	for _, end := range []string{"-wal", "-shm", ""} {
		err := os.Rename(path+end, path+beforeRestore+end)
		if errors.Is(err, fs.ErrNotExist) {
			err = os.Remove(path + beforeRestore + end) // of the time before
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// verifiedCopy copies a database into the folder of a file, and checks the copy.
func verifiedCopy(ctx context.Context, e *env, path, beside string) (_ string, err error) {
	f, err := os.CreateTemp(filepath.Dir(beside), filepath.Base(beside)+"-*.partial")
	if err != nil {
		return "", fault.New(fault.Invalid, "No file can be made beside %q: %v.", beside, errors.Unwrap(err))
	}
	tmp := f.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp))
		}
	}()
	if err := errors.Join(f.Close(), db.CopyTo(ctx, path, tmp)); err != nil {
		return "", err
	}
	doing, end := progressOf(e)
	damages := 0
	err = db.Check(ctx, tmp, eventsOf(e), doing, func(d store.Damage) {
		if damages++; damages <= mostTold {
			fmt.Fprintln(e.stderr, printable(d.Object+": "+d.What))
		}
	})
	end()
	if err == nil && damages > 0 {
		err = fault.New(fault.Damaged, "%q is damaged in %d places, so it is not copied. \"escutcheon check\" names "+
			"them all.", path, damages)
	}
	return tmp, errors.Join(err, syncFile(tmp))
}

// mostTold is how many damages are named where none should be.
const mostTold = 20

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder has a file's name be on the disk; where folders cannot be synced (Windows)
// the system does so.
func syncFolder(of string) error {
	f, err := os.Open(filepath.Dir(of))
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}
