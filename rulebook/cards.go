package rulebook

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"

	"escutcheon/detection"
)

// cards are those that a store keeps, for this program.
func cards(ctx context.Context, kept interface {
	RuleCards(ctx context.Context) (map[detection.CardKey]string, error)
}) (out detection.Cards, err error) {
	if out.Program = program(); out.Program != "" {
		out.Of, err = kept.RuleCards(ctx)
	}
	return out, err
}

// keepCards keeps what was read, so that the next process need not. Without it that
// takes longer.
func (b *Book) keepCards(ctx context.Context, c detection.CardChanges) {
	if len(c.Put) == 0 && len(c.Drop) == 0 {
		return
	}
	if err := b.store.ChangeRuleCards(ctx, c); err != nil && ctx.Err() == nil {
		b.log.Warn("what was read of the rules is not kept", "err", err)
	}
}

// program names this very program, so that another one, which may understand rules
// differently, does not take what this one made of them; "" where it cannot be told.
// An executable begins with the name that Go's linker gave to what it was built of.
var program = sync.OnceValue(func() string {
	f, err := os.Open("/proc/self/exe") // also where another one was put in its place
	if err != nil {
		var path string
		if path, err = os.Executable(); err == nil {
			f, err = os.Open(path)
		}
	}
	if err != nil {
		return ""
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return ""
	}
	h := sha256.New()
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintln(h, info)
	}
	fmt.Fprintln(h, fi.Size(), fi.ModTime().UnixNano())
	if _, err := io.CopyN(h, f, 64<<10); err != nil {
		return ""
	}
	return string(h.Sum(nil)[:16])
})
