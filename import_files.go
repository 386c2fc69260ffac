package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"escutcheon/importer"
	"escutcheon/intake"
)

// files imports files and returns the exit status.
func (c *cliImport) files(ctx context.Context, names []string) (int, error) {
	many := c.im.NewMany(ctx)
	code := exitDone
	note := func(got int, err error) error {
		if got == exitFailed || code == exitDone {
			code = got
		}
		return err
	}
	var err error
	for _, name := range names {
		if ctx.Err() != nil || err != nil {
			break
		}
		err = many.Add(c.small(ctx, name, note))
	}
	if e := many.Close(); ctx.Err() == nil || e == nil {
		err = e
	}
	switch {
	case ctx.Err() != nil:
		return exitFailed, nil
	case err != nil:
		return 0, err
	}
	return code, nil
}

// small is a file as it is added to others. note is told the exit status of
// each.
func (c *cliImport) small(ctx context.Context, name string, note func(int, error) error) importer.Small {
	s := importer.Small{
		Long: func([]byte) error {
			if ctx.Err() != nil {
				return nil
			}
			return note(c.file(ctx, name))
		},
		Done: func(i intake.Import) error {
			i.Name = name
			return note(statusOf(i), c.tellAll(ctx, i))
		},
	}
	fi, err := os.Stat(name)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > importer.SmallFile {
		return s
	}
	data, err := os.ReadFile(name)
	if err != nil || len(data) > importer.SmallFile {
		return s
	}
	s.Import = c.like
	s.Import.Name, s.Import.SHA256, s.Import.Size = name, importer.HashOf(data), int64(len(data))
	if s.Import.Path, err = filepath.Abs(name); err != nil {
		return s
	}
	s.Import.Site = importer.SiteOf(s.Import.Path)
	if id, err := c.im.Begun(ctx, s.Import); err == nil && id == 0 {
		s.Data = data
	}
	return s
}

// placeOf is where in its file a rejection begins.
func placeOf(r intake.Rejection) string {
	if r.Line == 0 {
		return fmt.Sprintf("offset %d", r.Offset)
	}
	return fmt.Sprintf("offset %d, line %d", r.Offset, r.Line)
}

// noteHint says which flag settles what a note tells.
func noteHint(i intake.Import) string {
	if i.Undated > 0 {
		return " (--dates sets the order.)"
	}
	return ""
}
