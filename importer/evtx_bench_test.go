package importer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// BenchmarkEVTXFolder is how many times as long as decoding every field of them
// the import of all EVTX files below the folder ESCUTCHEON_EVTX takes, as files of
// a command line and in one archive; and how much longer it is, a file.
func BenchmarkEVTXFolder(b *testing.B) {
	dir := os.Getenv("ESCUTCHEON_EVTX")
	if dir == "" {
		b.Skip("set ESCUTCHEON_EVTX to a folder of EVTX files")
	}
	logs := map[string][]byte{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".evtx") {
			return err
		}
		logs[path], err = os.ReadFile(path)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	var names []string
	for name := range logs {
		names = append(names, name)
	}
	slices.Sort(names)
	archive := save(b, "logs.zip", zipOf(b, len(names), "%d.evtx", func(i int) []byte { return logs[names[i]] }))
	for name, bring := range map[string]round{
		"files":   func(b *testing.B) time.Duration { return manyFiles(b, names, logs) },
		"archive": fresh(archive),
	} {
		b.Run(name, func(b *testing.B) {
			var above []float64
			events := 0
			var took time.Duration
			compare(b, "×decoding", func(b *testing.B) time.Duration {
				took = bring(b)
				return took
			}, func(b *testing.B) time.Duration {
				began := time.Now()
				events = 0
				for _, name := range names {
					events += drainAny(logs[name])
				}
				decoding := time.Since(began)
				above = append(above, (took-decoding).Seconds()*1e3/float64(len(names)))
				return decoding
			})
			slices.Sort(above)
			b.ReportMetric(above[len(above)/2], "ms/file")
			b.ReportMetric(float64(len(names)), "files")
			b.ReportMetric(float64(events), "events")
		})
	}
}

// manyFiles imports files into an empty database as the command line does.
func manyFiles(b *testing.B, names []string, logs map[string][]byte) time.Duration {
	s := newBenchStore(b)
	ctx := context.Background()
	began := time.Now()
	many := s.im.NewMany(ctx)
	for _, name := range names {
		data := logs[name]
		i := intake.Import{Name: name, Source: intake.CommandLine, Zone: "UTC", Path: name, Size: int64(len(data)),
			SHA256: importer.HashOf(data)}
		small := importer.Small{Import: i, Data: data, Done: func(intake.Import) error { return nil },
			Long: func([]byte) error {
				id, err := s.im.Admit(ctx, i)
				if err == nil {
					_, err = s.im.Run(ctx, id)
				}
				return err
			}}
		if len(data) > importer.SmallFile {
			small.Data = nil
		}
		if err := many.Add(small); err != nil {
			b.Fatal(err)
		}
	}
	if err := many.Close(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if err := s.store.Close(); err != nil {
		b.Fatal(err)
	}
	return took
}

// drainAny decodes what a log has, whole or not.
func drainAny(log []byte) (events int) {
	rd, _, err := sniff.Open(bytes.NewReader(log), record.Options{})
	if err != nil {
		return 0
	}
	if c, ok := rd.(io.Closer); ok {
		defer c.Close()
	}
	var e event.Event
	for {
		e.Reset()
		err := rd.Next(&e)
		var rejected *record.Rejected
		if err == nil {
			events++
		} else if !errors.As(err, &rejected) {
			return events
		}
	}
}
