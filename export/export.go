// Package export writes findings, risk and notes as the tables that leave
// Escutcheon: the console's CSV links and the command line print the same
// rows. Rows are sorted by bytes and streamed; none is left out.
package export

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"iter"
	"slices"
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
	// NoteRows yields the notes of a dest, or (dest "") of all, by the text of id.
	NoteRows(ctx context.Context, dest string) iter.Seq2[store.NoteRow, error]
	// RisksOf is the risk of hosts, in the order of their names.
	RisksOf(ctx context.Context, f store.RiskOf, names []string) ([]store.Risk, error)
}

// Time is how exports write a second: UTC, %Y-%m-%dT%H:%M:%S.
func Time(second int64) string { return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05") }

// RiskHeader are the columns of the risk table.
var RiskHeader = []string{"normalized_risk_object", "risk_score", "count", "firstTime", "lastTime",
	"Search Name", "Risk Message", "Analytic Stories", "Annotations", "ATT&CK Tactics"}

// atOnce is how many hosts are asked about at a time.
const atOnce = 100

// RiskRows yields the row of each host that has risk in the period, by host as
// bytes.
func RiskRows(ctx context.Context, from Store, f store.HostFilter) iter.Seq2[risk.Row, error] {
	return func(yield func(risk.Row, error) bool) {
		// All hosts first: a query inside another's loop needs a second
		// connection, and enough of those at once would wait for each other.
		var names []string
		for h, err := range from.AllHosts(ctx, f) {
			if err != nil {
				yield(risk.Row{}, err)
				return
			}
			names = append(names, h.Dest)
		}
		of := store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now}
		for some := range slices.Chunk(names, atOnce) {
			risks, err := from.RisksOf(ctx, of, some)
			if err != nil {
				yield(risk.Row{}, err)
				return
			}
			for _, r := range risks {
				if row, ok := r.Row(); ok && !yield(row, nil) {
					return
				}
			}
		}
	}
}

// FindingsCSV writes the findings of one rule that a filter chooses.
func FindingsCSV(ctx context.Context, w io.Writer, from Store, rule *detection.Rule, f store.FindingFilter) error {
	return write(w, rule.Plan().Columns(), from.AllFindings(ctx, f), func(f store.Finding) []string {
		return FindingCells(rule, f)
	})
}

// FindingCells are the cells of a finding by its rule's columns, also of one that is
// damaged.
func FindingCells(rule *detection.Rule, f store.Finding) []string {
	columns := rule.Plan().Columns()
	if !f.Damaged || len(f.Row) == len(columns) {
		return f.Row
	}
	cells := make([]string, len(columns))
	for i := range cells {
		cells[i] = store.DamagedCell
	}
	return cells
}

// AllHeader are the columns of the table of findings of all rules; row is JSON.
var AllHeader = []string{"rule", "dest", "what", "count", "firstTime", "lastTime", "status", "disposition", "owner",
	"row"}

// Found is a finding with its rule.
type Found struct {
	Rule *detection.Rule
	store.Finding
}

// AllRows yields the findings of some rules that a filter chooses: by the name of
// the rule, the dest and the row.
func AllRows(ctx context.Context, from Store, rules []*detection.Rule, f store.FindingFilter) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		rules = slices.Clone(rules)
		slices.SortStableFunc(rules, func(a, b *detection.Rule) int {
			return cmp.Or(strings.Compare(csvsafe.Cell(a.Name), csvsafe.Cell(b.Name)), strings.Compare(a.ID, b.ID))
		})
		f.ByDest = true
		for _, r := range rules {
			f.Rule = r.ID
			for found, err := range from.AllFindings(ctx, f) {
				if !yield(Found{r, found}, err) || err != nil {
					return
				}
			}
		}
	}
}

// AllCSV writes the findings of some rules that a filter chooses.
func AllCSV(ctx context.Context, w io.Writer, from Store, rules []*detection.Rule, f store.FindingFilter) error {
	return write(w, AllHeader, AllRows(ctx, from, rules, f), AllCells)
}

// AllCells are the cells of a finding among those of all rules.
func AllCells(f Found) []string {
	status := f.Triage.Status.String()
	if f.Triage.Damaged {
		status = store.DamagedCell
	}
	return []string{f.Rule.Name, f.Dest, f.Rule.Label(f.Row, f.Change), strconv.FormatInt(f.Count, 10), Time(f.First),
		Time(f.Last), status, f.Triage.Disposition.String(), f.Triage.Owner, string(RowJSON(f))}
}

// RowJSON is a finding's row as a JSON object of its rule's columns, in their
// order.
func RowJSON(f Found) []byte {
	b := []byte{'{'}
	for i, c := range f.Rule.Plan().Columns() {
		if i >= len(f.Row) {
			break
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, c)
		b = append(b, ':')
		b = appendJSON(b, f.Row[i])
	}
	return append(b, '}')
}

// appendJSON adds a text as JSON has it, with < > & as they are.
func appendJSON(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a text always marshals
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}

// RiskCSV writes the risk of the hosts that a filter chooses.
func RiskCSV(ctx context.Context, w io.Writer, from Store, f store.HostFilter) error {
	return write(w, RiskHeader, RiskRows(ctx, from, f), RiskCells)
}

// RiskCells are the cells of a risk row; several values stand in lines of
// their own.
func RiskCells(r risk.Row) []string {
	list := func(v []string) string { return strings.Join(v, "\n") }
	return []string{r.RiskObject, strconv.Itoa(r.Score), strconv.Itoa(r.Count), Time(r.FirstTime), Time(r.LastTime),
		list(r.SearchNames), list(r.RiskMessages), list(r.AnalyticStories), list(r.Annotations), list(r.Tactics)}
}

func write[T any](w io.Writer, header []string, rows iter.Seq2[T, error], cells func(T) []string) error {
	out, err := csvsafe.NewWriter(w, header...)
	if err != nil {
		return err
	}
	return writeRows(out, rows, cells)
}

func writeRows[T any](out *csvsafe.Writer, rows iter.Seq2[T, error], cells func(T) []string) error {
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
