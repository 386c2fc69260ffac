//go:build unix

package importer_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// memoryChild names the file that a child process of this test binary imports,
// so that its peak memory is that of one import alone.
const memoryChild = "ESCUTCHEON_MEMORY_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(memoryChild); path != "" {
		os.Exit(importAlone(path))
	}
	if dir := os.Getenv(killChild); dir != "" {
		os.Exit(runProgram(dir))
	}
	os.Exit(m.Run())
}

// importAlone imports a file into a new database beside it.
func importAlone(path string) int {
	r := testing.Benchmark(func(b *testing.B) {
		if b.N == 1 {
			importOnce(b, path, -1)
		}
	})
	if r.N == 0 {
		return 1
	}
	return 0
}

// BenchmarkMemory reports the peak memory of importing 64 MB and 640 MB of the
// same kind of text, each in a process of its own. It is flat when the two
// numbers are about the same.
func BenchmarkMemory(b *testing.B) {
	text := func(dst []byte, r *logwriter.Record) []byte { return logwriter.AppendText(dst, r, time.UTC) }
	for _, c := range []struct {
		name string
		size int
	}{{"64MB", 64 << 20}, {"640MB", 640 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			path, _ := writeBulk(b, c.size, text)
			for b.Loop() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), memoryChild+"="+path)
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "MiB-peak")
			}
		})
	}
}
