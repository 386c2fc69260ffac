//go:build unix

package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/rulefiles"
)

// BenchmarkContent imports a folder of logs with no rule, with the built-in ones
// and with those of other folders, in the same run. Where the logs and the
// folders of rules, macros and lookups are, the environment says:
//
//	ESCUTCHEON_LOGS=otrf ESCUTCHEON_RULES=escu/detections:escu/macros:escu/lookups \
//	go test -run '^$' -bench Content -benchtime 1x ./importer
//
// It reports the processors' time, of which other work on the machine takes none.
func BenchmarkContent(b *testing.B) {
	logs, rules := os.Getenv("ESCUTCHEON_LOGS"), os.Getenv("ESCUTCHEON_RULES")
	if logs == "" || rules == "" {
		b.Skip("ESCUTCHEON_LOGS and ESCUTCHEON_RULES name no folders")
	}
	var paths []string
	entries, err := os.ReadDir(logs)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, filepath.Join(logs, e.Name()))
	}
	found, err := rulefiles.Read(filepath.SplitList(rules)...)
	if err != nil {
		b.Fatal(err)
	}
	content, err := detection.Assemble(found.Files, nil)
	if err != nil {
		b.Fatal(err)
	}
	builtIn, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	var bare float64
	for _, c := range []struct {
		name  string
		rules *detection.Rules
	}{{"none", detection.NewRules(nil)}, {"built in", detection.NewRules(builtIn)}, {"all", content.InForce(nil)}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				took, events := importAll(b, paths, c.rules)
				each := float64(took.Microseconds()) / float64(max(events, 1))
				if len(c.rules.All()) == 0 {
					bare = each
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(each, "µs-cpu/event")
				b.ReportMetric(each-bare, "µs-more/event")
				b.ReportMetric(each/bare, "×")
				b.ReportMetric(float64(len(c.rules.All())), "rules")
				b.ReportMetric(float64(events), "events")
			}
		})
	}
}

// importAll imports files one after another into an empty database, and says
// what that took of the processors, and how many records were new.
func importAll(b *testing.B, paths []string, rules *detection.Rules) (took time.Duration, events int64) {
	b.Helper()
	ctx := context.Background()
	store, err := db.Open(ctx, filepath.Join(b.TempDir(), "x.db"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	if err := store.UseRules(ctx, rules, importer.Decoder{}); err != nil {
		b.Fatal(err)
	}
	im := importer.New(store, func() *detection.Rules { return rules }, importer.NewSpool(store.Path()))
	began := processorTime(b)
	for _, path := range paths {
		kept, err := importer.Hash(ctx, path)
		if err != nil {
			b.Fatal(err)
		}
		id, err := im.Admit(ctx, intake.Import{Name: filepath.Base(path), Source: intake.CommandLine, Zone: "UTC",
			Path: path, SHA256: kept.SHA256, Size: kept.Size})
		if err != nil {
			b.Fatal(err)
		}
		i, err := im.Run(ctx, id)
		if err != nil || !slices.Contains([]intake.Status{intake.Done, intake.Failed}, i.Status) {
			b.Fatal(path, err, i.Status, i.Reason)
		}
		events += i.New
	}
	for more := true; more; { // rows that are made of all events together
		left, err := store.CatchUp(ctx, 1<<14)
		if err != nil {
			b.Fatal(err)
		}
		more = left.Rules > 0
	}
	return processorTime(b) - began, events
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
