//go:build linux

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file system of a few megabytes, and a function that makes it
// larger.
func smallDisk(t *testing.T, size string) (dir string, grow func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf(
			"a small file system cannot be mounted here (%v): run the tests as root, or within: unshare --map-root-user --mount",
			err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir, func() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=400m"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDiskCommand: an import that fills the disk says so, keeps what it
// stored, and goes on when it is called again with space.
func TestFullDiskCommand(t *testing.T) {
	t.Parallel()
	log := write(t, "bulk.json", bulk(interruptedEvents))
	want := undisturbed(t, interruptedEvents)
	dir, grow := smallDisk(t, "6m")
	c := &cli{t, filepath.Join(dir, "test.db")}
	r := c.run(nil, "import", log)
	if r.code != 1 || !strings.Contains(r.stderr, "is full") || strings.Contains(r.stderr, "(13)") {
		t.Fatalf("on a full disk: exit status %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	grow()
	code, got := c.importJSON(nil, log)
	if code != 0 || len(got) != 1 || got[0].Status != "done" || got[0].Read != interruptedEvents ||
		got[0].New != interruptedEvents {
		t.Errorf("with space: exit status %d, %+v", code, got)
	}
	if c.tables() != want {
		t.Error("the tables differ from those of an undisturbed import")
	}
}

// TestFullDiskServer: an import that the disk stops stands still, says why, and
// goes on by itself; an upload that does not fit is refused and leaves nothing.
func TestFullDiskServer(t *testing.T) {
	const events = 20000
	t.Parallel()
	data := bulk(events)
	want := undisturbed(t, events)
	dir, grow := smallDisk(t, "48m")
	ballast := filepath.Join(dir, "ballast")
	c := &cli{t, filepath.Join(dir, "test.db")}
	s := serve(t, c.db)
	if len(data) > 40<<20 {
		t.Fatalf("the log has %d bytes and fills the disk by itself", len(data))
	}
	if status, body := s.post(t, "huge", bytes.NewReader(make([]byte, 60<<20)), -1); status != 507 ||
		!strings.Contains(body, "is full") {
		t.Errorf("an upload larger than the disk: status %d, %s", status, body)
	}
	if left, err := os.ReadDir(c.db + "-spool"); err != nil || len(left) > 0 {
		t.Errorf("left of it: %v %v", left, err)
	}
	id := s.upload(t, "bulk.json", bytes.NewReader(data))[0]
	fill(t, ballast)
	s.until(t, id, func(i imported) bool {
		return i.Status != "running" && i.Status != "queued" || strings.Contains(s.get(t, "/imports/"+id), "is full")
	})
	if i := s.status(t, id); i.Status != "running" {
		t.Fatalf("on a full disk: %+v\n%s", i, s.log)
	}
	grow()
	if i := s.wait(t, id); i.Status != "done" || i.Read != events || i.New != events {
		t.Errorf("with space: %+v", i)
	}
	if got := s.get(t, "/findings.csv") + s.get(t, "/risk.csv"); got != want {
		t.Error("the tables differ from those of an undisturbed import")
	}
	s.kill()
}

// fill takes what is left of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 64<<10)); err != nil {
			return
		}
	}
}

// post uploads a stream, its length named unless it is unknown (-1), and
// returns the answer, which may come before all of it is sent.
func (s *served) post(t *testing.T, name string, data io.Reader, size int64) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head, tail := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\""+name+"\"\r\n\r\n", "\r\n--x--\r\n"
	form := io.MultiReader(strings.NewReader(head), data, strings.NewReader(tail))
	length := "Transfer-Encoding: chunked\r\nExpect: 100-continue"
	var to io.WriteCloser = httputil.NewChunkedWriter(conn)
	if size >= 0 {
		length = fmt.Sprintf("Content-Length: %d\r\nExpect: 100-continue", int64(len(head)+len(tail))+size)
		to = conn
	}
	fmt.Fprintf(conn,
		"POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nAccept: application/json\r\n%s\r\n\r\n", length)
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err == nil && resp.StatusCode == http.StatusContinue {
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			_, _ = io.Copy(to, form) // the server may end it, and says so in its answer
		}()
		resp, err = http.ReadResponse(in, nil)
		defer func() { <-sent }()
		defer conn.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestSparseUpload uploads a file of holes that is far over the limit: with its
// length given it is refused before a byte of it is sent, without it soon
// after the limit, and the disk is as it was before.
func TestSparseUpload(t *testing.T) {
	const limit, size = 32 << 20, 64 << 30
	sparse, err := os.Create(filepath.Join(t.TempDir(), "sparse.evtx"))
	if err != nil {
		t.Fatal(err)
	}
	defer sparse.Close()
	if err := sparse.Truncate(size); err != nil {
		t.Fatal(err)
	}
	c := newCLI(t)
	s := serve(t, c.db, "--max-upload", "32MiB")
	for _, name := range []string{"sized", "of unknown length"} {
		if _, err := sparse.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		length := map[string]int64{"sized": size, "of unknown length": -1}[name]
		status, body := s.post(t, name, sparse, length)
		sent, err := sparse.Seek(0, io.SeekCurrent)
		if err != nil {
			t.Fatal(err)
		}
		if most := map[string]int64{"sized": 0, "of unknown length": limit + 8<<20}[name]; sent > most {
			t.Errorf("%s: refused after %d bytes were sent, want %d at most", name, sent, most)
		}
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "--max-upload") {
			t.Errorf("%s: status %d, %s", name, status, body)
		}
		if left, err := os.ReadDir(c.db + "-spool"); err == nil && len(left) > 0 {
			t.Errorf("%s: left in the spool: %v", name, left)
		}
	}
	if got := s.get(t, "/imports"); !strings.Contains(got, "No imports") {
		t.Error("an import was recorded")
	}
}
