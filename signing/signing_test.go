package signing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/signing"
)

// TestSigning: a document in each form is signed and parted again byte by byte, and no
// flipped byte of it or of its signature passes.
func TestSigning(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "x.db")
	if k, err := signing.Load(db); k != nil || err != nil {
		t.Fatal("a key that nobody made", err)
	}
	k, err := signing.Create(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Create(db); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second key: %v", err)
	}
	if info, err := os.Stat(signing.KeyPath(db)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	again, err := signing.Load(db)
	if err != nil || again.Public() != k.Public() {
		t.Fatal(again, err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, doc := range []string{"<html></html>", "# x\n\ny -- z\n", "{\n  \"a\": 1\n}\n", "", "x\n<!-- minisign\nno\n-->\n"} {
		full := signing.Embed([]byte(doc), again, "case\nESC-1 <a> -- b - - c---d", at)
		signed, sig, ok := signing.Split(full)
		if !ok || string(signed) != doc {
			t.Fatalf("%q comes back as %q, %v", doc, signed, ok)
		}
		s, err := signing.Check(signed, sig, k.Public())
		comment := "case ESC-1 <a> ‐‐ b ‐ ‐ c‐‐-d, 2026-01-02T03:04:05Z"
		if err != nil || !signing.AsWritten(full) || s.ID != k.ID() || s.Comment != comment {
			t.Errorf("%q: %+v %v", doc, s, err)
		}
		for i := range 2 * len(full) {
			bad := []byte(string(full))
			bad[i/2] ^= []byte{1, 'a' ^ 'A'}[i%2]
			signed, sig, ok := signing.Split(bad)
			if !ok {
				continue
			}
			_, err := signing.Check(signed, sig, k.Public())
			if err == nil && signing.AsWritten(bad) {
				t.Errorf("%q: byte %d changed passes", doc, i/2)
			}
			if err == nil && string(signed) != doc {
				t.Errorf("%q passes as %q", doc, signed)
			}
		}
	}
	other, err := signing.Create(filepath.Join(t.TempDir(), "y.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Check([]byte("x"), k.Sign([]byte("x"), "", at), other.Public()); err == nil {
		t.Error("another key passes")
	}
	if _, _, ok := signing.Split([]byte("<html></html>")); ok {
		t.Error("a signature that is none")
	}
}
