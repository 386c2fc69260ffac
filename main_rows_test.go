package main_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
)

// TestDamagedRows: a row of a finding, of risk or of triage that is not what was written
// is told to be damaged wherever it is shown, and costs nothing but itself; and what is
// damaged is not sealed by what is written after that.
func TestDamagedRows(t *testing.T) {
	t.Parallel()
	c := worked(t)
	was := strings.Count(c.ok("findings"), "\n")
	for how, says := range map[string]struct {
		lie string // what is there now, and must not be shown
		at  string // a page where "damaged" stands
		n   int    // of how many findings
	}{
		`UPDATE finding SET row = replace(row, '/x', '/QQQ') WHERE dest = 'web01'`: {"/QQQ", "/hosts/web01", 7},
		`UPDATE finding SET row = 'QQQ' WHERE dest = 'web02' AND id < 4`:           {"QQQ", "/findings", 1},
		`UPDATE finding SET count = 4711 WHERE dest = 'web01'`:                     {"4711", "/hosts/web01", 7},
		`UPDATE finding SET state = '{"QQQ', windows = x'ff' WHERE dest = 'web01'`: {"QQQ", "/settings", 0},
		`UPDATE risk_event SET message = 'QQQ', score = 77 WHERE object = 'web01'`: {"QQQ", "/hosts/web01", 0},
		`UPDATE triage SET owner = 'QQQ' WHERE name = 'web01'`:                     {"QQQ", "/hosts/web01", 0},
		`UPDATE triage_history SET new = 'QQQ' WHERE name = 'web01'`:               {"", "/hosts/web01", 0},
		`UPDATE object_risk SET score = 4711 WHERE object = 'web01'`:               {"4711", "/settings", 0},
		`UPDATE risk_week SET tiles = x'0000' WHERE object = 'web01'`:              {"", "/settings", 0},
	} {
		bad := &cli{t, filepath.Join(t.TempDir(), "x.db")}
		copied(t, c.db, bad.db)
		damage(t, bad.db, how)
		got := bad.run(nil, "findings")
		n := 0
		for line := range strings.Lines(got.stdout) {
			if strings.Contains(line, "(damaged)") {
				n++
			}
		}
		if n != says.n || n > 0 && got.code != 3 || strings.Count(got.stdout, "\n") != was {
			t.Errorf("%s: %d: %+v", how, n, got)
		}
		s := serve(t, bad.db)
		for _, at := range []string{"/", "/hosts/web01", says.at} {
			page := s.get(t, at)
			if says.lie != "" && strings.Contains(page, says.lie) {
				t.Errorf("%s: %s shows it", how, at)
			}
			if at == says.at && !strings.Contains(page, "damaged") {
				t.Errorf("%s: %s does not tell", how, at)
			}
		}
		s.kill()
	}
}

// TestDamageIsNotSealed: what joins a finding that is damaged does not make it whole, and
// a rule that is switched off and on again does.
func TestDamageIsNotSealed(t *testing.T) {
	t.Parallel()
	c := worked(t)
	damage(t, c.db, `UPDATE finding SET dest = 'web01x', state = '{"QQQ', windows = x'ff' WHERE id = 2`)
	damage(t, c.db, `UPDATE triage SET owner = 'QQQ' WHERE name = 'web01'`)
	more := write(t, "more.json", nxlog(change("web01", 4711, time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC), "/x1")))
	c.ok("import", more)
	if got := c.run(nil, "check"); got.code != 1 || !strings.Contains(got.stdout, "does not fit its checksum") {
		t.Errorf("%+v", got)
	}
	s := serve(t, c.db)
	s.send(t, "/hosts/web01/triage", url.Values{"status": {"Pending"}, "author": {"bert"}})
	if page := s.get(t, "/hosts/web01"); strings.Contains(page, "QQQ") || !strings.Contains(page, `value="anna"`) ||
		strings.Contains(page, "What was decided here is damaged") {
		t.Errorf("a decision over a damaged one: %.4000s", page)
	}
	s.kill()
	for _, how := range []string{"disable", "enable"} {
		if got := call(t, nil, "rules", how, "--db", c.db, "--author", "anna", detection.SeedID); got.code != 0 {
			t.Fatalf("%s: %+v", how, got)
		}
		c.ok("findings", "--rule", "all") // which goes on till all of a rule is gone or there
	}
	if got := c.ok("check"); !strings.Contains(got, "is whole") {
		t.Error(got)
	}
}

// TestDamagedFilter: a damaged filter over a block's words hides none of its events.
func TestDamagedFilter(t *testing.T) {
	t.Parallel()
	c := worked(t)
	want := c.ok("search", "--format", "csv", `"/x3" | stats count by host`)
	damage(t, c.db, `UPDATE block_words SET data = zeroblob(length(data))`)
	if got := c.ok("search", "--format", "csv", `"/x3" | stats count by host`); got != want || !strings.Contains(want, "web") {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDamagedCatchUp: a rule that comes to a block that is damaged runs over all others,
// and says what it did not see.
func TestDamagedCatchUp(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, host := range []string{"web01", "web02"} {
		c.ok("import", write(t, host+".json", nxlog(change(host, 1, at, "/a"), change(host, 2, at, "/b"))))
	}
	for _, table := range []string{"block_columns", "block_bytes"} {
		bad := &cli{t, filepath.Join(t.TempDir(), "x.db")}
		copied(t, c.db, bad.db)
		damage(t, bad.db, `UPDATE `+table+` SET data = zeroblob(length(data)) WHERE first = (SELECT min(first) FROM block)`)
		for _, how := range []string{"disable", "enable"} {
			if got := call(t, nil, "rules", how, "--db", bad.db, "--author", "anna", detection.SeedID); got.code != 0 {
				t.Fatalf("%s: %+v", how, got)
			}
			bad.run(nil, "findings", "--rule", "all")
		}
		if got := bad.ok("findings", "--format", "csv"); strings.Contains(got, "web01") || strings.Count(got, "web02") != 2 {
			t.Errorf("%s: %s", table, got)
		}
		s := serve(t, bad.db)
		if page := s.get(t, "/rules/"+detection.SeedID); !strings.Contains(page, "Up to 2 records could not be read") {
			t.Errorf("%s: the rule's page does not tell", table)
		}
		s.kill()
		got := bad.run(nil, "check")
		if got.code != 1 || !strings.Contains(got.stdout, "block 1: ") || strings.Contains(got.stdout, "finding ") ||
			!strings.Contains(got.stderr, "Windows IIS Components New Module Added") {
			t.Errorf("%s: %+v", table, got)
		}
	}
}

// TestDamagedColumns: columns of a block that are damaged are made again of its records by
// whoever writes: an import of the same events, and its deletion.
func TestDamagedColumns(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	log := nxlog(change("web01", 1, at, "/a"), change("web01", 2, at, "/b"), change("web02", 3, at, "/c"))
	c.ok("import", write(t, "a.json", log))
	findings := c.ok("findings", "--format", "csv")
	spoil := `UPDATE block_columns SET data = zeroblob(length(data)) WHERE first = (SELECT min(first) FROM block)`
	damage(t, c.db, spoil)
	if code, got := c.importJSON(nil, write(t, "b.json", append(log,
		nxlog(change("web03", 4, at, "/d"))...))); code != 0 ||
		got[0].New != 1 || got[0].Duplicate != 3 {
		t.Fatalf("%d %+v", code, got)
	}
	if got := c.ok("check"); !strings.Contains(got, "is whole") {
		t.Error(got)
	}
	if got := c.ok("findings", "--format", "csv"); strings.Replace(got, "web03", "", 1) == got ||
		strings.Count(got, "\n") != strings.Count(findings, "\n")+1 {
		t.Errorf("%s\n%s", findings, got)
	}
	damage(t, c.db, spoil)
	s := serve(t, c.db)
	s.send(t, "/imports/1/delete", url.Values{})
	s.until(t, "2", func(imported) bool { return !strings.Contains(s.get(t, "/imports"), "a.json") })
	s.kill()
	if got := c.ok("check"); !strings.Contains(got, "is whole") {
		t.Error(got)
	}
}

// TestDamagedSummary: a block whose summary is damaged is looked into, whatever is asked.
func TestDamagedSummary(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for i, host := range []string{"web01", "web02", "web01"} {
		c.ok("import", write(t, host+".json", nxlog(change(host, int64(10*i+1), at.Add(time.Duration(i)*time.Hour), "/a"))))
	}
	asked := []string{"web01 | table _time host RecordNumber", "* | head 2 | table _time host RecordNumber",
		"OpCode=Info | stats count by host"}
	var want []string
	for _, a := range asked {
		want = append(want, c.ok("search", "--format", "csv", a))
	}
	damage(t, c.db, `UPDATE block SET summary = zeroblob(length(summary)) WHERE first = (SELECT min(first) FROM block)`)
	for i, a := range asked {
		if got := c.ok("search", "--format", "csv", a); got != want[i] {
			t.Errorf("%s: got %s, want %s", a, got, want[i])
		}
	}
	more := write(t, "x.json", nxlog(change("web01", 1, at, "/a"), change("web09", 1, at, "/a")))
	if code, got := c.importJSON(nil, more); code != 0 || got[0].New != 1 || got[0].Duplicate != 1 {
		t.Errorf("%d %+v", code, got)
	}
	if got := c.run(nil, "check"); !strings.Contains(got.stdout, "block 1: the summary of its columns") {
		t.Errorf("%+v", got)
	}
}
