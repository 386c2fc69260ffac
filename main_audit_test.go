package main_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
)

// TestAuditVerify: a whole trail is told with its tip and status 0, a damaged row is
// named with status 1, and a wrong call is status 2. Who uses the command line is said.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	log := nxlog(change("web01", 1, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), "/x"))
	c.ok("import", write(t, "a.json", log))
	c.ok("findings", "--format", "csv", "--dest", "web01")
	c.ok("findings")
	c.ok("report", "--dest", "web01", "--format", "md")
	if r := call(t, nil, "rules", "disable", "--db", c.db, "--author", "bob", detection.SeedID); r.code != 0 {
		t.Fatal(r.stderr)
	}
	whole := regexp.MustCompile(`^The audit trail is whole: (\d+) rows, tip [0-9a-f]{64}\n$`)
	before := c.ok("audit", "verify")
	if !whole.MatchString(before) || c.ok("audit", "verify") != before {
		t.Errorf("an untouched trail: %q", before)
	}
	d, err := sql.Open("sqlite", c.db)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var told string
	if err := d.QueryRow(`SELECT group_concat(person || ' ' || action || ' ' || object || ' ' || field || ' ' || address, '; ')
		FROM audit WHERE action IN ('exported', 'disabled')`).Scan(&told); err != nil {
		t.Fatal(err)
	}
	want := "command line exported findings.csv dest=web01&rule=" + detection.SeedID + "&status=all command line; " +
		"command line exported report.md dest=web01 command line; " +
		"bob disabled rule " + detection.SeedID + "  command line"
	if told != want {
		t.Errorf("told %q, want %q", told, want)
	}
	if _, err := d.Exec(`DROP TRIGGER audit_changed; UPDATE audit SET person = 'eve' WHERE person = 'bob'`); err != nil {
		t.Fatal(err)
	}
	got := c.run(nil, "audit", "verify")
	n := whole.FindStringSubmatch(before)[1]
	if got.code != 1 || !strings.HasPrefix(got.stdout, "row "+n+" (20") || !strings.Contains(got.stdout, "was changed") {
		t.Errorf("a changed row: status %d, %q%s", got.code, got.stdout, got.stderr)
	}
	for _, wrong := range [][]string{{}, {"sign"}, {"verify", "more"}, {"verify", "--no"}} {
		if got := call(t, nil, append([]string{"audit"}, wrong...)...); got.code != 2 {
			t.Errorf("audit %q: status %d", wrong, got.code)
		}
	}
	none := filepath.Join(t.TempDir(), "none.db")
	if got := call(t, nil, "audit", "verify", "--db", none); got.code != 1 || got.stdout != "" {
		t.Errorf("no database: status %d, %q", got.code, got.stdout)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("it was made")
	}
}
