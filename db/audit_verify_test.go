package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
)

// damages are what is wrong with the audit trail of a database file: the number of
// each row and the words that count.
func damages(t testing.TB, path string) (out []string) {
	t.Helper()
	if _, err := db.VerifyAudit(ctx, path, func(d store.AuditDamage) {
		out = append(out, fmt.Sprintf("%d %s", d.ID, d.What))
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// audited has six rows.
func audited(t testing.TB) (path string, q *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	for n := range 5 {
		if err := d.Audit(anna, store.AuditEntry{Action: "set", Object: fmt.Sprintf("finding %d", n), Field: "status",
			Old: "New", New: strings.Repeat("é", n)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := damages(t, path); got != nil {
		t.Fatalf("untouched: %q", got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	q = raw(t, path)
	for _, name := range []string{"audit_changed", "audit_removed", "audit_replaced", "audit_tip_back",
		"audit_tip_removed"} {
		if _, err := q.Exec(`DROP TRIGGER ` + name); err != nil {
			t.Fatal(err)
		}
	}
	return path, q
}

// TestVerifyNames: whatever was done to a row or to the tip is named, and nothing else
// is.
func TestVerifyNames(t *testing.T) {
	const changed, either = "The row was changed: its hash is not", "The row was changed, or the prev of row"
	tip := func(row string) string { return row + " The row was changed, or the tip differs" }
	swap := func(a, b int) string {
		return fmt.Sprintf(`UPDATE audit SET id = -1 WHERE id = %d; UPDATE audit SET id = %[1]d WHERE id = %d;
			UPDATE audit SET id = %[2]d WHERE id = -1`, a, b)
	}
	for what, tt := range map[string]struct {
		do   string
		want []string
	}{
		"time":        {`UPDATE audit SET at = at + 1 WHERE id = 3`, []string{"3 " + changed}},
		"time is not": {`UPDATE audit SET at = 'x' WHERE id = 3`, []string{"3 " + changed}},
		"person":      {`UPDATE audit SET person = 'Anna' WHERE id = 3`, []string{"3 " + changed}},
		"action":      {`UPDATE audit SET action = 'seT' WHERE id = 3`, []string{"3 " + changed}},
		"object":      {`UPDATE audit SET object = 'finding 9' WHERE id = 3`, []string{"3 " + changed}},
		"field":       {`UPDATE audit SET field = 'statuS' WHERE id = 3`, []string{"3 " + changed}},
		"old":         {`UPDATE audit SET old = 'new' WHERE id = 3`, []string{"3 " + changed}},
		"new":         {`UPDATE audit SET new = 'e' WHERE id = 3`, []string{"3 " + changed}},
		"address":     {`UPDATE audit SET address = '10.0.0.8' WHERE id = 3`, []string{"3 " + changed}},
		"prev": {`UPDATE audit SET prev = replace(prev, substr(prev, 5, 1), 'x') WHERE id = 3`,
			[]string{"3 The row was changed: its prev"}},
		"number": {`UPDATE audit SET id = 30 WHERE id = 3`, []string{"3 The row is missing", "30 The row has been added"}},
		"below":  {`UPDATE audit SET id = -3 WHERE id = 3`, []string{"-3 The row has been added", "3 The row is missing"}},
		"words from one column to the next": {`UPDATE audit SET field = 'statusN', old = 'ew' WHERE id = 3`,
			[]string{"3 " + changed}},
		"two rows": {`UPDATE audit SET person = 'x' WHERE id IN (2, 5)`, []string{"2 " + changed, "5 " + changed}},
		"two rows that follow": {`UPDATE audit SET person = 'x' WHERE id IN (2, 3)`,
			[]string{"2 " + either + " 3", "3 " + changed}},
		"first row": {`UPDATE audit SET person = 'x' WHERE id = 1`, []string{"1 " + changed}},
		"first prev": {`UPDATE audit SET prev = replace(prev, '0', '1') WHERE id = 1`,
			[]string{"1 The row was changed: its prev"}},
		"last row":  {`UPDATE audit SET person = 'x' WHERE id = 6`, []string{tip("6")}},
		"last prev": {`UPDATE audit SET prev = 'x' WHERE id = 6`, []string{"6 The row was changed: its prev"}},
		"a row goes": {`DELETE FROM audit WHERE id = 3`,
			[]string{"3 The row is missing, and with it the proof of row 2."}},
		"the first goes": {`DELETE FROM audit WHERE id = 1`, []string{"1 The row is missing."}},
		"rows go":        {`DELETE FROM audit WHERE id IN (3, 4)`, []string{"3 The rows 3 to 4 are missing"}},
		"the last goes":  {`DELETE FROM audit WHERE id = 6`, []string{"6 The row is missing"}},
		"all go":         {`DELETE FROM audit`, []string{"1 The rows 1 to 6 are missing."}},
		"swapped":        {swap(2, 5), []string{"1 " + either, "2 " + changed, "4 " + either, "5 " + changed}},
		"swapped next":   {swap(2, 3), []string{"1 " + either, "2 " + either, "3 " + changed}},
		"a row more": {`INSERT INTO audit SELECT 7, at, '', '', '', '', '', '', '', prev FROM audit WHERE id = 6`,
			[]string{"7 The row has been added"}},
		"the tip's hash":   {`UPDATE audit_tip SET hash = replace(hash, substr(hash, 1, 1), 'x')`, []string{tip("6")}},
		"the tip counts +": {`UPDATE audit_tip SET count = 8`, []string{"7 The rows 7 to 8 are missing"}},
		"the tip counts -": {`UPDATE audit_tip SET count = 5`,
			[]string{"6 The row has been added, or the tip differs", tip("5")}},
		"no tip": {`DELETE FROM audit_tip`, []string{"0 The tip of the chain is gone"}},
		"a row goes and the one after it is changed": {`DELETE FROM audit WHERE id = 3;
			UPDATE audit SET person = 'x' WHERE id = 4`, []string{"3 The row is missing", "4 " + changed}},
		"the last goes and the tip with it": {`DELETE FROM audit WHERE id = 6; UPDATE audit_tip SET count = 5`,
			[]string{tip("5")}},
	} {
		path, q := audited(t)
		if _, err := q.Exec(tt.do); err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		got := damages(t, path)
		if len(got) != len(tt.want) {
			t.Errorf("%s:\n%q\nwant\n%q", what, got, tt.want)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want %q", what, got[i], want)
			}
		}
	}
}

// TestVerifyWrongFiles: what has no audit trail is refused with a sentence, and not
// touched.
func TestVerifyWrongFiles(t *testing.T) {
	dir := t.TempDir()
	old, other := filepath.Join(dir, "old.db"), filepath.Join(dir, "other.db")
	if _, err := raw(t, other).Exec(`CREATE TABLE x (y)`); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, old).Exec(`PRAGMA application_id = 0x45534355; PRAGMA user_version = 12;
		CREATE TABLE x (y)`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{filepath.Join(dir, "none.db"): "There is no database",
		other: "another program", old: "has no audit trail"} {
		_, err := db.VerifyAudit(ctx, path, nil)
		if code := fault.CodeOf(err); code != fault.NotFound && code != fault.Invalid ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestAuditFilters: each filter chooses its rows, pages follow one another, and what
// is streamed is what the pages have, the other way round.
func TestAuditFilters(t *testing.T) {
	h := newHouse(t)
	bert := store.WithActor(context.Background(), store.Actor{Person: "Bert", Address: "10.0.0.8"})
	h.ok(h.Audit(anna, store.AuditEntry{Action: "set", Object: "host web1", Field: "status", New: "100%_Done"}))
	from := h.now
	h.now = h.now.Add(1)
	h.ok(h.Audit(bert, store.AuditEntry{Action: "set", Object: "host web10", Old: "STATUS"},
		store.AuditEntry{Action: "exported", Object: "host web1 report.html"}))
	h.now = h.now.Add(1)
	h.ok(h.Audit(bert, store.AuditEntry{Action: "deleted", Object: "note 12", Old: "done"}))
	for what, tt := range map[string]struct {
		f    store.AuditFilter
		want string
	}{
		"all":           {store.AuditFilter{}, "1 2 3 4 5"},
		"person":        {store.AuditFilter{Person: "Bert"}, "3 4 5"},
		"nobody":        {store.AuditFilter{Person: "bert"}, ""},
		"action":        {store.AuditFilter{Action: "set"}, "2 3"},
		"object":        {store.AuditFilter{Object: "host web1"}, "2 3 4"},
		"half":          {store.AuditFilter{Object: "no"}, "5"},
		"of":            {store.AuditFilter{Of: "host web1"}, "2 4"},
		"of a kind":     {store.AuditFilter{Of: "host"}, "2 3 4"},
		"text":          {store.AuditFilter{Text: "statuS"}, "2 3"},
		"percent":       {store.AuditFilter{Text: "100%_"}, "2"},
		"address":       {store.AuditFilter{Text: "0.0.7"}, "2"},
		"not two":       {store.AuditFilter{Text: "setho"}, ""},
		"from":          {store.AuditFilter{From: from.Add(1)}, "3 4 5"},
		"to":            {store.AuditFilter{To: from.Add(1)}, "1 2"},
		"several":       {store.AuditFilter{From: from, To: from.Add(2), Person: "Bert", Action: "set"}, "3"},
		"control chars": {store.AuditFilter{Object: "host web1\x00"}, ""},
	} {
		var stream, pages []string
		for r, err := range h.AllAudit(ctx, tt.f) {
			h.ok(err)
			stream = append(stream, fmt.Sprint(r.ID))
		}
		h.is(what, strings.Join(stream, " "), tt.want)
		for p := (store.Page{Limit: 2}); ; {
			list, c, total, err := h.AuditTrail(ctx, tt.f, p)
			h.ok(err)
			h.is(what+": total", total, len(stream))
			for _, r := range list {
				pages = append(pages, fmt.Sprint(r.ID))
			}
			if c.After == "" {
				break
			}
			p.After = c.After
		}
		slices.Reverse(pages)
		h.is(what+" by pages", pages, stream)
	}
	_, c, _, err := h.AuditTrail(ctx, store.AuditFilter{}, store.Page{Limit: 2})
	h.ok(err)
	_, c, _, err = h.AuditTrail(ctx, store.AuditFilter{}, store.Page{Limit: 2, After: c.After})
	h.ok(err)
	back, _, _, err := h.AuditTrail(ctx, store.AuditFilter{}, store.Page{Limit: 2, Before: c.Before})
	h.ok(err)
	h.is("back", []int64{back[0].ID, back[1].ID}, []int64{5, 4})
}
