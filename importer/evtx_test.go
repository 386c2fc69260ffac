package importer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestEVTXIsTheSameEvent: a change seen through EVTX and through any other
// format is one event and one finding, whichever comes first.
func TestEVTXIsTheSameEvent(t *testing.T) {
	at := time.Date(2026, 1, 5, 12, 0, 0, 1234567*100, time.UTC)
	const path = `/system.webServer/globalModules/add[@name="X"]`
	var log evtxtest.Log
	log.Add(evtxtest.IIS29(evtxtest.IISChange{Record: 77, Time: uint64(at.Unix()+11644473600)*1e7 + 1234567,
		Computer:     "WEB01",
		PhysicalPath: "p", ConfigPath: "MACHINE/WEBROOT/APPHOST", Configuration: path, Edit: 1}))
	rec := logwriter.IISChange(logwriter.Change{Path: path, Edit: logwriter.EditAdd})
	rec.Time, rec.Computer, rec.RecordNumber = at, "WEB01", 77
	for _, w := range writers {
		for _, first := range []string{"evtx", w.name} {
			t.Run(w.name+" with "+first+" first", func(t *testing.T) {
				b := newBench(t)
				files := [][]byte{log.Bytes(), w.append(nil, &rec)}
				if first != "evtx" {
					files[0], files[1] = files[1], files[0]
				}
				for n, f := range files {
					i := b.add("log", f, intake.Import{})
					if i.Status != intake.Done || i.Read != 1 || i.New != int64(1-n) || i.Rejected != 0 {
						t.Errorf("file %d: %s %q %+v", n, i.Status, i.Reason, i.Counts)
					}
				}
				n := 0
				for f, err := range b.store.AllFindings(context.Background(), store.FindingFilter{}) {
					if err != nil {
						t.Fatal(err)
					}
					want := fmt.Sprint([]string{"Info", "29", "WEB01",
						"Changes to '" + path + "' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.",
						"1", "2026-01-05T12:00:00", "2026-01-05T12:00:00"})
					if n++; fmt.Sprint(f.Row) != want {
						t.Errorf("finding %q, want %q", f.Row, want)
					}
				}
				if n != 1 {
					t.Errorf("%d findings, want 1", n)
				}
			})
		}
	}
}

// TestEmptyEVTX: a log that holds nothing is no failure.
func TestEmptyEVTX(t *testing.T) {
	var log evtxtest.Log
	if i := newBench(t).add("log", log.Bytes(), intake.Import{}); i.Status != intake.Done || i.Read != 0 ||
		i.Rejected != 0 || i.Format != "evtx" {
		t.Errorf("%s %q %+v", i.Status, i.Reason, i.Counts)
	}
}
