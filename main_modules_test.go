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
		"dest,name,image,type,scope,first,last,present,added_by,judgement,reason,hosts,removed_by,first_host" ||
		csv[1][1] != "'@X" || csv[1][9] != "unknown" || csv[2][13] != csv[1][13] || csv[1][13] == "" {
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
	list := write(t, "k.csv", []byte("kind,value,judgement,note,source\nname,@x,known,ours,team\n"+
		"thing,x,known,,\nhash,zz,bad,,\nimage,X,evil,,\nshort\n"))
	r := c.run(nil, "import", "--known", list, write(t, "b.json", nxlog(change("web03", 1, noon, entry))))
	for _, says := range []string{`line 3: there is no kind "thing"`, `line 4: "zz" is no SHA-256`,
		`line 5: there is no judgement "evil"`, "line 6: it has 1 columns"} {
		if !strings.Contains(r.stderr, says) {
			t.Errorf("no %q in %s", says, r.stderr)
		}
	}
	if got := c.ok("modules", "--format", "csv"); strings.Count(got, `"known","your list has its name`) != 3 {
		t.Errorf("with the list:\n%s", got)
	}
	none := write(t, "none.csv", []byte("kind,value,judgement,note,source\n"))
	c.ok("import", "--known", none, write(t, "c.json", nxlog(change("web04", 1, noon, entry))))
	if got := c.ok("modules", "--format", "csv"); strings.Contains(got, "your list") {
		t.Errorf("with an empty list in its place:\n%s", got)
	}
	if r := c.run(nil, "import", "--known", write(t, "w.csv", []byte("a,b\n")), none); r.code != 2 ||
		!strings.Contains(r.stderr, "kind,value,judgement,note,source") {
		t.Errorf("%+v", r)
	}
	if r := c.run(nil, "modules", "--dest", "nix"); r.code != 1 || !strings.Contains(r.stderr, "No log of a host") {
		t.Errorf("%+v", r)
	}
}
