package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"escutcheon/demo/logwriter"
)

// actor is who causes an event. A user that the log does not name was not
// resolved from its SID.
type actor struct{ user, sid string }

const domainSID = "S-1-5-21-2917401153-604812337-1839420276-"

var (
	system  = actor{`NT AUTHORITY\SYSTEM`, "S-1-5-18"}
	deploy  = actor{`CORP\svc-deploy`, domainSID + "1105"}
	patcher = actor{`CORP\svc-patch`, domainSID + "1112"}
	admin   = actor{"", domainSID + "1187"}
)

// server collects the events of one server.
type server struct {
	name       string
	start, end time.Time // events are in [start, end)
	rng        *rand.Rand
	records    []logwriter.Record
}

func newServer(name string, end time.Time) *server {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &server{
		name: name, start: end.AddDate(0, 0, -days), end: end,
		rng: rand.New(rand.NewPCG(h.Sum64(), uint64(end.Unix()))),
	}
}

// add puts records into the log, the first at the given time and the others
// some milliseconds apart, as a commit writes them.
func (s *server) add(at time.Time, by actor, records ...logwriter.Record) {
	pid, tid := 900+4*s.rng.IntN(2000), 400+4*s.rng.IntN(3000)
	for _, r := range records {
		r.Time, r.Computer = at.Truncate(100*time.Nanosecond), s.name
		if r.ProcessID == 0 {
			r.ProcessID, r.ThreadID = pid, tid
		}
		if r.Channel != "System" && r.Channel != "Security" {
			r.User, r.Sid = by.user, by.sid
		}
		s.records = append(s.records, r)
		at = at.Add(time.Duration(2e6 + s.rng.IntN(30e6)))
	}
}

// commit logs one commit of configuration changes.
func (s *server) commit(at time.Time, by actor, changes ...logwriter.Change) {
	s.add(at, by, logwriter.IISCommit(changes...)...)
}

// finish returns the records of the ten days in the order of their time, with
// record numbers that rise in each channel.
func (s *server) finish() []logwriter.Record {
	out := slices.DeleteFunc(s.records, func(r logwriter.Record) bool {
		return r.Time.Before(s.start) || !r.Time.Before(s.end)
	})
	slices.SortStableFunc(out, func(a, b logwriter.Record) int { return a.Time.Compare(b.Time) })
	next := map[string]int64{}
	for i := range out {
		r := &out[i]
		if next[r.Channel] == 0 {
			next[r.Channel] = 2000 + s.rng.Int64N(60000)
		}
		next[r.Channel]++
		r.RecordNumber = next[r.Channel]
	}
	return out
}

// day is the start of the UTC day that lies n days before the last one.
func (s *server) day(n int) time.Time {
	return s.end.AddDate(0, 0, -n).Truncate(24 * time.Hour)
}

// between is a time of day on the given day, drawn from [from, to) hours.
func (s *server) between(day time.Time, from, to int) time.Time {
	return day.Add(time.Duration(from)*time.Hour + time.Duration(s.rng.Int64N(int64(to-from)*int64(time.Hour))))
}

func working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}
