package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/fault"
)

// sameFile tells whether the files that a process has open are those that have their
// names still. What is written into one that was removed, or over which a copy was
// laid, is lost.
type sameFile struct {
	path string
	lost atomic.Pointer[fault.Error] // why they are not; for ever
	told chan struct{}               // closed then

	mu        sync.Mutex
	file, wal os.FileInfo
	mark      *fileMark
	copying   int // of our own from the WAL into the file that go on
}

// fileMark is a row of sequence by which a server knows the file: an older copy lacks
// it, or has a number that is less than floor, which is in the file for sure.
type fileMark struct {
	name        string
	last, floor int64
}

// markWords begin the names of marks.
const markWords = "server "

func newSameFile(path string) (*sameFile, error) {
	info, err := os.Stat(path)
	return &sameFile{path: path, file: info, told: make(chan struct{})}, err
}

// err says whether the database was replaced, by what is known.
func (s *sameFile) err() error {
	if e := s.lost.Load(); e != nil {
		return e
	}
	return nil
}

// check looks at the files and says whether the database was replaced. Where it is in
// doubt (a file that cannot be asked) it was not.
func (s *sameFile) check() error {
	if err := s.err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.lose("was removed")
	}
	if err == nil && !os.SameFile(file, s.file) {
		return s.lose("was replaced by another file")
	}
	wal, err := os.Stat(s.path + "-wal")
	switch {
	case err == nil && s.wal == nil:
		s.wal = wal
	case s.wal != nil && (errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(wal, s.wal)):
		return s.lose("lost its -wal file, which holds what was written last,")
	}
	if file == nil || s.mark == nil || file.ModTime().Equal(s.file.ModTime()) && file.Size() == s.file.Size() {
		return nil
	}
	if s.mark.floor == 0 { // it may be in the WAL alone, of which another process copies some
		return nil
	}
	switch in, torn, copied := s.mark.isIn(s.path); {
	case torn && s.copying > 0: // our own copying tears it too, for as long as the disk takes; it is looked at again
		return nil
	case copied: // in doubt
		return nil
	case !in:
		return s.lose("was overwritten")
	}
	s.file = file
	return nil
}

func (s *sameFile) lose(how string) error {
	e := fault.Find(fault.New(fault.Damaged, "The database %q %s while it was in use. Nothing more is stored, and what "+
		"is there now is not touched. See which file is the right one, and start again.", s.path, how))
	if s.lost.CompareAndSwap(nil, e) {
		close(s.told)
	}
	return e
}

// isIn says whether the file alone, without what the WAL adds, holds the mark; that it is
// torn, as the copying of the WAL leaves it for as long as that takes: its first page
// tells of pages that are not there yet; and that another process copies just now.
func (m *fileMark) isIn(path string) (in, torn, copied bool) {
	for range 5 {
		pool, err := sql.Open("sqlite", dsn(path, 64, "mode=ro", "immutable=1"))
		if err != nil {
			return true, false, false
		}
		var last int64
		err = pool.QueryRow(`SELECT last FROM sequence WHERE name = ?`, m.name).Scan(&last)
		_ = pool.Close()
		torn = resultCode(err) == sqlite3.SQLITE_CORRUPT || resultCode(err) == sqlite3.SQLITE_NOTADB
		switch {
		case err == nil && last >= m.floor:
			return true, false, false
		case err != nil && !torn && !errors.Is(err, sql.ErrNoRows) && resultCode(err) != sqlite3.SQLITE_ERROR:
			return true, false, false
		case lockHolderAt(path+"-shm", copyLockByte) != 0:
			return false, torn, true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false, torn, false
}

// copies has the WAL copied into the file by us, which changes it, perhaps before the mark
// is in it.
func (s *sameFile) copies(do func()) {
	s.mu.Lock()
	s.copying++
	s.mu.Unlock()
	do()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copying--; s.mark == nil || s.mark.floor == 0 {
		s.known()
	}
}

// known takes the file as it is now for the one that we have written.
func (s *sameFile) known() {
	if file, err := os.Stat(s.path); err == nil && os.SameFile(file, s.file) {
		s.file = file
	}
}

// inFile is told that all that was written is in the file.
func (s *sameFile) inFile() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mark != nil {
		s.mark.floor = s.mark.last
	}
}

// advance writes the mark, with another number each time: a copy that is made
// afterwards has that.
func (s *sameFile) advance(t *tx) error {
	s.mu.Lock()
	next := s.mark.last + 1
	name := s.mark.name
	s.mu.Unlock()
	_, err := t.exec(`INSERT INTO sequence (name, last) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET last = ?2`, name, next)
	return err
}

func (s *sameFile) advanced() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark.last++
}

// settleMark has the first mark in the file at once: until it is there, a file that was
// overwritten is not told from ours.
func (w *writer) settleMark(ctx context.Context) {
	w.same.mu.Lock()
	settled := w.same.mark.floor > 0
	w.same.mu.Unlock()
	if !settled {
		w.emptied(ctx)
	}
}

// watchEvery is how often Watch looks.
const watchEvery = time.Second

// Watch looks, until the context ends, whether the database file is the one that was
// opened, which each commit does too, and returns what became of it when it is not:
// then nothing is stored any more, and Close leaves what is there alone.
func (d *DB) Watch(ctx context.Context) error {
	same := d.w.same
	name := markWords + rand.Text()
	same.mu.Lock()
	same.mark = &fileMark{name: name}
	same.known() // it was opened a while ago
	same.mu.Unlock()
	defer func() {
		same.mu.Lock()
		same.mark = nil
		same.mu.Unlock()
		_ = d.writeQuietly(context.WithoutCancel(ctx), func(t *tx) error { // a row that stays harms nothing
			_, err := t.exec(`DELETE FROM sequence WHERE name = ?`, name)
			return err
		})
	}()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	written := int64(-1)
	for {
		if n := d.w.commits.Load(); n != written && same.err() == nil {
			if err := d.writeQuietly(ctx, same.advance); err == nil {
				same.advanced()
				d.w.settleMark(ctx)
				written = d.w.commits.Load()
			}
		}
		select {
		case <-tick.C:
			_ = same.check()
		case <-same.told:
		case <-ctx.Done():
			return same.err()
		}
		if err := same.err(); err != nil {
			return err
		}
	}
}
