//go:build unix

package db

import (
	"os"
	"sync"
	"syscall"
)

// writeLockByte of a database's shared memory is locked by who writes
// (WALINDEX_LOCK_OFFSET of SQLite's WAL format).
const writeLockByte = 120

// shared are files that are never closed: to close one would give up the locks
// that SQLite has on it in this process. They are opened when somebody has
// waited for long, which is seldom.
var shared struct {
	sync.Mutex
	files map[string]*os.File
}

// lockHolder is the process that writes to a database, by its shared memory; 0
// when there is none, or it cannot be known.
func lockHolder(shm string) int {
	shared.Lock()
	defer shared.Unlock()
	f := shared.files[shm]
	if f == nil {
		var err error
		if f, err = os.OpenFile(shm, os.O_RDWR, 0); err != nil {
			return 0
		}
		if shared.files == nil {
			shared.files = map[string]*os.File{}
		}
		shared.files[shm] = f
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: 0, Start: writeLockByte, Len: 1}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil || lock.Type == syscall.F_UNLCK {
		return 0
	}
	return int(lock.Pid)
}
