package search_test

import (
	"strconv"
	"testing"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/search"
)

// TestDrill: the search that a row leads to gives as many events as the row counts.
func TestDrill(t *testing.T) {
	h := demoHouse(t)
	run := func(text string, in search.Range) (*search.Search, *spl.Answer) {
		t.Helper()
		s, err := h.Prepare(text, time.Time{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		a, err := s.Run(ctx, in, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s, a
	}
	for _, c := range []struct {
		search string
		leads  bool
	}{
		{`* | stats count by EventCode ComputerName`, true},
		{`EventCode=29 OR EventCode=4688 | stats count by EventCode`, true},
		{`EventCode=29 | stats count by Message | sort - count | head 5`, true}, {`EventCode=29 | stats count`, true},
		{`EventCode=4688 | eval x=lower(NewProcessName) | stats count by x | where count>1`, true},
		{`* | bin _time span=1d | stats count by _time EventCode`, true}, {`* | top LogName`, true},
		{`* | timechart span=1d count by EventCode`, true}, {`* | timechart count`, true},
		{`* | chart count over LogName by EventCode`, true},
		{`* | eval s=if(EventCode=29, "a*\\\"|\\", "A*\\\"|\\") | stats count by s`, true},
		{`* | rare EventCode | eval share=percent`, true},
		{"`iis_operational_logs` | stats count by EventCode", true},
		{`* | stats count by EventCode | rename EventCode as x`, false}, {`* | head 5 | stats count by EventCode`, false},
		{`| tstats count where EventCode=29 by host`, false},
		{`* | stats count by EventCode | stats sum(count) as count`, false},
		{`* | timechart span=1d limit=1 useother=f count by EventCode`, false},
		{`earliest=-3d EventCode=29 | timechart span=1d count`, false},
		{`EventCode=29`, false},
		{`* | table EventCode`, false},
	} {
		s, a := run(c.search, search.Range{})
		d := s.Drill()
		if (d != nil) != c.leads {
			t.Errorf("%s leads to events: %t", c.search, d != nil)
		}
		if d == nil {
			continue
		}
		search.Settle(d, a.Rows)
		leads := 0
		for _, f := range a.Rows[:min(len(a.Rows), 6)] {
			l := search.LeadOf(d, f)
			if l == nil {
				continue
			}
			leads++
			text, _ := d.Search(l.Values)
			_, events := run(text, search.Range{Earliest: l.Earliest, Latest: l.Till})
			if want := counted(f.Row, d); len(events.Rows) != want {
				t.Errorf("%s: %v leads by %s to %d events, want %d", c.search, f.Row, text, len(events.Rows), want)
			}
		}
		if leads == 0 {
			t.Errorf("%s: no row leads anywhere", c.search)
		}
	}
}

// counted is what a row counts: its count, or all of a table's cells.
func counted(row spl.Row, d *spl.Drill) (n int) {
	if v, ok := row.Get("count"); ok {
		n, _ = strconv.Atoi(v)
		return n
	}
	for _, f := range row {
		if f.Name != d.Time && (len(d.Keys) == 0 || f.Name != d.Keys[0]) {
			cell, _ := strconv.Atoi(f.Value)
			n += cell
		}
	}
	return n
}
