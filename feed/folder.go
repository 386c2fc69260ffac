package feed

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// FileStore remembers which files were taken.
type FileStore interface {
	FeedFileTaken(ctx context.Context, path string, size int64, modified time.Time) (bool, error)
	TookFeedFile(ctx context.Context, path string, size int64, modified time.Time) error
}

// Keep takes a file, whose name, time and source an import says.
type Keep func(ctx context.Context, in io.Reader, size int64, i intake.Import) error

// Posting has an ingester put files down, under the name of the folder on its machine.
func Posting(post *importer.Poster, machine, dir string) Keep {
	of := intake.Feed{Name: machine + ":" + dir, Kind: intake.FeedFolder}
	return func(ctx context.Context, in io.Reader, size int64, i intake.Import) error {
		return post.PostFile(ctx, of, in, size, i)
	}
}

// Imports takes a file that the spool holds.
type Imports interface {
	Submit(ctx context.Context, i intake.Import, password string) (intake.Import, error)
}

// Importing keeps files in a spool, and has them imported.
func Importing(spool *importer.Spool, queue Imports) Keep {
	return func(ctx context.Context, in io.Reader, _ int64, i intake.Import) error {
		kept, err := spool.Keep(ctx, in, 0)
		if err != nil {
			return err
		}
		i.SHA256, i.Size, i.Path = kept.SHA256, kept.Size, kept.Path
		if _, err = queue.Submit(ctx, i, ""); err != nil {
			_ = spool.Drop(kept.Path) // the first error tells
		}
		return err
	}
}

// Folder takes the files of a folder, and of those in it, each as an import, once it
// is whole: when it was not written for a while. A file that changed is taken anew;
// what was in it before is known then. Files are read, and never changed or removed.
type Folder struct {
	Dir   string
	Store FileStore
	Keep  Keep
	Rates *importer.Rates
	Log   *slog.Logger
	Now   func() time.Time

	seen   map[string]stamp
	failed map[string]bool // was said to the log
}

type stamp struct {
	size     int64
	modified time.Time
	since    time.Time // when it was first seen so
	again    bool      // and it was so more than once
	taken    bool
}

const (
	lookEvery = 2 * time.Second
	wholeTime = 3 * time.Second // without a write
	mostFiles = 200_000         // of one folder that are looked at
)

// Run looks at the folder until ctx is done.
func (f *Folder) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		f.Look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Look looks at the folder once, and takes what is whole.
func (f *Folder) Look(ctx context.Context) {
	now, n := map[string]stamp{}, 0
	err := filepath.WalkDir(f.Dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && path == f.Dir:
			return err
		case err != nil: // it went, or may not be read
			f.say(path, err)
			return nil
		case unfinished(e.Name()) && path != f.Dir:
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !e.Type().IsRegular():
			return nil
		}
		if n++; n > mostFiles {
			return fs.SkipAll
		}
		info, err := e.Info()
		if err != nil || info.Size() == 0 {
			return nil
		}
		s := stamp{size: info.Size(), modified: info.ModTime(), since: f.Now()}
		if before, ok := f.seen[path]; ok && before.size == s.size && before.modified.Equal(s.modified) {
			s.since, s.again, s.taken = before.since, true, before.taken
		}
		now[path] = s
		return nil
	})
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		f.say(f.Dir, err)
		return
	}
	delete(f.failed, f.Dir)
	f.seen = now
	for path, s := range now {
		if s.again && !s.taken && (f.Now().Sub(s.modified) >= wholeTime || f.Now().Sub(s.since) >= wholeTime) {
			f.take(ctx, path, s)
		}
	}
}

// unfinished says whether a file's name says that it is still being written, or is
// nobody's business.
func unfinished(name string) bool {
	lower := strings.ToLower(name)
	for _, end := range []string{".part", ".partial", ".tmp", ".crdownload", ".filepart", "~"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return strings.HasPrefix(name, ".")
}

// take imports a file, unless it was.
func (f *Folder) take(ctx context.Context, path string, s stamp) {
	taken, err := f.Store.FeedFileTaken(ctx, path, s.size, s.modified)
	if taken {
		s.taken = true
		f.seen[path] = s
		return
	}
	if err == nil {
		err = f.submit(ctx, path, s)
	}
	if err != nil {
		f.say(path, err)
		return // it is tried again
	}
	s.taken = true
	f.seen[path] = s
	delete(f.failed, path)
	f.Rates.Took(f.feed(), f.Now(), 0, time.Time{})
	if err := f.Store.TookFeedFile(ctx, path, s.size, s.modified); err != nil {
		f.say(path, err)
	}
}

func (f *Folder) feed() intake.Feed { return intake.Feed{Name: f.Dir, Kind: intake.FeedFolder} }

func (f *Folder) submit(ctx context.Context, path string, s stamp) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	name := path
	if rel, err := filepath.Rel(f.Dir, path); err == nil {
		name = filepath.ToSlash(rel)
	}
	return f.Keep(ctx, in, s.size, intake.Import{Name: name, Source: intake.Watched, Modified: s.modified})
}

// say tells once what a file is not taken for.
func (f *Folder) say(path string, err error) {
	if f.failed[path] {
		return
	}
	if f.failed == nil || len(f.failed) > mostFiles {
		f.failed = map[string]bool{}
	}
	f.failed[path] = true
	sentence := err.Error()
	if found := fault.Find(err); found != nil {
		sentence = found.Sentence
	}
	f.Rates.Refused(f.feed(), sentence)
	f.Log.Error("a file of a watched folder is not taken", "file", path, "error", err)
}
