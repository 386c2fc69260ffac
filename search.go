package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"escutcheon/db"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/rulebook"
	"escutcheon/search"
	"escutcheon/unseen"
)

// exitCut is a search whose answer is not whole.
const exitCut = 3

// newEngine makes what runs searches over a store.
func newEngine(store *db.DB, book *rulebook.Book) *search.Engine {
	return search.New(store, book, importer.Viewer{}, decodeFields, time.Now)
}

func decodeFields(names ...string) func(*event.Event, intake.Reading, string) error {
	return importer.NewFields(names...).DecodeInto
}

func runSearch(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("search")
	earliest := fs.String("earliest", "", "events from this `time` on: 2025-12-15T00:00:00Z, -24h, newest-24h")
	latest := fs.String("latest", "", "events before this `time`")
	format := fs.String("format", "table", "table, csv or json")
	limits := boundsFlags(fs, "")
	rest, err := parse(e, fs, args, -1)
	if err != nil {
		return 0, err
	}
	if len(rest) != 1 {
		return 0, usageError{"one search is needed, in quotes: 'EventCode=29 | stats count by ComputerName'"}
	}
	bounds, err := limits.bounds("")
	if err != nil {
		return 0, err
	}
	q, err := openQuery(ctx, e, *path, "", "", *format, "table", "csv", "json")
	if err != nil {
		return 0, err
	}
	defer q.store.Close()
	engine := newEngine(q.store, q.book)
	engine.Bounds = bounds
	in, err := engine.ParseRange(ctx, *earliest, *latest, time.Time{})
	if err != nil {
		return 0, usageError{err.Error()}
	}
	s, err := engine.Prepare(rest[0], time.Time{})
	var wrong *spl.Error
	if errors.As(err, &wrong) {
		fmt.Fprintf(e.stderr, "escutcheon search: %s\n%s\n", printable(wrong.Error()), pointed(rest[0], wrong.Pos))
		return exitUsage, nil
	}
	if err != nil {
		return 0, err
	}
	if err := q.exported(ctx, "search", "q", rest[0], "earliest", *earliest, "latest", *latest); err != nil {
		return 0, err
	}
	missed, err := engine.Misses(ctx, s)
	if err != nil {
		return 0, err
	}
	return printSearch(ctx, e, s, in, *format, missed)
}

// pointed is the line of a search that a place is in, with a mark beneath.
func pointed(text string, at spl.Pos) string {
	lines := strings.Split(text, "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	return "  " + printable(lines[at.Line-1]) + "\n  " + strings.Repeat(" ", max(at.Column-1, 0)) + "^"
}

func printSearch(ctx context.Context, e *env, s *search.Search, in search.Range, format string,
	missed []search.Miss) (int, error) {
	var p search.Progress
	out := &printer{e: e, format: format, missed: missed, raw: strings.Contains(s.Text(), "_raw")}
	var each func(spl.Found) bool
	if s.Lists() { // many: each as it comes
		out.head(s.Columns())
		each = func(f spl.Found) bool { return out.row(f) }
	}
	answer, err := s.Run(ctx, in, &p, each)
	if err != nil {
		return 0, err
	}
	if each == nil {
		out.head(answer.Columns)
		for _, f := range answer.Rows {
			if !out.row(f) {
				break
			}
		}
	}
	if err := out.end(answer, p.Looked.Load()); err != nil {
		return 0, err
	}
	if !answer.Complete {
		return exitCut, nil
	}
	return exitDone, nil
}

// printer prints the rows of a search.
type printer struct {
	e       *env
	format  string
	raw     bool // the search asks for the original text
	columns []string
	n       int
	table   *table
	csv     *search.CSV
	missed  []search.Miss
	err     error
}

func (p *printer) head(columns []string) {
	p.columns = columns
	switch p.format {
	case "csv":
		p.csv, p.err = search.NewCSV(p.e.stdout, columns)
	case "json":
		text, err := json.Marshal(append([]string{}, columns...))
		p.err = err
		p.print(`{"columns":` + string(unseen.JSON(text)) + `,"rows":[`)
	default:
		shown := make([]string, 0, len(columns))
		for _, c := range columns {
			if c != "_raw" || p.raw {
				shown = append(shown, c)
			}
		}
		p.columns = shown
		p.table = newTable(p.e.stdout, append([]string{}, shown...)...)
	}
}

func (p *printer) print(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.e.stdout, text)
	}
}

// flushed is after how many rows a table is written: it is aligned till then.
const flushed = 1000

func (p *printer) row(f spl.Found) bool {
	p.n++
	switch {
	case f.Verdict != spl.Kept: // a filter's macro removed it
		p.n--
	case p.csv != nil:
		p.err = errors.Join(p.err, p.csv.Row(f.Row, p.columns))
	case p.table != nil:
		cells := make([]string, len(p.columns))
		for i, c := range p.columns {
			cells[i], _ = search.Cell(f.Row, c)
		}
		p.table.row(cells...)
		if p.n%flushed == 0 {
			p.err = errors.Join(p.err, p.table.flush())
		}
	default:
		text, err := json.Marshal(search.JSONCells(f.Row, p.columns))
		p.err = errors.Join(p.err, err)
		sep := ",\n"
		if p.n == 1 {
			sep = "\n"
		}
		p.print(sep + string(unseen.JSON(text)))
	}
	return p.err == nil
}

func (p *printer) end(a *spl.Answer, looked int64) error {
	messages := search.Messages(a.Messages)
	for _, m := range p.missed {
		messages = append(messages, search.Message{Level: "info", Text: m.String(), Mended: m.Mended})
	}
	if p.format == "json" {
		text, err := json.Marshal(messages)
		p.err = errors.Join(p.err, err)
		p.print(fmt.Sprintf("\n],\"events_scanned\":%d,\"complete\":%t,\"messages\":%s}\n", looked, a.Complete,
			unseen.JSON(text)))
		return p.err
	}
	if p.csv != nil {
		p.err = errors.Join(p.err, p.csv.End())
	} else {
		p.err = errors.Join(p.err, p.table.flush())
		fmt.Fprintf(p.e.stderr, "%d rows, %d events looked at\n", p.n, looked)
	}
	for _, m := range messages {
		at := ""
		if m.Line > 0 {
			at = fmt.Sprintf(" (line %d, column %d)", m.Line, m.Column)
		}
		fmt.Fprintf(p.e.stderr, "%s: %s%s\n", m.Level, printable(m.Text), at)
	}
	return p.err
}
