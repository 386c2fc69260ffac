package db_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/store"
)

// trail are the rows of the audit trail that a filter chooses, oldest first.
func trail(t testing.TB, d interface {
	AuditTrail(context.Context, store.AuditFilter, store.Page) ([]store.AuditRow, store.Cursors, int64, error)
}, f store.AuditFilter) (out []string) {
	t.Helper()
	for p := (store.Page{Limit: 50}); ; {
		list, c, _, err := d.AuditTrail(ctx, f, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			out = append(out, strings.Join([]string{r.Person, r.Action, r.Object, r.Field, r.Old, r.New, r.Address}, "|"))
		}
		if p.After = c.After; c.After == "" {
			slices.Reverse(out)
			return out
		}
	}
}

// anna is who asks in tests of the audit trail.
var anna = store.WithActor(context.Background(), store.Actor{Person: "anna", Address: "10.0.0.7"})

// TestAuditBegins: a database has an audit trail from when it was migrated, and
// nobody's words are older.
func TestAuditBegins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	got := trail(t, d, store.AuditFilter{})
	if len(got) != 1 || !strings.HasPrefix(got[0], "escutcheon|began|audit|schema||") {
		t.Errorf("a new database has the rows %q", got)
	}
	if err := d.Audit(anna, store.AuditEntry{Action: "exported", Object: "notes.csv"},
		store.AuditEntry{Person: "bert", Action: "exported", Object: "risk.csv", Field: "dest=a\x00\xff"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Audit(context.Background(), store.AuditEntry{Action: "a", Object: "b"}); err != nil {
		t.Fatal(err)
	}
	want := []string{got[0], "anna|exported|notes.csv||||10.0.0.7", "bert|exported|risk.csv|dest=a\uFFFD\uFFFD|||10.0.0.7",
		"escutcheon|a|b||||"}
	if got := trail(t, d, store.AuditFilter{}); !slices.Equal(got, want) {
		t.Errorf("rows\n%q\nwant\n%q", got, want)
	}
}

// TestAuditOnlyGrows: no statement changes a row, removes one, puts one in another's
// place, or takes the tip back.
func TestAuditOnlyGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if err := d.Audit(anna, store.AuditEntry{Action: "exported", Object: "notes.csv"}); err != nil {
		t.Fatal(err)
	}
	before, q := trail(t, d, store.AuditFilter{}), raw(t, path)
	for _, s := range []string{`UPDATE audit SET person = 'eve'`, `DELETE FROM audit`, `DELETE FROM audit WHERE id = 2`,
		`INSERT OR REPLACE INTO audit SELECT 2, at, 'eve', action, object, field, old, new, address, prev FROM audit
			WHERE id = 2`,
		`UPDATE audit_tip SET count = count - 1`, `UPDATE audit_tip SET hash = 'x'`, `DELETE FROM audit_tip`} {
		if _, err := q.Exec(s); err == nil || !strings.Contains(err.Error(), "audit trail") {
			t.Errorf("%s: %v", s, err)
		}
	}
	if got := trail(t, d, store.AuditFilter{}); !slices.Equal(got, before) {
		t.Errorf("rows\n%q\nwant\n%q", got, before)
	}
}
