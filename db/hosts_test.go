package db_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// shelf is a database whose rows are put there one by one.
type shelf struct {
	*db.DB
	t testing.TB
	q *sql.DB
	n int
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	return &shelf{DB: open(t, path), t: t, q: raw(t, path)}
}

func (s *shelf) do(query string, args ...any) {
	s.t.Helper()
	if _, err := s.q.ExecContext(ctx, query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// host puts a host there, in the order of ids; last 0 is a host without times.
func (s *shelf) host(dest string, last int64) {
	s.t.Helper()
	var at any
	if last != 0 {
		at = last
	}
	s.do(`INSERT INTO host (dest, spelling, first, last, events) VALUES (?1, upper(?1), ?2, ?2, 9)`, dest, at)
}

// risk puts a finding there with one risk event; verdict 1 is suppressed.
func (s *shelf) risk(kind, object, rule string, score int, at int64, verdict int) {
	s.t.Helper()
	s.n++
	s.do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
		VALUES (?1, ?2, ?3, ?4, '[]', '', '["x"]', '', ?5, 1, ?6, ?6, 0)`,
		s.n, fmt.Sprint("key", s.n), rule, object, verdict, at)
	s.do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
		VALUES (?, ?, ?, ?, ?, ?, 'm', 1, ?)`, s.n, at/3600*3600, kind, object, rule, score, at)
}

func (s *shelf) capPerRule(on bool) {
	s.t.Helper()
	set := risk.Default()
	set.CapPerRule = on
	if err := s.KeepSettings(ctx, set); err != nil {
		s.t.Fatal(err)
	}
}

const now = int64(10_000_000)

// fourHosts are one with recent risk, one with old risk, one whose risk is
// suppressed or of a user, and one without any.
func fourHosts(t testing.TB) *shelf {
	s := newShelf(t)
	for i, dest := range []string{"recent", "old", "hidden", "none"} {
		s.host(dest, now-int64(i)*1000)
	}
	s.risk("system", "recent", "a", 50, now, 0)
	s.risk("system", "recent", "a", 60, now-risk.Period+1, 0)
	s.risk("system", "recent", "b", 7, now-5, 0)
	s.risk("system", "recent", "b", 9, now-risk.Period, 0) // a second too old
	s.risk("system", "recent", "b", 9, now+1, 0)           // a second too new
	s.risk("system", "old", "a", 30, now-2*risk.Period, 0)
	s.risk("system", "old", "a", 20, now-3*risk.Period+1, 0) // in the view that ends at the one before
	s.risk("system", "old", "a", 10, now-3*risk.Period, 0)   // not in it
	s.risk("system", "hidden", "a", 50, now, 1)
	s.risk("user", "hidden", "a", 50, now, 0)
	s.risk("system", "unknown", "a", 50, now, 0) // no host of a log
	return s
}

func line(h store.Host) string {
	return fmt.Sprint(h.Dest, " ", h.Score, " of ", h.RiskEvents, " ", h.AsOfKind, h.AsOf-now)
}

func TestHostRisk(t *testing.T) {
	s := fourHosts(t)
	old := func(of string) string { return fmt.Sprint("old ", of, " newest", -2*risk.Period) }
	const hidden, none = "hidden 0 of 0 now0", "none 0 of 0 now0"
	for _, tt := range []struct {
		rule string
		asOf int64 // 0: none asked for
		cap  bool
		want []string // by name
	}{
		{"", 0, false, []string{hidden, none, old("50 of 2"), "recent 117 of 3 now0"}},
		{"", 0, true, []string{hidden, none, old("30 of 2"), "recent 67 of 3 now0"}},
		{"a", 0, false, []string{hidden, none, old("50 of 2"), "recent 110 of 2 now0"}},
		{"a", 0, true, []string{hidden, none, old("30 of 2"), "recent 60 of 2 now0"}},
		{"b", 0, false, []string{hidden, none, "old 0 of 0 now0", "recent 7 of 1 now0"}},
		{"c", 0, false, []string{hidden, none, "old 0 of 0 now0", "recent 0 of 0 now0"}},
		{"", now + 1, false, []string{
			"hidden 0 of 0 asked1", "none 0 of 0 asked1", "old 0 of 0 asked1", "recent 66 of 3 asked1"}},
		{"", now - 1, true, []string{
			"hidden 0 of 0 asked-1", "none 0 of 0 asked-1", "old 0 of 0 asked-1", "recent 69 of 3 asked-1"}},
	} {
		s.capPerRule(tt.cap)
		f := store.HostFilter{Rule: tt.rule, Now: now}
		if tt.asOf != 0 {
			f.AsOf = &tt.asOf
		}
		hosts, _, err := s.Hosts(ctx, f, store.Page{Sort: "dest", Asc: true, Limit: 9})
		var got []string
		for _, h := range hosts {
			got = append(got, line(h))
			f.Dest = h.Dest
			if one, err := s.HostByDest(ctx, f); err != nil || !reflect.DeepEqual(one, h) {
				t.Errorf("%s alone: %+v, %v; in the list %+v", h.Dest, one, err, h)
			}
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("rule %q, as of %d, cap %v: %v\n got %q\nwant %q", tt.rule, tt.asOf, tt.cap, err, got, tt.want)
		}
	}
}

// TestRiskOfThisSecond: a risk event of the present second is one of the last 168
// hours, so a later one does not move the host's moment.
func TestRiskOfThisSecond(t *testing.T) {
	s := newShelf(t)
	s.host("web01", now)
	s.risk("system", "web01", "a", 50, now, 0)
	s.risk("system", "web01", "a", 60, now+1, 0)
	h, err := s.HostByDest(ctx, store.HostFilter{Dest: "web01", Now: now})
	if err != nil || line(h) != "web01 50 of 1 now0" {
		t.Errorf("%s, %v", line(h), err)
	}
}

func TestHostCounts(t *testing.T) {
	s := fourHosts(t)
	s.do(`INSERT INTO note (dest, author, editor, created, edited, revision, text)
		VALUES ('recent', 'a', 'a', 1, 1, 1, 'x')`)
	h, err := s.HostByDest(ctx, store.HostFilter{Dest: "recent", Now: now})
	want := store.Host{ID: 1, Dest: "recent", Spelling: "RECENT", First: now, Last: now, HasTime: true, Events: 9,
		Score: 117, RiskEvents: 3, AsOf: now, AsOfKind: risk.Now, Findings: 5, Notes: 1}
	if err != nil || !reflect.DeepEqual(h, want) {
		t.Errorf("%+v, %v\nwant %+v", h, err, want)
	}
	h, err = s.HostByDest(ctx, store.HostFilter{Dest: "hidden", Now: now})
	if err != nil || h.Findings != 2 || h.Suppressed != 1 {
		t.Errorf("%+v, %v", h, err)
	}
	if h, err = s.HostByDest(ctx, store.HostFilter{Dest: "recent", Rule: "a", Now: now}); err != nil || h.Findings != 2 {
		t.Errorf("of one rule %+v, %v", h, err)
	}
	for _, dest := range []string{"", "unknown", "RECENT"} {
		if _, err := s.HostByDest(ctx, store.HostFilter{Dest: dest, Now: now}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a host %q: %v", dest, err)
		}
	}
}

func TestSummarizeHosts(t *testing.T) {
	s := fourHosts(t)
	among := `["old","none"]`
	for name, tt := range map[string]struct {
		f    store.HostFilter
		want store.HostSummary
	}{
		"all":            {store.HostFilter{}, store.HostSummary{Hosts: 4, Risky: 2, Top: 117, Newest: 1}},
		"by a text":      {store.HostFilter{Text: "EN"}, store.HostSummary{Hosts: 2, Risky: 1, Top: 117}},
		"among some":     {store.HostFilter{Among: &among}, store.HostSummary{Hosts: 2, Risky: 1, Top: 50, Newest: 1}},
		"of a rule":      {store.HostFilter{Rule: "b"}, store.HostSummary{Hosts: 4, Risky: 1, Top: 7}},
		"of no such one": {store.HostFilter{Text: "x"}, store.HostSummary{}},
	} {
		tt.f.Now = now
		if got, err := s.SummarizeHosts(ctx, tt.f); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
}

// A table's rows are sorted as they are read: with the apostrophe that keeps a
// spreadsheet from taking a cell for a formula.
func TestAllHosts(t *testing.T) {
	s := newShelf(t)
	for _, dest := range []string{"b", "=a", "(z", "-c", "a", "\ttab", "quiet", "é"} {
		s.host(dest, now)
		if dest != "quiet" {
			s.risk("system", dest, "a", 0, now, 0) // a score of nothing is risk, too
		}
	}
	var got []string
	for h, err := range s.AllHosts(ctx, store.HostFilter{Now: now}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, h.Dest)
	}
	if want := []string{"\ttab", "-c", "=a", "(z", "a", "b", "é"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for range s.AllHosts(ctx, store.HostFilter{Now: now}) {
		break // stopping early is no error
	}
}

// walk pages through a list to its end and back again.
func walk[T any](t *testing.T, list func(store.Page) ([]T, store.Cursors, error), p store.Page,
	name func(T) string,
) []string {
	t.Helper()
	var there, back []string
	for {
		rows, cur, err := list(p)
		if err != nil || len(rows) > p.Limit {
			t.Fatalf("%+v: %d rows, %v", p, len(rows), err)
		}
		for _, r := range rows {
			there = append(there, name(r))
		}
		if cur.After == "" {
			break
		}
		p.After, p.Before = cur.After, ""
	}
	for first := true; ; first = false {
		rows, cur, err := list(p)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range rows {
			names = append(names, name(r))
		}
		if back = append(names, back...); cur.Before == "" {
			break
		}
		if !first && cur.After == "" {
			t.Fatalf("%+v: nothing follows a page that is not the last", p)
		}
		p.Before, p.After = cur.Before, ""
	}
	if !slices.Equal(there, back) {
		t.Errorf("%+v: there %q\nand back %q", p, there, back)
	}
	return there
}

func TestHostsSorted(t *testing.T) {
	s := newShelf(t)
	long := strings.Repeat("long", 100) // its cursor is its id
	for i, dest := range []string{"c", "a", long, "e", "b", "B", "d"} {
		s.host(dest, []int64{30, 0, 10, 20, 40, 10, 50}[i])
		for range []int{2, 0, 1, 1, 3, 0, 1}[i] {
			s.risk("system", dest, "r", 10, now-int64(i), 0)
		}
	}
	for sort, want := range map[string][]string{ // ascending; of equals by id
		"":         {"a", "B", long, "e", "d", "c", "b"},
		"score":    {"a", "B", long, "e", "d", "c", "b"},
		"findings": {"a", "B", long, "e", "d", "c", "b"},
		"last":     {"a", long, "B", "e", "c", "b", "d"},
		"dest":     {"B", "a", "b", "c", "d", "e", long},
	} {
		for _, asc := range []bool{true, false} {
			for _, limit := range []int{1, 2, 3, 7, 8} {
				got := walk(t, func(p store.Page) ([]store.Host, store.Cursors, error) {
					return s.Hosts(ctx, store.HostFilter{Now: now}, p)
				}, store.Page{Sort: sort, Asc: asc, Limit: limit}, func(h store.Host) string { return h.Dest })
				if !asc {
					slices.Reverse(got)
				}
				if !slices.Equal(got, want) {
					t.Errorf("by %q, %d a page, ascending %v: %.20q, want %.20q", sort, limit, asc, got, want)
				}
			}
		}
	}
}

// Cursors of earlier versions go on where they were.
func TestHostsCursor(t *testing.T) {
	s := newShelf(t)
	for _, dest := range []string{"a", "b", "c"} {
		s.host(dest, now)
	}
	list := func(p store.Page) string {
		hosts, cur, err := s.Hosts(ctx, store.HostFilter{Now: now}, p)
		if err != nil {
			return string(fault.CodeOf(err))
		}
		names := ""
		for _, h := range hosts {
			names += h.Dest
		}
		return fmt.Sprintf("%s %v %v", names, cur.Before != "", cur.After != "")
	}
	for name, tt := range map[string]struct {
		p    store.Page
		want string
	}{
		"i1:0, by score":             {store.Page{After: "aTE6MA", Limit: 1, Asc: true}, "b true true"},
		"s1:a, by name":              {store.Page{After: "czE6YQ", Limit: 5, Sort: "dest", Asc: true}, "bc true false"},
		"a host that is gone":        {store.Page{After: "czk6Yg", Limit: 5, Sort: "dest", Asc: true}, "c true false"},
		"backwards from s3:c":        {store.Page{Before: "czM6Yw", Limit: 1, Sort: "dest", Asc: true}, "b true true"},
		"backwards to the start":     {store.Page{Before: "czM6Yw", Limit: 2, Sort: "dest", Asc: true}, "ab false true"},
		"l2:, a long name by its id": {store.Page{After: "bDI6", Limit: 5, Sort: "dest", Asc: true}, "c true false"},
		"l9:, a long name gone":      {store.Page{After: "bDk6", Limit: 5, Sort: "dest", Asc: true}, " false false"},
		"a number where texts are":   {store.Page{After: "aTE6MA", Limit: 5, Sort: "dest", Asc: true}, "abc true false"},
		"a text where numbers are":   {store.Page{After: "czE6YQ", Limit: 5, Asc: true}, " false false"},
		"damaged":                    {store.Page{After: "x", Limit: 5}, "invalid"},
	} {
		if got := list(tt.p); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
