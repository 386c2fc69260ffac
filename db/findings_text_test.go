package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/store"
)

// odds are pieces of texts and of cells: what JSON, LIKE and letter cases treat
// in a way of their own.
var odds = []string{"a", "I", "k", "K", "\u212a", "\u0130", "ü", "Ü", "ß", "日本", "%", "_", "!", `"`, `\`, "\n", "\x01",
	"<b>", "&", "\u2028", ",", "[", "]", `","`, "n", "u00", "C:\\new", " ", "\xff", "ſ", "Å"}

// TestFindingsText: a text filter chooses the findings of which a cell contains
// the text, whatever the case of their letters, and pages and counts them.
func TestFindingsText(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	text := func(most int) (out string) {
		for range 1 + r.IntN(most) {
			out += odds[r.IntN(len(odds))]
		}
		return out
	}
	s := newShelf(t)
	const rows = 400
	cells := make([][]string, rows)
	for n := range cells {
		for range 1 + r.IntN(3) {
			cells[n] = append(cells[n], text(4))
		}
		s.do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?, ?, 'r', ?, '[]', '', ?, ?, ?, 1, ?, ?, 0)`, n+1, fmt.Sprint("k", n), fmt.Sprint("web", n%3),
			db.Marshal(cells[n]), db.SortKey(cells[n]), n%5/4, n/3, n/3)
	}
	hits := 0
	for range 300 {
		f := store.FindingFilter{Text: text(2), Suppressed: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			f.Dest = "web1"
		}
		var want []string
		var hidden int64
		for n := rows - 1; n >= 0; n-- {
			if f.Dest != "" && n%3 != 1 || !slices.ContainsFunc(cells[n], func(c string) bool {
				return strings.Contains(strings.ToLower(strings.ToValidUTF8(c, "\ufffd")), strings.ToLower(f.Text))
			}) {
				continue
			}
			if n%5 == 4 {
				hidden++
			}
			if n%5 < 4 || f.Suppressed {
				want = append(want, fmt.Sprint("k", n))
			}
		}
		hits += len(want)
		all := int64(len(want))
		if !f.Suppressed {
			all += hidden
		}
		got := walk(t, func(p store.Page) ([]store.Finding, store.Cursors, error) {
			list, c, n, suppressed, err := s.FindingPage(ctx, f, p)
			if n != all || suppressed != hidden {
				t.Errorf("%q: %d, %d suppressed; want %d, %d", f.Text, n, suppressed, all, hidden)
			}
			return list, c, err
		}, store.Page{Limit: 20}, func(f store.Finding) string { return f.Key })
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %+v:\n got %v\nwant %v", f.Text, f, got, want)
		}
		if n, suppressed, err := s.CountFindings(ctx, f); err != nil || n != all || suppressed != hidden {
			t.Errorf("%q: counted %d, %d, %v", f.Text, n, suppressed, err)
		}
	}
	if hits < 1000 {
		t.Errorf("only %d hits", hits)
	}
}
