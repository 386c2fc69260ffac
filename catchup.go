package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"escutcheon/rulebook"
	"escutcheon/store"
)

// catchUp runs the rules that are new over what is stored, and shows on a
// terminal how far it is.
func catchUp(ctx context.Context, e *env, book *rulebook.Book) error {
	f, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return book.CatchUp(ctx, nil)
	}
	defer fmt.Fprint(f, "\r\x1b[K")
	return book.CatchUp(ctx, func(left store.Behind) {
		if left.Windows > 0 {
			fmt.Fprintf(f, "\r\x1b[K%d windows are yet to be run over", left.Windows)
		}
		if left.Rules > 0 {
			fmt.Fprintf(f, "\r\x1b[K%d rules run over the stored events: %d of %d", left.Rules, left.Done, left.Events)
		}
	})
}
