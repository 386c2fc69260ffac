package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ruleTree writes detection content as a checkout has it and returns its
// folder.
func ruleTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"detections/endpoint/a.yml": "name: Good\nid: id-a\ntype: TTP\nsearch: '`mine` | stats count by dest | lookup owners dest'\n",
		"detections/endpoint/b.yml": "name: Joins\nid: id-b\ntype: TTP\nsearch: |-\n  `mine`\n  | stats count by dest\n  | map dest [search x=1]\n",
		"detections/web/c.yml":      "name: \"Bad\\e[31m\"\nid: id-c\nsearch: '`nobody`'\n",
		"detections/web/d.yml":      "name: Not counted\nid: id-d\nsearch: null\n",
		"detections/web/e.yml":      "name: [\nsearch: a=1\n",
		"detections/web/f.yml":      "{% template %}: [",
		"stories/s.yml":             "name: Story\nid: id-s\nnarrative: n\n",
		"macros/mine.yml":           "name: mine\ndefinition: a=1\n",
		"lookups/owners.yml":        "name: owners\nfilename: owners.csv\n",
		"lookups/owners.csv":        "dest,owner\nweb01,team\n",
	} {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRulesCheck(t *testing.T) {
	dir := ruleTree(t)
	got := call(t, nil, "rules", "check", filepath.Join(dir, "detections"))
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	want := []string{
		"compiled  Good (id-a)",
		`refused  Joins: command "map" at line 3, column 3: `,
		`refused  Bad\u001b[31m: command "search" at line 1, column 1: macro "nobody" is not known`,
		"refused  e: the rule is not as the contentctl schema has it: ",
		"compiled 1 of 4",
	}
	if got.code != 0 || len(lines) != len(want) {
		t.Fatalf("status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	for i, w := range want {
		if !strings.HasPrefix(lines[i], w) {
			t.Errorf("line %d is %q, want %q", i, lines[i], w)
		}
	}
	for _, path := range []string{"detections/endpoint/a.yml", "detections/endpoint", "."} {
		got := call(t, nil, "rules", "check", filepath.Join(dir, filepath.FromSlash(path)))
		if got.code != 0 || !strings.Contains(got.stdout, "compiled  Good (id-a)\n") {
			t.Errorf("%s: %d %s %s", path, got.code, got.stdout, got.stderr)
		}
	}
}

func TestRulesCheckJSON(t *testing.T) {
	dir := ruleTree(t)
	got := call(t, nil, "rules", "check", "--json", dir, filepath.Join(dir, "nowhere"))
	if got.code != 0 || !strings.Contains(got.stderr, "nowhere") {
		t.Errorf("status %d, %s", got.code, got.stderr)
	}
	type object struct {
		State, Name, ID, File, Command, Reason string
		Line, Column, Compiled, Rules          int
	}
	var objects []object
	for d := json.NewDecoder(strings.NewReader(got.stdout)); d.More(); {
		var o object
		if err := d.Decode(&o); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	if len(objects) != 5 {
		t.Fatalf("%+v", objects)
	}
	if o := objects[1]; o.State != "refused" || o.ID != "id-b" || o.Command != "map" || o.Line != 3 || o.Column != 3 ||
		o.Reason == "" || filepath.Base(o.File) != "b.yml" {
		t.Errorf("%+v", o)
	}
	if o := objects[4]; o.Compiled != 1 || o.Rules != 4 {
		t.Errorf("%+v", o)
	}
}

func TestRulesCheckFails(t *testing.T) {
	dir := ruleTree(t)
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"rules"}, 2, "usage: escutcheon rules check"},
		{[]string{"rules", "check"}, 2, "name the files or folders"},
		{[]string{"rules", "run", dir}, 2, "say what to do"},
		{[]string{"rules", "check", filepath.Join(dir, "nowhere")}, 1, "There is no file or folder"},
		{[]string{"rules", "check", filepath.Join(dir, "stories")}, 1, "There is no rule in"},
		{[]string{"rules", "check", "--what", dir}, 2, "not defined"},
	} {
		got := call(t, nil, tt.args...)
		if got.code != tt.code || !strings.Contains(got.stderr, tt.want) || got.stdout != "" {
			t.Errorf("%q: %d %q %q", tt.args, got.code, got.stdout, got.stderr)
		}
	}
}
