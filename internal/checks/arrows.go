package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Arrows says what of ours each package may import. A name stands for the
// package and all below it, "x/*" for what is below x only; the longest name
// that fits a package counts. What lies in the package's own tree (below its
// first folder) is always allowed: Go itself refuses circles.
var Arrows = map[string][]string{
	"main": {"web", "db", "store", "detection", "importer", "intake", "event", "fault", "csvsafe", "asof",
		"export", "demo", "rulebook", "rulefiles", "search", "triage", "unseen", "casefile", "access", "signin",
		"wire", "signing", "originals", "artifact", "feed", "eventstore/blockstore", "eventstore/clickhouse"},
	"web": {"handlers", "views", "static", "fault", "unseen", "access", "signin", "wire"},
	"handlers": {"views", "static", "store", "detection", "importer", "intake", "event", "fault", "csvsafe",
		"asof", "export", "demo", "rulebook", "search", "triage", "unseen", "casefile", "access", "signin", "signing",
		"artifact"},
	"views":                     {"static", "event", "unseen", "access"},
	"static":                    {},
	"artifact":                  {},
	"importer":                  {"detection", "eventstore/block", "intake", "event", "fault", "artifact"},
	"importer/*":                {"event", "fault"}, // decoders know no detection and no store
	"importer/archive":          {},                 // and unpacking knows no event
	"store":                     {"detection", "triage", "access", "artifact"},
	"access":                    {},
	"signin":                    {"access", "store", "fault"},
	"wire":                      {"fault"},
	"triage":                    {},
	"intake":                    {"detection", "eventstore", "event", "artifact"},
	"sighting":                  {"intake", "event"},
	"eventstore":                {"store", "intake"},
	"eventstore/*":              {"event", "fault"},           // how blocks are encoded and scanned
	"eventstore/clickhouse":     {"intake", "event", "fault"}, // whose inbox holds what came
	"eventstore/eventstoretest": {"intake", "importer", "demo"},
	"db": {"eventstore", "store", "detection", "sighting", "intake", "event", "fault",
		"csvsafe", "triage", "access", "unseen", "artifact"},
	"detection": {"event", "artifact"},
	"event":     {},
	"fault":     {},
	"csvsafe":   {"unseen"},
	"unseen":    {},
	"asof":      {"fault"},
	"export":    {"store", "detection", "event", "fault", "csvsafe", "triage", "unseen", "artifact"},
	"casefile":  {"export", "store", "fault", "triage", "signing"},
	"signing":   {"fault"},
	"originals": {"fault"},
	"feed":      {"importer", "intake", "fault"},
	"demo":      {"event", "artifact"}, // which writes libraries that do nothing
	"rulebook":  {"store", "detection", "intake", "fault"},
	"rulefiles": {"detection", "fault"},
	"search":    {"store", "detection", "eventstore", "intake", "event", "fault", "csvsafe", "unseen"},
	"internal":  {},
	// what serves the console to tests needs what main needs
	"internal/consoletest": {"web", "handlers", "db", "detection", "importer", "rulebook", "demo", "search", "event",
		"intake", "unseen", "access", "signin", "wire", "originals"},
}

// foreign says who alone may import a package that is not ours, below it too.
var foreign = []struct {
	name string
	by   []string
	why  string
}{
	{"github.com/labstack/echo", []string{"web", "handlers"}, "echo.Context stays inside web and handlers"},
	{"database/sql", []string{"db"}, "SQL lives in db"},
	{"modernc.org/sqlite", []string{"db"}, "SQL lives in db"},
	{"github.com/chromedp", nil, "a browser is driven by tests only, and must not be linked into the binary"},
	{"testing", suites, "tests only, it must not be linked into the binary"},
	{Module + "/detection/materialize/materializetest", nil, "it is a suite for tests"},
}

// suites are packages that only tests import: what any implementation of an
// interface must pass, and what tests of several packages share.
var suites = []string{"detection/materialize/materializetest", "eventstore/eventstoretest",
	"eventstore/clickhouse/clickhousetest", "importer/record/recordtest", "internal/consoletest",
	"internal/samples"}

// closed packages may import nothing of ours but what is below them, so that
// they could be taken out.
var closed = []string{"detection/spl"}

// pure packages compute: no files, no network, no processes.
var (
	pure = []string{"event", "detection", "sighting", "fault", "intake", "store", "csvsafe", "unseen",
		"eventstore/block", "triage", "artifact"}
	impure = []string{"os", "net", "syscall", "path/filepath", "log", "database", "plugin", "golang.org/x/sys"}
	// harmless packages below an impure one only read and write text.
	harmless = []string{"net/netip", "net/url"}
)

// CheckArrows returns a sentence for every import that the house rules forbid.
// Tests may import what they like.
func CheckArrows(files []File) []string {
	var out []string
	for i := range files {
		if f := &files[i]; !f.Test() {
			for _, name := range f.Imports {
				out = append(out, checkImport(f, name)...)
			}
		}
	}
	return append(out, unknown(files)...)
}

func checkImport(f *File, name string) (out []string) {
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: %s imports %s: ", f.Path, f.Dir, name)+fmt.Sprintf(format, args...))
	}
	for _, rule := range foreign {
		if within(name, rule.name) && !under(f.Dir, rule.by) {
			say("only %s may; %s", orNone(rule.by), rule.why)
		}
	}
	if ours, ok := strings.CutPrefix(name, Module+"/"); ok {
		for _, c := range closed {
			if within(f.Dir, c) && !within(ours, c) {
				say("%s and what is below it know nothing else of ours", c)
				return out
			}
		}
		if may, known := arrowsOf(f.Dir); known && tree(ours) != tree(f.Dir) && !under(ours, may) {
			say("it may import only %s of ours (see Arrows in internal/checks)", orNone(may))
		}
		return out
	}
	if under(f.Dir, pure) && under(name, impure) && !under(name, harmless) {
		say("%s is pure: it reads no files, talks to no network and starts nothing", tree(f.Dir))
	}
	return out
}

// unknown names the packages that the table does not have.
func unknown(files []File) (out []string) {
	seen := map[string]bool{}
	for i := range files {
		dir := files[i].Dir
		if _, ok := arrowsOf(dir); ok || seen[dir] || files[i].Package == "" {
			continue
		}
		seen[dir] = true
		out = append(out, dir+": the package is new; say in Arrows (internal/checks) what of ours it may import")
	}
	return out
}

// arrowsOf finds the entry with the longest name that fits a package.
func arrowsOf(dir string) (may []string, known bool) {
	if may, known = Arrows[dir]; known {
		return may, true
	}
	for parent := dir; ; {
		i := strings.LastIndexByte(parent, '/')
		if i < 0 {
			return nil, false
		}
		parent = parent[:i]
		if may, known = Arrows[parent+"/*"]; known {
			return may, true
		}
		if may, known = Arrows[parent]; known {
			return may, true
		}
	}
}

func tree(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func within(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}

func under(name string, parents []string) bool {
	return slices.ContainsFunc(parents, func(p string) bool { return within(name, p) })
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
