package sniff_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/importer"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// logOf is a log of a format whose records are of one computer.
func logOf(t *testing.T, f sniff.Format, computer string) (log []byte, n int64) {
	t.Helper()
	records := changes()
	for i := range records {
		records[i].Computer = computer
	}
	for _, s := range shapes {
		if s.format == f {
			return s.write(nil, records), int64(len(records))
		}
	}
	for _, w := range writers {
		if w.format == f {
			return []byte(w.log(records)), int64(len(records))
		}
	}
	for _, r := range requestLogs {
		if r.format == f {
			return r.write(requestsOf(len(records), computer)), int64(len(records))
		}
	}
	var evtx evtxtest.Log
	for i := range records {
		r := &records[i]
		switch f {
		case sniff.SplunkText:
			log = logwriter.AppendText(log, r, nil)
		case sniff.EventXML:
			log = append(logwriter.AppendXML(log, r, true), '\n')
		case sniff.NXLogJSON:
			log = append(logwriter.AppendNXLog(log, r, nil), '\n')
		case sniff.WinlogbeatJSON:
			log = append(logwriter.AppendWinlogbeat(log, r), '\n')
		case sniff.WrappedJSON:
			line, err := json.Marshal(map[string]string{"message": string(logwriter.AppendXML(nil, r, true))})
			if err != nil {
				t.Fatal(err)
			}
			log = append(append(log, line...), '\n')
		case sniff.IISModules:
			log = fmt.Appendf(log, "Schema=\"Microsoft.IIs.PowerShell.Framework.ConfigurationElementSchema\"\n"+
				"name=\"M%d\"\nimage=\"%%windir%%\\m.dll\"\n\n", i)
		case sniff.EVTX:
			evtx.Add(evtxtest.IIS29(evtxtest.IISChange{Record: uint64(i + 1), Time: 134_000_000_000_000_000, Computer: computer,
				PhysicalPath: "p", ConfigPath: "MACHINE/WEBROOT/APPHOST", Configuration: fmt.Sprintf("/p%d", i), Edit: 1}))
			log = evtx.Bytes()
		}
	}
	return log, int64(len(records))
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPanic: a decoder that panics fails its import, with where that was, after two
// attempts at most; what was read before is stored, once. The queue goes on, another
// process does not try again, and without the fault the rest of the file comes in.
func TestPanic(t *testing.T) {
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	inForce := detection.NewRules(rules[:1])
	if err := store.AdoptRules(t.Context(), inForce, importer.Decoder{}); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	spool := importer.NewSpool(store.Path())
	open := func() *importer.Queue {
		im := importer.New(store, func() *detection.Rules { return inForce }, spool)
		return importer.NewQueue(im, slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError})))
	}
	q := open()
	defer func() { _ = q.Close() }()
	wait := func(id int64) intake.Import {
		for {
			i, err := store.ImportByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if i.Status.Ended() {
				return i
			}
			time.Sleep(time.Millisecond)
		}
	}
	run := func(name, computer string, log []byte) intake.Import {
		t.Helper()
		f, err := spool.Keep(t.Context(), bytes.NewReader(log), 0)
		if err != nil {
			t.Fatal(err)
		}
		id, err := q.Add(t.Context(), intake.Import{Name: name, Path: f.Path, SHA256: f.SHA256, Size: f.Size, Zone: "UTC",
			Computer: computer})
		if err != nil {
			t.Fatal(err)
		}
		return wait(id)
	}
	for _, f := range sniff.Formats() {
		computer := "web-" + f.ID
		log, n := logOf(t, f.ID, computer)
		mend := sniff.Break(f.ID, 3)
		failed := run(f.ID, computer, log)
		other, _ := logOf(t, sniff.EVTX, "other-"+f.ID)
		if f.ID == sniff.EVTX {
			other, _ = logOf(t, sniff.EventXML, "other-"+f.ID)
		}
		beside := run("other", "", other)
		mend()
		if failed.Status != intake.Failed || failed.Format != f.ID || failed.Read != 3 || failed.New != 3 ||
			!strings.Contains(failed.Reason, "a fault of Escutcheon's own at byte") ||
			!strings.Contains(failed.Reason, "("+f.Name+"), behind 3 records") {
			t.Errorf("%s: %s, %q, %+v", f.ID, failed.Status, failed.Reason, failed.Counts)
		}
		if strings.Contains(failed.Reason, "broken") || strings.Contains(failed.Reason, "goroutine") {
			t.Errorf("%s: the page shows the program's inside: %q", f.ID, failed.Reason)
		}
		if beside.Status != intake.Done || beside.Read == 0 {
			t.Errorf("%s: the import beside it: %s, %q", f.ID, beside.Status, beside.Reason)
		}
		if again := run(f.ID, computer, log); again.Status != intake.Done || again.Read != n ||
			again.New != n-3 || again.Duplicate != 3 {
			t.Errorf("%s, without the fault: %s, %q, %+v; want %d new", f.ID, again.Status, again.Reason, again.Counts, n-3)
		}
	}
	var large []byte // of several pieces
	for r := range logwriter.Bulk(4000, 7) {
		large = append(logwriter.AppendNXLog(large, r, nil), '\n')
	}
	mend := sniff.Break(sniff.NXLogJSON, 500)
	if i := run("large.json", "", large); i.Status != intake.Failed || i.Read != 500 ||
		!strings.Contains(i.Reason, "behind 500 records") {
		t.Errorf("a large log: %s, %q, %+v", i.Status, i.Reason, i.Counts)
	}
	mend()
	whole := run("large.json", "", large)
	if whole.Status != intake.Done || whole.Read != 4000 || whole.New+whole.Duplicate != 4000 || whole.Duplicate < 500 {
		t.Errorf("without the fault: %s, %q, %+v", whole.Status, whole.Reason, whole.Counts)
	}
	mend = sniff.Break(sniff.NXLogJSON, 0)
	id, err := q.Again(t.Context(), whole.ID, "Asia/Kolkata", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if i := wait(id); i.Status != intake.Failed || !strings.Contains(i.Reason, "a fault of Escutcheon's own") {
		t.Errorf("imported again: %s, %q, %+v", i.Status, i.Reason, i.Counts)
	}
	if i := wait(whole.ID); i.Status != intake.Done || i.Read != 4000 {
		t.Errorf("the import whose place it was to take: %s, %+v", i.Status, i.Counts)
	}
	good, _ := logOf(t, sniff.EVTX, "in-an-archive")
	both := run("both.zip", "", zipOf(t, map[string][]byte{"bad.json": large[:len(large)/8], "good.evtx": good}))
	members, err := store.Members(t.Context(), both.ID)
	if err != nil || len(members) != 2 || members[0].Status != intake.Failed || members[1].Status != intake.Done ||
		both.Status != intake.Done {
		t.Errorf("an archive of a log that cannot be read and one that can: %s, %q, %+v, %v", both.Status, both.Reason,
			members, err)
	}
	mend()
	mend = sniff.Break(sniff.EventXML, 0)
	log, _ := logOf(t, sniff.EventXML, "last")
	failed := run("last.xml", "", log)
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = open()
	evtx, _ := logOf(t, sniff.EVTX, "after")
	if after := run("after.evtx", "", evtx); after.Status != intake.Done {
		t.Errorf("the queue of the next process: %s, %q", after.Status, after.Reason)
	}
	mend()
	if i := wait(failed.ID); i.Status != intake.Failed || i.Read != 0 {
		t.Errorf("the next process tried again: %s, %+v", i.Status, i.Counts)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(said.String(), "the decoder is broken"); n != len(sniff.Formats())+4 ||
		!strings.Contains(said.String(), "(*broken).Next") || !strings.Contains(said.String(), "(*brokenPiece).Read") {
		t.Errorf("the log tells of %d panics, want %d with their stacks", n, len(sniff.Formats())+4)
	}
	if left, err := filepath.Glob(store.Path() + "-spool/*"); err != nil || len(left) > 0 {
		t.Errorf("left in the spool: %q, %v", left, err)
	}
}
