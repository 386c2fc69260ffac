package rulebook

import (
	"context"
	"time"

	"escutcheon/store"
)

// A window that changed while rules ran over it is left alone for a while: an import
// goes on that changes it. The longer the run took the longer, so that at most a fifth
// of the time is spent on runs that come to nothing.
const (
	leastRest = 200 * time.Millisecond
	mostRest  = time.Minute
)

func rest(took time.Duration) time.Duration { return min(max(leastRest, 4*took), mostRest) }

// runWindows runs the rules that need all events of a window over those that are
// due, until none is.
func (b *Book) runWindows(ctx context.Context, progress func(store.Behind)) error {
	for {
		var left store.WindowsDue
		began := time.Now()
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
		case <-time.After(rest(time.Since(began))):
		}
	}
}
