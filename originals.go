package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/originals"
	"escutcheon/signing"
	"escutcheon/store"
)

// exportOriginals writes the files that are kept as they were imported into a ZIP
// archive, with a manifest that says what each was.
func exportOriginals(ctx context.Context, e *env, args []string) (_ int, err error) {
	fl, path := flags("originals")
	number := fl.String("case", "", "only those that the evidence of this `case` came from")
	rest, err := parse(e, fl, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) != 1 {
		return 0, usageError{"name the file to write: FILE.zip"}
	}
	q, err := openQuery(ctx, e, *path, "", "", "zip", "zip")
	if err != nil {
		return 0, err
	}
	defer q.store.Close()
	shelf := originals.New(q.store.Path(), q.store.KeepsOriginals)
	sums, err := wantedOriginals(ctx, q, shelf, *number)
	if err != nil {
		return 0, err
	}
	key, err := signing.Load(q.store.Path())
	if err != nil {
		return 0, err
	}
	if err := q.exported(ctx, "originals", "case", *number); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(rest[0]), ".originals-*.zip")
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q cannot be written: %v.", rest[0], err)
	}
	defer func() { err = errors.Join(err, f.Close(), forget(f.Name())) }()
	if err := writeOriginals(ctx, f, q, shelf, sums, key); err != nil {
		return 0, err
	}
	if err := errors.Join(f.Sync(), f.Chmod(0o600)); err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), rest[0]); err != nil {
		return 0, fault.New(fault.Invalid, "%q cannot be written: %v.", rest[0], err)
	}
	_, err = fmt.Fprintf(e.stdout, "%d originals in %s\n", len(sums), printable(rest[0]))
	return exitDone, err
}

// wantedOriginals are the files that are kept: all, or those of a case's evidence.
func wantedOriginals(ctx context.Context, q *query, shelf *originals.Shelf, number string) ([]string, error) {
	all, err := shelf.Sums()
	if err != nil || number == "" {
		return all, err
	}
	id, ok := store.ParseCaseNumber(number)
	if !ok {
		return nil, usageError{fmt.Sprintf("%q is no number of a case: write 12 or ESC-12", number)}
	}
	w, err := q.store.WholeCase(ctx, id)
	if err != nil {
		return nil, err
	}
	of := map[string]bool{}
	for _, p := range w.Pins {
		for _, c := range p.Copies {
			of[c.FileSHA256], of[c.Archive] = true, true
		}
		if p.Kind == store.PinFile { // a library has no copy
			f := p.File()
			of[f.SHA256], of[f.Archive] = true, true
		}
	}
	return slices.DeleteFunc(all, func(sum string) bool { return !of[sum] }), nil
}

// original is a line of the manifest.
type original struct {
	Name     string   `json:"name"` // in the archive
	SHA256   string   `json:"sha256"`
	Size     int64    `json:"size"`
	Imported []within `json:"imported"`
}

// within is an import of an original.
type within struct {
	Import int64  `json:"import"`
	Name   string `json:"file"`
	Time   string `json:"time"`
}

func writeOriginals(ctx context.Context, to io.Writer, q *query, shelf *originals.Shelf, sums []string,
	key *signing.Key) error {
	imports, err := importsBySum(ctx, q)
	if err != nil {
		return err
	}
	z := zip.NewWriter(to)
	now := time.Now()
	put := func(name string, data io.Reader) (int64, error) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now})
		if err != nil {
			return 0, err
		}
		return io.Copy(w, data)
	}
	list, lines := []original{}, ""
	for _, sum := range sums {
		f, err := shelf.Open(sum)
		if err != nil {
			return err
		}
		one := original{Name: "originals/" + sum, SHA256: sum, Imported: imports[sum]}
		one.Size, err = put(one.Name, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		list, lines = append(list, one), lines+sum+"  "+one.Name+"\n"
	}
	m, err := json.MarshalIndent(map[string]any{"format": "escutcheon originals", "version": 1,
		"exported": now.UTC().Format(time.RFC3339), "files": list}, "", "  ")
	if err != nil {
		return err
	}
	lines += store.SumOf(m) + "  manifest.json\n"
	if _, err := put("manifest.json", bytes.NewReader(m)); err != nil {
		return err
	}
	if _, err := put("SHA256SUMS", strings.NewReader(lines)); err != nil {
		return err
	}
	if key != nil {
		if _, err := put("manifest.json.minisig", bytes.NewReader(key.Sign(m, "originals", now))); err != nil {
			return err
		}
	}
	return z.Close()
}

// importsBySum are the imports of each file.
func importsBySum(ctx context.Context, q *query) (map[string][]within, error) {
	out := map[string][]within{}
	for before := int64(0); ; {
		list, err := q.store.Imports(ctx, before, 500)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, i := range list {
			out[i.SHA256] = append(out[i.SHA256], within{i.ID, i.Name, i.Created.UTC().Format(time.RFC3339)})
			before = i.ID
		}
	}
}
