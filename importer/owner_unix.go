//go:build unix

package importer

import (
	"errors"
	"syscall"
)

// processExists asks the system; a process of another user exists too.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
