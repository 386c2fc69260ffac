// Package originals keeps the files that were imported, byte by byte: compressed, by
// their SHA-256, in a folder beside the database.
package originals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"escutcheon/fault"
)

// Shelf is the folder.
type Shelf struct {
	dir string
	// On says whether new files are kept; what is there stays.
	On func(ctx context.Context) (bool, error)
}

// New is the folder beside a database file; it is made when needed.
func New(database string, on func(ctx context.Context) (bool, error)) *Shelf {
	return &Shelf{database + "-originals", on}
}

const ending = ".zst"

func (s *Shelf) path(sum string) string { return filepath.Join(s.dir, sum+ending) }

func isSum(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// Has says whether the file of a SHA-256 is kept.
func (s *Shelf) Has(sum string) bool {
	if !isSum(sum) {
		return false
	}
	info, err := os.Stat(s.path(sum))
	return err == nil && info.Mode().IsRegular()
}

// Keep keeps a file of a SHA-256, where files are kept and it is not there yet. It is
// there whole or not at all, and only when the bytes have that hash.
func (s *Shelf) Keep(ctx context.Context, sum string, open func() (io.ReadCloser, error)) (err error) {
	on, err := s.On(ctx)
	if err != nil || !on || !isSum(sum) || s.Has(sum) {
		return err
	}
	in, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return noSpace(err)
	}
	f, err := os.CreateTemp(s.dir, ".new-*")
	if err != nil {
		return noSpace(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error is the one that tells
		}
	}()
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(z, h), &until{ctx, in})
	err = errors.Join(err, z.Close())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return noSpace(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fault.New(fault.Invalid, "The file changed while it was kept: its SHA-256 was %s, and is %s. Import it again.",
			sum, got)
	}
	return os.Rename(f.Name(), s.path(sum))
}

func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.Full, "The disk that keeps the originals is full. Free some space; the import goes on then.")
	}
	return err
}

// until reads until a context ends.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// Open opens the kept file of a SHA-256, as it was. Reading to its end fails when its
// bytes have another hash by now.
func (s *Shelf) Open(sum string) (io.ReadCloser, error) {
	if !isSum(sum) {
		return nil, missing(sum)
	}
	f, err := os.Open(s.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(sum)
	}
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &kept{f: f, z: z, want: sum, sum: sha256.New()}, nil
}

func missing(sum string) error {
	return fault.New(fault.NotFound, "The file with the SHA-256 %s is not kept: originals are only kept when the "+
		"settings say so.", sum[:min(len(sum), 64)])
}

// Sums are the SHA-256 of all files that are kept, in order.
func (s *Shelf) Sums() (out []string, err error) {
	names, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, n := range names {
		if sum, ok := strings.CutSuffix(n.Name(), ending); ok && isSum(sum) {
			out = append(out, sum)
		}
	}
	slices.Sort(out)
	return out, err
}
