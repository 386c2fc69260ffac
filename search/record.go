package search

import (
	"context"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// Records keeps what is known of searches that take long, so that they are found again
// when the process has ended.
type Records interface {
	KeepSearchJob(ctx context.Context, j store.SearchJob) error
}

// recordAfter is how long a search runs until it is recorded, and again when it ends;
// recordTime how long that may take.
const (
	recordAfter = 2 * time.Second
	recordTime  = time.Minute
)

// Keep has searches recorded that run for longer than some time (0: two seconds).
// What goes wrong with that is told to failed.
func (j *Jobs) Keep(r Records, after time.Duration, failed func(error)) {
	if after <= 0 {
		after = recordAfter
	}
	j.records, j.after, j.failed = r, after, failed
}

// record records a job that takes long: when that is known, and when it ends.
func (j *Jobs) record(job *Job) {
	if j.records == nil {
		return
	}
	t := time.NewTimer(j.after)
	defer t.Stop()
	select {
	case <-job.done:
		return
	case <-t.C:
	}
	j.keepRecord(job)
	<-job.done
	j.keepRecord(job)
}

func (j *Jobs) keepRecord(job *Job) {
	ctx, cancel := context.WithTimeout(context.Background(), recordTime)
	defer cancel()
	if err := j.records.KeepSearchJob(ctx, job.Record()); err != nil && j.failed != nil {
		j.failed(err)
	}
}

// Record is what is known of a job now.
func (job *Job) Record() store.SearchJob {
	ended := job.Ended()
	job.mu.Lock()
	defer job.mu.Unlock()
	r := store.SearchJob{ID: job.ID, Text: job.Search.Text(), Earliest: job.Asked.Earliest, Latest: job.Asked.Latest,
		Now: job.Asked.Now, Who: job.Asked.Who, Began: job.Began, State: store.JobRuns, Rows: job.rows,
		Looked: job.Progress.Looked.Load()}
	if job.list != nil {
		r.Rows = job.list.total
	}
	if !ended {
		return r
	}
	r.Ended, r.State = job.end, store.JobDone
	switch {
	case job.stopped:
		r.State, r.Message = store.JobStopped, job.why
	case job.err != nil:
		r.State, r.Message = store.JobFailed, fault.Sentence(job.err)
	case job.answer != nil:
		r.Complete = job.answer.Complete
		if len(job.answer.Messages) > 0 {
			r.Message = job.answer.Messages[len(job.answer.Messages)-1].Text
		}
	}
	return r
}
