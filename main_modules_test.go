package main_test

import (
	"strings"
	"testing"
)

// TestModulesCommand: the ledger of the command line is that of the console.
func TestModulesCommand(t *testing.T) {
	c := newCLI(t)
	const entry = `/system.webServer/globalModules/add[@name="@X"]`
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, noon, entry), change("web02", 1, noon, entry+"/@image"))))
	csv := rows(t, c.ok("modules", "--format", "csv"))
	if len(csv) != 3 || strings.Join(csv[0], ",") !=
		"dest,name,image,type,scope,first,last,present,added_by,judgement,reason,hosts" ||
		csv[1][1] != "'@X" || csv[1][9] != "unknown" {
		t.Errorf("%q", csv)
	}
	one := c.ok("modules", "--dest", "WEB01", "--format", "json")
	if strings.Count(one, `"dest"`) != 1 || !strings.Contains(one, `"dest":"web01"`) ||
		!strings.Contains(one, `"hosts":2`) {
		t.Error(one)
	}
	table := c.run(nil, "modules")
	if !strings.HasPrefix(table.stdout, "dest ") || !strings.Contains(table.stderr, "2 modules") {
		t.Errorf("%s%s", table.stdout, table.stderr)
	}
	if r := c.run(nil, "modules", "--dest", "nix"); r.code != 1 || !strings.Contains(r.stderr, "No log of a host") {
		t.Errorf("%+v", r)
	}
}
