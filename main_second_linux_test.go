package main_test

import (
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCopiedByAnother: while another process copies the WAL into the file, which is torn for
// as long as that takes, a server does not take it for an overwritten one.
func TestCopiedByAnother(t *testing.T) {
	t.Parallel()
	c := filed(t)
	s := serve(t, c.db)
	note := func(text string) {
		t.Helper()
		s.send(t, "/hosts/web01/notes", url.Values{"text": {text}, "author": {"anna"}})
	}
	note("one")
	s.settled(t, c.db)
	shm, err := os.OpenFile(c.db+"-shm", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer shm.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 121, Len: 1} // of who copies
	if err := syscall.FcntlFlock(shm.Fd(), syscall.F_SETLKW, &lock); err != nil {
		t.Fatal(err)
	}
	note(strings.Repeat("two ", 12_000)) // the file grows: the first page is read from the WAL from now on
	file, err := os.OpenFile(c.db, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pages := make([]byte, 4)
	if _, err := file.ReadAt(pages, 28); err != nil {
		t.Fatal(err)
	}
	torn := []byte{pages[0], pages[1], pages[2] + 1, pages[3]} // 256 pages that are yet to come
	if _, err := file.WriteAt(torn, 28); err != nil {
		t.Fatal(err)
	}
	note("three")
	time.Sleep(1500 * time.Millisecond) // the server looks each second
	note("four")
	if _, err := file.WriteAt(pages, 28); err != nil {
		t.Fatal(err)
	}
	lock.Type = syscall.F_UNLCK
	if err := syscall.FcntlFlock(shm.Fd(), syscall.F_SETLK, &lock); err != nil {
		t.Fatal(err)
	}
	note("five")
	s.settled(t, c.db)
	s.kill()
	if got := c.ok("notes"); strings.Count(got, "anna") != 5 {
		t.Errorf("the notes:\n%s", got)
	}
	c.ok("check")
}
