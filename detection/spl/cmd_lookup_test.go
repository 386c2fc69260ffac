package spl_test

import (
	"strings"
	"testing"
)

func TestLookupCommand(t *testing.T) {
	in := []string{"short=CC; n=nc.exe"}
	runCases(t, []runCase{
		{`* | lookup rights short | table long`, in, []string{"long=create"}},
		{`* | lookup rights short OUTPUT long as l | table l long`, in, []string{"l=create"}},
		{`* | lookup rights short as n OUTPUT long | table long`, []string{"n=DC", "n=ZZ", "m=1"},
			[]string{"", "long=delete"}},
		{`* | lookup tools.csv name as n OUTPUT kind level | table kind level`, in,
			[]string{"kind=[network|shell] level=[3|4]"}},
		{`* | lookup tools name AS n, kind as k OUTPUT level | table level`,
			[]string{"n=nc.exe; k=shell", "n=nc.exe; k=other", "n=nc.exe"}, []string{"", "level=4"}},
		{`* | lookup local=t update=f append=x event_time_field=y rights short | table long`, in, []string{"long=create"}},
		{`* | lookup rights short output long | table long`, in, []string{"long=create"}},
	})
}

// OUTPUT replaces what is there, where a row matches; OUTPUTNEW does not.
func TestLookupOutput(t *testing.T) {
	in := []string{"short=CC; long=mine", "short=DC", "short=ZZ; long=other"}
	runCases(t, []runCase{
		{`* | lookup rights short OUTPUT long | table short long`, in,
			[]string{"short=CC long=create", "short=DC long=delete", "short=ZZ long=other"}},
		{`* | lookup rights short OUTPUTNEW long | table short long`, in,
			[]string{"short=CC long=mine", "short=DC long=delete", "short=ZZ long=other"}},
		{`* | lookup rights short | table short long`, in,
			[]string{"short=CC long=create", "short=DC long=delete", "short=ZZ long=other"}},
		{`* | lookup nets range as ip OUTPUTNEW zone | table ip zone`, []string{"ip=10.0.0.1; zone=", "ip=1.1.1.1"},
			[]string{"ip=1.1.1.1 zone=outside", "ip=10.0.0.1 zone="}},
	})
}

func TestLookupOfSeveralValues(t *testing.T) {
	runCases(t, []runCase{
		{`* | eval s=split("CC,ZZ,DC",",") | lookup rights short as s OUTPUT long | table long`, []string{"a=1"},
			[]string{"long=[create|delete]"}},
		{`* | eval s=split("nc.exe,mimi.exe",","), k=split("shell,credentials",",") ` +
			`| lookup tools name as s kind as k OUTPUT level | table level`, []string{"a=1"}, []string{"level=[4|5]"}},
		{`* | eval s=split("nc.exe,nc.exe",","), k="shell" | lookup tools name as s kind as k OUTPUT level | table level`,
			[]string{"a=1"}, []string{"level=[4|4]"}},
		{`* | eval r=mvrange(0,999), s=mvappend(mvmap(r,"ZZ"),"CC") | lookup rights short as s OUTPUT long | table long`,
			[]string{"a=1"}, []string{"long=create"}},
		{`* | eval r=mvrange(0,1000), s=mvappend(mvmap(r,"ZZ"),"CC") | lookup rights short as s OUTPUT long | table long`,
			[]string{"a=1"}, []string{""}},
	})
}

func TestLookupColumns(t *testing.T) {
	for search, want := range map[string]string{
		`* | stats count by short | lookup rights short`:                  "short count long",
		`* | stats count by n | lookup tools name as n`:                   "n count kind level",
		`* | stats count by n | lookup tools name as n OUTPUT level as n`: "n count",
		`* | stats count by n | lookup tools name as n OUTPUT level kind`: "n count level kind",
		`* | lookup rights short as s OUTPUT long as l | search x=1`:      "_time dest source EventCode user s l x _raw",
		`* | lookup rights short as s | search x=1`: "_time dest source EventCode user s " +
			"x long _raw",
		`* | stats count by n | lookup tools name as n OUTPUTNEW | table n*`: "n",
	} {
		if got := strings.Join(compileCase(t, search).Columns(), " "); got != want {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
	// A table is part of what the search is.
	if compileCase(t, `* | lookup rights short`).Fingerprint() == compile(t, `*`).Fingerprint() {
		t.Error("fingerprints")
	}
}

func TestLookupRefusals(t *testing.T) {
	refusals(t, "lookup", []refusal{
		{`* | lookup`,
			`end of the search at line 1, column 11 (offset 10) stands where the lookup command needs a field name`},
		{`* | lookup rights`,
			`end of the search at line 1, column 18 (offset 17) stands where the lookup command needs a field name`},
		{`* | lookup rights OUTPUT long`,
			`end of the search at line 1, column 30 (offset 29) stands where the lookup command needs a field name`},
		{`* | lookup nosuch a`, `lookup table "nosuch" at line 1, column 12 (offset 11) is not known`},
		{`* | lookup rights a`, `lookup table "rights" at line 1, column 12 (offset 11) has no field "a"`},
		{`* | lookup local=t rights short OUTPUT b`,
			`lookup table "rights" at line 1, column 20 (offset 19) has no field "b"`},
		{`* | lookup rights short as`,
			`end of the search at line 1, column 27 (offset 26) stands where the lookup command needs a field name`},
	})
}
