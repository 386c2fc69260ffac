package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// served is a running escutcheon serve.
type served struct {
	url string
	cmd *exec.Cmd
	log *bytes.Buffer
}

// serve starts the command and waits until it says where it listens.
func serve(t testing.TB, db string, args ...string) *served {
	t.Helper()
	return begin(t, append([]string{"serve", "--db", db, "--listen", "127.0.0.1:0"}, args...)...)
}

// begin starts a command that says first on which address it listens.
func begin(t testing.TB, args ...string) *served {
	t.Helper()
	s := &served{log: &bytes.Buffer{}}
	s.cmd = exec.Command(binary, args...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	_, s.url, _ = strings.Cut(strings.TrimSpace(line), " on ")
	if err != nil || !strings.HasPrefix(s.url, "http://") {
		s.kill()
		t.Fatalf("%s said %q, %v\n%s", args[0], line, err, s.log)
	}
	return s
}

// kill ends the process at once, as a crash would.
func (s *served) kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait() // killed: that is its error
	}
}

func (s *served) get(t testing.TB, path string) string {
	t.Helper()
	return s.getAs(t, path, "*/*")
}

// json gets a page as JSON.
func (s *served) json(t testing.TB, path string) string {
	t.Helper()
	return s.getAs(t, path, "application/json")
}

func (s *served) getAs(t testing.TB, path, form string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", form)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d, %v\n%s", path, resp.StatusCode, err, body)
	}
	return string(body)
}

// status is an import as it stands.
func (s *served) status(t testing.TB, id string) (i imported) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+"/imports/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&i); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("import %s: status %d, %v", id, resp.StatusCode, err)
	}
	return i
}

// until polls an import until what it is asked for has come.
func (s *served) until(t testing.TB, id string, come func(imported) bool) imported {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		i := s.status(t, id)
		if come(i) {
			return i
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("import %s stays %+v\n%s", id, i, s.log)
		}
	}
}

// wait waits until an import has ended.
func (s *served) wait(t testing.TB, id string) imported {
	t.Helper()
	return s.until(t, id, func(i imported) bool { return i.Status != "queued" && i.Status != "running" })
}
