package db

import (
	"fmt"
	"os"
	"strings"
)

// Bytes of a database's shared memory that are locked by who writes
// (WALINDEX_LOCK_OFFSET of SQLite's WAL format), by who copies the WAL into the file, and by
// all who have it open (behind its eight locks).
const (
	writeLockByte = 120
	copyLockByte  = 121
	openByte      = 128
)

// holder names the process that writes to a database, as the subject of a
// sentence.
func holder(path string) string { return holderAt(path, writeLockByte) }

func holderAt(path string, lock int64) string {
	pid := lockHolderAt(path+"-shm", lock)
	if pid == 0 {
		return "Another process"
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(line) == 0 {
		return fmt.Sprintf("Another process (%d)", pid)
	}
	command := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
	return fmt.Sprintf("Another process (%d, %q)", pid, cut(command, 200))
}

// cut is the beginning of a text, of n characters at most.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
