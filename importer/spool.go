package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"escutcheon/fault"
	"escutcheon/importer/archive"
)

// Spool is a folder that holds files while their imports wait or run.
type Spool struct{ dir string }

// NewSpool uses, and makes when needed, a folder beside the database file.
func NewSpool(database string) *Spool { return &Spool{dir: database + "-spool"} }

// File is a file's bytes and their name.
type File struct {
	Path   string
	SHA256 string // hex
	Size   int64  // bytes
}

// Keep copies r into the spool and hashes it on the way. More than limit bytes
// (0: no limit) are refused as soon as they are seen. What was written of a
// file that could not be kept whole is removed.
func (s *Spool) Keep(ctx context.Context, r io.Reader, limit int64) (_ File, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return File{}, err
	}
	f, err := os.CreateTemp(s.dir, "file-*")
	if err != nil {
		return File{}, err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(f.Name()) // the first error is the one that tells
		}
	}()
	defer KeepFresh(f.Name())()
	src := &limited{ctx: ctx, r: r, limit: limit}
	h := sha256.New()
	n, err := io.CopyBuffer(f, io.TeeReader(src, h), make([]byte, 1<<20))
	if err != nil {
		return File{}, noSpace(err)
	}
	if err := f.Sync(); err != nil {
		return File{}, noSpace(err)
	}
	return File{Path: f.Name(), SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}, nil
}

// noSpace turns the error of a full disk into a sentence.
func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.Full,
			"The disk that holds the database and the uploads is full. Free some space and try again: nothing is counted twice.")
	}
	return err
}

// KeepFresh marks a file that no import needs yet as in use until the function
// that it returns is called, as what it waits for may take longer than Sweep
// waits.
func KeepFresh(path string) (stop func()) {
	ended := make(chan struct{})
	go func() {
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case now := <-tick.C:
				_ = os.Chtimes(path, now, now) // when it fails the file is only older
			}
		}
	}()
	return func() { close(ended) }
}

// limited stops at a limit and when its context is done.
type limited struct {
	ctx   context.Context
	r     io.Reader
	limit int64
	n     int64
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p)
	if l.n += int64(n); l.limit > 0 && l.n > l.limit {
		return 0, fault.New(fault.TooLarge, "The upload is larger than %d bytes, the limit set with --max-upload.", l.limit)
	}
	return n, err
}

// Temp makes a file for an archive that lies in another. Closing removes it.
func (s *Spool) Temp() (archive.Temp, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(s.dir, "file-*")
	if err != nil {
		return nil, err
	}
	return &tempFile{f}, nil
}

type tempFile struct{ *os.File }

func (t *tempFile) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

// Holds says whether path is a file of the spool.
func (s *Spool) Holds(path string) bool { return filepath.Dir(path) == filepath.Clean(s.dir) }

// Drop removes a file of the spool; any other path is left alone.
func (s *Spool) Drop(path string) error {
	if !s.Holds(path) {
		return nil
	}
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Sweep removes files that belong to no import and that nobody has written to
// lately: what an upload left that was cut off by a crash.
func (s *Spool) Sweep(used map[string]bool, idle time.Duration) error {
	names, err := os.ReadDir(s.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, n := range names {
		path := filepath.Join(s.dir, n.Name())
		fi, err := n.Info()
		if err != nil || used[path] || !strings.HasPrefix(n.Name(), "file-") || time.Since(fi.ModTime()) < idle {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("sweep the spool: %w", err)
		}
	}
	return nil
}

// Hash names a file where it lies, without copying it.
func Hash(ctx context.Context, path string) (_ File, err error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return File{}, err
	}
	if fi.IsDir() {
		return File{}, fault.New(fault.Invalid, "%q is a folder. Name the files in it.", path)
	}
	h := sha256.New()
	n, err := io.CopyBuffer(h, &limited{ctx: ctx, r: f}, make([]byte, 1<<20))
	return File{Path: path, SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}, err
}
