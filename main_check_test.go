package main_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// worked is a database of an investigation: logs, a note that was edited, a decision, a
// case with evidence.
func worked(t *testing.T) *cli {
	t.Helper()
	c := newCLI(t)
	var log []byte
	for i := range 40 {
		at := time.Date(2026, 3, 2, 12, i, 0, 0, time.UTC)
		log = append(log, nxlog(change(fmt.Sprintf("web%02d", i%4), int64(i+1), at, fmt.Sprintf("/x%d", i%7)))...)
	}
	c.ok("import", write(t, "a.json", log))
	s := serve(t, c.db)
	s.send(t, "/hosts/web01/notes", url.Values{"text": {"seen before"}, "author": {"anna"}})
	s.send(t, "/notes/1", url.Values{"text": {"seen before, twice"}, "author": {"bert"}, "revision": {"1"}})
	s.send(t, "/hosts/web01/triage", url.Values{"status": {"In Progress"}, "owner": {"anna"}, "author": {"anna"}})
	s.send(t, "/cases", url.Values{"title": {"web01"}, "event": {"1"}, "author": {"anna"}})
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheck: a whole database is told as one with status 0, and each damage is named
// with status 1, in lines and as JSON; the file is only read.
func TestCheck(t *testing.T) {
	t.Parallel()
	c := worked(t)
	before := lies(t, c.db)
	if got := c.ok("check"); got != "The database is whole.\n" {
		t.Errorf("%q", got)
	}
	if after := lies(t, c.db); after[:64] != before[:64] {
		t.Errorf("it was %s, is %s", before, after)
	}
	flip := `UPDATE %[1]s SET data = substr(data, 1, length(data) / 2) || x'%[2]s' || substr(data, length(data) / 2 + 2)`
	for how, names := range map[string]string{
		`UPDATE finding SET row = replace(row, '/x', '/y') WHERE id = 2`:      "finding ",
		`UPDATE finding SET count = count + 1 WHERE id = 1`:                   "finding ",
		`DELETE FROM finding_event WHERE finding_id = 1`:                      "finding ",
		`UPDATE risk_event SET score = 1 WHERE finding_id = 3`:                "risk events are not",
		`UPDATE note SET text = 'never seen'`:                                 "note 1: it and its newest revision differ",
		`UPDATE note SET text = 'x'; UPDATE note_revision SET text = 'x'`:     "note 1: its text is not what the audit",
		`DELETE FROM note_revision WHERE revision = 1`:                        "note 1: its revision 1 is missing",
		`UPDATE triage SET owner = 'eve'`:                                     `host web01: its owner is "eve"`,
		`UPDATE finding SET status = 4 WHERE id = 1`:                          "it shows the status 4",
		`DROP TRIGGER audit_changed; UPDATE audit SET new = 'x' WHERE id = 3`: "audit row 3: ",
		fmt.Sprintf(flip, "block_bytes", "00"):                                "block 1: the bytes of its records",
		fmt.Sprintf(flip, "block_columns", "ff"):                              "block 1: ",
		fmt.Sprintf(flip, "block_words", "5a"):                                "block 1: the filter over its words",
		`DROP TRIGGER finding_went`:                                           "trigger finding_went: it is not",
		`UPDATE triage_history SET new = 'Closed'`:                            "its row in triage_history does not fit",
		`UPDATE finding SET state = replace(state, '1', '2')`:                 "its row in finding does not fit",
		`DELETE FROM block_words`:                                             "block 1: the filter over its words is",
		`UPDATE block SET import_id = 77`:                                     "import 77: blocks belong to it",
		`UPDATE finding_count SET n = n + 1 WHERE dest = 'web02'`:             "host web02: what is counted of its findings",
		`UPDATE rule SET name = 'x' || name WHERE id LIKE '55f2%'`:            "its name is not the one in its file",
		`UPDATE risk_count SET n = n + 1`:                                     "what is counted of its risk events",
		`UPDATE object_risk SET score = score + 1 WHERE object = 'web03'`:     "risk of web03: its score",
		`DELETE FROM risk_week WHERE object = 'web03'`:                        "risk of web03: its sums by hour",
		`UPDATE rule SET id = 'x' WHERE id IN (SELECT rule_id FROM finding)`:  "findings belong to it, and it is not there",
		`UPDATE pin SET snapshot = replace(snapshot, 'web', 'wab')`:           "evidence 1: what it says",
		fmt.Sprintf(flip, "kept_piece", "00"):                                 "has the SHA-256",
		`DELETE FROM case_item`:                                               "case ESC-1, items: ",
		`PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'x'; ` +
			`DELETE FROM host`: "finding ",
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		copied(t, c.db, path)
		damage(t, path, how)
		got := call(t, nil, "check", "--db", path)
		if got.code != 1 || !strings.Contains(got.stdout, names) || strings.Contains(got.stdout, "is whole") {
			t.Errorf("%s: %+v", how, got)
		}
		var told struct {
			Whole   bool
			Damages []struct{ Object, What string }
		}
		if strings.Contains(how, "block_columns") {
			got := call(t, nil, "search", "--db", path, "web01")
			if got.code != 3 || !strings.Contains(got.stderr, "Some of the stored events are damaged: up to 40 records") {
				t.Errorf("a search over a damaged block: %+v", got)
			}
		}
		got = call(t, nil, "check", "--json", "--db", path)
		if err := json.Unmarshal([]byte(got.stdout), &told); err != nil || told.Whole || len(told.Damages) == 0 ||
			told.Damages[0].Object == "" || got.code != 1 {
			t.Errorf("%s: %v %+v", how, err, got)
		}
	}
	for _, wrong := range [][]string{{"more"}, {"--no"}} {
		if got := c.run(nil, "check", wrong...); got.code != 2 {
			t.Errorf("check %q: %+v", wrong, got)
		}
	}
}

// damage changes a database by the driver alone.
func damage(t testing.TB, path, how string) {
	t.Helper()
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Exec(how); err != nil {
		t.Errorf("%s: %v", how, err)
	}
}

// shown are tables that a reader of a database sees.
var shown = [][]string{{"findings", "--rule", "all", "--format", "csv"}, {"risk", "--as-of", "2026-03-03T00:00:00Z",
	"--format", "csv"}, {"notes"}, {"search", "--format", "csv", "* | table _time host EventCode Message"}}

func sortedLines(text string) string {
	return strings.Join(slices.Sorted(strings.Lines(text)), "")
}

// TestFlips: a byte of the file that is another one is named by check, or changes
// nothing that is shown; and what is damaged is not shown as if it were whole.
// ESCUTCHEON_FLIPS says how many are tried.
func TestFlips(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; run without -short")
	}
	t.Parallel()
	flips := 12
	if n, err := strconv.Atoi(os.Getenv("ESCUTCHEON_FLIPS")); err == nil {
		flips = n
	}
	c := worked(t)
	data, err := os.ReadFile(c.db)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, s := range shown {
		want[s[0]] = c.ok(s[0], s[1:]...)
	}
	r := rand.New(rand.NewPCG(15, 3))
	named, silent, served := 0, 0, 0
	for range flips {
		at, bit := r.IntN(len(data)), byte(1)<<r.IntN(8)
		for data[at] == 0 { // mostly room that nothing uses
			at = r.IntN(len(data))
		}
		c := &cli{t, filepath.Join(t.TempDir(), "x.db")}
		bad := append([]byte{}, data...)
		bad[at] ^= bit
		if err := os.WriteFile(c.db, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		check := c.run(nil, "check")
		if check.code == 1 {
			named++
		} else if check.code != 0 {
			t.Errorf("byte %d ^ %d: %+v", at, bit, check)
		}
		passes, lies := false, false
		for _, s := range shown {
			got := c.run(nil, s[0], s[1:]...)
			if got.code == 0 && got.stdout == want[s[0]] {
				continue
			}
			passes = passes || check.code == 0
			// What lies in another order is whole, and an index that lacks a row is told by the
			// server, which goes over them.
			lies = lies || got.code == 0 && !strings.Contains(got.stdout, "damaged") &&
				sortedLines(got.stdout) != sortedLines(want[s[0]]) && !strings.Contains(check.stdout, "its structure")
			if check.code == 0 || got.code == 0 {
				t.Logf("byte %d ^ %d: check says %q, and %s: status %d, %s%s", at, bit, check.stdout, s[0], got.code,
					difference(got.stdout, want[s[0]]), got.stderr)
			}
		}
		if passes {
			silent++
		}
		if lies {
			served++
		}
	}
	t.Logf("of %d flips %d are named, %d change what is shown and are not, %d are served as if whole", flips, named,
		silent, served)
	if silent > 0 || served > 0 || named < flips/10 {
		t.Errorf("%d flips pass, %d are named, %d served", silent, named, served)
	}
}
