//go:build !linux

package clickhousetest

import (
	"os/exec"
	"testing"
)

// Pause has it hang until it goes on.
func (s *Server) Pause(t testing.TB) (goOn func()) {
	t.Helper()
	t.Skip("a process cannot be stopped for a while here")
	return nil
}

// begin starts a command, and closes done when it has ended.
func begin(cmd *exec.Cmd, done chan struct{}) error {
	err := cmd.Start()
	if err == nil {
		go func() {
			_ = cmd.Wait() // that it was killed is no error
			close(done)
		}()
	}
	return err
}
