package importer

import (
	"context"
	"slices"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// DeletionStore deletes imports in steps.
type DeletionStore interface {
	// DeleteStep does a step of deleting an import that has ended, with its
	// members, and says whether it was the last. Between two steps the import is
	// intake.Deleting.
	DeleteStep(ctx context.Context, id int64) (done bool, err error)
	// DeletingImports returns the imports that are deleted in part, members of
	// archives left out.
	DeletingImports(ctx context.Context) ([]intake.Import, error)
	// DropStaged takes away, in steps, what replacements had ready that have not
	// come to their end and do not go on any more, and what is left of imports that
	// were replaced.
	DropStaged(ctx context.Context) error
}

// deleteWait is how long whoever deletes an import waits for its end.
const deleteWait = 10 * time.Second

var errDeleting = fault.New(fault.Conflict, "This import is being deleted. Import the file once more if you need it.")

// deletion is an import that is being deleted.
type deletion struct {
	id    int64
	ended chan struct{}
	err   error // once it has ended
}

// Delete deletes an import that has ended. What takes longer than ten seconds
// goes on by itself, after a restart too, and is not done then.
func (q *Queue) Delete(ctx context.Context, id int64) (done bool, err error) {
	wait := time.NewTimer(q.DeleteWait)
	defer wait.Stop()
	if done, err = q.deleteStep(ctx, id); done || err != nil {
		return done, err // a refusal, or nothing more to do
	}
	d := q.deletion(id)
	select {
	case <-d.ended:
		return d.err == nil, d.err
	case <-wait.C:
	case <-ctx.Done():
	case <-q.ctx.Done():
	}
	return false, nil
}

// deletion is the one of an import: the one under way, or a new one.
func (q *Queue) deletion(id int64) *deletion {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.deletions, func(d *deletion) bool { return d.id == id })
	if i >= 0 {
		return q.deletions[i]
	}
	d := &deletion{id: id, ended: make(chan struct{})}
	q.deletions = append(q.deletions, d)
	if len(q.deletions) == 1 && q.ctx.Err() == nil {
		q.wg.Go(q.delete)
	}
	return d
}

// delete deletes imports one after another until there are no more.
func (q *Queue) delete() {
	for {
		q.mu.Lock()
		d := q.deletions[0]
		q.mu.Unlock()
		for done := false; !done && d.err == nil && q.ctx.Err() == nil; {
			done, d.err = q.deleteStep(q.ctx, d.id)
		}
		if q.ctx.Err() != nil { // it goes on when the queue is opened again
			return
		}
		if d.err != nil { // adopt takes it up again
			q.log.Error("delete import", "id", d.id, "err", d.err)
		}
		close(d.ended)
		q.mu.Lock()
		q.deletions = q.deletions[1:]
		none := len(q.deletions) == 0
		q.mu.Unlock()
		if none {
			return
		}
	}
}

// deleteStep does a step. An import that another process has deleted meanwhile
// is done, once there was one.
func (q *Queue) deleteStep(ctx context.Context, id int64) (done bool, err error) {
	defer fault.Catch(&err)
	err = q.im.Retry(ctx, func() (err error) {
		done, err = q.im.store.DeleteStep(ctx, id)
		return err
	})
	if ctx == q.ctx && fault.CodeOf(err) == fault.NotFound {
		return true, nil
	}
	return done, err
}

// adoptDeletions goes on with what was deleted in part when a process ended, and
// takes away what replacements left.
func (q *Queue) adoptDeletions() error {
	list, err := q.im.store.DeletingImports(q.ctx)
	if err != nil {
		return err
	}
	for _, i := range list {
		q.deletion(i.ID)
	}
	return q.im.store.DropStaged(q.ctx)
}
