//go:build unix

package rulefiles_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"escutcheon/fault"
	"escutcheon/rulefiles"
)

// TestPipe: what would wait for a writer is never opened.
func TestPipe(t *testing.T) {
	dir := tree(t, "r.yml", rule)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yml"), 0o600); err != nil {
		t.Skipf("skipped: no pipe: %v", err)
	}
	got, f := found(t, dir, ".")
	if got != "R:r.yml" || len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, "is no file") {
		t.Errorf("%s, %v", got, f.Problems)
	}
	_, err := rulefiles.Read(filepath.Join(dir, "pipe.yml"))
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "neither a file nor a folder") {
		t.Errorf("named: %v", err)
	}
}
