package rulefiles_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulefiles"
)

// tree writes files into a folder: a path and a text each.
func tree(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		name := filepath.Join(dir, filepath.FromSlash(pairs[i]))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(pairs[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	rule   = "name: R\nid: r\ntype: TTP\nsearch: '`m` | stats count by dest | lookup l dest'"
	macro  = "name: m\ndefinition: a=1"
	lookup = "name: l\nfilename: l.csv"
	table  = "dest,owner\na,b\n"
)

// found reads paths below dir and says what was read: kind and path of each.
func found(t *testing.T, dir string, paths ...string) (string, *rulefiles.Found) {
	t.Helper()
	var full []string
	for _, p := range paths {
		full = append(full, filepath.Join(dir, filepath.FromSlash(p)))
	}
	f, err := rulefiles.Read(full...)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range f.Files {
		rel, err := filepath.Rel(dir, x.Path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string("?RMLT"[x.Kind])+":"+filepath.ToSlash(rel))
	}
	return strings.Join(out, " "), f
}

func TestRead(t *testing.T) {
	content := []string{"detections/endpoint/r.yml", rule, "detections/web/q.YAML", rule, "stories/s.yml",
		"name: s\nnarrative: n",
		"macros/m.yml", macro, "lookups/l.yml", lookup, "lookups/l.csv", table, "README.md", "search: x", ".git/x.yml", rule,
		"detections/._r.yml", rule}
	for _, tt := range []struct {
		name, want string
		files      []string
		paths      []string
	}{
		{"a checkout", "R:detections/endpoint/r.yml R:detections/web/q.YAML T:lookups/l.csv L:lookups/l.yml M:macros/m.yml",
			content, []string{"."}},
		{"a folder of it",
			"M:macros/m.yml T:lookups/l.csv L:lookups/l.yml R:detections/endpoint/r.yml R:detections/web/q.YAML", content,
			[]string{"detections"}},
		{"a file of it", "M:macros/m.yml T:lookups/l.csv L:lookups/l.yml R:detections/endpoint/r.yml", content,
			[]string{"detections/endpoint/r.yml"}},
		{"twice", "M:macros/m.yml T:lookups/l.csv L:lookups/l.yml R:detections/endpoint/r.yml R:detections/web/q.YAML",
			content, []string{"detections/endpoint/r.yml", "detections"}},
		{"beside a file", "T:l.csv L:l.yml M:m.yml R:r.yml",
			[]string{"r.yml", rule, "q.yml", rule, "m.yml", macro, "l.yml", lookup, "l.csv", table, "deep/m2.yml", macro},
			[]string{"r.yml"}},
		{"conf files", "M:default/macros.conf L:default/transforms.conf R:r.yml",
			[]string{"r.yml", rule, "default/macros.conf", "", "default/transforms.conf", ""}, []string{"."}},
		{"four levels above", "M:macros/m.yml R:a/b/c/d/r.yml", []string{"macros/m.yml", macro, "a/b/c/d/r.yml", rule},
			[]string{"a/b/c/d/r.yml"}},
		{"five levels above", "R:a/b/c/d/e/r.yml", []string{"macros/m.yml", macro, "a/b/c/d/e/r.yml", rule},
			[]string{"a/b/c/d/e/r.yml"}},
		{"the nearest macros", "M:a/macros/n.yml R:a/b/r.yml",
			[]string{"macros/m.yml", macro, "a/macros/n.yml", macro, "a/b/r.yml", rule}, []string{"a/b"}},
		{"rules in macros are not taken", "M:macros/m.yml R:b/r.yml",
			[]string{"macros/m.yml", macro, "macros/r.yml", rule, "b/r.yml", rule}, []string{"b"}},
		{"a rule of any name", "R:rule.txt", []string{"rule.txt", rule}, []string{"rule.txt"}},
		{"an empty folder", "", []string{"x/y", ""}, []string{"x"}},
	} {
		dir := tree(t, tt.files...)
		if got, _ := found(t, dir, tt.paths...); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestWhole: what was read compiles.
func TestWhole(t *testing.T) {
	dir := tree(t, "d/r.yml", rule, "macros/m.yml", macro, "lookups/l.yml", lookup, "lookups/l.csv", table)
	_, f := found(t, dir, "d")
	set, err := detection.Assemble(f.Files, nil)
	if err != nil || len(set.Refused)+len(set.Problems) != 0 || detection.Find(set.Rules, "r") == nil || f.Rules() != 1 {
		t.Errorf("%v %+v", err, set)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := tree(t, "r.yml", rule, "big.yml", strings.Repeat("#", rulefiles.MaxYAML+1))
	for _, tt := range []struct {
		path, want string
		code       fault.Code
	}{
		{"nowhere", `There is no file or folder "`, fault.NotFound},
		{"nowhere/r.yml", `There is no file or folder "`, fault.NotFound},
		{"big.yml", "has 1048577 bytes; a file of rules has at most 1048576", fault.TooLarge},
	} {
		f, err := rulefiles.Read(filepath.Join(dir, tt.path), filepath.Join(dir, "r.yml"))
		if err == nil || !strings.Contains(err.Error(), tt.want) || fault.CodeOf(err) != tt.code || f.Rules() != 1 {
			t.Errorf("%s: %v", tt.path, err)
		}
	}
	_, f := found(t, dir, ".")
	if len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, "more than 1048576 bytes") || f.Rules() != 1 {
		t.Errorf("%v", f.Problems)
	}
}

// TestLinks: a link is followed to a file inside the folder, and to nothing
// else; a folder that links to itself ends.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: links need a privilege on Windows")
	}
	out := tree(t, "secret.yml", rule)
	dir := tree(t, "r.yml", rule)
	for link, to := range map[string]string{"in.yml": "r.yml", "out.yml": filepath.Join(out, "secret.yml"),
		"up.yml":   "../../../../../../etc/passwd",
		"gone.yml": "nowhere.yml", "loop": ".", "outside": out, "self.yml": "self.yml"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	got, f := found(t, dir, ".")
	if got != "R:in.yml R:r.yml" {
		t.Error(got)
	}
	var names []string
	for _, p := range f.Problems {
		names = append(names, filepath.Base(p.File))
		if !strings.Contains(p.Reason, "link") {
			t.Error(p.Reason)
		}
	}
	if !slices.Equal(names, []string{"gone.yml", "out.yml", "self.yml", "up.yml"}) {
		t.Errorf("%q", names)
	}
	if got, _ := found(t, dir, "loop"); !strings.Contains(got, "r.yml") {
		t.Errorf("a link that was named: %s", got)
	}
}

func TestNoRight(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("skipped: this user may read everything")
	}
	dir := tree(t, "r.yml", rule, "shut.yml", rule)
	if err := os.Chmod(filepath.Join(dir, "shut.yml"), 0); err != nil {
		t.Fatal(err)
	}
	if got, f := found(t, dir, "."); got != "R:r.yml" || len(f.Problems) != 1 {
		t.Errorf("%s %v", got, f.Problems)
	}
}
