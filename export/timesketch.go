package export

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/unseen"
)

// TimesketchHeader are the columns of a timeline for Timesketch, which needs the first
// three, and in older versions the last one.
var TimesketchHeader = []string{"message", "datetime", "timestamp_desc", "dest", "rule", "finding_id", "count",
	"status", "tag", "timestamp"}

// moment is a row of such a timeline.
type moment struct {
	Message   string   `json:"message"`
	Datetime  string   `json:"datetime"`
	Desc      string   `json:"timestamp_desc"`
	Dest      string   `json:"dest"`
	Rule      string   `json:"rule"`
	FindingID string   `json:"finding_id"`
	Count     int64    `json:"count"`
	Status    string   `json:"status"`
	Tag       []string `json:"tag"`       // the rule's techniques
	Micros    int64    `json:"timestamp"` // of Datetime, since 1970
}

// moments yields the first and the last event of each finding of some rules that a
// filter chooses; one row where they are of one second.
func moments(ctx context.Context, from Store, rules []*detection.Rule,
	f store.FindingFilter) iter.Seq2[moment, error] {
	return func(yield func(moment, error) bool) {
		for found, err := range AllRows(ctx, from, rules, f) {
			if err != nil {
				yield(moment{}, err)
				return
			}
			m := moment{Message: found.Rule.Name + ": " + found.Rule.Label(found.Row, found.Change), Dest: found.Dest,
				Rule: found.Rule.Name, FindingID: found.Key, Count: found.Count, Status: found.Triage.Status.String(),
				Tag: append([]string{}, found.Rule.Tags.MitreAttackID...)}
			m.at(found.First, "First event")
			if found.First == found.Last {
				m.Desc = "Event"
			}
			if !yield(m, nil) {
				return
			}
			if found.First == found.Last {
				continue
			}
			if m.at(found.Last, "Last event"); !yield(m, nil) {
				return
			}
		}
	}
}

// at sets when, in UTC, and what is of that second.
func (m *moment) at(second int64, desc string) {
	at := time.Unix(second, 0).UTC()
	m.Datetime, m.Micros, m.Desc = at.Format("2006-01-02T15:04:05.000000-07:00"), at.UnixMicro(), desc
}

// TimesketchCSV writes findings as a timeline.
func TimesketchCSV(ctx context.Context, w io.Writer, from Store, rules []*detection.Rule,
	f store.FindingFilter) error {
	return write(w, TimesketchHeader, moments(ctx, from, rules, f), func(m moment) []string {
		return []string{m.Message, m.Datetime, m.Desc, m.Dest, m.Rule, m.FindingID, strconv.FormatInt(m.Count, 10), m.Status,
			strings.Join(m.Tag, ","), strconv.FormatInt(m.Micros, 10)}
	})
}

// TimesketchJSONL is TimesketchCSV as JSON lines.
func TimesketchJSONL(ctx context.Context, w io.Writer, from Store, rules []*detection.Rule,
	f store.FindingFilter) error {
	buffered := bufio.NewWriterSize(w, 32<<10)
	out := json.NewEncoder(unseen.Writer{W: buffered})
	for m, err := range moments(ctx, from, rules, f) {
		if err != nil {
			return err
		}
		if err := out.Encode(m); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
