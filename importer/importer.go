// Package importer brings a file in: it keeps the file's bytes while it runs,
// names them by their SHA-256, decodes them in bounded batches, asks the rules
// which events they match and hands each batch to a store. Its subpackages
// decode one format each; what is stored and how is the store's business.
package importer

import (
	"context"
	"time"

	"escutcheon/detection"
	"escutcheon/intake"
)

// Store is what an import needs of a database.
type Store interface {
	// AddImport records a file as queued and returns its id.
	AddImport(ctx context.Context, i intake.Import) (int64, error)
	// StartImport marks a queued or running import of from's as running for
	// owner and returns it as it stands; one that has ended, or is another's,
	// is a conflict.
	StartImport(ctx context.Context, id int64, from, owner string) (intake.Import, error)
	// DescribeImport stores what the file turned out to be: format, encoding,
	// compression and note.
	DescribeImport(ctx context.Context, i intake.Import) error
	// Recognise ends a running import of owner's as done when the same file
	// was imported before with the same answers, and says whether it was.
	Recognise(ctx context.Context, i intake.Import, owner string) (bool, error)
	// StoreBatch stores a batch whole or not at all and returns the counts
	// after it; an import that is not running for the batch's owner is a
	// conflict.
	StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error)
	// FinishImport ends an import of owner's ("" anybody's) that has not ended
	// yet.
	FinishImport(ctx context.Context, id int64, owner string, status intake.Status, reason string) error
	// ImportByID returns one import.
	ImportByID(ctx context.Context, id int64) (intake.Import, error)
	// Beat gives a sign of life for owner's imports.
	Beat(ctx context.Context, owner string) error
	// Release makes owner's imports free for another process at once.
	Release(ctx context.Context, owner string) error
	// ActiveImports returns the queued and running imports, oldest first.
	ActiveImports(ctx context.Context) ([]intake.Import, error)
}

// Importer runs imports into a store.
type Importer struct {
	store Store
	rules []*detection.Rule
	spool *Spool
	owner string
}

// New returns an importer that keeps files in spool while they run.
func New(store Store, rules []*detection.Rule, spool *Spool) *Importer {
	return &Importer{store: store, rules: rules, spool: spool, owner: newOwner()}
}

// Spool is where the files are kept while they run.
func (im *Importer) Spool() *Spool { return im.spool }

// Admit records a file as queued for this process and returns its id. When a
// process that is gone was importing the same file with the same answers, its
// import is taken over where it stopped.
func (im *Importer) Admit(ctx context.Context, i intake.Import) (int64, error) {
	active, err := im.store.ActiveImports(ctx)
	if err != nil {
		return 0, err
	}
	for _, a := range active {
		if a.Path == i.Path && a.SHA256 == i.SHA256 && a.Zone == i.Zone && a.Computer == i.Computer && im.orphaned(a, time.Now()) {
			return a.ID, nil
		}
	}
	i.Owner = im.owner
	return im.store.AddImport(ctx, i)
}
