package clickhousetest

import (
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// Pause has it hang until it goes on.
func (s *Server) Pause(t testing.TB) (goOn func()) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }
}

// begin starts a command that ends with this process, however that ends, and closes done
// when it has. Linux ends it with the thread that started it, so that waits.
func begin(cmd *exec.Cmd, done chan struct{}) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // that it was killed is no error
			close(done)
		}
	}()
	return <-started
}
