package rulebook_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/rulebook"
	"escutcheon/store"
)

// thrower is a store that panics as rules are run over what is stored.
type thrower struct {
	*db.DB
	tries int
}

func (s *thrower) CatchUp(context.Context, int) (store.Behind, error) {
	s.tries++
	panic("the store is broken")
}

// TestPanicOfCatchUp: what panics in the background is tried twice, and again only when
// the rules change; the log says where it was.
func TestPanicOfCatchUp(t *testing.T) {
	kept, err := db.Open(ctx, filepath.Join(t.TempDir(), "test.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	s := &thrower{DB: kept}
	var said bytes.Buffer
	b, err := rulebook.Open(ctx, s, importer.Decoder{}, slog.New(slog.NewTextHandler(&said, nil)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i, fails := range []bool{true, true, false, false} {
		if err := b.CatchUp(ctx, nil); (fault.PanicOf(err) != nil) != fails {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if s.tries != 2 {
		t.Errorf("it was tried %d times", s.tries)
	}
	if err := b.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); b.Run(running) }()
	stop()
	<-ended
	if s.tries < 3 || s.tries > 4 || !strings.Contains(said.String(), "(*thrower).CatchUp") {
		t.Errorf("with the rules read anew it was tried %d times; the log says %s", s.tries, said.String())
	}
}
