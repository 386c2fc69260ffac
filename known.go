package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"escutcheon/db"
	"escutcheon/detection/ledger"
	"escutcheon/rulebook"
)

// mostKnown is how many bytes of a list of modules are taken.
const mostKnown = 4 << 20

// knownFile is a list of modules that a flag names.
type knownFile struct {
	path string
	data []byte
}

func knownFlag(fs *flag.FlagSet) *knownFile {
	k := &knownFile{}
	fs.StringVar(&k.path, "known", "", "a CSV `file` of modules that are known or bad, in the place of the one before "+
		"(kind,value,judgement,note,source)")
	return k
}

// opener is openStore or openSafe.
type opener func(ctx context.Context, e *env, path string, rules *ruleSource) (*db.DB, *rulebook.Book, error)

// open opens the database with an opener, and stores the list in it.
func (k *knownFile) open(ctx context.Context, e *env, path string, rules *ruleSource, open opener) (*db.DB,
	*rulebook.Book, error) {
	if err := k.read(e); err != nil {
		return nil, nil, err
	}
	store, book, err := open(ctx, e, path, rules)
	if err != nil {
		return nil, nil, err
	}
	if err := k.keep(ctx, store); err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, book, nil
}

// read reads the list, and tells of lines that cannot be taken.
func (k *knownFile) read(e *env) error {
	if k.path == "" {
		return nil
	}
	f, err := os.Open(k.path)
	if err == nil {
		defer f.Close()
		k.data, err = io.ReadAll(io.LimitReader(f, mostKnown+1))
	}
	if err == nil && len(k.data) > mostKnown {
		err = fmt.Errorf("it is larger than %d MiB", mostKnown>>20)
	}
	var problems []string
	if err == nil {
		_, problems, err = ledger.ParseKnown(k.data)
	}
	if err != nil {
		return usageError{fmt.Sprintf("--known %q: %v", k.path, err)}
	}
	for _, p := range problems {
		fmt.Fprintf(e.stderr, "%s: %s; it is left out.\n", printable(k.path), printable(p))
	}
	return nil
}

// keep stores the list that was read.
func (k *knownFile) keep(ctx context.Context, store *db.DB) error {
	switch {
	case k.path == "":
		return nil
	case store.ReadOnly():
		return usageError{"this database is only read, so no list of modules can be loaded into it"}
	}
	return store.KeepKnownList(ctx, filepath.Base(k.path), k.data)
}
