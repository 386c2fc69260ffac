package clickhousetest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// ChdbVar has the tests run over today's engine instead: it names the folder in which
// "npm install chdb" was run (Node.js 20, half a gigabyte). A cluster has one shard there, so
// what needs two is skipped.
const ChdbVar = "ESCUTCHEON_CHDB"

//go:embed chdb.js
var chdb []byte

// serving is the command that serves a folder on ports.
func serving(t testing.TB, dir string, ports []int) *exec.Cmd {
	t.Helper()
	if modules := os.Getenv(ChdbVar); modules != "" {
		script := filepath.Join(dir, "chdb.js")
		if err := os.WriteFile(script, chdb, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", script, strconv.Itoa(ports[0]), dir)
		cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(modules, "node_modules"))
		return cmd
	}
	return exec.Command("clickhouse-server", "--config-file="+filepath.Join(dir, "config.xml"))
}

// installed skips a test where there is no server, or fails it where one is required.
func installed(t testing.TB) {
	t.Helper()
	if os.Getenv(ChdbVar) != "" {
		return
	}
	if _, err := exec.LookPath("clickhouse-server"); err == nil {
		return
	}
	const how = "there is no clickhouse-server: on Debian, apt-get install clickhouse-server; or, after npm install " +
		"chdb, " + ChdbVar + "=FOLDER"
	if os.Getenv(Var) == "required" {
		t.Fatal(how)
	}
	t.Skip(how)
}

// shardsToStart is how many shards a cluster of tests has.
func shardsToStart() int {
	if os.Getenv(ChdbVar) != "" {
		return 1
	}
	return 2
}

// NeedsTwo skips a test of a cluster that has one shard.
func (s Shards) NeedsTwo(t testing.TB) {
	t.Helper()
	if len(s) < 2 {
		t.Skip(ChdbVar + " is one shard, and this needs two")
	}
}
