// Package samples finds real files for tests, where they are at hand: they are no part of
// the project. Nothing else imports it.
package samples

import (
	"os"
	"path/filepath"
	"testing"
)

// IIS is a real file of a web server, beside the project or in the folder that
// ESCUTCHEON_SAMPLES names; the test skips where it is not there.
func IIS(t testing.TB, name string) []byte {
	t.Helper()
	for _, dir := range folders(t) {
		if data, err := os.ReadFile(filepath.Join(dir, "iis", filepath.FromSlash(name))); err == nil {
			return data
		}
	}
	t.Skip("the sample is not here: " + name)
	return nil
}

// folders are where samples may lie.
func folders(t testing.TB) (out []string) {
	if set := os.Getenv("ESCUTCHEON_SAMPLES"); set != "" {
		return []string{set}
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		out = append(out, filepath.Join(dir, "shared", "samples"))
	}
	return out
}
