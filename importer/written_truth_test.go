package importer_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/demo/logwriter"
	"escutcheon/detection/blind"
	"escutcheon/detection/ledger"
	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestWrittenCollection: ledger, history, spans and verdict are the script's truth.
func TestWrittenCollection(t *testing.T) {
	for seed := range uint64(200) {
		s := written(seed)
		got := s.tell(false, nil)
		if is, want := shown(got.history), s.versions(); is != want {
			t.Fatalf("%d: the history is\n%s\nwant\n%s", seed, is, want)
		}
		for _, want := range s.rows() {
			name, _, _ := strings.Cut(want, " ")
			if is := row(got.modules[name], name); is != want {
				t.Fatalf("%d: %s, want %s", seed, is, want)
			}
		}
		for _, m := range s.own {
			name, _, _ := strings.Cut(m, " ")
			if m := got.modules[name]; m == nil || m.Judged != "own" || m.Present != ledger.Yes {
				t.Fatalf("%d: %s: %+v", seed, name, m)
			}
		}
		if n := len(got.modules); n != 4+len(s.own) {
			t.Fatalf("%d: %d modules", seed, n)
		}
		if m := got.modules["ShopTrace"]; m.Hash == "" {
			t.Fatalf("%d: the file of a module is not beside it: %+v", seed, m)
		}
		s.judge(t, seed, &got.verdict)
		s.blinded(t, seed, got)
	}
}

// blinded holds the spans in which less was seen against the script: HTTP logging went off,
// requests stop there, and a version that is taken away is missing.
func (s *script) blinded(t *testing.T, seed uint64, got *made) {
	t.Helper()
	if off := got.spansOf(blind.LoggingOff); len(off) != 1 || !off[0].From.Equal(s.off()) || !off[0].To.IsZero() {
		t.Fatalf("%d: logging is off in %+v", seed, off)
	}
	last := s.requests[len(s.requests)-1]
	if stop := got.spansOf(blind.RequestsStop); len(stop) != 1 || !stop[0].From.Equal(last) ||
		!stop[0].To.Equal(s.log.To) {
		t.Fatalf("%d: requests stop in %+v", seed, stop)
	}
	if reset := got.spansOf(blind.HistoryReset); len(reset) != 0 {
		t.Fatalf("%d: the history is whole, and said to be %+v", seed, reset)
	}
	gone := s.deeds[seed%3].version // another one lies behind it
	without := s.tell(false, func(f *artifact.File) bool { return strings.Contains(f.Path, gone) })
	serial := strings.TrimLeft(strings.TrimPrefix(gone, "CFGHISTORY_"), "0")
	if reset := without.spansOf(blind.HistoryReset); len(reset) != 1 ||
		!strings.HasPrefix(reset[0].Text, "Versions "+serial+" to "+serial+" ") {
		t.Fatalf("%d: without %s: %+v", seed, gone, reset)
	}
	if is := got.lacks(); is != "Security, HTTPERR, web.config" {
		t.Fatalf("%d: not collected are %s", seed, is)
	}
}

// judge holds a verdict against the script.
func (s *script) judge(t *testing.T, seed uint64, v *verdict.Verdict) {
	t.Helper()
	byName := map[string]verdict.Module{}
	for _, m := range v.Modules {
		byName[m.Name] = m
	}
	for _, d := range s.deeds {
		m, ok := byName[d.name]
		if !ok || (m.Found == nil) != d.event && !d.removed && d.name != "Gone" || d.name == "Gone" && m.Gone.IsZero() {
			t.Fatalf("%d: %s: %+v", seed, d.name, m)
		}
		if !d.logging {
			continue
		}
		from := d.at
		if !d.event {
			from = d.written
		}
		if len(v.Off) != 1 || !v.Off[0].From.Equal(from) || !v.Off[0].To.IsZero() || (v.Off[0].Found == nil) != d.event {
			t.Fatalf("%d: logging off %+v, want from %s", seed, v.Off, from)
		}
	}
	if len(v.Modules) != 4 || !strings.Contains(v.Sentence, "RequestFilteringModule") {
		t.Fatalf("%d: %d modules, %s", seed, len(v.Modules), v.Sentence)
	}
}

// goneAt is when a verdict says that the module Gone went; "" never.
func goneAt(v *verdict.Verdict) string {
	for _, m := range v.Modules {
		if m.Name == "Gone" && !m.Gone.IsZero() {
			return m.Gone.Format(time.TimeOnly)
		}
	}
	return ""
}

// TestWrittenArchive: the same comes of a real archive in a real database.
func TestWrittenArchive(t *testing.T) {
	for seed := range uint64(5) {
		s := written(seed)
		var log []byte
		for i := range s.records {
			log = append(logwriter.AppendXML(log, &s.records[i], false), '\n')
		}
		var data bytes.Buffer
		z := zip.NewWriter(&data)
		for _, f := range append(s.brought, collectedFile{"events.xml", log, collected},
			collectedFile{"C/inetpub/logs/LogFiles/W3SVC1/u_ex.log", s.w3c(), collected}) {
			w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Modified: f.written})
			if err == nil {
				_, err = w.Write(f.data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		b := newBench(t)
		if i := b.add("triage.zip", data.Bytes(), intake.Import{}); i.Status != intake.Done {
			t.Fatalf("%d: %s %s", seed, i.Status, i.Reason)
		}
		if err := b.store.CountCoverage(ctx, time.Hour); err != nil { // which a server does by itself, in seconds
			t.Fatal(err)
		}
		of := store.VerdictOf{Dest: writtenHost}
		conf, err := b.store.Configuration(ctx, of)
		if err != nil {
			t.Fatal(err)
		}
		if is, want := shown(conf.History), s.versions(); is != want {
			t.Errorf("%d: the history is\n%s\nwant\n%s", seed, is, want)
		}
		l, err := b.store.Ledger(ctx, of)
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string]*ledger.Module{}
		for i := range l.Modules {
			rows[l.Modules[i].Name] = &l.Modules[i].Module
		}
		for _, want := range s.rows() {
			name, _, _ := strings.Cut(want, " ")
			if is := row(rows[name], name); is != want {
				t.Errorf("%d: %s, want %s", seed, is, want)
			}
		}
		v, err := b.store.VerdictOf(ctx, of)
		if err != nil {
			t.Fatal(err)
		}
		s.judge(t, seed, &v.Verdict)
		seen, err := b.store.Coverage(ctx, writtenHost, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(seen.Channels, func(c store.ChannelCoverage) bool {
			return c.Channel == event.RequestLog && c.Events == int64(len(s.requests))
		}) {
			t.Errorf("%d: the requests are not the host's: %+v", seed, seen.Channels)
		}
	}
}

// TestWrittenWithout: of what was not collected nothing is said as if it had been.
func TestWrittenWithout(t *testing.T) {
	of := func(kind artifact.Kind) func(*artifact.File) bool {
		return func(f *artifact.File) bool { return f.Kind == kind }
	}
	for seed := range uint64(200) {
		s := written(seed)
		noLog := s.tell(true, nil)
		is := shown(noLog.history)
		if strings.Contains(is, "by hand") || strings.Contains(is, "event 1") ||
			strings.Count(is, "not collected") != 11 {
			t.Fatalf("%d: without the log the history says\n%s", seed, is)
		}
		for name, m := range noLog.modules {
			if m.AddedBy != ledger.NotKnown {
				t.Fatalf("%d: without the log %s was added by %q", seed, name, m.AddedBy)
			}
			if m.RemovedBy != map[string]string{"Gone": ledger.NotKnown}[name] {
				t.Fatalf("%d: without the log %s was removed by %q", seed, name, m.RemovedBy)
			}
		}
		noConfig := s.tell(false, of(artifact.ApplicationHost))
		for _, d := range s.deeds {
			m := noConfig.modules[d.name]
			if last := d.version == "applicationHost.config"; last && !d.event {
				if d.removed && m.Present != ledger.Yes || !d.removed && m != nil {
					t.Fatalf("%d: without the configuration in force %s", seed, row(m, d.name))
				}
			} else if m == nil || m.Present == ledger.No && d.name != "Gone" {
				t.Fatalf("%d: without the configuration in force %s", seed, row(m, d.name))
			}
		}
		noHistory := s.tell(false, of(artifact.History))
		for _, d := range s.deeds {
			m := noHistory.modules[d.name]
			if d.name == "Gone" && d.event && !d.removed && !strings.Contains(goneAt(&noHistory.verdict), ":") {
				t.Fatalf("%d: without versions Gone is there: %+v", seed, noHistory.verdict.Modules)
			}
			gone := d.name == "Gone"
			if gone && m != nil && m.Present != ledger.No || !gone && (m == nil || m.Present != ledger.Yes) {
				t.Fatalf("%d: without versions %s", seed, row(m, d.name))
			}
		}
		for name, got := range map[string]*made{"Microsoft-IIS-Configuration/Operational": noLog,
			"applicationHost.config": noConfig, "history of the configuration": noHistory,
			"files of modules": s.tell(false, of(artifact.Module))} {
			if !strings.Contains(got.lacks(), name) || strings.Contains(s.tell(false, nil).lacks(), name) {
				t.Fatalf("%d: %s is left out, and not collected are %s", seed, name, got.lacks())
			}
		}
		noFile := s.tell(false, of(artifact.Module))
		if m := noFile.modules["ShopTrace"]; m.Hash != "" || m.Present != ledger.Yes {
			t.Fatalf("%d: without its file %+v", seed, m)
		}
		for source, got := range map[ledger.Source]*made{ledger.Configuration: noConfig, ledger.OldVersion: noHistory,
			ledger.ModuleFile: noFile} {
			if got.collected[source].Files != 0 || s.tell(false, nil).collected[source].Files == 0 {
				t.Fatalf("%d: %s counts as collected: %+v", seed, source, got.collected)
			}
		}
	}
}
