package main_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/eventstore/clickhouse/clickhousetest"
)

// TestClickHouse has an import that is killed again and again, into ClickHouse, come to
// what one into a file comes to, whatever is asked of them.
func TestClickHouse(t *testing.T) {
	near, far, address := newCLI(t), newCLI(t), clickhousetest.Address(t)
	file := write(t, "evidence.zip", evidence(t))
	near.run(nil, "import", file)
	for n := range 4 {
		cmd := exec.Command(binary, "import", "--db", far.db, "--events", address, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(100+200*n) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if r := far.run(nil, "import", file); r.code != 3 { // some are torn
		t.Fatalf("%+v", r)
	}
	for _, ask := range [][]string{{"findings", "--format", "csv"}, {"risk", "--format", "csv"},
		{"search", "--format", "csv", `EventCode=29 dest=srv08.corp.example | stats count min(_time) max(_time) by dest`}} {
		if a, b := near.run(nil, ask[0], ask[1:]...), far.run(nil, ask[0], ask[1:]...); a != b || a.stdout == "" {
			t.Errorf("%q: in ClickHouse\n%+v\nwant\n%+v", ask, b, a)
		}
	}
	if r := far.run(nil, "check"); r.code != 0 {
		t.Errorf("check: %+v", r)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if r := far.run(nil, "backup", copied); r.code != 0 || !strings.Contains(r.stdout, "Its events are in "+address) {
		t.Errorf("backup: %+v", r)
	}
	restored := newCLI(t)
	if r := restored.run(nil, "restore", copied); r.code != 0 || !strings.Contains(r.stdout, "--events "+address) {
		t.Errorf("restore: %+v", r)
	}
	for _, other := range []string{"sqlite", clickhousetest.Address(t), "clickhouse://nowhere"} {
		if r := far.run(nil, "findings", "--events", other); r.code == 0 || !strings.Contains(r.stderr, "clickhouse://") {
			t.Errorf("--events %s: %+v", other, r)
		}
	}
}
