package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLoopbackNames: however loopback is written, a page of another site that
// points its own name at this machine is refused, and elsewhere too.
func TestLoopbackNames(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:0", "LOCALHOST:0", "0.0.0.0:0"} {
		s := serve(t, t.TempDir()+"/x.db", "--listen", listen, "--insecure")
		url := strings.Replace(strings.Replace(s.url, "[::]", "127.0.0.1", 1), "0.0.0.0", "127.0.0.1", 1)
		for host, want := range map[string]int{"evil.example": 421, "localhost": 200, "127.0.0.1": 200} {
			req, err := http.NewRequest("GET", url+"/healthz", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("--listen %s, asked as %s: %d, want %d", listen, host, resp.StatusCode, want)
			}
		}
		s.kill()
	}
}

// TestPipe: what can be read only once is spooled, and its bytes are those
// that are hashed.
func TestPipe(t *testing.T) {
	if _, err := os.Stat("/dev/stdin"); err != nil {
		t.Skip("this system has no /dev/stdin")
	}
	c := newCLI(t)
	file := write(t, "log.json", bulk(50))
	out, err := exec.Command("sh", "-c", `cat "$1" | "$2" import --db "$3" --json /dev/stdin`, "sh", file, binary,
		c.db).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"read":50,"new":50`) {
		t.Errorf("%v: %s", err, out)
	}
	c.noSpool()
}

// TestSilentInput: an import that waits for its input heeds a signal.
func TestSilentInput(t *testing.T) {
	c := newCLI(t)
	cmd := exec.Command(binary, "import", "--db", c.db, "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for { // until the spool has its file, so that it reads
		if names, err := os.ReadDir(c.db + "-spool"); err == nil && len(names) > 0 {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("ended before it read: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("exit status %d, want 1", code)
		}
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("still waits for input after a signal")
	}
}
