// Package importer brings a file in: it keeps the file's bytes while it runs,
// names them by their SHA-256, decodes them in bounded batches, asks the rules
// which events they match and hands each batch to a store. Its subpackages
// decode one format each; what is stored and how is the store's business.
package importer

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"sync"
	"time"

	"escutcheon/detection"
	"escutcheon/importer/archive"
	"escutcheon/intake"
)

// Store is what an import needs of a database.
type Store interface {
	DeletionStore
	// AddImport records a file as queued and returns its id.
	AddImport(ctx context.Context, i intake.Import) (int64, error)
	// Cancelling keeps who has ended an import that runs.
	Cancelling(ctx context.Context, id int64) error
	// StartImport marks a queued or running import of from's as running for
	// owner and returns it as it stands; one that has ended, or is another's,
	// is a conflict.
	StartImport(ctx context.Context, id int64, from, owner string) (intake.Import, error)
	// DescribeImport stores what the file turned out to be: format, encoding,
	// compression, carrier and note.
	DescribeImport(ctx context.Context, i intake.Import) error
	// Recognise ends a running import of owner's as done when the same file
	// was imported before with the same answers, and says whether it was.
	Recognise(ctx context.Context, i intake.Import, owner string) (bool, error)
	// StoreBatch stores a batch whole or not at all and returns the counts
	// after it; an import that is not running for the batch's owner is a
	// conflict.
	StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error)
	// StoreWhole stores small files, each with all its records, in one
	// transaction and in their order, and returns their imports as they ended.
	StoreWhole(ctx context.Context, owner string, files []intake.Whole) ([]intake.Import, error)
	// FinishImport ends an import of owner's ("" anybody's) that has not ended
	// yet.
	FinishImport(ctx context.Context, id int64, owner string, status intake.Status, reason string) error
	// ImportByID returns one import.
	ImportByID(ctx context.Context, id int64) (intake.Import, error)
	// Replace makes the running import take the place of the one it Replaces,
	// whose records are decoded again, and ends it: in steps that nobody sees, and
	// one transaction that switches.
	Replace(ctx context.Context, id int64, owner string, progress func(intake.Counts)) error
	// AllRejections gives the rejections of an import in the file's order.
	AllRejections(ctx context.Context, id int64) iter.Seq2[intake.Rejection, error]
	// KeepRejected stores parts of the bytes of an import's rejections, all of
	// them or none.
	KeepRejected(ctx context.Context, id int64, parts []intake.RejectedPart) error
	// AddMember records a member of an archive, the nth of its name, or finds
	// it when it was recorded before: then only its path and owner are new.
	AddMember(ctx context.Context, m intake.Import, nth int64) (intake.Import, error)
	// Members returns the members of an archive.
	Members(ctx context.Context, parent int64) ([]intake.Import, error)
	// MemberHosts are the members of an archive that are logs, each with the host that
	// most of its events are of.
	MemberHosts(ctx context.Context, parent int64) ([]intake.MemberHost, error)
	// Progress stores how far an archive is: bytes, and its members' counts.
	Progress(ctx context.Context, parent, bytes int64) error
	// SettleParent ends an archive that waited for its members, once they have
	// all ended.
	SettleParent(ctx context.Context, parent int64) error
	// Ask puts an import off until Answer queues it.
	Ask(ctx context.Context, id int64) error
	Answer(ctx context.Context, id int64, owner, zone, computer, dates string) error
	// Waiting returns up to limit imports that wait for an answer, members of
	// archives too, oldest first.
	Waiting(ctx context.Context, limit int) ([]intake.Import, error)
	// Requeue queues an import that asks with the answers that it has.
	Requeue(ctx context.Context, id int64, owner string) error
	// SpoolPaths are the files that imports still need.
	SpoolPaths(ctx context.Context) ([]string, error)
	// Beat gives a sign of life for owner's imports.
	Beat(ctx context.Context, owner string) error
	// Release makes owner's imports free for another process at once.
	Release(ctx context.Context, owner string) error
	// ActiveImports returns the queued and running imports, oldest first.
	ActiveImports(ctx context.Context) ([]intake.Import, error)
}

// Originals keeps files as they came, by their SHA-256: those that it has not, and only
// where the settings say so.
type Originals interface {
	Keep(ctx context.Context, sum string, open func() (io.ReadCloser, error)) error
}

// Importer runs imports into a store.
type Importer struct {
	store Store
	rules func() *detection.Rules
	spool *Spool
	owner string

	// Retry makes a call of the store, and makes it again when another process
	// changed the rules meanwhile (intake.ErrStale). New's makes it once.
	Retry func(ctx context.Context, call func() error) error
	// Batch is how many records are stored in one transaction at most; 0 is 8,192.
	// Fewer give other writers their turn sooner and take longer.
	Batch int
	// Tell is after how long it is stored again how far an archive is; 0 is 250 ms,
	// or longer where that takes its time.
	Tell time.Duration
	// Limits bounds what archives may hold; what is zero has a default.
	Limits archive.Options

	// Originals keeps files as they came; nil: nothing does.
	Originals Originals

	panics    *slog.Logger // is told of them
	mu        sync.Mutex
	passwords map[int64]string        // of archives, by import; never stored
	counts    map[int64]intake.Counts // of imports that take another one's place
	walks     map[int64]*walk         // of archives that are being read
}

// New returns an importer that keeps files in spool while they run. rules
// gives the rules in force.
func New(store Store, rules func() *detection.Rules, spool *Spool) *Importer {
	return &Importer{store: store, rules: rules, spool: spool, owner: newOwner(), Retry: once,
		passwords: map[int64]string{}, counts: map[int64]intake.Counts{}, walks: map[int64]*walk{}}
}

func once(_ context.Context, call func() error) error { return call() }

// Rules are the rules in force.
func (im *Importer) Rules() *detection.Rules { return im.rules() }

// Spool is where the files are kept while they run.
func (im *Importer) Spool() *Spool { return im.spool }

// Admit records a file as queued for this process and returns its id. When a
// process that is gone was importing the same file with the same answers, its
// import is taken over where it stopped.
func (im *Importer) Admit(ctx context.Context, i intake.Import) (int64, error) {
	if id, err := im.Begun(ctx, i); err != nil || id != 0 {
		return id, err
	}
	i.Owner, i.Site = im.owner, siteOf(&i)
	return im.store.AddImport(ctx, i)
}

// Begun is the import of the same file with the same answers that a process
// began that is gone, or 0.
func (im *Importer) Begun(ctx context.Context, i intake.Import) (int64, error) {
	active, err := im.store.ActiveImports(ctx)
	if err != nil {
		return 0, err
	}
	for _, a := range active {
		if a.Path == i.Path && a.SHA256 == i.SHA256 && a.Zone == i.Zone && a.Computer == i.Computer && a.Dates == i.Dates &&
			a.Site == siteOf(&i) && im.orphaned(a, time.Now()) {
			return a.ID, nil
		}
	}
	return 0, nil
}

// idle is how long a file of the spool that no import knows is left alone: an
// upload may still write it, and touches it every minute.
const idle = 10 * time.Minute

// Sweep removes files of the spool that no import needs any more: what a
// process left that was killed.
func (im *Importer) Sweep(ctx context.Context) error {
	paths, err := im.store.SpoolPaths(ctx)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, p := range paths {
		used[p] = true
	}
	return im.spool.Sweep(used, idle)
}

// SetPassword gives the password of an archive, for as long as this process
// runs.
func (im *Importer) SetPassword(id int64, password string) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.passwords[id] = password
}

// Password is what was given to open an archive; "" for nothing.
func (im *Importer) Password(id int64) string { return im.password(id) }

func (im *Importer) password(id int64) string {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.passwords[id]
}

// Live is what an import counts that takes another one's place: the store
// shows it only when it is over.
func (im *Importer) Live(id int64) (intake.Counts, bool) {
	im.mu.Lock()
	defer im.mu.Unlock()
	c, ok := im.counts[id]
	return c, ok
}

// original keeps a file that somebody brought; what lay in an archive is in that.
func (im *Importer) original(ctx context.Context, imp intake.Import, open func() (io.ReadCloser, error)) error {
	if im.Originals == nil || imp.Parent != 0 || imp.Replaces != 0 {
		return nil
	}
	return im.Originals.Keep(ctx, imp.SHA256, open)
}
