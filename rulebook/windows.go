package rulebook

import (
	"context"
	"time"

	"escutcheon/store"
)

// anticipated is how long is waited after a window that changed while rules ran
// over it.
const anticipated = 200 * time.Millisecond

// runWindows runs the rules that need all events of a window over those that are
// due, until none is.
func (b *Book) runWindows(ctx context.Context, progress func(store.Behind)) error {
	for {
		var left store.WindowsDue
		err := b.Retry(ctx, func() (err error) {
			left, err = b.store.RunWindows(ctx)
			return err
		})
		if err != nil || !left.Tried {
			return err
		}
		if progress != nil {
			progress(store.Behind{Windows: left.Windows})
		}
		if left.Done {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(anticipated):
		}
	}
}
