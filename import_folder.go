package main

import (
	"archive/tar"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"escutcheon/importer"
)

// keepFolder spools a folder as one collection: a tar of the files in it, in the order of
// their names, so that the same folder is the same import. Links are not followed.
func (c *cliImport) keepFolder(ctx context.Context, dir string) (importer.File, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeFolder(w, dir)) }()
	kept, err := c.im.Spool().Keep(ctx, r, 0)
	r.CloseWithError(err) // the writer may still wait
	return kept, err
}

// siteOf is the site of a web server whose folder a file lies in, or a folder is.
func siteOf(name string) string {
	path, err := filepath.Abs(name)
	if err != nil || name == "-" {
		return ""
	}
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		path += "/"
	}
	return importer.SiteOf(path)
}

func writeFolder(w io.Writer, dir string) error {
	out := tar.NewWriter(w)
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return writeFile(out, path, filepath.ToSlash(name))
	}); err != nil {
		return err
	}
	return out.Close()
}

func writeFile(out *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: fi.Size(), Mode: 0o600,
		ModTime: fi.ModTime(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.CopyN(out, f, fi.Size()) // what grows meanwhile is read as far as it was
	return err
}
