package spl_test

import (
	"errors"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// Every command and function that is known is told of, in one line.
func TestEveryCommandIsToldOf(t *testing.T) {
	first := map[string]bool{}
	for _, c := range spl.Commands() {
		if strings.HasPrefix(c.Name, "toy") { // those of tests
			continue
		}
		if c.Summary == "" || strings.ContainsAny(c.Summary, "\n") || strings.HasSuffix(c.Summary, ".") {
			t.Errorf("%s: %q %q", c.Name, c.Usage, c.Summary)
		}
		first[c.Name] = c.First
	}
	for name, want := range map[string]bool{"tstats": true, "makeresults": true, "multisearch": true, "inputlookup": true,
		"from": true, "datamodel": true, "stats": false, "union": false, "search": false} {
		if got, known := first[name]; got != want || !known {
			t.Errorf("%s comes first: %v, known %v", name, got, known)
		}
	}
}

func TestEveryFunctionIsToldOf(t *testing.T) {
	seen := map[string]spl.FunctionHelp{}
	for _, f := range spl.Functions() {
		if f.Name == "longest" || f.Name == "shortest" || strings.HasPrefix(f.Name, "toy") { // those of tests
			continue
		}
		if f.Summary == "" || f.Usage == "" || !f.Eval && !f.Stats || seen[f.Name].Name != "" {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = f
	}
	for name, want := range map[string][2]bool{"max": {true, true}, "lower": {true, false}, "values": {false, true}} {
		if f := seen[name]; f.Eval != want[0] || f.Stats != want[1] {
			t.Errorf("%+v", f)
		}
	}
}

// A near miss says what is meant, and what stands in the wrong place where it belongs.
func TestHints(t *testing.T) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	for search, want := range map[string]string{
		"a=1 | stat count":                     `: did you mean "stats"?`,
		"a=1 | STATS count | tabel a":          `: did you mean "table"?`,
		"a=1 | evla x=1":                       `: did you mean "eval"?`,
		"a=1 | strats count":                   `: did you mean "stats"?`,
		"a=1 | timechrt count":                 `: did you mean "timechart"?`,
		"a=1 | map search":                     "",
		"a=1 | apply model":                    "",
		"a=1 | frobnicate":                     "",
		"a=1 | count by x":                     `: it is an aggregate: stats count`,
		"a=1 | lower x":                        `: it is a function of eval and where: eval x=lower(…)`,
		"a=1 | eval x=lowr(y)":                 `: did you mean "lower"?`,
		"a=1 | eval x=mvcont(y)":               `: did you mean "mvcount"?`,
		"a=1 | eval x=values(y)":               `: it is an aggregate of stats and its kin: stats values(…)`,
		"a=1 | eval x=substr(y)":               `does not take 1 arguments: it is substr(TEXT, START[, LENGTH])`,
		"a=1 | stats vlaues(y)":                `: did you mean "values"?`,
		"a=1 | stats lower(y)":                 `: it is a function of eval: count(eval(lower(…)))`,
		"a=1 [serach b=1]":                     `: did you mean "search"?`,
		"a=1 `sysmno`":                         `: did you mean "sysmon"?`,
		"a=1 `security_content_ctmie(x)`":      `: did you mean "security_content_ctime"?`,
		"| tstats count from datamodel=Endpnt": "",
	} {
		_, err := env.Query(search)
		var e *spl.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", search, err)
			continue
		}
		if e.Pos.Line != 1 || e.Pos.Column < 1 || !strings.HasSuffix(err.Error(), want) || (want == "") != (e.Hint == "") {
			t.Errorf("%s: %v (hint %q)", search, err, e.Hint)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"EventCode", "dest", "process_name", "parent_process_name", "user", "Image"}
	for name, want := range map[string]string{"EventCod": "EventCode", "eventcode": "EventCode",
		"proces_name": "process_name", "uesr": "user", "Imgae": "Image", "destt": "dest", "zzz": "", "u": "", "": "", "command": "",
		strings.Repeat("x", 1000): "", "dest": "dest"} {
		if got := spl.Near(name, names); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
