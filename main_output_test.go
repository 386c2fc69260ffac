package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

func sha256Of(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// callHere runs the command in the test's working directory.
func callHere(t testing.TB, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the exit status is the result's
	return result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// hostile are names and texts that a log may hold.
var hostile = []string{"=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\ttab", "web\r\nx", `quo"te`, "a,b", "Übung", "ZZ",
	"aa", "<script>", "\u202eevil", "\x1b[31mred", "\u200b=1", "＝1",
	"\u00a0＠x", "a;=1", "nul\x00"}

func hostileLog() []byte {
	var out []byte
	for i, h := range hostile {
		out = append(out, nxlog(change(h, int64(i+1), noon, "/a"+h))...)
	}
	return out
}

func TestFindingsCSV(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "hostile.json", hostileLog()))
	text := c.ok("findings", "--format", "csv")
	const header = `"OpCode","EventCode","dest","Message","count","firstTime","lastTime"` + "\r\n"
	if !strings.HasPrefix(text, header) {
		t.Fatalf("header %q, want %q", strings.SplitN(text, "\n", 2)[0], header)
	}
	got := rows(t, text)[1:]
	if len(got) != len(hostile) {
		t.Errorf("%d rows, want %d", len(got), len(hostile))
	}
	var dests []string
	for _, r := range got {
		for i, cell := range r {
			seen := strings.TrimLeft(cell, "\u200b\u00a0")
			if seen != "" && strings.ContainsAny(seen[:1], "=+-@\t\r") || strings.HasPrefix(seen, "＝") ||
				strings.HasPrefix(seen, "＠") || strings.Contains(cell, ";=") || strings.Contains(cell, "\x00") {
				t.Errorf("column %d would be a formula, or ends early: %q", i, cell)
			}
		}
		if r[0] != "Info" || r[1] != "29" || r[4] != "1" || r[5] != "2026-03-02T12:00:00" || r[6] != r[5] {
			t.Errorf("row %q", r)
		}
		dests = append(dests, r[2])
	}
	if !sort.StringsAreSorted(dests) {
		t.Errorf("not sorted by bytes: %q", dests)
	}
}

func TestRiskCSV(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "hostile.json", hostileLog()))
	text := c.ok("risk", "--format", "csv")
	const header = `"normalized_risk_object","risk_score","count","firstTime","lastTime","Search Name","Risk Message",` +
		`"Analytic Stories","Annotations","ATT&CK Tactics"` + "\r\n"
	if !strings.HasPrefix(text, header) {
		t.Fatalf("header %q, want %q", strings.SplitN(text, "\n", 2)[0], header)
	}
	var objects []string
	for _, r := range rows(t, text)[1:] {
		if r[1] != "50" || r[2] != "1" || r[5] != "ESCU - "+seedName+" - Rule" || r[9] != "persistence" {
			t.Errorf("row %q", r)
		}
		if strings.ContainsRune("=+-@\t\r", rune(r[0][0])) {
			t.Errorf("would be a formula: %q", r[0])
		}
		objects = append(objects, r[0])
	}
	if !sort.StringsAreSorted(objects) {
		t.Errorf("not sorted by bytes: %q", objects)
	}
}

func TestTableIsSafeForATerminal(t *testing.T) {
	c := newCLI(t)
	r := c.run(nil, "import", write(t, "\x1b]0;owned\a.json", hostileLog()))
	for _, out := range []string{c.ok("findings"), c.ok("risk"), r.stdout, r.stderr} {
		for _, bad := range []string{"\x1b", "\a", "\u202e", "\r"} {
			if strings.Contains(out, bad) {
				t.Errorf("%q reaches the terminal:\n%q", bad, out)
			}
		}
	}
}

// TestNothingHides: in no text, and in no JSON, that the command prints stands a
// character that hides or turns others, whoever wrote it.
func TestNothingHides(t *testing.T) {
	c := newCLI(t)
	const rule = "name: \"Rule\\u202egnp\\u200b\"\nid: 22222222-0000-0000-0000-000000000000\nversion: 1\ntype: TTP\n" +
		"search: 'EventCode=29 | stats count by ComputerName | rename ComputerName as dest'\n"
	file := write(t, "\u202erule.yml", []byte(rule))
	check := func(what string, r result) {
		t.Helper()
		if r.stdout+r.stderr == "" || r.code != 0 {
			t.Errorf("%s: exit status %d, %q", what, r.code, r.stderr)
		}
		for _, bad := range []string{"\u202e", "\u200b", "\x1b", "\x7f", "\u00a0"} {
			if strings.Contains(r.stdout+r.stderr, bad) {
				t.Errorf("%s prints %q:\n%q", what, bad, r.stdout+r.stderr)
			}
		}
	}
	check("import", c.run(nil, "import", "--json", write(t, "\u202e.json", hostileLog())))
	notes := write(t, "notes.csv", []byte("note_id,dest,finding,author,created,edited,revision,note\r\n"+
		"4,web01,,anna\u202e,2025-12-15T00:00:00,2025-12-15T00:00:01,1,a\u200b\x1bb\u00a0\r\n"))
	check("notes", c.run(nil, "notes", "--import", notes))
	check("notes", c.run(nil, "notes", "--format", "json"))
	for _, format := range []string{"json", "table"} {
		check("findings", c.run(nil, "findings", "--format", format))
		check("risk", c.run(nil, "risk", "--format", format))
		check("search", c.run(nil, "search", "--format", format, "EventCode=29 | table ComputerName Message"))
	}
	check("report", c.run(nil, "report", "--dest", "\u202eevil", "--format", "json"))
	check("report", c.run(nil, "report", "--dest", "\u202eevil", "--format", "md"))
	for _, args := range [][]string{{"rules", "check", file}, {"rules", "check", "--json", file}} {
		check(args[1], call(t, nil, args...))
	}
}

func TestRuleByIDAndName(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "x.json", nxlog(change("web01", 1, noon, "/a"))))
	for _, command := range []string{"findings", "risk"} {
		plain := c.ok(command, "--format", "csv")
		if len(rows(t, plain)) != 2 {
			t.Errorf("%s: %q", command, plain)
		}
		for _, rule := range []string{seedID, seedName} {
			if got := c.ok(command, "--format", "csv", "--rule", rule); got != plain {
				t.Errorf("%s --rule %q:\n%swant\n%s", command, rule, got, plain)
			}
		}
	}
}

func TestDest(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "x.json", nxlog(change("Web01.corp.example", 1, noon, "/a"), change("web02", 1, noon, "/a"))))
	for _, dest := range []string{"web01.corp.example", "WEB01.CORP.EXAMPLE", "web01.corp.example."} {
		if got := rows(t, c.ok("findings", "--format", "csv", "--dest", dest)); len(got) != 2 ||
			got[1][2] != "Web01.corp.example" {
			t.Errorf("findings of %s: %q", dest, got)
		}
		if got := rows(t, c.ok("risk", "--format", "csv", "--dest", dest)); len(got) != 2 ||
			got[1][0] != "web01.corp.example" {
			t.Errorf("risk of %s: %q", dest, got)
		}
	}
	if got := rows(t, c.ok("findings", "--format", "csv", "--dest", "web0")); len(got) != 1 {
		t.Errorf("a part of a name is no host: %q", got)
	}
}

func TestJSONFormats(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "logon.json", logon()))
	for _, command := range []string{"findings", "risk", "notes"} {
		if got := strings.TrimSpace(c.ok(command, "--format", "json")); got != "[]" {
			t.Errorf("%s of a log without findings: %s", command, got)
		}
	}
	c.ok("import", write(t, "hostile.json", hostileLog()))
	for command, keys := range map[string]string{
		"findings": "OpCode EventCode dest Message count firstTime lastTime",
		"risk":     "normalized_risk_object risk_score count firstTime lastTime",
	} {
		var got []map[string]any
		if err := json.Unmarshal([]byte(c.ok(command, "--format", "json")), &got); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		if len(got) != len(hostile) {
			t.Errorf("%s: %d rows, want %d", command, len(got), len(hostile))
		}
		for _, row := range got {
			for k := range strings.FieldsSeq(keys) {
				if _, ok := row[k]; !ok {
					t.Errorf("%s: no %s in %v", command, k, row)
				}
			}
			if n, ok := row["count"].(float64); !ok || n != 1 {
				t.Errorf("%s: count %v is not the number 1", command, row["count"])
			}
		}
	}
}

// logon is a log that no rule matches.
func logon() []byte {
	r := logwriter.Logon("S-1-5-18", "CORP", "first-shift", "0x1", "10.0.0.1")
	r.Computer, r.RecordNumber, r.Time = "web01", 1, noon
	return nxlog(&r)
}

func TestNotesHeader(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "logon.json", logon()))
	const want = `"note_id","dest","finding","author","created","edited","revision","note","status","disposition",` +
		`"owner","evidence"` + "\r\n"
	for _, args := range [][]string{nil, {"--format", "csv"}, {"--dest", "web01"}} {
		if got := c.ok("notes", args...); got != want {
			t.Errorf("notes %q: %q, want %q", args, got, want)
		}
	}
}

// TestDemo: the logs it writes can be imported, and again adds nothing.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	r := call(t, nil, "demo", dir)
	files := strings.Fields(r.stdout)
	if r.code != 0 || len(files) != 4 {
		t.Fatalf("exit status %d, %q, %s", r.code, files, r.stderr)
	}
	c := newCLI(t)
	for n := range 2 {
		code, got := c.importJSON(nil, files...)
		logs := slices.DeleteFunc(slices.Clone(got), func(g imported) bool { return g.Read == 0 })
		if code != 0 || len(got) != 15 || len(logs) != 6 {
			t.Fatalf("exit status %d, %d files, %d logs: %v", code, len(got), len(logs), got)
		}
		for _, g := range logs {
			if g.Rejected != 0 || (n == 1) != (g.New == 0) {
				t.Errorf("import %d: %+v", n, g)
			}
		}
		for _, g := range got {
			if g.Status != "done" {
				t.Errorf("import %d: %+v", n, g)
			}
		}
	}
	hosts := map[string]bool{}
	for _, row := range rows(t, c.ok("risk", "--format", "csv"))[1:] {
		hosts[row[0]] = true
	}
	if !hosts["exch01.corp.example"] || !hosts["web02.corp.example"] {
		t.Errorf("risk of %v", hosts)
	}
}

// TestOrderOfImports: whatever the order and the batches, the tables are the same.
func TestOrderOfImports(t *testing.T) {
	var lines []string
	for i := range 60 {
		lines = append(lines, string(nxlog(change(fmt.Sprintf("web%02d", i%3), int64(i),
			noon.Add(time.Duration(i*i)*time.Minute), "/p"+fmt.Sprint(i%7)))))
	}
	var want string
	for n := range 3 {
		c := newCLI(t)
		part := slices.Clone(lines)
		if n > 0 {
			slices.Reverse(part)
		}
		if n < 2 {
			c.ok("import", write(t, "a", []byte(strings.Join(part, ""))))
		} else {
			c.ok("import", write(t, "a", []byte(strings.Join(part[:40], ""))),
				write(t, "b", []byte(strings.Join(part[20:], ""))))
		}
		got := c.ok("findings", "--format", "csv") + c.ok("risk", "--format", "csv")
		if n == 0 {
			want = got
		} else if got != want {
			t.Errorf("variant %d differs:\n%s\nwant\n%s", n, got, want)
		}
	}
}
