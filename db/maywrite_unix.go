//go:build unix

package db

import "golang.org/x/sys/unix"

// mayWrite asks the system whether this process may write a file or folder.
func mayWrite(path string) bool { return unix.Access(path, unix.W_OK) == nil }
