package feed_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/feed"
	"escutcheon/intake"
)

// TestFolder: files are taken once each when they are whole, and again when they grew.
func TestFolder(t *testing.T) {
	s := start(t)
	dir := t.TempDir()
	now := time.Now()
	long := now.Add(-time.Minute)
	write := func(name string, data []byte, at time.Time) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	lines := func(n int) (b []byte) {
		for i := range n {
			b = append(logwriter.AppendNXLog(b, &planted()[i], nil), '\n')
		}
		return b
	}
	look := func(f *feed.Folder) {
		for range 2 {
			f.Look(context.Background())
		}
		s.until("all imports have ended", func() bool {
			for _, i := range s.imports() {
				if !i.Status.Ended() {
					return false
				}
			}
			return true
		})
	}
	watch := func() *feed.Folder {
		return &feed.Folder{Dir: dir, Store: s.Store, Keep: feed.Importing(s.Spool, s.Queue), Rates: s.Rates,
			Log: s.Server.Log, Now: func() time.Time { return now }}
	}
	f := watch()
	write("a/log.json", lines(2), long)
	write("b.json.part", lines(3), long)
	write(".hidden.json", lines(3), long)
	write("new.json", lines(3), now) // it may still be written
	f.Look(context.Background())
	if len(s.imports()) != 0 {
		t.Fatal("a file that was seen once may still grow")
	}
	look(f)
	list := s.imports()
	if len(list) != 1 || list[0].Name != "a/log.json" || list[0].Source != intake.Watched || s.events() != 2 {
		t.Fatalf("%+v", list)
	}
	look(watch()) // a server that was started again
	if len(s.imports()) != 1 {
		t.Errorf("a file was taken twice: %+v", s.imports())
	}
	write("a/log.json", lines(4), long.Add(time.Second))
	f = watch()
	look(f)
	if list := s.imports(); len(list) != 2 || list[0].New != 2 || list[0].Duplicate != 2 || s.events() != 4 {
		t.Errorf("a file that grew: %+v", list)
	}
	now = now.Add(time.Minute)
	look(f)
	if list := s.imports(); len(list) != 3 || list[0].Name != "new.json" {
		t.Errorf("a file that is not written any more: %+v", list)
	}
	if _, err := os.Stat(filepath.Join(dir, "a/log.json")); err != nil {
		t.Error("what is watched stays: ", err)
	}
}
