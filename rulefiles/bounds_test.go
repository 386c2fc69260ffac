package rulefiles_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/rulefiles"
)

// TestDepth: folders are read down to MaxDepth below the one that was named,
// and passed over in silence further down.
func TestDepth(t *testing.T) {
	at := func(depth int) string { return path.Join(strings.Repeat("d/", depth), "r.yml") }
	dir := tree(t, at(rulefiles.MaxDepth), rule, at(rulefiles.MaxDepth+1), rule)
	if got, f := found(t, dir, "."); got != "R:"+at(rulefiles.MaxDepth) || len(f.Problems) != 0 {
		t.Errorf("%s, %v; want the rule %d folders down alone", got, f.Problems, rulefiles.MaxDepth)
	}
}

// TestSizes: a table may be longer than YAML; what is as long as it may be is
// read, and a byte more is a problem.
func TestSizes(t *testing.T) {
	fill := func(n int) string { return "search: x\n#" + strings.Repeat("#", n-11) }
	dir := tree(t, "fits.yml", fill(rulefiles.MaxYAML), "long.yml", fill(rulefiles.MaxYAML+1), "t.csv",
		"a\n"+strings.Repeat("b", rulefiles.MaxYAML))
	got, f := found(t, dir, ".")
	if got != "R:fits.yml T:t.csv" || len(f.Problems) != 1 || filepath.Base(f.Problems[0].File) != "long.yml" {
		t.Errorf("%s, %v", got, f.Problems)
	}
	if f.Rules() != 1 {
		t.Errorf("%d rules, want 1: tables are none", f.Rules())
	}
	got, _ = found(t, dir, "fits.yml")
	if !strings.Contains(got, "R:fits.yml") {
		t.Errorf("named alone: %s", got)
	}
}

// TestKinds: what is in a folder is told by its name and keys; what a caller
// names is a rule, unless its YAML is something else.
func TestKinds(t *testing.T) {
	dir := tree(t, "story.yml", "name: s\nnarrative: n", "note.txt", "search: x", "MACROS.CONF", "[m]\ndefinition = a=1",
		"other.conf", "[m]")
	for _, tt := range []struct{ path, want string }{
		{".", "M:MACROS.CONF"},
		{"note.txt", "M:MACROS.CONF R:note.txt"},
		{"story.yml", "M:MACROS.CONF ?:story.yml"},
		{"other.conf", "M:MACROS.CONF R:other.conf"},
	} {
		if got, _ := found(t, dir, tt.path); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.path, got, tt.want)
		}
	}
}

// TestSeveral: one path that cannot be read does not keep the others from it,
// and each is told.
func TestSeveral(t *testing.T) {
	dir := tree(t, "a/r.yml", rule, "b/q.yml", rule)
	f, err := rulefiles.Read(filepath.Join(dir, "a"), filepath.Join(dir, "x"), filepath.Join(dir, "b"),
		filepath.Join(dir, "y"))
	if f.Rules() != 2 || fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%d rules, %v", f.Rules(), err)
	}
	for _, name := range []string{"x", "y"} {
		if !strings.Contains(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	for i, want := range []string{"r.yml", "q.yml"} {
		if got := filepath.Base(f.Files[i].Path); got != want || f.Files[i].Kind != detection.RuleFile {
			t.Errorf("file %d is %s (%d), want %s", i, got, f.Files[i].Kind, want)
		}
	}
}
