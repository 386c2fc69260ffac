package db_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"escutcheon/db"
	"escutcheon/store"
)

// TestAuditHash: the hash of a row is what docs/audit.md says it is.
func TestAuditHash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if err := d.Audit(anna,
		store.AuditEntry{Action: "set", Object: "host a", Field: "é", Old: "x", New: "y\nz"}); err != nil {
		t.Fatal(err)
	}
	prev := strings.Repeat("0", 64)
	for n := 1; n <= 2; n++ {
		cols := make([]string, 10)
		dst := make([]any, len(cols))
		for i := range cols {
			dst[i] = &cols[i]
		}
		if err := raw(t, path).QueryRow(`SELECT id, at, person, action, object, field, old, new, address, prev FROM audit
			WHERE id = ?`, n).Scan(dst...); err != nil {
			t.Fatal(err)
		}
		if cols[9] != prev {
			t.Errorf("row %d holds %s, want %s", n, cols[9], prev)
		}
		h := sha256.New()
		for _, c := range cols {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(c))))
			h.Write([]byte(c))
		}
		prev = fmt.Sprintf("%x", h.Sum(nil))
	}
	tip, err := d.VerifyAudit(ctx, func(d store.AuditDamage) { t.Error(d) })
	if want := (store.AuditTip{Rows: 2, Hash: prev}); err != nil || tip != want {
		t.Errorf("tip %+v, want %+v (%v)", tip, want, err)
	}
}

// TestAuditCut: long texts are kept up to a length, and what is cut is known by its
// hash.
func TestAuditCut(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "x.db"))
	whole, long := strings.Repeat("x", store.MaxAudited), strings.Repeat("x", store.MaxAudited-1)+"€€"
	if err := d.Audit(anna, store.AuditEntry{Action: "edited", Object: "note 1", Old: whole, New: long}); err != nil {
		t.Fatal(err)
	}
	list, _, _, err := d.AuditTrail(ctx, store.AuditFilter{Action: "edited"}, store.Page{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	cut := fmt.Sprintf("%s… (cut: 100005 bytes in all, SHA-256 %x)", whole[1:], sha256.Sum256([]byte(long)))
	if list[0].Old != whole || list[0].New != cut {
		t.Errorf("old has %d bytes, new ends %q", len(list[0].Old), list[0].New[store.MaxAudited-10:])
	}
}

func tell(words string) func(db.Part) error {
	return func(p db.Part) error { return p.Audit(store.AuditEntry{Action: "set", Object: words}) }
}

// TestAuditOfParts: writes that share a transaction tell of themselves one after
// another, those that fail of nothing, and the chain is whole.
func TestAuditOfParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	d.ShareForLong()
	broken := errors.New("broken")
	write := func(name string, err error) func() {
		return func() {
			if got := d.Write(anna, func(p db.Part) error {
				return errors.Join(tell(name)(p), tell(name)(p), err)
			}); !errors.Is(got, err) {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
	behind(t, d, write("a", nil), write("b", broken), write("c", nil), func() {
		defer func() { _ = recover() }()
		_ = d.Write(anna, func(p db.Part) error { _ = tell("d")(p); panic("d") })
	}, write("e", broken), write("f", nil))
	if err := d.WriteLarge(anna, func(p db.Part) error {
		return errors.Join(tell("g")(p), broken)
	}); !errors.Is(err, broken) {
		t.Error(err)
	}
	write("h", nil)()
	var got []string
	for r, err := range d.AllAudit(ctx, store.AuditFilter{Action: "set"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d%s", r.ID, r.Object))
	}
	if want := "2a 3a 4c 5c 6f 7f 8h 9h"; strings.Join(got, " ") != want {
		t.Errorf("told: %q, want %s", got, want)
	}
	if got := damages(t, path); got != nil {
		t.Errorf("the chain: %q", got)
	}
}

// TestAuditWithoutAnEnd is no test: it is the other process of the next ones.
func TestAuditWithoutAnEnd(t *testing.T) {
	path := os.Getenv("ESCUTCHEON_AUDIT")
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	ended := make(chan bool)
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		close(ended)
	}()
	d := open(t, path)
	for n := 0; ; n++ {
		select {
		case <-ended:
			return
		default:
		}
		if err := d.Audit(context.Background(), store.AuditEntry{Action: "set", Object: "theirs"},
			store.AuditEntry{Action: "set", Object: "theirs"}); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			fmt.Println("writes")
		}
	}
}

// count is how many rows tell of an object.
func count(t *testing.T, d *db.DB, object string) int64 {
	t.Helper()
	_, _, n, err := d.AuditTrail(ctx, store.AuditFilter{Object: object}, store.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAuditOfSeveral: many writers of this process and another process extend one
// chain, which is whole whenever somebody looks, and when that process is killed.
func TestAuditOfSeveral(t *testing.T) {
	const writers, each = 4, 25
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	other, in := child(t, "TestAuditWithoutAnEnd", "ESCUTCHEON_AUDIT="+path, "writes")
	defer in.Close()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				if err := d.Write(anna, tell("ours")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 5 {
			if got := damages(t, path); got != nil {
				t.Errorf("while both write: %q", got)
			}
		}
	})
	all.Wait()
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	if err := d.Write(anna, tell("ours")); err != nil {
		t.Error(err)
	}
	if got := damages(t, path); got != nil {
		t.Errorf("after a kill: %q", got)
	}
	if ours, theirs := count(t, d, "ours"), count(t, d, "theirs"); ours != writers*each+1 || theirs < 2 || theirs%2 != 0 {
		t.Errorf("%d rows are ours, %d theirs", ours, theirs)
	}
}
