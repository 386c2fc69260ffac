package search_test

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/search"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// house is a database of imported logs, and what searches it.
type house struct {
	*search.Engine
	t     testing.TB
	store *db.DB
	im    *importer.Importer
}

func newHouse(t testing.TB, files ...string) *house {
	t.Helper()
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	rules := detection.NewRules(nil)
	if err := store.UseRules(t.Context(), rules, importer.Decoder{}); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: store, Engine: &search.Engine{Store: store, Decoder: importer.Decoder{},
		Now: func() time.Time { return noon },
		Env: func() spl.Env { return detection.Env(detection.BuiltInMacros(), nil) },
		Fields: func(names ...string) func(*event.Event, intake.Reading, string) error {
			return importer.NewFields(names...).DecodeInto
		}}}
	im := importer.New(store, func() *detection.Rules { return rules }, importer.NewSpool(store.Path()))
	for _, f := range files {
		h.bring(im, f)
	}
	h.im = im
	return h
}

func (h *house) bring(im *importer.Importer, path string) {
	h.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	kept, err := im.Spool().Keep(h.t.Context(), f, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	id, err := im.Admit(h.t.Context(), intake.Import{Name: filepath.Base(path), Source: intake.Upload,
		Path: kept.Path, SHA256: kept.SHA256,
		Size: kept.Size, Zone: "UTC"})
	if err == nil {
		_, err = im.Run(h.t.Context(), id)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// demoHouse has the logs of the demo, which are of three formats, and some varied
// ones in others.
func demoHouse(t testing.TB) *house {
	dir := t.TempDir()
	files, err := demo.Write(dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	files = files[:1] // which has the story
	for i, write := range []func([]byte, *logwriter.Record) []byte{
		func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendNXLog(b, r, nil) },
		logwriter.AppendWinlogbeat, func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendXML(b, r, false) },
		logwriter.AppendChainsaw,
	} {
		var log []byte
		for r := range logwriter.Bulk(200, uint64(i+1)) {
			log = append(write(log, r), '\n')
		}
		path := filepath.Join(dir, string(rune('a'+i))+".json")
		if err := os.WriteFile(path, log, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	requests := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, noon, logwriter.W3CAllFields)
	for i := range 60 {
		requests = logwriter.AppendW3C(requests, &logwriter.Request{Time: noon.Add(time.Duration(i/2) * -time.Minute),
			Site: "W3SVC1", Computer: "web01.corp.example", ServerIP: "10.0.0.5", Port: 443, Method: "GET",
			Stem: "/p" + string(rune('a'+i%5)), Query: "x=1", Client: "203.0.113.7", Agent: "curl/8.0", Status: 200 + i%4*100,
			Sent: int64(i), Received: 7, Taken: 3}, logwriter.W3CAllFields)
	}
	path := filepath.Join(dir, "u_ex260302.log")
	if err := os.WriteFile(path, requests, 0o600); err != nil {
		t.Fatal(err)
	}
	return newHouse(t, append(files, path)...)
}

// samples are real files, where they are at hand: ESCUTCHEON_SAMPLES may name their
// folder.
func samples(t testing.TB) (files []string) {
	dir := cmp.Or(os.Getenv("ESCUTCHEON_SAMPLES"), "../../shared/samples")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".md") && !strings.Contains(path, "/iis/") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Skip("there are no samples in " + dir)
	}
	return files
}

// events are all that are stored, decoded whole, in no order.
func (h *house) events() (out []spl.Event) {
	h.t.Helper()
	err := h.store.Scan(h.t.Context(), eventstore.Query{Originals: true, Columns: block.EventColumn},
		func(c *eventstore.Chunk) (func() error, error) {
			var some []spl.Event
			for _, row := range c.Rows {
				offset, raw := c.Originals.Record(int(row))
				seen := []intake.Sighting{{Offset: offset, Raw: raw, Reading: c.Reading}}
				if slices.Contains(c.Varied, row) {
					var err error
					if seen, err = h.store.Sightings(h.t.Context(), c.Number(row)); err != nil {
						return nil, err
					}
				}
				e, err := importer.Decoder{}.Merge(seen)
				if err != nil {
					return nil, err
				}
				some = append(some, &e)
			}
			return func() error {
				out = append(out, some...)
				return nil
			}, nil
		})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

var ctx = context.Background()
