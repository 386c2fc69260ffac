package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
)

// withFindings is a database with findings put there one by one: number n has
// the row [host, text], its first event at 100·n and its last 50 later.
func withFindings(t *testing.T) *shelf {
	s := newShelf(t)
	for n, f := range []struct {
		rule, dest, text string
		verdict          int
		count            int
	}{
		{"a", "web01", "Straße", 0, 5}, {"a", "web02", "plain", 0, 5}, {"b", "web01", "=cmd", 0, 1},
		{"a", "web01", `say "x"`, 1, 9},
		{"a", "web01", "gone", 2, 7}, {"b", "web03", strings.Repeat("long", 100), 0, 3},
		{"b", "web03", strings.Repeat("long", 100) + "er", 0, 3},
	} {
		row := []string{f.dest, f.text}
		s.do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?, ?, ?, ?, '[]', '', ?, ?, ?, ?, ?, ?, ?)`, n+1, fmt.Sprint("k", n+1), f.rule, f.dest, db.Marshal(row),
			db.SortKey(row),
			f.verdict, f.count, 100*(n+1), 100*(n+1)+50, n)
	}
	return s
}

func keys(list []store.Finding) (out []string) {
	for _, f := range list {
		out = append(out, f.Key)
	}
	return out
}

// TestFindingFilter: every member of a filter, and its bounds.
func TestFindingFilter(t *testing.T) {
	s := withFindings(t)
	at := func(n int64) *int64 { return &n }
	for what, c := range map[string]struct {
		f      store.FindingFilter
		want   string
		hidden int64
	}{
		"all":             {store.FindingFilter{}, "k1 k2 k3 k6 k7", 1},
		"suppressed too":  {store.FindingFilter{Suppressed: true}, "k1 k2 k3 k4 k6 k7", 1},
		"rule":            {store.FindingFilter{Rule: "a"}, "k1 k2", 1},
		"dest":            {store.FindingFilter{Dest: "web03"}, "k6 k7", 0},
		"text, no case":   {store.FindingFilter{Text: "STRASSE"}, "", 0},
		"text, any cell":  {store.FindingFilter{Text: "WEB02"}, "k2", 0},
		"text within":     {store.FindingFilter{Text: "traß"}, "k1", 0},
		"text as written": {store.FindingFilter{Text: `"x"`, Suppressed: true}, "k4", 1},
		"no JSON":         {store.FindingFilter{Text: `","`}, "", 0},
		"ends at from":    {store.FindingFilter{From: at(350), Rule: "b"}, "k3 k6 k7", 0},
		"ended before":    {store.FindingFilter{From: at(351), Rule: "b"}, "k6 k7", 0},
		"starts at to":    {store.FindingFilter{To: at(300), Rule: "b"}, "k3", 0},
		"starts after":    {store.FindingFilter{To: at(299), Rule: "b"}, "", 0},
		"between":         {store.FindingFilter{From: at(151), To: at(300)}, "k2 k3", 0},
	} {
		page, _, err := s.Findings(ctx, c.f, store.Page{Limit: 99, Asc: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(keys(page), " "); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
		n, hidden, err := s.CountFindings(ctx, c.f)
		shown := int64(len(page))
		if !c.f.Suppressed {
			shown += c.hidden
		}
		if err != nil || n != shown || hidden != c.hidden {
			t.Errorf("%s: counted %d, %d suppressed (%v), want %d and %d", what, n, hidden, err, shown, c.hidden)
		}
	}
}

// TestFindingsPaged: each sort in both directions, page by page there and back,
// gives what one page gives.
func TestFindingsPaged(t *testing.T) {
	s := withFindings(t)
	want := map[string][]string{ // ascending; of equals the one stored first
		"": {"k1", "k2", "k3", "k6", "k7"}, "first": {"k1", "k2", "k3", "k6", "k7"}, "count": {"k3", "k6", "k7", "k1", "k2"},
		"dest": {"k1", "k3", "k2", "k6", "k7"}, "row": {"k3", "k1", "k2", "k6", "k7"},
		"nonsense": {"k1", "k2", "k3", "k6", "k7"},
	}
	for sort, list := range want {
		for _, asc := range []bool{true, false} {
			if !asc {
				list = slices.Clone(list)
				slices.Reverse(list)
			}
			for limit := 1; limit <= 6; limit++ {
				there, back := pageThrough(t, s, store.Page{Sort: sort, Asc: asc, Limit: limit})
				if !slices.Equal(there, list) || !slices.Equal(back, list) {
					t.Errorf("sorted by %q, ascending %v, %d a page: there %q, back %q, want %q", sort, asc, limit, there, back, list)
				}
			}
		}
	}
}

// pageThrough pages to the end and back to the start.
func pageThrough(t *testing.T, s *shelf, p store.Page) (there, back []string) {
	t.Helper()
	for {
		page, c, err := s.Findings(ctx, store.FindingFilter{}, p)
		if err != nil || len(page) > p.Limit {
			t.Fatalf("a page of %d, %v", len(page), err)
		}
		if (c.Before == "") != (p.After == "") {
			t.Fatalf("cursor before %q of the page after %q", c.Before, p.After)
		}
		there = append(there, keys(page)...)
		if c.After == "" {
			back = keys(page)
			p.After, p.Before = "", c.Before
			break
		}
		p.After = c.After
	}
	for p.Before != "" {
		page, c, err := s.Findings(ctx, store.FindingFilter{}, p)
		if err != nil || c.After == "" {
			t.Fatalf("%v, cursor after %q of a page before another", err, c.After)
		}
		back = append(keys(page), back...)
		p.Before = c.Before
	}
	return there, back
}

// TestAllFindings: sorted by the bytes of their CSV, where a formula has an
// apostrophe in front.
func TestAllFindings(t *testing.T) {
	s := withFindings(t)
	var got []string
	for f, err := range s.AllFindings(ctx, store.FindingFilter{Suppressed: true}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Key)
		if len(got) == 5 { // whoever has enough stops
			break
		}
	}
	if want := []string{"k3", "k1", "k4", "k2", "k6"}; !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

// TestSortKey: keys compare as rows do, cell by cell.
func TestSortKey(t *testing.T) {
	rows := [][]string{{"", "z"}, {"\x01"}, {"'=x"}, {"=y"}, {"a"}, {"a", "a"}, {"a", "b"}, {"a\n=b"}, {"a\n(b"},
		{"ab"}, {"a\x00"}, {"a\x00\x00"}, {"a␁"}, {"b"}}
	for i := range rows[1:] {
		if a, b := string(db.SortKey(rows[i])), string(db.SortKey(rows[i+1])); a >= b {
			t.Errorf("%q does not sort before %q", rows[i], rows[i+1])
		}
	}
}

// TestFindingByKey: a suppressed one too, one that is in no row not.
func TestFindingByKey(t *testing.T) {
	s := withFindings(t)
	f, err := s.FindingByKey(ctx, "k4")
	if want := (store.Finding{Key: "k4", RuleID: "a", Dest: "web01", Row: []string{"web01", `say "x"`}, Suppressed: true,
		Count: 9, First: 400,
		Last: 450, Change: 3}); err != nil || fmt.Sprintf("%+v", f) != fmt.Sprintf("%+v", want) {
		t.Errorf("%+v, %v; want %+v", f, err, want)
	}
	for _, key := range []string{"k5", "k9", ""} {
		if _, err := s.FindingByKey(ctx, key); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: %v, want not found", key, err)
		}
	}
}

// TestFindingsOfEvent: by key, those that are in no row not.
func TestFindingsOfEvent(t *testing.T) {
	s := withFindings(t)
	for _, n := range []int{6, 4, 1, 5} {
		s.do(`INSERT INTO finding_event (finding_id, start, event_id) VALUES (?, 0, 77)`, n)
	}
	list, err := s.FindingsOfEvent(ctx, 77)
	if got := keys(list); err != nil || !slices.Equal(got, []string{"k1", "k4", "k6"}) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestUnattributedOf: by what they lack, of a rule or all, of a host or all.
func TestUnattributedOf(t *testing.T) {
	s := newShelf(t)
	for n, u := range []struct{ rule, dest, missing string }{
		{"a", "web01", "user"}, {"a", "web01", "user"}, {"a", "web02", "_time"}, {"b", "web01", "user"}, {"b", "", "user"},
	} {
		s.do(`INSERT INTO unattributed (rule_id, event_id, dest, missing) VALUES (?, ?, ?, ?)`, u.rule, n, u.dest, u.missing)
	}
	for _, c := range []struct{ rule, dest, want string }{
		{"", "", "[{_time 1} {user 4}]"}, {"a", "", "[{_time 1} {user 2}]"}, {"", "web01", "[{user 3}]"},
		{"b", "web01", "[{user 1}]"}, {"c", "", "[]"},
	} {
		got, err := s.UnattributedOf(ctx, c.rule, c.dest)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("rule %q, dest %q: %v, %v; want %s", c.rule, c.dest, got, err, c.want)
		}
	}
}
