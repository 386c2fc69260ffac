//go:build unix

package rulebook_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/rulebook"
	"escutcheon/rulefiles"
)

// BenchmarkOpen opens a database with 1,600 rules and one without, in the same run,
// and reports the processors' time of the one, and of one of the other as often:
// ESCUTCHEON_RULES names folders of rules, macros and lookups to take instead.
func BenchmarkOpen(b *testing.B) {
	files := manyRules(b, 1600)
	if rules := os.Getenv("ESCUTCHEON_RULES"); rules != "" {
		found, err := rulefiles.Read(filepath.SplitList(rules)...)
		if err != nil {
			b.Fatal(err)
		}
		files = found.Files
	}
	bare := filepath.Join(b.TempDir(), "bare.db")
	full := filepath.Join(b.TempDir(), "full.db")
	openOnce(b, bare, nil)
	openOnce(b, full, files)
	var without, with time.Duration
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		without += openOnce(b, bare, nil)
		b.StartTimer()
		with += openOnce(b, full, nil)
	}
	b.ReportMetric(float64(with.Milliseconds())/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(with)/float64(without), "ratio")
}

// openOnce opens a database, and says what time the processors took for it.
func openOnce(b *testing.B, path string, files []detection.SourceFile) time.Duration {
	b.Helper()
	before := cpu(b)
	store, err := db.Open(ctx, path, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	book, err := rulebook.Open(ctx, store, importer.Decoder{}, slog.New(slog.DiscardHandler), time.Now)
	if err == nil && files != nil {
		err = book.Load(ctx, files)
	}
	if err == nil {
		err = book.CatchUp(ctx, nil)
	}
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	return cpu(b) - before
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// manyRules are n rules made of the built-in ones.
func manyRules(b *testing.B, n int) (out []detection.SourceFile) {
	b.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		r := rules[i%len(rules)]
		id := fmt.Sprint("own-", i)
		out = append(out, detection.SourceFile{Kind: detection.RuleFile, Path: id + ".yml",
			Content: []byte(strings.Replace(string(r.Raw), r.ID, id, 1))})
	}
	return out
}
