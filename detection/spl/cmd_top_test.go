package spl_test

import "testing"

var fruits = []string{"f=apple; k=1", "f=apple; k=2", "f=fig; k=3", "f=kiwi; k=4", "g=x; k=5"}

// The most frequent first; of those that are equally so, in the order of
// their values. Rows without the field do not count.
func TestTop(t *testing.T) {
	runCases(t, []runCase{
		{`* | table f k | top f`, fruits, []string{"f=apple count=2 percent=50.000000",
			"f=fig count=1 percent=25.000000", "f=kiwi count=1 percent=25.000000"}},
		{`* | table f k | top 1 f`, fruits, []string{"f=apple count=2 percent=50.000000"}},
		{`* | table f k | top limit=2 f showperc=f`, fruits, []string{"f=apple count=2", "f=fig count=1"}},
		{`* | table f k | top 0 f showperc=f`, fruits, []string{"f=apple count=2", "f=fig count=1", "f=kiwi count=1"}},
		{`* | table f k | top 1 f showcount=f`, fruits, []string{"f=apple percent=50.000000"}},
		{`* | table f k | top 1 f countfield=n percentfield="p c"`, fruits, []string{"f=apple n=2 p c=50.000000"}},
		{`* | table f k | top 1 f showcount=t showperc=true`, fruits, []string{"f=apple count=2 percent=50.000000"}},
		{`* | table z | top z`, fruits, nil},
	})
}

// Equal events are one row that stands for all of them: each counts.
func TestTopOfEvents(t *testing.T) {
	runCases(t, []runCase{
		{`* | table f | top 1 f`, fruits, []string{"f=apple count=2 percent=50.000000"}},
		{`* | top 1 f showperc=f`, fruits, []string{"f=apple count=2"}},
		{`* | stats count by f | top 1 f showperc=f`, fruits, []string{"f=apple count=1"}},
		{`* | table f | top f showperc=f | stats sum(count) as n count as rows`, fruits, []string{"n=4 rows=3"}},
	})
}

func TestTopDefaultLimit(t *testing.T) {
	var in []string
	for _, v := range "abcdefghijkl" {
		in = append(in, "v="+string(v))
	}
	if got := len(compileCase(t, `* | table v | top v`).Run(evs(in...)).Rows); got != 10 {
		t.Errorf("%d rows", got)
	}
}

// Within each tuple of the BY fields, which stand first.
func TestTopBy(t *testing.T) {
	in := []string{"k=1; h=b; f=x", "k=2; h=b; f=y", "k=3; h=b; f=y", "k=4; h=a; f=z", "k=5; f=z"}
	runCases(t, []runCase{
		{`* | table k h f | top 1 f by h`, in,
			[]string{"h=a f=z count=1 percent=100.000000", "h=b f=y count=2 percent=66.666667"}},
		{`* | table k h f | top f BY h showperc=f`, in, []string{"h=a f=z count=1", "h=b f=y count=2", "h=b f=x count=1"}},
		{`* | table k h f | top h f showperc=f`, in, []string{"h=b f=y count=2", "h=a f=z count=1", "h=b f=x count=1"}},
	})
	rows := compileCase(t, `* | table k h f | top 1 f by h`).Run(evs(in...)).Rows
	if rows[1].State.Count() != 2 || len(rows[1].Groups) != 2 {
		t.Errorf("%+v", rows[1])
	}
}

func TestTopRefusals(t *testing.T) {
	refusals(t, "top", []refusal{
		{`a=1 | top`, `end of the search at line 1, column 10 (offset 9) stands where the top command needs a field name`},
		{`a=1 | top by b`,
			`end of the search at line 1, column 15 (offset 14) stands where the top command needs a field name`},
		{`a=1 | top a limit=x`, `value "x" at line 1, column 13 (offset 12) is no whole number`},
		{`a=1 | top a showperc=x`, `value "x" at line 1, column 13 (offset 12) is neither true nor false`},
	})
}
