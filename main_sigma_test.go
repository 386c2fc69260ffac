package main_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sigmaFolder is a folder with an ESCU rule, Sigma rules, one of which has a
// placeholder, and a correlation behind the rule that it refers to.
func sigmaFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	head := func(title, id, more string) string {
		return "title: " + title + "\nid: 00000000-0000-4000-8000-0000000000" + id + "\nlevel: high\n" + more
	}
	const source = "logsource: {product: windows, service: iis-configuration}\n"
	for name, text := range map[string]string{
		"escu.yml": "name: Counted\nid: id-a\ntype: TTP\nsearch: 'EventCode=29 | stats count by ComputerName | " +
			"rename ComputerName as dest'\n",
		"added.yml": head("Added", "01", "name: added\n"+source+"detection:\n    a: {EventID: 29, Configuration|contains: Many}\n"+
			"    condition: a\n") + "---\n" + head("Many Added", "02", "correlation:\n    type: event_count\n"+
			"    rules: [added]\n    group-by: [Computer]\n    timespan: 10m\n    condition: {gte: 3}\n    generate: true\n"),
		"named.yml": head("Named", "03", source+"detection:\n    a: {Configuration|expand: '%names%'}\n    condition: a\n"),
		"old.yml":   head("Old", "04", "status: deprecated\n"+source+"detection:\n    a: {EventID: 29}\n    condition: a\n"),
		"piped.yml": head("Piped", "05", source+"detection:\n    a: {EventID: 29}\n    condition: a | count() > 5\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSigmaFolder: rules of both languages are loaded from one folder, with what stands
// for a placeholder, and their findings are of the hosts that they are about.
func TestSigmaFolder(t *testing.T) {
	dir, values := sigmaFolder(t), write(t, "values.yml", []byte("names: ['*Named*']\n"))
	check := call(t, nil, "rules", "check", dir)
	for _, want := range []string{"compiled 4 of 6", "refused  Piped: line 7, column 18: ", "%names%"} {
		if !strings.Contains(check.stdout+check.stderr, want) {
			t.Errorf("rules check says no %q:\n%s%s", want, check.stdout, check.stderr)
		}
	}
	check = call(t, nil, "rules", "check", "--sigma-values", values, dir)
	if !strings.Contains(check.stdout, "compiled 5 of 6") {
		t.Errorf("with values: %s", check.stdout)
	}

	c := newCLI(t)
	var log []byte
	add := func(host, module string, minutes ...int) {
		for i, m := range minutes {
			log = append(log, nxlog(change(host, int64(i+1), noon.Add(time.Duration(m)*time.Minute),
				`/system.webServer/globalModules/add[@name="`+module+`"]`))...)
		}
	}
	add("often", "Many", 0, 4, 9)
	add("seldom", "Many", 0, 8, 16)
	add("named", "Named", 0)
	c.ok("import", "--rules", dir, "--sigma-values", values, write(t, "a.json", log))
	for rule, want := range map[string][]string{
		"Counted": {"named", "often", "seldom"}, "Added": {"often", "seldom"}, "Many Added": {"often"},
		"Named": {"named"}, "Old": nil,
	} {
		var findings []struct{ Dest string }
		if err := json.Unmarshal([]byte(c.ok("findings", "--rule", rule, "--format", "json")), &findings); err != nil {
			t.Fatal(err)
		}
		hosts := map[string]bool{}
		for _, f := range findings {
			hosts[f.Dest] = true
		}
		if got := slices.Sorted(maps.Keys(hosts)); !slices.Equal(got, want) {
			t.Errorf("%s is of %q, want %q", rule, got, want)
		}
	}
}
