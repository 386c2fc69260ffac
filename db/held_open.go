package db

import "path/filepath"

// HeldOpen names a process, as the subject of a sentence, that has the database file
// open; "" where none has, or it cannot be known.
func HeldOpen(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil || lockHolderAt(abs+"-shm", openByte) == 0 {
		return ""
	}
	return holderAt(abs, openByte)
}
