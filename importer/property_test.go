package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/intake"
	"escutcheon/store"
)

// randomRecords are event records of a few hosts, some of them on the edges of
// the hourly windows, some without an opcode, some that no rule wants.
func randomRecords(r *rand.Rand, n int) []logwriter.Record {
	hosts := []string{"web01.corp.example", "WEB02.Corp.Example", "web03.corp.example.", "Exchänge"}
	modules := []string{"CacheModule", `Bad"Name`, "a'b", "ModuleX & Co", "=SUM(A1)", "пример"}
	start := time.Date(2025, 11, 28, 0, 0, 0, 0, time.UTC)
	out := make([]logwriter.Record, 0, n)
	for i := range n {
		at := start.Add(time.Duration(r.IntN(10*24*3600*1000)) * time.Millisecond)
		if r.IntN(4) == 0 { // an edge of a window, or a millisecond to either side
			at = at.Truncate(time.Hour).Add(50*time.Minute + time.Duration(r.IntN(3)-1)*time.Millisecond)
		}
		path := fmt.Sprintf(`/system.webServer/globalModules/add[@name="%s"]`, modules[r.IntN(len(modules))])
		if r.IntN(3) == 0 {
			path += "/@image"
		}
		rec := logwriter.IISChange(logwriter.Change{Path: path, At: "MACHINE/WEBROOT/APPHOST", Edit: 1 + r.IntN(3)})
		switch r.IntN(8) {
		case 0:
			rec = logwriter.IISCommitted("MACHINE/WEBROOT/APPHOST")
		case 1:
			rec.Opcode, rec.OpCode = logwriter.NoOpcode, ""
		}
		rec.Time, rec.Computer, rec.RecordNumber = at, hosts[r.IntN(len(hosts))], int64(i+1)
		out = append(out, rec)
	}
	return out
}

// write writes records in a format, in random order, some of them twice.
func write(r *rand.Rand, records []logwriter.Record, format int) []byte {
	var out []byte
	for _, i := range r.Perm(len(records)) {
		for range 1 + r.IntN(5)/4 {
			out = writers[format].append(out, &records[i])
		}
	}
	if r.IntN(3) > 0 {
		return out
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(out); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return z.Bytes()
}

// reference is what the rule makes of all records at once, as CSV would sort
// it, without any store.
func reference(t *testing.T, records []logwriter.Record) (rows []string, risk int) {
	t.Helper()
	b := newBench(t)
	b.add("all", write(rand.New(rand.NewPCG(1, 1)), records, 1), intake.Import{})
	r := b.rules[0]
	windows := map[string]bool{}
	type row struct{ count, first, last int64 }
	all := map[string]*row{}
	for _, rec := range records {
		if rec.EventCode != 29 || rec.Opcode == logwriter.NoOpcode {
			continue
		}
		key := detection.FindingID(r.ID, []string{"Info", "29", rec.Computer, rec.Message})
		s := rec.Time.Unix()
		if all[key] == nil {
			all[key] = &row{first: s, last: s}
		}
		all[key].count++
		all[key].first, all[key].last = min(all[key].first, s), max(all[key].last, s)
		windows[fmt.Sprintf("%s %d", key, (s+600)/3600)] = true
	}
	for key, v := range all {
		rows = append(rows, fmt.Sprintf("%s %d %d %d", key, v.count, v.first, v.last))
	}
	return rows, len(windows)
}

// dump is everything that detection keeps, one line each.
func (b *bench) dump() string {
	b.t.Helper()
	ctx := context.Background()
	var out strings.Builder
	out.WriteString(b.findings())
	out.WriteString(b.risk())
	for h, err := range b.store.AllHosts(ctx, store.HostFilter{Now: 1e9}) {
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v\n", struct {
			D, S    string
			F, L, E int64
		}{h.Dest, h.Spelling, h.First, h.Last, h.Events})
		events, err := b.store.RiskEvents(ctx, store.RiskFilter{Object: h.Dest, After: -1 << 62, UpTo: 1 << 62})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, e := range events {
			fmt.Fprintf(&out, "%+v %q\n", e.RiskEvent, e.Row) // what it changes, not every format says
		}
	}
	lost, err := b.store.UnattributedOf(ctx, "", "")
	if err != nil {
		b.t.Fatal(err)
	}
	fmt.Fprintf(&out, "%v\n", lost)
	return out.String()
}

// TestOrderAndFormatChangeNothing imports the same random events in random
// pieces, orders, formats and batch sizes, some pieces again, and wants the
// same findings, risk events and hosts each time, equal to a rebuild from the
// stored events and to a count made without any store.
func TestOrderAndFormatChangeNothing(t *testing.T) {
	for seed := range rounds(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			records := randomRecords(r, 60+r.IntN(300))
			rows, risk := reference(t, records)
			want := ""
			for round := range 4 {
				b := newBench(t)
				b.im.Batch = 1 + r.IntN(40)
				importPieces(r, b, records)
				got := b.dump()
				checkReference(t, b, rows, risk)
				if want == "" {
					want = got
				}
				if got != want {
					t.Fatalf("round %d differs:\n%s", round, firstDifference(strings.ReplaceAll(got, "\n", "\r\n"),
						strings.ReplaceAll(want, "\n", "\r\n")))
				}
				b.rebuild()
				if again := b.dump(); again != got {
					t.Fatalf("round %d: a rebuild differs:\n%s", round,
						firstDifference(strings.ReplaceAll(again, "\n", "\r\n"), strings.ReplaceAll(got, "\n", "\r\n")))
				}
			}
		})
	}
}

// importPieces imports the records in overlapping pieces, a piece in a random
// format, until every record was in one.
func importPieces(r *rand.Rand, b *bench, records []logwriter.Record) {
	order := r.Perm(len(records))
	for len(order) > 0 {
		n := 1 + r.IntN(len(order))
		piece := make([]logwriter.Record, 0, n)
		for _, i := range order[:n] {
			piece = append(piece, records[i])
		}
		for range r.IntN(10) { // some that were imported, or will be
			piece = append(piece, records[r.IntN(len(records))])
		}
		order = order[n:]
		data := write(r, piece, r.IntN(len(writers)))
		for range 1 + r.IntN(4)/3 {
			i := b.add("piece", data, intake.Import{})
			if i.Status != intake.Done || i.Rejected != 0 {
				b.t.Fatalf("%s %s, rejected %d", i.Status, i.Reason, i.Rejected)
			}
		}
	}
}

func checkReference(t *testing.T, b *bench, rows []string, risk int) {
	t.Helper()
	ctx := context.Background()
	got := map[string]bool{}
	n := 0
	for f, err := range b.store.AllFindings(ctx, store.FindingFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		got[fmt.Sprintf("%s %d %d %d", f.Key, f.Count, f.First, f.Last)] = true
	}
	if n != len(rows) {
		t.Fatalf("%d findings, want %d", n, len(rows))
	}
	for _, row := range rows {
		if !got[row] {
			t.Fatalf("no finding %q", row)
		}
	}
	events := 0
	for h, err := range b.store.AllHosts(ctx, store.HostFilter{Now: 1e9}) {
		if err != nil {
			t.Fatal(err)
		}
		list, err := b.store.RiskEvents(ctx, store.RiskFilter{Object: h.Dest, After: -1 << 62, UpTo: 1 << 62})
		if err != nil {
			t.Fatal(err)
		}
		events += len(list)
	}
	if events != risk {
		t.Fatalf("%d risk events, want %d", events, risk)
	}
}
