package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestUsage(t *testing.T) {
	log := write(t, "one.json", nxlog(change("web01", 1, noon, "/a")))
	for _, c := range []struct {
		name string
		args []string
		code int
		says string // in either output
	}{
		{"nothing", nil, 2, "usage:"},
		{"help", []string{"help"}, 0, "exit status: 0 done, 1 failed, 2 wrong usage, 3"},
		{"-h", []string{"-h"}, 0, "escutcheon serve"},
		{"unknown command", []string{"inport"}, 2, `no command "inport"`},
		{"version", []string{"version"}, 0, "escutcheon "},
		{"version and more", []string{"version", "x"}, 2, `unexpected argument "x"`},
		{"import without files", []string{"import"}, 2, "name the files"},
		{"import, unknown flag", []string{"import", "--zones", "UTC", log}, 2, "-zones"},
		{"import, unknown zone", []string{"import", "--zone", "Mars/Olympus", log}, 2, `no time zone "Mars/Olympus"`},
		{"import, no zone", []string{"import", "--zone", "", log}, 2, "no time zone"},
		{"import, zone as a path", []string{"import", "--zone", "../../../etc/localtime", log}, 2, "no time zone"},
		{"import, help", []string{"import", "--help"}, 0, "-computer"},
		{"findings, unknown rule", []string{"findings", "--rule", "none"}, 2, `no rule "none"`},
		{"findings, unknown format", []string{"findings", "--format", "xml"}, 2, "table, csv, json"},
		{"findings and more", []string{"findings", "web01"}, 2, `unexpected argument "web01"`},
		{"findings, help", []string{"findings", "-h"}, 0, "-dest"},
		{"risk, unknown rule", []string{"risk", "--rule", "none"}, 2, `no rule "none"`},
		{"risk, unknown format", []string{"risk", "--format", "yaml"}, 2, "table, csv, json"},
		{"risk, as-of that is no time", []string{"risk", "--as-of", "yesterday"}, 2, `"yesterday" is no time`},
		{"notes, no table", []string{"notes", "--format", "table"}, 2, "csv, json"},
		{"demo, two folders", []string{"demo", "a", "b"}, 2, `unexpected argument "b"`},
		{"serve, size in words", []string{"serve", "--max-upload", "much"}, 2, `"much" is no size`},
		{"serve, negative size", []string{"serve", "--max-upload", "-1"}, 2, "is no size"},
		{"serve, size past all bounds", []string{"serve", "--max-upload", "9999999999999GiB"}, 2, "is no size"},
		{"serve, no searches at a time", []string{"serve", "--search-workers", "0"}, 2, "from 1 to 64"},
		{"serve, searches in no time", []string{"serve", "--search-deadline", "10ms"}, 2, "--search-deadline is 10ms"},
		{"serve, searches without memory", []string{"serve", "--search-memory", "1MiB"}, 2, "from 16MiB to 64GiB"},
		{"search in no time", []string{"search", "--deadline", "0", "x"}, 2, "--deadline is 0s; it is from 1s"},
		{"search, memory in words", []string{"search", "--memory", "much", "x"}, 2, `--memory: "much" is no size`},
		{"serve and more", []string{"serve", "8080"}, 2, `unexpected argument "8080"`},
		{"serve, bad address", []string{"serve", "--listen", "nowhere:port"}, 1, "--listen"},
		{"findings of no database", []string{"findings"}, 1, "no database"},
		{"risk of no database", []string{"risk"}, 1, "no database"},
		{"notes of no database", []string{"notes"}, 1, "no database"},
		{"a folder as database", []string{"findings", "--db", t.TempDir()}, 1, "escutcheon findings: "},
		{"a database that is none", []string{"findings", "--db", log}, 1, "escutcheon findings: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := call(t, nil, c.args...)
			if r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.says) {
				t.Errorf("exit status %d, want %d; output should say %q:\n%s%s", r.code, c.code, c.says, r.stdout, r.stderr)
			}
			if c.code != 0 && r.stdout != "" {
				t.Errorf("a failure wrote to standard output: %q", r.stdout)
			}
		})
	}
}

// TestUsageNamesEveryFlag: the form of a command that help prints has the flags
// that the command takes.
func TestUsageNamesEveryFlag(t *testing.T) {
	forms := map[string]string{}
	for line := range strings.Lines(call(t, nil, "help").stdout) {
		if name, form, ok := strings.Cut(strings.TrimPrefix(line, "  escutcheon "), " "); ok &&
			strings.HasPrefix(line, "  escutcheon ") {
			forms[name] = form
		}
	}
	for _, name := range []string{"serve", "import", "findings", "search", "risk", "notes"} {
		n := 0
		for line := range strings.Lines(call(t, nil, name, "--help").stdout) {
			flag, ok := strings.CutPrefix(line, "  -")
			if !ok {
				continue
			}
			n++
			if flag = strings.Fields(flag)[0]; !strings.Contains(forms[name], "[--"+flag+"]") &&
				!strings.Contains(forms[name], "[--"+flag+" ") {
				t.Errorf("the form of %s leaves --%s out: %s", name, flag, forms[name])
			}
		}
		if n < 2 {
			t.Errorf("%s --help names %d flags", name, n)
		}
	}
}

// TestDefaultDatabase: escutcheon.db in the working directory.
func TestDefaultDatabase(t *testing.T) {
	c := newCLI(t)
	c.db = "escutcheon.db"
	dir := t.TempDir()
	t.Chdir(dir)
	log := write(t, "one.json", nxlog(change("web01", 1, noon, "/a")))
	if r := callHere(t, "import", log); r.code != 0 {
		t.Fatalf("exit status %d: %s", r.code, r.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "escutcheon.db")); err != nil {
		t.Fatal(err)
	}
	if r := callHere(t, "findings", "--format", "csv"); len(rows(t, r.stdout)) != 2 {
		t.Errorf("findings of the default database:\n%s%s", r.stdout, r.stderr)
	}
}

func TestImportJSONLine(t *testing.T) {
	c := newCLI(t)
	data := nxlog(change("web01", 1, noon, "/a"), change("web01", 2, noon, "/b"))
	log := write(t, "two.json", data)
	out := c.ok("import", "--json", log)
	if strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "\n") {
		t.Fatalf("not one line: %q", out)
	}
	dec := json.NewDecoder(strings.NewReader(out))
	dec.UseNumber()
	got := map[string]any{}
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"file": log, "sha256": sha256Of(data), "format": "nxlog-json", "status": "done",
		"read": json.Number("2"), "new": json.Number("2"), "duplicate": json.Number("0"), "rejected": json.Number("0")}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %v, want %v", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("keys of %s; want just those of the contract", out)
	}
}

func TestStandardInput(t *testing.T) {
	c := newCLI(t)
	data := nxlog(change("web01", 1, noon, "/a"))
	for n, want := range []imported{
		{File: "-", SHA256: sha256Of(data), Format: "nxlog-json", Status: "done", Read: 1, New: 1},
		{File: "-", SHA256: sha256Of(data), Format: "nxlog-json", Status: "done", Read: 1, Duplicate: 1},
	} {
		code, got := c.importJSON(strings.NewReader(string(data)), "-")
		if code != 0 || len(got) != 1 || got[0] != want {
			t.Errorf("import %d: exit status %d, %+v; want %+v", n, code, got, want)
		}
	}
	c.noSpool()
}

// noSpool fails when a copy of a file was left behind.
func (c *cli) noSpool() {
	c.t.Helper()
	left, err := filepath.Glob(filepath.Join(c.db+"-spool", "*"))
	if err != nil || len(left) > 0 {
		c.t.Errorf("left in the spool: %v %v", left, err)
	}
}

func TestExitStatusOfSeveralFiles(t *testing.T) {
	good := write(t, "good.json", nxlog(change("web01", 1, noon, "/a")))
	other := write(t, "other.json", nxlog(change("web02", 1, noon, "/a")))
	rejects := write(t, "rejects.json", append(nxlog(change("web03", 1, noon, "/a")),
		"{\"EventTime\":\"2026-03-02 12:00:00\",\"EventID\":29,\n"...))
	image := write(t, "image.log", []byte("\x89PNG\r\n\x1a\n....."))
	missing := filepath.Join(t.TempDir(), "missing.log")
	for _, c := range []struct {
		name     string
		files    []string
		code     int
		statuses string
		hosts    int
	}{
		{"all good", []string{good, other}, 0, "done done", 2},
		{"some rejected", []string{good, rejects}, 3, "done done", 2},
		{"rejected first", []string{rejects, good}, 3, "done done", 2},
		{"failed beats rejected", []string{rejects, image, good}, 1, "done failed done", 2},
		{"rejected after failed", []string{image, rejects, other}, 1, "failed done done", 2},
		{"missing", []string{missing, good, other}, 1, "failed done done", 2},
		{"folder", []string{t.TempDir(), good}, 1, "failed done", 1},
		{"same twice", []string{good, good}, 0, "done done", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := newCLI(t)
			code, got := cl.importJSON(nil, c.files...)
			var statuses []string
			for i, g := range got {
				statuses = append(statuses, g.Status)
				if g.File != c.files[i] {
					t.Errorf("line %d is about %s, want %s", i, g.File, c.files[i])
				}
				if (g.Status == "failed") != (g.Reason != "") {
					t.Errorf("%s: %s with reason %q", g.File, g.Status, g.Reason)
				}
			}
			if code != c.code || strings.Join(statuses, " ") != c.statuses {
				t.Errorf("exit status %d, %s; want %d, %s", code, statuses, c.code, c.statuses)
			}
			if n := len(rows(t, cl.ok("findings", "--format", "csv"))) - 1; n != c.hosts {
				t.Errorf("%d findings, want %d", n, c.hosts)
			}
		})
	}
}

func TestZoneAndComputer(t *testing.T) {
	log := write(t, "x.json", nxlog(change("", 1, noon, "/a"))) // no zone, no computer
	c := newCLI(t)
	if r := c.run(nil, "import", "--zone", "Asia/Kolkata", "--computer", "Web09.corp.example", log); r.code != 0 ||
		!strings.Contains(r.stderr, "Asia/Kolkata") {
		t.Fatalf("exit status %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	got := rows(t, c.ok("findings", "--format", "csv"))
	if len(got) != 2 || got[1][2] != "Web09.corp.example" || got[1][5] != "2026-03-02T06:30:00" {
		t.Errorf("findings %q; want one of Web09.corp.example at 06:30 UTC", got)
	}
	bare := newCLI(t)
	if r := bare.run(nil, "import", log); r.code != 0 || !strings.Contains(r.stderr, "--computer") {
		t.Errorf("without a computer: exit status %d, and --computer should be named:\n%s", r.code, r.stderr)
	}
	if got := rows(t, bare.ok("findings", "--format", "csv")); len(got) != 1 {
		t.Errorf("findings without a dest: %q", got)
	}
}

func TestAsOf(t *testing.T) {
	c := newCLI(t)
	c.ok("import", write(t, "x.json", nxlog(change("web01", 1, noon, "/a"),
		change("web01", 2, noon.Add(100*time.Hour), "/b"))))
	for _, q := range []struct{ asOf, want string }{
		{"", "100 2"},
		{"2026-03-02T12:00:00Z", "50 1"},
		{"2026-03-02T12:00:00", "50 1"},
		{"2026-03-02 12:00:00", "50 1"},
		{"2026-03-02T13:00:00+01:00", "50 1"},
		{"2026-03-02T11:59:59Z", ""},
		{"2026-03-09T11:59:59Z", "100 2"},
		{"2026-03-09T12:00:00Z", "50 1"}, // (as-of − 168 h, as-of]
		{"2026-03-13T16:00:00Z", ""},
	} {
		args := []string{"--format", "csv"}
		if q.asOf != "" {
			args = append(args, "--as-of", q.asOf)
		}
		got := ""
		if r := rows(t, c.ok("risk", args...)); len(r) > 1 {
			got = r[1][1] + " " + r[1][2]
		}
		if got != q.want {
			t.Errorf("as of %q: score and count %q, want %q", q.asOf, got, q.want)
		}
	}
}
