package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"escutcheon/importer"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/intake"
)

const evtxChunk = 65536

// evtxLog is a log of 12 records in three chunks.
func evtxLog() []byte {
	var l evtxtest.Log
	for n := range uint64(12) {
		if n > 0 && n%4 == 0 {
			l.End()
		}
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: n + 1, Time: 134_000_000_000_000_000 + n*1e7, Computer: "WEB01",
			Configuration: fmt.Sprintf(`/system.webServer/modules/add[@name="m%d"]`, n), Edit: 1}))
	}
	return l.Bytes()
}

// TestNothingLostInSilence: an EVTX log that is cut, or of which parts are
// lost, says how many records are missing.
func TestNothingLostInSilence(t *testing.T) {
	const second, third = 4096 + evtxChunk, 4096 + 2*evtxChunk
	for _, c := range []struct {
		name                    string
		spoil                   func([]byte) []byte
		status                  intake.Status
		read, rejected, missing int64
		note                    string
	}{
		{"whole", func(b []byte) []byte { return b }, intake.Done, 12, 0, 0, ""},
		{"cut at a chunk", func(b []byte) []byte { return b[:third] }, intake.Done, 8, 0, 4, ""},
		{"cut behind the header", func(b []byte) []byte { return b[:4096] }, intake.Done, 0, 0, 3, ""},
		{"cut in the header", func(b []byte) []byte { return b[:4095] }, intake.Failed, 0, 0, 0, ""},
		{"cut in a chunk's header", func(b []byte) []byte { return b[:third+200] }, intake.Done, 8, 0, 4, ""},
		{"cut in a record", func(b []byte) []byte { return b[:third+700] }, intake.Done, 8, 1, 3, ""},
		{"chunk zeroed", func(b []byte) []byte { clear(b[second:third]); return b }, intake.Done, 8, 1, 3, ""},
		{"in use", func(b []byte) []byte { b[0x78] |= 1; return b }, intake.Done, 12, 0, 0, "in use"},
		{"in use and cut", func(b []byte) []byte { b[0x78] |= 1; return b[:second] }, intake.Done, 4, 0, 8, ""},
		{"signature damaged", func(b []byte) []byte { b[2] ^= 1; return b }, intake.Done, 12, 0, 0, "signature"},
		{"signature damaged and cut", func(b []byte) []byte { b[2] ^= 1; return b[:third] }, intake.Done, 8, 0, 4,
			"signature"},
		{"moved", func(b []byte) []byte { return append([]byte("some bytes before"), b...) }, intake.Done, 12, 1, 0,
			"signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			i := b.add("log", c.spoil(evtxLog()), intake.Import{})
			if i.Status != c.status || i.Read != c.read || i.Rejected != c.rejected || i.Missing != c.missing {
				t.Errorf("%s %q %+v", i.Status, i.Reason, i.Counts)
			}
			if (c.note == "") != (i.Note == "") || !strings.Contains(i.Note, c.note) {
				t.Errorf("note %q", i.Note)
			}
			if words := fmt.Sprintf("At least %d records are", c.missing); (importer.Lacks(i) != "") != (c.missing > 0) ||
				c.missing > 0 && !strings.HasPrefix(importer.Lacks(i), words) {
				t.Errorf("told %q", importer.Lacks(i))
			}
		})
	}
}

// TestMissingStays: an archive's is the sum of its members', the same file
// again has as many, and so has the import that takes one's place.
func TestMissingStays(t *testing.T) {
	b := newBench(t)
	whole := evtxLog()
	cut := bytes.Clone(whole[:4096+evtxChunk])
	a := b.add("a.zip", zipped(t, file{"whole.evtx", whole}, file{"cut.evtx", cut},
		file{"more.evtx", whole[:4096+2*evtxChunk]}), intake.Import{})
	if a.Status != intake.Done || a.Missing != 8+4 {
		t.Errorf("archive: %s %+v", a.Status, a.Counts)
	}
	first := b.add("cut.evtx", cut, intake.Import{})
	again := b.add("cut.evtx", cut, intake.Import{})
	if again.SameAs == 0 || first.Missing != 8 || again.Missing != 8 {
		t.Errorf("missing %d, and again %d", first.Missing, again.Missing)
	}
	for old, want := range map[int64]int64{a.ID: 12, first.ID: 8} {
		i, err := b.im.Again(ctx, old, "Asia/Tokyo", "", "")
		if err != nil {
			t.Fatal(err)
		}
		id, err := b.im.Admit(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		if done, err := b.im.Run(ctx, id); err != nil || done.Status != intake.Done || done.Missing != want {
			t.Errorf("in the place of %d: %v, %s %+v", old, err, done.Status, done.Counts)
		}
	}
}

// TestMissingAfterAStop: records that were stored before an import stopped are
// not missing when it goes on.
func TestMissingAfterAStop(t *testing.T) {
	b := newBench(t)
	kept, err := b.spool.Keep(ctx, bytes.NewReader(evtxLog()[:4096+2*evtxChunk]), 0)
	if err != nil {
		t.Fatal(err)
	}
	run, cancel := context.WithCancelCause(ctx)
	im := b.over(&stopping{Store: b.store, left: 1, cancel: cancel}, 3)
	id, err := im.Admit(ctx, intake.Import{Name: "log", Source: intake.Upload, Zone: "UTC", Path: kept.Path,
		SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := im.Run(run, id); !errors.Is(err, importer.ErrShutdown) {
		t.Fatal(err)
	}
	if err := b.store.Release(ctx, ownerOf(t, b, id)); err != nil {
		t.Fatal(err)
	}
	if i, err := b.im.Run(ctx, id); err != nil || i.Status != intake.Done || i.Read != 8 || i.Missing != 4 {
		t.Errorf("%v, %s %q %+v", err, i.Status, i.Reason, i.Counts)
	}
}
