package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"escutcheon/asof"
	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/export"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/unseen"
)

// query is what the printing subcommands share.
type query struct {
	store  *db.DB
	book   *rulebook.Book
	rule   *detection.Rule // nil: all
	rules  []*detection.Rule
	dest   string
	format string
}

// openQuery opens an existing database for printing.
func openQuery(ctx context.Context, e *env, path, rule, dest, format string, formats ...string) (*query, error) {
	ok := false
	for _, f := range formats {
		ok = ok || f == format
	}
	if !ok {
		return nil, usageError{fmt.Sprintf("there is no format %q; choose %s", format, strings.Join(formats, ", "))}
	}
	q := &query{dest: event.NormalizeHost(dest), format: format}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		rules, err := detection.BuiltIn()
		if err != nil {
			return nil, err
		}
		if rule != "" && detection.Find(rules, rule) == nil {
			return nil, noRule(rule)
		}
		return nil, fault.New(fault.NotFound, "There is no database %q. Import logs first, or name another file with --db.",
			path)
	}
	store, book, err := openStore(ctx, e, path, nil)
	if err != nil {
		return nil, err
	}
	q.store, q.book, q.rules = store, book, book.Content().Rules
	if rule != "" {
		if q.rule = book.Find(rule); q.rule == nil {
			return nil, errors.Join(noRule(rule), store.Close())
		}
	}
	if store.ReadOnly() {
		return q, nil
	}
	if err := catchUp(ctx, e, book); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return q, nil
}

// end closes the database, and tells of the rows among those printed that are damaged.
func (q *query) end(ctx context.Context, e *env, code *int, err *error) {
	if *err == nil && *code == exitDone {
		var found []store.Damage
		if found, *err = q.store.Met(ctx); len(found) > 0 {
			*code = exitCut
			fmt.Fprintf(e.stderr, "Parts of the database are damaged, and not printed as if they were whole: %s is one. "+
				"\"escutcheon check\" names all.\n", printable(found[0].Object))
		}
	}
	*err = errors.Join(*err, q.store.Close())
}

func noRule(name string) error { return usageError{fmt.Sprintf("there is no rule %q", name)} }

func printFindings(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("findings")
	rule := fs.String("rule", detection.SeedID, "the rule's `id` or name, or all")
	dest := fs.String("dest", "", "only this `host`")
	status := fs.String("status", "all", "only findings of these `statuses`: open, all, New, In Progress, …")
	format := fs.String("format", "table", "table, csv or json")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	statuses, wrong := triage.ParseSet(*status)
	if wrong != "" {
		return 0, usageError{fmt.Sprintf("there is no status %q", wrong)}
	}
	if *rule == "" {
		*rule = detection.SeedID
	}
	if strings.EqualFold(*rule, "all") {
		*rule = ""
	}
	q, err := openQuery(ctx, e, *path, *rule, *dest, *format, "table", "csv", "json")
	if err != nil {
		return 0, err
	}
	defer q.end(ctx, e, &code, &err)
	asked := *rule
	if q.rule == nil {
		asked = "all"
	}
	if err := q.exported(ctx, "findings", "rule", asked, "dest", q.dest, "status", *status); err != nil {
		return 0, err
	}
	filter := store.FindingFilter{Dest: q.dest, Status: statuses}
	if q.rule == nil {
		return exitDone, q.printAll(ctx, e, filter)
	}
	filter.Rule = q.rule.ID
	if q.format == "csv" {
		return exitDone, export.FindingsCSV(ctx, e.stdout, q.store, q.rule, filter)
	}
	columns := q.rule.Plan().Columns()
	n := 0
	t, j := newTable(e.stdout, columns...), newArray(e.stdout)
	for f, err := range q.store.AllFindings(ctx, filter) {
		if err != nil {
			return 0, err
		}
		n++
		row := export.FindingCells(q.rule, f)
		if q.format == "json" {
			j.add(object(columns, row, map[string]any{"finding_id": f.Key, "rule": f.RuleID}))
		} else {
			t.row(row...)
		}
	}
	if q.format == "json" {
		return exitDone, j.end()
	}
	if err := t.flush(); err != nil {
		return 0, err
	}
	return exitDone, q.tellUnattributed(ctx, e.stderr, n)
}

// printAll prints the findings of all rules.
func (q *query) printAll(ctx context.Context, e *env, filter store.FindingFilter) error {
	if q.format == "csv" {
		return export.AllCSV(ctx, e.stdout, q.store, q.rules, filter)
	}
	n, columns := 0, len(export.AllHeader)-1 // a table has no room for the row
	t, j := newTable(e.stdout, export.AllHeader[:columns]...), newArray(e.stdout)
	for f, err := range export.AllRows(ctx, q.store, q.rules, filter) {
		if err != nil {
			return err
		}
		n++
		if cells := export.AllCells(f); q.format == "json" {
			j.add(object(export.AllHeader, cells, map[string]any{"finding_id": f.Key, "rule": f.RuleID, "rule_name": f.Rule.Name,
				"row": json.RawMessage(export.RowJSON(f)), "firstTime": export.Time(f.First) + "Z",
				"lastTime": export.Time(f.Last) + "Z"}))
		} else {
			t.row(cells[:columns]...)
		}
	}
	if q.format == "json" {
		return j.end()
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.stderr, "%d findings\n", n)
	return err
}

// tellUnattributed says what the table does not show.
func (q *query) tellUnattributed(ctx context.Context, w io.Writer, rows int) error {
	lost, err := q.store.UnattributedOf(ctx, q.rule.ID, q.dest)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d findings\n", rows)
	for _, u := range lost {
		fmt.Fprintf(w, "%d matching events carry no %s and are in no finding.\n", u.Count, printable(u.Missing))
	}
	return nil
}

func printRisk(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("risk")
	rule := fs.String("rule", "", "only this rule's risk: its `id` or name")
	dest := fs.String("dest", "", "only this `host`")
	when := fs.String("as-of", "", "the end of the 7 days, a `time` as in 2025-12-15T00:00:00Z")
	format := fs.String("format", "table", "table, csv or json")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	at, err := asof.Parse(*when)
	if err != nil {
		return 0, usageError{err.Error()}
	}
	q, err := openQuery(ctx, e, *path, *rule, *dest, *format, "table", "csv", "json")
	if err != nil {
		return 0, err
	}
	defer q.end(ctx, e, &code, &err)
	if err := q.exported(ctx, "risk", "rule", *rule, "dest", q.dest, "as-of", *when); err != nil {
		return 0, err
	}
	filter := store.HostFilter{Dest: q.dest, AsOf: at, Now: time.Now().Unix()}
	if q.rule != nil {
		filter.Rule = q.rule.ID
	}
	if q.format == "csv" {
		return exitDone, export.RiskCSV(ctx, e.stdout, q.store, filter)
	}
	t, j := newTable(e.stdout, "dest", "score", "count", "firstTime", "lastTime", "Search Name"), newArray(e.stdout)
	for r, err := range export.RiskRows(ctx, q.store, filter) {
		if err != nil {
			return 0, err
		}
		if q.format == "json" {
			j.add(map[string]any{"normalized_risk_object": r.RiskObject, "risk_score": r.Score, "count": r.Count,
				"firstTime": export.Time(r.FirstTime), "lastTime": export.Time(r.LastTime), "Search Name": r.SearchNames,
				"Risk Message": r.RiskMessages, "Analytic Stories": r.AnalyticStories, "Annotations": r.Annotations,
				"ATT&CK Tactics": r.Tactics})
			continue
		}
		t.row(r.RiskObject, strconv.Itoa(r.Score), strconv.Itoa(r.Count), export.Time(r.FirstTime)+" UTC",
			export.Time(r.LastTime)+" UTC", strings.Join(r.SearchNames, "; "))
	}
	if q.format == "json" {
		return exitDone, j.end()
	}
	return exitDone, t.flush()
}

// object is a row as a JSON object; typed replaces values that are no text.
func object(columns, cells []string, typed map[string]any) map[string]any {
	out := make(map[string]any, len(columns)+len(typed))
	for i, c := range columns {
		out[c] = cells[i]
		if n, err := strconv.ParseInt(cells[i], 10, 64); err == nil && c == "count" {
			out[c] = n
		}
	}
	for k, v := range typed {
		out[k] = v
	}
	return out
}

// array writes a JSON array element by element, one a line.
type array struct {
	w   io.Writer
	n   int
	err error
}

func newArray(w io.Writer) *array { return &array{w: w} }

func (a *array) add(v any) {
	if a.err != nil {
		return
	}
	line, err := json.Marshal(v)
	if err != nil {
		a.err = fault.New(fault.Invalid, "A row cannot be written as JSON: %v.", err)
		return
	}
	sep := "[\n"
	if a.n > 0 {
		sep = ",\n"
	}
	a.n++
	_, a.err = fmt.Fprintf(a.w, "%s%s", sep, unseen.JSON(line))
}

func (a *array) end() error {
	if a.err != nil {
		return a.err
	}
	end := "\n]\n"
	if a.n == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(a.w, end)
	return err
}
