package detection_test

import (
	"os"
	"path/filepath"
	"testing"

	"escutcheon/detection"
)

// shared is a file or folder beside the project that not every checkout has.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("skipped: %s is not there", path)
	}
	return path
}

func seed(t testing.TB) *detection.Rule {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	r := detection.Find(rules, detection.SeedID)
	if r == nil {
		t.Fatal("the seed is not among the built-in rules")
	}
	return r
}
