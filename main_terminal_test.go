//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// terminal opens a pseudo-terminal: who types, and what is typed into.
func terminal(t *testing.T) (hand, tty *os.File) {
	t.Helper()
	hand, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this system lends no terminal: ", err)
	}
	t.Cleanup(func() { hand.Close() })
	var number, unlock int32
	for _, c := range []struct {
		request uintptr
		value   *int32
	}{{syscall.TIOCSPTLCK, &unlock}, {syscall.TIOCGPTN, &number}} {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, hand.Fd(), c.request, uintptr(unsafe.Pointer(c.value))); e != 0 {
			t.Fatal(e)
		}
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return hand, tty
}

// asks writes a line to the terminal each time the command asks for a password.
type asks struct {
	all   bytes.Buffer
	hand  *os.File
	lines []string
	said  int
}

func (a *asks) Write(b []byte) (int, error) {
	n, err := a.all.Write(b)
	for ; strings.Count(a.all.String(), "Password of ") > a.said && len(a.lines) > 0; a.said++ {
		fmt.Fprintln(a.hand, a.lines[0])
		a.lines = a.lines[1:]
	}
	return n, err
}

// TestPasswordIsAskedFor: at a terminal, once more where it is wrong, and for the files
// after it not again.
func TestPasswordIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		typed []string
		code  int
		asked int
	}{
		{[]string{"infected"}, 0, 1},
		{[]string{"wrong", "infected"}, 0, 2},
		{[]string{"wrong", "wrong", "wrong"}, 1, 3},
	} {
		hand, tty := terminal(t)
		first, second := lockedLog(t), lockedLog(t)
		if c.code != 0 {
			second = write(t, "open.json", nxlog(change("web02", 1, noon, "/a")))
		}
		cmd := exec.Command(binary, "import", "--db", t.TempDir()+"/x.db", first, second)
		err := &asks{hand: hand, lines: c.typed}
		var out bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, &out, err
		_ = cmd.Run() // its status is looked at
		if code := cmd.ProcessState.ExitCode(); code != c.code || strings.Count(err.all.String(), "Password of ") != c.asked {
			t.Errorf("typed %q: status %d\n%s%s", c.typed, code, &out, &err.all)
		}
		if c.code == 0 && strings.Count(out.String(), "locked.zip!a.json: done") != 2 {
			t.Errorf("typed %q:\n%s", c.typed, &out)
		}
	}
}
