package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/intake"
)

var (
	ruleID   = regexp.MustCompile(`(?m)^id: .*$`)
	ruleName = regexp.MustCompile(`(?m)^name: (.*)$`)
	eventID  = regexp.MustCompile(`(EventCode|EventID)\s*=\s*"?(\d+)"?`)
	text     = regexp.MustCompile(`"(\*?)([A-Za-z][A-Za-z.-]{3,})(\*?)"`)
)

// synthesised are n rules made of the built-in ones, with other ids and other
// constants.
func synthesised(tb testing.TB, n int) []*detection.Rule {
	tb.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		tb.Fatal(err)
	}
	seeds := len(rules)
	for i := 0; len(rules) < n; i++ {
		raw := string(rules[i%seeds].Raw)
		raw = ruleID.ReplaceAllString(raw, fmt.Sprintf("id: 00000000-0000-4000-8000-%012d", i))
		raw = ruleName.ReplaceAllString(raw, fmt.Sprintf("name: $1 %d", i))
		raw = eventID.ReplaceAllString(raw, fmt.Sprintf("$1=%d", 20000+i))
		raw = text.ReplaceAllString(raw, fmt.Sprintf(`"${1}${2}%d${3}"`, i))
		r, err := detection.Load([]byte(raw), detection.BuiltInMacros())
		if err != nil {
			continue
		}
		rules = append(rules, r)
	}
	return rules
}

// BenchmarkImportRules imports the same log with the seed alone and with a
// thousand rules, in the same run.
func BenchmarkImportRules(b *testing.B) {
	path, events := writeBulk(b, 24<<20, func(dst []byte, r *logwriter.Record) []byte {
		return append(logwriter.AppendXML(dst, r, false), '\n')
	})
	builtIn, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		rules []*detection.Rule
	}{{"seed alone", builtIn[:1]}, {"built in", builtIn}, {"1000 rules", synthesised(b, 1000)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				importWith(b, path, c.rules)
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func importWith(b *testing.B, path string, rules []*detection.Rule) {
	b.Helper()
	ctx := context.Background()
	name := filepath.Join(filepath.Dir(path), fmt.Sprintf("%d.db", time.Now().UnixNano()))
	store, err := db.Open(ctx, name, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(name)
	defer store.Close()
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
	if i, err := im.Run(ctx, id); err != nil || i.Status != intake.Done {
		b.Fatal(err, i.Status, i.Reason)
	}
}
