package store

import "time"

// SearchJob is what is known of a search that took long, when it runs no more too.
type SearchJob struct {
	ID                    string    // 16 hexadecimal digits
	Text                  string    // in the search language
	Earliest, Latest, Now string    // as they were asked for
	Who                   string    // "" where nobody is known
	Began, Ended          time.Time // Ended is zero while it runs
	State                 JobState
	Rows                  int64  // that it found by then
	Looked                int64  // events
	Complete              bool   // nothing of the answer is missing
	Message               string // what is to be said of it; "" nothing
}

// JobState is whether a search runs, and how it ended.
type JobState string

// The states. They are stored.
const (
	JobRuns    JobState = "running"
	JobDone    JobState = "done"
	JobStopped JobState = "stopped" // by somebody, or because the server ended
	JobFailed  JobState = "failed"
)

// MaxSearchJobs is how many are kept, the newest.
const MaxSearchJobs = 200
