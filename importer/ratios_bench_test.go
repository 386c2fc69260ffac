package importer_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/intake"
)

// Each of these benchmarks compares two works that it does one after the other,
// and reports the median over its rounds: run them with -benchtime 5x at least.

// round is one of the works that are compared.
type round func(b *testing.B) time.Duration

// compare reports how many times as long as the other one a work takes.
func compare(b *testing.B, unit string, work, other round) {
	var ratios, seconds []float64
	for b.Loop() {
		w, o := work(b).Seconds(), other(b).Seconds()
		ratios, seconds = append(ratios, w/o), append(seconds, w)
	}
	slices.Sort(ratios)
	slices.Sort(seconds)
	b.ReportMetric(ratios[len(ratios)/2], unit)
	b.ReportMetric(seconds[len(seconds)/2], "s")
	b.ReportMetric(0, "ns/op")
}

// benchStore is a database that files are imported into.
type benchStore struct {
	*testing.B
	store *db.DB
	im    *importer.Importer
}

func newBenchStore(b *testing.B) *benchStore {
	ctx := context.Background()
	builtIn, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	store, err := db.Open(ctx, filepath.Join(b.TempDir(), "x.db"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	set := detection.NewRules(builtIn)
	if err := store.UseRules(ctx, set, importer.Decoder{}); err != nil {
		b.Fatal(err)
	}
	im := importer.New(store, func() *detection.Rules { return set }, importer.NewSpool(store.Path()))
	return &benchStore{b, store, im}
}

// bring imports a file and says how long it took, and which import it is.
func (b *benchStore) bring(path string) (time.Duration, intake.Import) {
	ctx := context.Background()
	began := time.Now()
	kept, err := importer.Hash(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	id, err := b.im.Admit(ctx, intake.Import{Name: filepath.Base(path), Source: intake.CommandLine, Zone: "UTC",
		Path: path, SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		b.Fatal(err)
	}
	i, err := b.im.Run(ctx, id)
	if err != nil || i.Status != intake.Done {
		b.Fatalf("%v: %s %s", err, i.Status, i.Reason)
	}
	return time.Since(began), i
}

// fresh is the import of a file into an empty database.
func fresh(path string) round {
	return func(b *testing.B) time.Duration { return brought(b, path) }
}

// brought imports files into an empty database, and says how long the last took.
func brought(b *testing.B, paths ...string) (took time.Duration) {
	s := newBenchStore(b)
	for _, p := range paths {
		took, _ = s.bring(p)
	}
	if err := s.store.Close(); err != nil {
		b.Fatal(err)
	}
	return took
}

// save writes a file for a benchmark.
func save(b *testing.B, name string, data []byte) string {
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// bulk is a log of n varied events.
func bulk(n int, seed uint64, format func([]byte, *logwriter.Record) []byte) (log []byte) {
	for r := range logwriter.Bulk(n, seed) {
		log = format(log, r)
	}
	return log
}

// changes is an EVTX log of n changes to the configuration of a host.
func changes(host string, n int) []byte {
	var l evtxtest.Log
	for i := range uint64(n) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: i + 1, Computer: host, Edit: 1,
			Time: 134_000_000_000_000_000 + i*10_000_000, ConfigPath: "MACHINE/WEBROOT/APPHOST",
			Configuration: `/system.webServer/modules/add[@name="x"]`}))
	}
	return l.End().Bytes()
}

// zipOf is an archive of files.
func zipOf(b *testing.B, n int, name string, data func(i int) []byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range n {
		w, err := z.Create(fmt.Sprintf(name, i))
		if err == nil {
			_, err = w.Write(data(i))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkProcessors is how many times as fast as one processor two import.
func BenchmarkProcessors(b *testing.B) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("needs two processors")
	}
	run := func(name string, data func(b *testing.B) []byte) {
		b.Run(name, func(b *testing.B) {
			path := save(b, name, data(b))
			with := func(n int) round {
				return func(b *testing.B) time.Duration {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
					return brought(b, path)
				}
			}
			compare(b, "×", with(1), with(2))
		})
	}
	for _, w := range writers {
		run(w.name, func(*testing.B) []byte { return bulk(40_000, 1, w.append) })
	}
	run("evtx", func(*testing.B) []byte { return changes("WEB01.corp.example", 30_000) })
	run("zip", func(b *testing.B) []byte {
		return zipOf(b, 300, "%d.evtx", func(i int) []byte { return changes(fmt.Sprintf("WEB%d.corp.example", i), 100) })
	})
}

// BenchmarkSeenBefore is how many times as long as new records those take that
// are known: to the byte, and from another format.
func BenchmarkSeenBefore(b *testing.B) {
	const n = 60_000
	first, again := bulk(n, 1, writers[2].append), bulk(n, 1, writers[1].append)
	b.Run("same bytes", func(b *testing.B) {
		one, two := save(b, "one.json", first), save(b, "two.json", append(slices.Clip(first), '\n'))
		compare(b, "×new", func(b *testing.B) time.Duration { return brought(b, one, two) }, fresh(one))
	})
	b.Run("another format", func(b *testing.B) {
		one, two := save(b, "one.json", first), save(b, "two.xml", again)
		compare(b, "×new", func(b *testing.B) time.Duration { return brought(b, one, two) }, fresh(two))
	})
}

// BenchmarkManyFiles is how many times as long as decoding their events EVTX
// files take, in an archive; and how long many tiny logs do, and a log of which
// no record is one.
func BenchmarkManyFiles(b *testing.B) {
	b.Run("300 evtx", func(b *testing.B) {
		var logs [][]byte
		for i := range 300 {
			logs = append(logs, changes(fmt.Sprintf("WEB%d.corp.example", i), 50))
		}
		path := save(b, "logs.zip", zipOf(b, len(logs), "%d.evtx", func(i int) []byte { return logs[i] }))
		compare(b, "×decoding", fresh(path), func(b *testing.B) time.Duration {
			began := time.Now()
			for _, l := range logs {
				drainLog(b, l, func(*event.Event) {})
			}
			return time.Since(began)
		})
	})
	b.Run("20000 tiny", func(b *testing.B) {
		lines := bytes.SplitAfter(bulk(20_000, 1, writers[2].append), []byte("\n"))
		path := save(b, "tiny.zip", zipOf(b, 20_000, "%d.json", func(i int) []byte { return lines[i] }))
		seconds(b, fresh(path))
	})
	b.Run("200000 rejected", func(b *testing.B) {
		log := append(bulk(1, 1, writers[2].append), bytes.Repeat([]byte("{\"a\":1}\n"), 200_000)...)
		path := save(b, "rejected.json", log)
		seconds(b, func(b *testing.B) time.Duration {
			s := newBenchStore(b)
			began := time.Now()
			ctx := context.Background()
			id, err := s.im.Admit(ctx, intake.Import{Name: "x", Source: intake.CommandLine, Zone: "UTC", Path: path,
				SHA256: hashOf(b, path), Size: int64(len(log))})
			if err != nil {
				b.Fatal(err)
			}
			if i, err := s.im.Run(ctx, id); err != nil || i.Rejected != 200_000 {
				b.Fatalf("%v: %d rejected, %s", err, i.Rejected, i.Reason)
			}
			return time.Since(began)
		})
	})
}

func hashOf(b *testing.B, path string) string {
	kept, err := importer.Hash(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	return kept.SHA256
}

// seconds reports the median of how long a work takes.
func seconds(b *testing.B, work round) {
	var took []float64
	for b.Loop() {
		took = append(took, work(b).Seconds())
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDeletion deletes an import of 64,000 events, and one of two of 50,000
// that share the half.
func BenchmarkDeletion(b *testing.B) {
	run := func(name string, logs ...[]byte) {
		b.Run(name, func(b *testing.B) {
			var paths []string
			for i, l := range logs {
				paths = append(paths, save(b, fmt.Sprint(i), l))
			}
			seconds(b, func(b *testing.B) time.Duration {
				s := newBenchStore(b)
				var last intake.Import
				for _, p := range paths {
					_, last = s.bring(p)
				}
				began := time.Now()
				for done := false; !done; {
					var err error
					if done, err = s.store.DeleteStep(context.Background(), last.ID); err != nil {
						b.Fatal(err)
					}
				}
				return time.Since(began)
			})
		})
	}
	all := bulk(75_000, 1, writers[2].append)
	lines := bytes.SplitAfter(all, []byte("\n"))
	run("64000", bytes.Join(lines[:64_000], nil))
	run("overlapping pair", bytes.Join(lines[:50_000], nil), bytes.Join(lines[25_000:], nil))
}

// DuckDB is the yardstick of a load: the time that it takes to read the same
// events as NXLog JSON into a table of a file, and to write a checkpoint.
// duckDB names a folder with a node_modules that has @duckdb/node-api.
const duckDB = "ESCUTCHEON_DUCKDB"

// BenchmarkBesideDuckDB is how many times as long as DuckDB's load an import
// takes, in each format: of ESCUTCHEON_EVENTS events (100,000), or of the file
// ESCUTCHEON_FLEET alone.
func BenchmarkBesideDuckDB(b *testing.B) {
	dir := os.Getenv(duckDB)
	if dir == "" {
		b.Skip("set " + duckDB + " to a folder in which npm installed @duckdb/node-api")
	}
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ESCUTCHEON_EVENTS"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	yardstick := os.Getenv("ESCUTCHEON_FLEET")
	formats := writers[2:3]
	if yardstick == "" {
		yardstick, formats = save(b, "x.ndjson", bulk(n, 1, writers[2].append)), writers
	}
	for _, w := range formats {
		b.Run(w.name, func(b *testing.B) {
			path := yardstick
			if w.name != "nxlog" {
				path = save(b, w.name, bulk(n, 1, w.append))
			}
			compare(b, "×DuckDB", fresh(path), func(b *testing.B) time.Duration { return duckLoad(b, dir, yardstick) })
		})
	}
}

const duckScript = `
import { DuckDBInstance } from '@duckdb/node-api';
const [file, out] = process.argv.slice(1);
const db = await DuckDBInstance.create(out, { threads: '2' }), c = await db.connect();
const began = process.hrtime.bigint();
await c.run("create table e as select * from read_json('" + file + "', format='newline_delimited', " +
  "union_by_name=true, maximum_object_size=16777216, sample_size=-1)");
await c.run('checkpoint');
console.log('took', Number(process.hrtime.bigint() - began));
`

var duckTook = regexp.MustCompile(`took (\d+)`)

func duckLoad(b *testing.B, dir, file string) time.Duration {
	cmd := exec.Command("node", "--input-type=module", "-e", duckScript, "--", file,
		filepath.Join(b.TempDir(), "x.duckdb"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	m := duckTook.FindSubmatch(out)
	if err != nil || m == nil {
		b.Fatalf("DuckDB: %v: %s", err, out)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(n)
}
