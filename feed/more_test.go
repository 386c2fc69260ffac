package feed_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/intake"
	"escutcheon/store"
)

// check is what a check of the database finds.
func check(t testing.TB, s *site) (out []string) {
	t.Helper()
	err := db.Check(t.Context(), s.Store.Path(), db.Events{}, func(string, int64, int64) {}, func(d store.Damage) {
		out = append(out, fmt.Sprintf("%+v", d))
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// file imports a file, and waits until it has been.
func (s *site) file(name string, data []byte) intake.Import {
	s.t.Helper()
	kept, err := s.Spool.Keep(s.t.Context(), bytes.NewReader(data), 0)
	if err != nil {
		s.t.Fatal(err)
	}
	i, err := s.Queue.Submit(s.t.Context(), intake.Import{Name: name, SHA256: kept.SHA256, Size: kept.Size,
		Path: kept.Path, Source: intake.Upload}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for range 500 {
		if i, err = s.Store.ImportByID(s.t.Context(), i.ID); err != nil {
			s.t.Fatal(err)
		}
		if i.Status.Ended() {
			return i
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("the import does not end")
	return i
}
