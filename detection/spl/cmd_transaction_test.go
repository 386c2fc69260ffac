package spl_test

import (
	"fmt"
	"testing"
	"time"

	"escutcheon/detection/spl"
)

func TestTransactionRefusals(t *testing.T) {
	wholeRefusals(t, "transaction", []refusal{
		{`* | transaction u maxspan=x`, `option "maxspan=x" at line 1, column 19 (offset 18) is not supported`},
		{`* | transaction u maxevents=0`, `option "maxevents=0" at line 1, column 19 (offset 18) is not supported`},
		{`* | transaction u startswith=`, `end of the search at line 1, column 30 (offset 29) stands where the transaction ` +
			`command needs a condition`},
		{`* | transaction u startswith="(a"`, `condition at line 1, column 30 (offset 29) cannot be read`},
		{`* | transaction u startswith=([search a])`, `subsearch at line 1, column 30 (offset 29) is not supported in the ` +
			`condition of a transaction`},
		{`* | transaction u startswith=eval(a=1`, `parenthesis at line 1, column 30 (offset 29) is not closed`},
	})
}

// As many transactions as there may be are open at once, and it does not take
// long.
func TestManyTransactions(t *testing.T) {
	var in []spl.Event
	for i := range 20_000 {
		in = append(in, spl.Map{"u": fmt.Sprint(i), "_time": fmt.Sprint(i)})
	}
	a := query(t, `* | transaction u | stats count sum(eventcount) as n`, in, spl.Options{})
	if got := listText(a.Rows[0].Row); got != "count=20000 n=20000" {
		t.Error(got)
	}
	a = query(t, `* | transaction maxevents=5 | stats count max(eventcount) as n`, in, spl.Options{})
	if got := listText(a.Rows[0].Row); got != "count=4000 n=5" {
		t.Error(got)
	}
}

// A transaction's state counts its events and has their times.
func TestTransactionState(t *testing.T) {
	a := query(t, `* | transaction u`, []spl.Event{spl.Map{"u": "a", "_time": "5"}, spl.Map{"u": "a", "_time": "7"}},
		spl.Options{})
	if len(a.Rows) != 1 {
		t.Fatal(a.Rows)
	}
	s := a.Rows[0].State
	first, last, ok := s.Times()
	if s.Count() != 2 || !ok || first != int64(5*time.Second) || last != int64(7*time.Second) {
		t.Error(s.Count(), first, last)
	}
}
