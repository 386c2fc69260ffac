package views

import "time"

// SearchJob is a search that took long, whether it runs or not.
type SearchJob struct {
	URL, Again   string // its page; the address that runs it again
	Text, Times  string
	Who          string
	Began, Ended time.Time
	State        string // running, done, stopped, failed
	Live         bool   // it is here, with what it found
	Rows, Looked int64
	Complete     bool
	Message      string
	Percent      int64 // of one that runs; -1 not known
}

// words say how it is with a search.
func (j SearchJob) words() string {
	switch {
	case j.State == "running" && j.Live && j.Percent >= 0:
		return "runs, " + Num(j.Percent) + " %"
	case j.State == "running" && j.Live:
		return "waits for its turn"
	case j.State == "running":
		return "runs in another process"
	case j.State == "done" && !j.Complete:
		return "done, cut"
	}
	return j.State
}

// SearchTimes says over what time a search runs.
func SearchTimes(earliest, latest string) string {
	return SavedSearch{Earliest: earliest, Latest: latest}.times()
}
