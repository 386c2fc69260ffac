// Package export writes findings, risk and notes as the tables that leave
// Escutcheon: the console's CSV links and the command line print the same
// rows. Rows are sorted by bytes and streamed; none is left out.
package export

import (
	"context"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"escutcheon/csvsafe"
	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
)

// Store is what the tables are made of.
type Store interface {
	// AllFindings yields findings in the order of their rows as bytes.
	AllFindings(ctx context.Context, f store.FindingFilter) iter.Seq2[store.Finding, error]
	// AllHosts yields the hosts that have risk in the period, by the bytes of
	// dest's cell.
	AllHosts(ctx context.Context, f store.HostFilter) iter.Seq2[store.Host, error]
	// Notes yields the notes of a dest, or (dest "") of all, by the text of id.
	Notes(ctx context.Context, dest string) iter.Seq2[store.Note, error]
	// RiskEvents returns risk events by time, rule and finding.
	RiskEvents(ctx context.Context, f store.RiskFilter) ([]store.RiskEvent, error)
	// Settings are when risk is an incident, and what counts in a score.
	Settings(ctx context.Context) (risk.Settings, error)
}

// Time is how exports write a second: UTC, %Y-%m-%dT%H:%M:%S.
func Time(second int64) string { return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05") }

// RiskHeader are the columns of the risk table.
var RiskHeader = []string{"normalized_risk_object", "risk_score", "count", "firstTime", "lastTime",
	"Search Name", "Risk Message", "Analytic Stories", "Annotations", "ATT&CK Tactics"}

// NotesHeader are the columns of the notes table.
var NotesHeader = []string{"note_id", "dest", "finding", "author", "created", "edited", "revision", "note"}

// RiskRows yields the row of each host that has risk in the period, by host as
// bytes. rule is the rule with an id, nil where there is none.
func RiskRows(ctx context.Context, from Store, rule func(id string) *detection.Rule,
	f store.HostFilter) iter.Seq2[risk.Row, error] {
	return func(yield func(risk.Row, error) bool) {
		settings, err := from.Settings(ctx)
		if err != nil {
			yield(risk.Row{}, err)
			return
		}
		// All hosts first: a query inside another's loop needs a second
		// connection, and enough of those at once would wait for each other.
		var hosts []store.Host
		for h, err := range from.AllHosts(ctx, f) {
			if err != nil {
				yield(risk.Row{}, err)
				return
			}
			hosts = append(hosts, h)
		}
		scorer := risk.Scorer{Settings: settings, Rule: rule}
		for _, h := range hosts {
			row, ok, err := riskRow(ctx, from, scorer, h, f.Rule)
			if !ok && err == nil {
				continue
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// riskRow is one host's row of the risk table; ok is false when it has no risk
// in the period.
func riskRow(ctx context.Context, from Store, scorer risk.Scorer, h store.Host,
	rule string) (row risk.Row, ok bool, err error) {
	stored, err := from.RiskEvents(ctx, store.RiskFilter{Object: h.Dest, Rule: rule, After: h.AsOf - risk.Period,
		UpTo: h.AsOf})
	if err != nil {
		return row, false, err
	}
	events := make([]detection.RiskEvent, len(stored))
	for i, e := range stored {
		events[i] = e.RiskEvent
	}
	row, ok = scorer.Row(events, h.AsOf)
	return row, ok, nil
}

// FindingsCSV writes the findings of one rule that a filter chooses.
func FindingsCSV(ctx context.Context, w io.Writer, from Store, rule *detection.Rule, f store.FindingFilter) error {
	return write(w, rule.Plan.Columns(), from.AllFindings(ctx, f), func(f store.Finding) []string { return f.Row })
}

// RiskCSV writes the risk of the hosts that a filter chooses.
func RiskCSV(ctx context.Context, w io.Writer, from Store, rule func(id string) *detection.Rule,
	f store.HostFilter) error {
	return write(w, RiskHeader, RiskRows(ctx, from, rule, f), RiskCells)
}

// RiskCells are the cells of a risk row; several values stand in lines of
// their own.
func RiskCells(r risk.Row) []string {
	list := func(v []string) string { return strings.Join(v, "\n") }
	return []string{r.RiskObject, strconv.Itoa(r.Score), strconv.Itoa(r.Count), Time(r.FirstTime), Time(r.LastTime),
		list(r.SearchNames), list(r.RiskMessages), list(r.AnalyticStories), list(r.Annotations), list(r.Tactics)}
}

// NotesCSV writes the notes of a dest, or (dest "") of all.
func NotesCSV(ctx context.Context, w io.Writer, from Store, dest string) error {
	return write(w, NotesHeader, from.Notes(ctx, dest), NoteCells)
}

// NoteCells are the cells of a note.
func NoteCells(n store.Note) []string {
	return []string{strconv.FormatInt(n.ID, 10), n.Dest, n.Finding, n.Author, Time(n.Created.Unix()),
		Time(n.Edited.Unix()),
		strconv.FormatInt(n.Revision, 10), n.Text}
}

func write[T any](w io.Writer, header []string, rows iter.Seq2[T, error], cells func(T) []string) error {
	out, err := csvsafe.NewWriter(w, header...)
	if err != nil {
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		if err := out.Row(cells(r)...); err != nil {
			return err
		}
	}
	return out.Flush()
}
