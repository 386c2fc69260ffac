package spl_test

import (
	"strings"
	"testing"
)

// sysmon makes a Sysmon 1 of a program and what else is said of it.
func sysmon(image, more string) string {
	return `LogName=Microsoft-Windows-Sysmon/Operational; EventCode=1; ComputerName=w; Image=` + image + more
}

func TestTstatsOverEvents(t *testing.T) {
	in := []string{"host=a; n=1; _time=5", "host=a; n=2; _time=65", "host=b; n=3; _time=10"}
	runCases(t, []runCase{
		{`| tstats count by n`, in, []string{"n=1 count=1", "n=2 count=1", "n=3 count=1"}},
		{`| tstats count where n>1`, in, []string{"count=2"}},
		{`| tstats count sum(n) as s where n=1 OR n=3 n>2`, in, []string{"count=1 s=3"}},
		{`| tstats count, max(n) where n>0 by _time span=1m`, in,
			[]string{"_time=0 count=2 max(n)=3", "_time=60 count=1 max(n)=2"}},
		{`| tstats min(_time) as f max(_time) as l`, in, []string{"f=5 l=65"}},
		{`| tstats summariesonly=t allow_old_summaries=true prestats=f count`, in, []string{"count=3"}},
		{`| tstats count fillnull_value=null where n>1`, in, []string{"count=2"}},
		{`| tstats count where`, in, []string{"count=3"}},
		{`| tstats count where "by"=1`, in, nil},
		{`| tstats count by n | where n>1 | stats count`, in, []string{"count=2"}},
		{`| tstats count by n | head 1`, in, []string{"n=1 count=1"}},
		{`| tstats count where nodename=x`, in, nil},
		{`| tstats count by z`, in, nil},
	})
}

// Over a data model fields have its prefix, and one that an event lacks is
// unknown.
func TestTstatsOverDataModel(t *testing.T) {
	in := []string{sysmon(`C:\a.exe`, "; CommandLine=a 1"), sysmon(`C:\b.exe`, ""), "EventCode=1; Image=C:\\a.exe"}
	from := ` from datamodel=Endpoint.Processes `
	runCases(t, []runCase{
		{`| tstats count` + from + `by Processes.process_name`, in,
			[]string{"Processes.process_name=a.exe count=1", "Processes.process_name=b.exe count=1"}},
		{`| tstats count` + from + `where Processes.process_name=A* by Processes.user`, in,
			[]string{"Processes.user=unknown count=1"}},
		{`| tstats count values(Processes.process) as p` + from + `groupby Processes.dest`, in,
			[]string{`Processes.dest=w count=2 p=[C:\b.exe|a 1]`}},
		{`| tstats count FROM datamodel Endpoint.Processes WHERE Processes.process_name=b.exe`, in, []string{"count=1"}},
		{`| tstats count from datamodel="Endpoint.Processes"`, in, []string{"count=2"}},
		{`| tstats count from datamodel="Endpoint"."Processes"`, in, []string{"count=2"}},
		{`| tstats count from datamodel=Endpoint where nodename=Processes`, in, []string{"count=2"}},
		{`| tstats count from datamodel=Endpoint where NODENAME=Endpoint.Processes Processes.process_name=a.exe`, in,
			[]string{"count=1"}},
		{`| tstats count from datamodel=Endpoint.Registry`, in, nil},
	})
	p := compileCase(t, `| tstats count`+from)
	if p.Model() == nil || p.Model().Name() != "Endpoint.Processes" || compileCase(t, `| tstats count`).Model() != nil {
		t.Error("the model")
	}
	if first := compileCase(t, `| tstats count`+from+`where a=1 b=2`).First(); len(first) != 1 {
		t.Errorf("asks %v", first)
	}
	if first := p.First(); len(first) != 0 {
		t.Errorf("asks %v", first)
	}
}

func TestTstatsColumns(t *testing.T) {
	p := compileCase(t, `| tstats count max(x) as m by b _time span=1h a`)
	if got := strings.Join(p.Columns(), " "); got != "b _time a count m" {
		t.Error(got)
	}
	if got := strings.Join(p.By(), " "); got != "b _time a" {
		t.Error(got)
	}
}

func TestTstatsRefusals(t *testing.T) {
	refusals(t, "tstats", []refusal{
		{`| tstats`,
			`end of the search at line 1, column 9 (offset 8) stands where the tstats command needs an aggregate such as count`},
		{`| tstats summariesonly=t`,
			`end of the search at line 1, column 25 (offset 24) stands where the tstats command needs an aggregate such ` +
				`as count`},
		{`| tstats from datamodel=Endpoint.Processes`,
			`end of the search at line 1, column 43 (offset 42) stands where the tstats command needs an aggregate such ` +
				`as count`},
		{`| tstats by a`,
			`"a" at line 1, column 13 (offset 12) stands where the tstats command needs an aggregate such as count`},
		{`| tstats count from x`,
			`"x" at line 1, column 21 (offset 20) stands where the tstats command needs a data model`},
		{`| tstats count from datamodel=Email.All_Email`, `data model "Email.All_Email" at line 1, column 31 (offset 30) is not supported`},
		{`| tstats count from datamodel=Endpoint`,
			`data model "Endpoint" at line 1, column 3 (offset 2) is not supported without the name of its dataset`},
		{`| tstats prestats=t count`, `option prestats at line 1, column 10 (offset 9) is not supported`},
		{`| tstats count where a=1 by`,
			`end of the search at line 1, column 28 (offset 27) stands where the tstats command needs a field name`},
		{`| tstats sum(*) by a`,
			`wildcard in "sum(*)" at line 1, column 3 (offset 2) is not supported where the fields are not known`},
		{`a=1 | tstats count`, `command "tstats" at line 1, column 7 (offset 6) is supported as the first command only`},
		{`| tstats count | tstats count`,
			`command "tstats" at line 1, column 18 (offset 17) is supported as the first command only`},
		{`| tstats count by a b=1`,
			`"=" at line 1, column 22 (offset 21) stands where the tstats command needs a field name`},
	})
}
