package checks_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"escutcheon/internal/checks"
)

// root is the project's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the tests", err)
	return ""
}

func TestHouse(t *testing.T) {
	files, err := checks.Load(os.DirFS(root(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files read", len(files))
	}
	for name, check := range map[string]func([]checks.File) []string{
		"arrows": checks.CheckArrows, "package comments": checks.CheckComments,
		"lengths": checks.CheckLengths, "raw HTML": checks.CheckRaw, "widths": checks.CheckWidth,
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range check(files) {
				t.Error(s)
			}
		})
	}
}

// TestPapers: links lead somewhere, and each decision is in the list of them.
func TestPapers(t *testing.T) {
	tree := os.DirFS(root(t))
	said, err := checks.CheckLinks(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range said {
		t.Error(s)
	}
	pages, err := fs.Glob(tree, "docs/decisions/*.md")
	if err != nil || len(pages) < 9 {
		t.Fatalf("%d decisions, %v", len(pages), err)
	}
	list, err := fs.ReadFile(tree, "docs/decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if name := path.Base(p); name != "README.md" && !strings.Contains(string(list), "]("+name+")") {
			t.Errorf("docs/decisions/README.md does not list %s", name)
		}
	}
}

func TestLinks(t *testing.T) {
	got, err := checks.CheckLinks(fstest.MapFS{
		"README.md": {
			Data: []byte("[a](docs/a.md) [b](docs/b.md#part) [c](#here) [d](https://example.com/x.md) ![e](docs)")},
		"docs/a.md":         {Data: []byte("[up](../README.md) [beside](b.md) ![in](walk/in.png)")},
		"docs/walk/in.png":  {},
		"docs/walk/out.png": {},
		".hidden/a.md":      {Data: []byte("[x](x.md)")},
		"x/testdata/a.md":   {Data: []byte("[x](x.md)")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, got, "README.md: the link to docs/b.md#part ", "docs/a.md: the link to b.md ",
		"docs/walk/out.png: no page ")
}

func TestLibcVersion(t *testing.T) {
	dir := root(t)
	ours, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite")
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	sqlites, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	if err := checks.CheckLibc(ours, sqlites); err != nil {
		t.Error(err)
	}
}

// load makes files of a path and a text each.
func load(t *testing.T, pairs ...string) []checks.File {
	t.Helper()
	tree := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	files, err := checks.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// want compares what a check said with the starts that are expected of it.
func want(t *testing.T, got []string, starts ...string) {
	t.Helper()
	if len(got) != len(starts) {
		t.Fatalf("got %q, want %q", got, starts)
	}
	for i := range got {
		if !strings.HasPrefix(got[i], starts[i]) {
			t.Errorf("got %q, want it to start with %q", got[i], starts[i])
		}
	}
}

func TestArrows(t *testing.T) {
	tests := []struct{ path, imports, refused string }{
		{"serve.go", `"escutcheon/web"`, ""},
		{"serve.go", `"escutcheon/handlers"`, "serve.go: main imports escutcheon/handlers: it may import only web, "},
		{"web/a.go", `"escutcheon/handlers"; "github.com/labstack/echo/v4/middleware"`, ""},
		{"web/a.go", `"escutcheon/db"`, "web/a.go: web imports escutcheon/db: "},
		{"handlers/a.go", `"escutcheon/importer/sniff"; "escutcheon/store"; "escutcheon/views"`, ""},
		{"handlers/a.go", `"escutcheon/db"`, "handlers/a.go: handlers imports escutcheon/db: "},
		{"handlers/a.go", `"escutcheon/web"`, "handlers/a.go: handlers imports escutcheon/web: "},
		{"handlers/a.go", `"database/sql"`, "handlers/a.go: handlers imports database/sql: only db may; "},
		{"export/a.go", `"escutcheon/db"`, "export/a.go: export imports escutcheon/db: "},
		{"rulebook/a.go", `"escutcheon/db"`, "rulebook/a.go: rulebook imports escutcheon/db: "},
		{"web/a.go", `"escutcheon/internal/consoletest"`, "web/a.go: web imports escutcheon/internal/consoletest: "},
		{"web/a_test.go", `"escutcheon/internal/consoletest"`, ""},
		{"store/a.go", `"escutcheon/intake"`, "store/a.go: store imports escutcheon/intake: it may import only detection, triage, access, artifact "},
		{"views/a.go", `"escutcheon/static"; "net/url"`, ""},
		{"views/a.go", `"escutcheon/detection"`, "views/a.go: views imports escutcheon/detection: "},
		{"views/parts/a.go", `"escutcheon/db"`, "views/parts/a.go: views/parts imports escutcheon/db: "},
		{"db/a.go", `"database/sql/driver"; "modernc.org/sqlite"; "escutcheon/detection"`, ""},
		{"db/a.go", `"escutcheon/importer"`, "db/a.go: db imports escutcheon/importer: "},
		{"db/a.go", `"github.com/labstack/echo/v4"`,
			"db/a.go: db imports github.com/labstack/echo/v4: only web, handlers may; "},
		{"importer/a.go", `"escutcheon/detection"; "escutcheon/importer/record"`, ""},
		{"importer/a.go", `"escutcheon/db"`, "importer/a.go: importer imports escutcheon/db: "},
		{"importer/record/a.go", `"escutcheon/event"`, ""},
		{"importer/record/a.go", `"escutcheon/detection"`,
			"importer/record/a.go: importer/record imports escutcheon/detection: "},
		{"detection/index/a.go", `"escutcheon/event"; "escutcheon/detection/spl"; "embed"`, ""},
		{"detection/spl/a.go", `"escutcheon/detection/spl/value"; "embed"`, ""},
		{"detection/spl/a.go", `"escutcheon/event"`,
			"detection/spl/a.go: detection/spl imports escutcheon/event: detection/spl and"},
		{"detection/spl/value/a.go", `"escutcheon/detection"`,
			"detection/spl/value/a.go: detection/spl/value imports escutcheon/detection: "},
		{"detection/spl/a.go", `"net/http"`, "detection/spl/a.go: detection/spl imports net/http: detection is pure"},
		{"detection/a.go", `"os"`, "detection/a.go: detection imports os: detection is pure"},
		{"detection/materialize/materializetest/a.go", `"testing"`, ""},
		{"detection/a.go", `"testing"`,
			"detection/a.go: detection imports testing: only detection/materialize/materializetest, eventstore/eventstoretest, eventstore/clickhouse/clickhousetest, importer/record/recordtest, internal/consoletest, internal/samples may; "},
		{"db/a.go", `"escutcheon/detection/materialize/materializetest"`,
			"db/a.go: db imports escutcheon/detection/materialize/materializetest: only nothing may; "},
		{"detection/a.go", `"escutcheon/db"`, "detection/a.go: detection imports escutcheon/db: it may import only event, artifact "},
		{"detection/a_test.go", `"os"; "escutcheon/db"`, ""},
		{"detectionist/a.go", `"os"`, "detectionist: the package is new; "},
		{"rulefiles/a.go", `"escutcheon/detection"; "os"`, ""},
		{"rulebook/a.go", `"escutcheon/store"; "escutcheon/intake"`, ""},
		{"rulebook/a.go", `"escutcheon/importer"`, "rulebook/a.go: rulebook imports escutcheon/importer: "},
		{"rulefiles/a.go", `"escutcheon/db"`,
			"rulefiles/a.go: rulefiles imports escutcheon/db: it may import only detection, fault "},
		{"event/a.go", `"escutcheon/detection"`,
			"event/a.go: event imports escutcheon/detection: it may import only nothing "},
		{"demo/logwriter/a.go", `"escutcheon/event"`, ""},
		{"demo/a.go", `"escutcheon/importer"`, "demo/a.go: demo imports escutcheon/importer: "},
		{"importer/a.go", `"github.com/chromedp/chromedp"`,
			"importer/a.go: importer imports github.com/chromedp/chromedp: only nothing may; "},
		{"testdata/a.go", `"escutcheon/nothing"`, ""},
		{".hidden/a.go", `"escutcheon/nothing"`, ""},
	}
	for _, test := range tests {
		files := load(t, test.path, "//go:build never\n\npackage x\nimport ("+test.imports+")\n")
		if test.refused == "" {
			want(t, checks.CheckArrows(files))
		} else {
			want(t, checks.CheckArrows(files), test.refused)
		}
	}
}

func TestComments(t *testing.T) {
	files := load(t,
		"main.go", "// Command escutcheon reads logs.\npackage main\n",
		"db/a.go", "package db\n",
		"db/b.go", "// Package db stores.\npackage db\n",
		"event/a.go", "// The event.\npackage event\n",
		"fault/a.go", "// Package faulty is another.\npackage fault\n",
		"views/a.go", "// Package views is far away.\n\npackage views\n",
		"web/a_test.go", "package web_test\n",
	)
	want(t, checks.CheckComments(files), "event: ", "fault: ", "views: ")
}

func TestLengths(t *testing.T) {
	long := func(n int) string { return "package x\n" + strings.Repeat("//\n", n-1) }
	files := load(t, "db/a.go", long(400), "db/b.go", long(401), "db/b_test.go", long(900),
		"views/a_templ.go", long(900), "views/a.templ", long(500))
	want(t, checks.CheckLengths(files), "db/b.go: 401 lines", "views/a.templ: 500 lines")
}

func TestWidths(t *testing.T) {
	fill := func(n int, parts ...string) string { // parts, filled up with x to n characters
		return parts[0] + strings.Repeat("x", n-utf8.RuneCountInString(strings.Join(parts, ""))) + strings.Join(parts[1:], "")
	}
	const head = "package x\n"
	for name, tt := range map[string]struct {
		path, line string
		long       bool
	}{
		"as long as may be":         {"db/a.go", fill(120, "var ", " int"), false},
		"one more":                  {"db/a.go", fill(121, "var ", " int"), true},
		"of a test":                 {"db/a_test.go", fill(121, "var ", " int"), true},
		"characters, not bytes":     {"db/a.go", fill(120, "// \u00e9\u00e9 a", " b"), false},
		"generated":                 {"views/a_templ.go", fill(300, "var ", " int"), false},
		"a template":                {"views/a.templ", fill(300, "<p>", "</p>"), false},
		"words in a literal":        {"db/a.go", fill(200, `var a = "b `, `"`), true},
		"words in a test's literal": {"db/a_test.go", fill(200, `var a = "b `, `"`), false},
		"an address":                {"db/a.go", fill(200, `var a = "https://`, `"`), false},
		"a literal that would fit":  {"db/a.go", fill(121, `var a, bcdefghijk = 1, "`, `"`), true},
		"behind a literal":          {"db/a_test.go", fill(121, `var a = "b `, `" + c`), true},
		"a raw literal":             {"db/a.go", fill(200, "var a = `b ", "`"), false},
		"within a text":             {"db/a.go", "var a = `b\n" + fill(200, "c ") + "`", false},
		"behind a text":             {"db/a.go", "var a = `b\n`\n" + fill(200, "var ", " int"), true},
		"a comment":                 {"db/a.go", fill(150, "// a ", strings.Repeat(" b", 40)), true},
		"an address in a comment":   {"db/a.go", fill(200, "// see https://"), false},
		"an instruction":            {"db/a.go", fill(200, "//go:embed a ", " b"), false},
		"a carriage return":         {"db/a.go", fill(120, "var ", " int") + "\r", false},
	} {
		got := checks.CheckWidth(load(t, tt.path, head+tt.line+"\n"))
		if (len(got) == 1) != tt.long || len(got) > 1 {
			t.Errorf("%s: %q, want a sentence: %v", name, got, tt.long)
		}
	}
	want(t, checks.CheckWidth(load(t, "db/a.go", head+fill(125, "var ", " int")+"\n\n"+fill(122, "var y", " int"))), "db/a.go:2: 125 ", "db/a.go:4: 122 ")
}

func TestRaw(t *testing.T) {
	files := load(t,
		"views/a.templ", "package views\n\n@templ.Raw(x)\n",
		"views/a_templ.go", "package views\nvar _ = templ.Raw(x)\n",
		"views/a_test.go", "package views\nvar _ = templ.Raw(x)\n",
		"handlers/a.go", "package handlers\nvar _ = templ.Raw(x)\n")
	want(t, checks.CheckRaw(files), "handlers/a.go:2: ", "views/a.templ:3: ")
}

func TestLibc(t *testing.T) {
	mod := func(v string) []byte {
		return []byte("module x\n\nrequire (\n\tmodernc.org/libc " + v + " // indirect\n)\n")
	}
	for _, test := range []struct {
		ours, theirs []byte
		wrong        string
	}{
		{mod("v1.80.1"), mod("v1.80.1"), ""},
		{mod("v1.80.1"), []byte("require modernc.org/libc v1.80.1\n"), ""},
		{mod("v1.80.2"), mod("v1.80.1"), "go get modernc.org/libc@v1.80.1"},
		{mod("v1.80.10"), mod("v1.80.1"), "wants v1.80.1"},
		{[]byte("module x\n"), mod("v1.80.1"), "go.mod does not require"},
		{mod("v1.80.1"), nil, "sqlite's go.mod does not require"},
	} {
		err := checks.CheckLibc(test.ours, test.theirs)
		if (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s and %s: %v, want %q", test.ours, test.theirs, err, test.wrong)
		}
	}
}

func TestLoadNamesABrokenFile(t *testing.T) {
	_, err := checks.Load(fstest.MapFS{"db/a.go": {Data: []byte("packge db\n")}})
	if err == nil || !strings.Contains(err.Error(), "db/a.go") {
		t.Errorf("got %v", err)
	}
}
