// Package clickhousetest runs ClickHouse for tests: one server of a process, and two that
// are shards of a cluster, on free ports of loopback and in folders of their own, with a
// configuration that it writes.
package clickhousetest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Var says what becomes of tests where there is no server: with "required" they fail.
const Var = "ESCUTCHEON_CLICKHOUSE_TESTS"

// Server is a server that runs.
type Server struct {
	Host string // with its port
	dir  string
	cmd  *exec.Cmd
	port []int
	near []int // the TCP ports of the shards of its cluster
	done chan struct{}
}

var (
	mu      sync.Mutex
	shared  *Server
	sharded Shards
	names   atomic.Int64
)

// Main is a TestMain: it stops the server in the end.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the server that all tests share.
func Stop() {
	mu.Lock()
	defer mu.Unlock()
	if shared != nil {
		shared.Stop()
	}
	for _, s := range sharded {
		s.Stop()
	}
}

// Address names a database that nobody else uses, of the server that all tests share.
func Address(t testing.TB) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		shared = start(t, "")
	}
	return shared.Address()
}

// Shared is the server that all tests share; there is one after Address.
func Shared() *Server { return shared }

// Address names a database that nobody else uses.
func (s *Server) Address() string { return fmt.Sprintf("clickhouse://%s/test%d", s.Host, names.Add(1)) }

// Start starts a server of a test's own, whose data lie in a folder: "" is a new one.
func Start(t testing.TB, dir string) *Server {
	t.Helper()
	s := start(t, dir)
	t.Cleanup(s.Stop)
	return s
}

func start(t testing.TB, dir string) *Server { return startNear(t, dir, nil, nil) }

// startNear starts a server on its ports (nil: free ones) and of a cluster (nil: of none).
func startNear(t testing.TB, dir string, ports, near []int) *Server {
	t.Helper()
	installed(t)
	var err error
	if dir == "" {
		if dir, err = os.MkdirTemp("", "escutcheon-clickhouse-"); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // a free port may be taken by somebody else meanwhile
		var s *Server
		of := ports
		if of == nil {
			if of, err = freePorts(); err != nil {
				break
			}
		}
		if s, err = run(t, dir, of, near); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// freePorts are below those that connections to others are given, so that one of these does
// not take the port of a server while that is restarted.
func freePorts() (ports []int, err error) {
	for len(ports) < 3 {
		var l net.Listener
		for range 100 {
			if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 16384+rand.IntN(16384))); err == nil {
				break
			}
		}
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func run(t testing.TB, dir string, ports, near []int) (*Server, error) {
	t.Helper()
	if err := configure(dir, ports, near); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &Server{Host: fmt.Sprintf("127.0.0.1:%d", ports[0]), dir: dir, port: ports, near: near,
		done: make(chan struct{})}
	s.cmd = serving(t, dir, ports)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, log, log
	if err := begin(s.cmd, s.done); err != nil {
		return nil, err
	}
	return s, s.wait()
}

// wait waits until it answers.
func (s *Server) wait() error {
	for range 600 {
		r, err := http.Get("http://" + s.Host + "/ping")
		if err == nil {
			err = errors.Join(r.Body.Close())
			if r.StatusCode == http.StatusOK {
				return err
			}
		}
		select {
		case <-s.done:
			return s.failed("ended")
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.Kill()
	return s.failed("does not answer")
}

func (s *Server) failed(how string) error {
	f, err := os.Open(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer f.Close()
	said, _ := io.ReadAll(io.LimitReader(f, 4<<10))
	return fmt.Errorf("clickhouse-server %s: %s", how, said)
}

// Kill ends it as a crash does; its data stay.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Restart starts one that was killed again, where it was.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	again, err := run(t, s.dir, s.port, s.near)
	if err != nil {
		t.Fatal(err)
	}
	*s = *again
}

// PID is its process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Dir is where its data are, for Start.
func (s *Server) Dir() string { return s.dir }

// Stop ends it and removes its data.
func (s *Server) Stop() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}

// Query is what a statement gives, as text.
func (s *Server) Query(t testing.TB, query string) string {
	t.Helper()
	r, err := http.Post("http://"+s.Host+"/", "", strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v %s", query, err, b)
	}
	return strings.TrimSpace(string(b))
}

func configure(dir string, ports, near []int) error {
	cluster := ""
	for _, port := range near {
		cluster += fmt.Sprintf("<shard><replica><host>127.0.0.1</host><port>%d</port></replica></shard>", port)
	}
	config := fmt.Sprintf(`<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>%d</http_port><tcp_port>%d</tcp_port><interserver_http_port>%d</interserver_http_port>
<listen_host>127.0.0.1</listen_host>
<path>%[4]s/data/</path><tmp_path>%[4]s/tmp/</tmp_path><user_files_path>%[4]s/files/</user_files_path>
<users_config>%[4]s/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size>
<remote_servers><%[5]s>%[6]s</%[5]s></remote_servers>
</yandex>`, ports[0], ports[1], ports[2], dir, clusterName, cluster)
	const users = `<yandex><profiles><default></default></profiles><quotas><default></default></quotas>
<users>
<default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
<locked><password>secret</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></locked>
</users></yandex>`
	return errors.Join(os.WriteFile(filepath.Join(dir, "config.xml"), []byte(config), 0o600),
		os.WriteFile(filepath.Join(dir, "users.xml"), []byte(users), 0o600))
}
