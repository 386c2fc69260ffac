package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/intake"
)

// writers are the formats that the benchmarks write.
var writers = []struct {
	name   string
	append func(dst []byte, r *logwriter.Record) []byte
}{
	{"text", func(dst []byte, r *logwriter.Record) []byte { return logwriter.AppendText(dst, r, time.UTC) }},
	{"xml", func(dst []byte, r *logwriter.Record) []byte { return append(logwriter.AppendXML(dst, r, false), '\n') }},
	{"nxlog", func(dst []byte, r *logwriter.Record) []byte {
		return append(logwriter.AppendNXLog(dst, r, time.UTC), '\n')
	}},
	{"winlogbeat", func(dst []byte, r *logwriter.Record) []byte {
		return append(logwriter.AppendWinlogbeat(dst, r),
			'\n')
	}},
}

// writeBulk writes about size bytes of records to a file.
func writeBulk(tb testing.TB, size int, format func([]byte, *logwriter.Record) []byte) (path string, events int) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "bulk.log")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var buf []byte
	n := 0
	for r := range logwriter.Bulk(1<<30, 1) {
		buf = format(buf, r)
		events++
		if len(buf) > 1<<20 {
			if _, err := f.Write(buf); err != nil {
				tb.Fatal(err)
			}
			if n += len(buf); n >= size {
				return path, events
			}
			buf = buf[:0]
		}
	}
	return path, events
}

// BenchmarkImport measures an import end to end: hash, decode, detect, store.
func BenchmarkImport(b *testing.B) {
	for _, w := range writers {
		b.Run(w.name, func(b *testing.B) {
			path, events := writeBulk(b, 32<<20, w.append)
			fi, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(fi.Size())
			b.ReportAllocs()
			var stored int64
			for b.Loop() {
				stored = importOnce(b, path, int64(events))
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(100*float64(stored)/float64(fi.Size()), "%file")
		})
	}
}

// importOnce imports a file of so many events (below 0: any number) into a new
// database and returns the database's size.
func importOnce(b *testing.B, path string, events int64) int64 {
	ctx := context.Background()
	rules, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(filepath.Dir(path), fmt.Sprintf("%d.db", time.Now().UnixNano()))
	store, err := db.Open(ctx, name, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	set := detection.NewRules(rules)
	if err := store.UseRules(ctx, set, importer.Decoder{}); err != nil {
		b.Fatal(err)
	}
	im := importer.New(store, func() *detection.Rules { return set }, importer.NewSpool(store.Path()))
	kept, err := importer.Hash(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	id, err := im.Admit(ctx, intake.Import{Name: "bulk.log", Source: intake.CommandLine, Zone: "UTC", Path: path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		b.Fatal(err)
	}
	i, err := im.Run(ctx, id)
	if err != nil || events >= 0 && (i.Read != events || i.New != events) {
		b.Fatalf("%v: %s, read %d, new %d of %d", err, i.Reason, i.Read, i.New, events)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	fi, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	return fi.Size()
}
