package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
)

// TestRulesCheckSilence: beside a database, rules check says why a rule cannot fire
// on its logs, of the files that are named and of the rules in it.
func TestRulesCheckSilence(t *testing.T) {
	c := newCLI(t)
	var records []*logwriter.Record
	for i := range 3 {
		records = append(records, change("web01", int64(i+1), noon, "/x"))
	}
	if code, list := c.importJSON(nil, write(t, "log.json", nxlog(records...))); code != 0 {
		t.Fatal(code, list)
	}
	dir := t.TempDir()
	for name, search := range map[string]string{
		"a": "EventCode=29 | stats count by Nowhere",
		"b": "source=\"WinEventLog:Security\" EventCode=4769 | stats count by dest",
		"c": "EventCode=29 | stats count by dest",
		"d": "EventCode=29 | lookup none dest OUTPUT x | where x=1 | stats count by dest",
	} {
		text := "name: " + strings.ToUpper(name) + "\nid: id-" + name + "\ntype: TTP\nsearch: '" + search + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name+".yml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"none.csv": "dest,x\n", "lookup.yml": "name: none\nfilename: none.csv\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := `compiled  A (id-a)
  cannot fire: groups by Nowhere, which none of 3 IIS-Configuration 29 events here carries; 3 events matched before that
compiled  B (id-b)
  cannot fire: no Security 4769 was imported
compiled  C (id-c)
compiled  D (id-d)
  cannot fire: its lookup none is empty
compiled 4 of 4; 3 cannot fire on these logs
`
	before := c.tables()
	if got := c.ok("rules", "check", dir); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if c.tables() != before {
		t.Error("a check changed the database")
	}
	got := c.ok("rules", "check", "--json")
	var last struct{ Compiled, Rules, Silent int }
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	// Of the built-in rules, the one for these events fired.
	if last.Rules != len(lines)-1 || last.Compiled != last.Rules || last.Silent == 0 || last.Silent >= last.Rules ||
		!strings.Contains(got, `"silent":["no `) {
		t.Errorf("%+v\n%s", last, got)
	}
}
