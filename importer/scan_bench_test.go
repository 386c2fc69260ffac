package importer_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/importer"
	"escutcheon/intake"
)

// BenchmarkScanBesideDuckDB says how long scans of stored events take, and, as
// duck-s, how long DuckDB takes for the same question over its table of them: of
// ESCUTCHEON_EVENTS events (100,000), or of those of the file ESCUTCHEON_FLEET.
func BenchmarkScanBesideDuckDB(b *testing.B) {
	dir := os.Getenv(duckDB)
	if dir == "" {
		b.Skip("set " + duckDB + " to a folder in which npm installed @duckdb/node-api")
	}
	path := os.Getenv("ESCUTCHEON_FLEET")
	if path == "" {
		n, err := strconv.Atoi(cmp.Or(os.Getenv("ESCUTCHEON_EVENTS"), "100000"))
		if err != nil {
			b.Fatal(err)
		}
		path = save(b, "x.ndjson", bulk(n, 1, writers[2].append))
	}
	word := rareWord(b, path)
	duck := duckScans(b, dir, path, word)
	s := newBenchStore(b)
	s.bring(path)
	for _, c := range []struct {
		name string
		q    eventstore.Query
		look func(*eventstore.Chunk) (func() error, error)
	}{
		{"word", eventstore.Query{Words: []string{word}, Columns: block.CodeColumn}, rowsOf},
		{"inside words", eventstore.Query{Texts: []string{word[1:]}, Columns: block.CodeColumn}, rowsOf},
		{"by EventCode", eventstore.Query{Columns: block.CodeColumn}, rowsOf},
		{"by NewProcessName", eventstore.Query{Originals: true, Brief: true},
			countBy(importer.NewFields("NewProcessName").DecodeInto, "NewProcessName")},
		{"decoded whole", eventstore.Query{Originals: true, Brief: true}, countBy(importer.DecodeInto, "NewProcessName")},
	} {
		b.Run(c.name, func(b *testing.B) {
			seconds(b, func(b *testing.B) time.Duration {
				began := time.Now()
				if err := s.store.Scan(b.Context(), c.q, c.look); err != nil {
					b.Fatal(err)
				}
				return time.Since(began)
			})
			if took, asked := duck[c.name]; asked {
				b.ReportMetric(took, "duck-s")
			}
		})
	}
}

// rowsOf counts the rows of a chunk by their event code.
func rowsOf(c *eventstore.Chunk) (func() error, error) {
	counts := map[int64]int{}
	for _, row := range c.Rows {
		counts[c.Columns.Code[row]]++
	}
	return nil, nil
}

// countBy counts the events of a chunk by a field.
func countBy(decode func(*event.Event, intake.Reading, string) error, field string) func(*eventstore.Chunk) (
	func() error, error) {
	of := event.Getter(field)
	return func(c *eventstore.Chunk) (func() error, error) {
		counts := map[string]int{}
		e := &event.Event{}
		for _, row := range c.Rows {
			_, raw := c.Originals.Record(int(row))
			if err := decode(e, c.Reading, raw); err != nil {
				return nil, err
			}
			v, _ := of(e)
			if _, known := counts[v]; !known {
				v = strings.Clone(v) // the record's memory is used again
			}
			counts[v]++
		}
		return nil, nil
	}
}

// rareWord is a word that a file holds somewhere in its middle.
func rareWord(b *testing.B, path string) string {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	middle := make([]byte, 32<<20)
	n, _ := f.ReadAt(middle, info.Size()/2)
	for _, kind := range []string{`\bplanted\d+\b`, `\b0x[0-9a-f]{7}\b`} {
		if w := regexp.MustCompile(kind).Find(middle[:n]); w != nil {
			return string(w)
		}
	}
	b.Fatal("no rare word")
	return ""
}

const duckQueries = `
import { DuckDBInstance } from '@duckdb/node-api';
const [file, out, word] = process.argv.slice(1);
const db = await DuckDBInstance.create(out, { threads: '2' }), c = await db.connect();
await c.run("create table e as select * from read_json('" + file + "', format='newline_delimited', " +
  "union_by_name=true, maximum_object_size=16777216, sample_size=-1)");
await c.run('checkpoint');
const like = "select * from e where Message like '%" + word + "%'";
for (const [name, sql] of [['word', like], ['inside words', like],
  ['by EventCode', 'select EventID, count(*) from e group by 1'],
  ['by NewProcessName', 'select NewProcessName, count(*) from e group by 1']]) {
  for (let i = 0; i < 5; i++) {
    const began = process.hrtime.bigint();
    await c.runAndReadAll(sql);
    console.log(name + ': ' + Number(process.hrtime.bigint() - began));
  }
}
`

var duckLine = regexp.MustCompile(`(?m)^(.+): (\d+)$`)

// duckScans are the medians of how many seconds DuckDB takes for each scan.
func duckScans(b *testing.B, dir, file, word string) map[string]float64 {
	cmd := exec.Command("node", "--input-type=module", "-e", duckQueries, "--", file,
		filepath.Join(b.TempDir(), "x.duckdb"), word)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("DuckDB: %v: %s", err, out)
	}
	took := map[string][]float64{}
	for _, m := range duckLine.FindAllStringSubmatch(string(out), -1) {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		took[m[1]] = append(took[m[1]], time.Duration(n).Seconds())
	}
	medians := map[string]float64{}
	for name, all := range took {
		slices.Sort(all)
		medians[name] = all[len(all)/2]
	}
	return medians
}
