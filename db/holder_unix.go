//go:build unix

package db

import (
	"os"
	"sync"
	"syscall"
)

// shared are files that are never closed: to close one would give up the locks
// that SQLite has on it in this process. They are opened when somebody has
// waited for long, which is seldom.
var shared struct {
	sync.Mutex
	files map[string]*os.File
}

// lockHolderAt is the process that holds a lock on a byte of a database's shared
// memory; 0 when there is none, or it cannot be known.
func lockHolderAt(shm string, at int64) int {
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
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: 0, Start: at, Len: 1}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil || lock.Type == syscall.F_UNLCK {
		return 0
	}
	return int(lock.Pid)
}
