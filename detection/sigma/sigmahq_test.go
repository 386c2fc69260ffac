package sigma_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/sigma"
)

// folders of a checkout of SigmaHQ/sigma that hold rules.
var folders = []string{"rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance", "rules-dfir",
	"rules-placeholder", "deprecated", "unsupported"}

// checkout is a checkout of github.com/SigmaHQ/sigma, of which nothing is kept here.
func checkout(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ESCUTCHEON_SIGMA")
	if dir == "" {
		t.Skip("ESCUTCHEON_SIGMA names no checkout: git clone https://github.com/SigmaHQ/sigma")
	}
	return dir
}

// ruleFiles calls f with each file of rules of a checkout.
func ruleFiles(t testing.TB, f func(path string, data []byte)) {
	t.Helper()
	root := checkout(t)
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".yml") {
				return nil
			}
			data, err := os.ReadFile(path)
			if err == nil {
				f(strings.TrimPrefix(path, root+"/"), data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSigmaHQ: all rules of a checkout that are for Windows compile, but those with
// placeholders.
func TestSigmaHQ(t *testing.T) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	env.Whole = true
	counts := map[string]int{}
	ruleFiles(t, func(path string, data []byte) {
		if !sigma.Is(data) {
			t.Errorf("%s is not taken for Sigma", path)
		}
		docs, err := sigma.Parse(data)
		if err != nil && strings.HasPrefix(path, "unsupported") {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		for i := range docs {
			d := &docs[i]
			if d.LogSource.Product != "windows" && d.LogSource.Category != "webserver" {
				counts["others"]++
				continue
			}
			search, err := d.Search(sigma.Env{})
			switch {
			case err != nil && strings.Contains(err.Error(), "placeholder"):
				counts["placeholders"]++
				continue
			case err != nil && strings.HasPrefix(path, "unsupported"):
				counts["unsupported"]++
				continue
			case err != nil:
				t.Errorf("%s: %v", path, err)
				continue
			}
			if _, err := env.Compile(search); err != nil {
				t.Errorf("%s: %v\n%s", path, err, search)
			}
			counts["compiled"]++
		}
	})
	t.Log(counts)
}
