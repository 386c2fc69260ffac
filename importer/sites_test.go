package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore"
	"escutcheon/importer"
	"escutcheon/intake"
)

// siteLog is a log of n lines, whatever site it is of: IIS logs no s-sitename by itself.
func siteLog(n int, fields string) []byte {
	start := time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
	log := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, start, fields)
	for i := range n {
		log = logwriter.AppendW3C(log, &logwriter.Request{Time: start.Add(time.Duration(i) * time.Second), Site: "W3SVC7",
			Computer: "web01", ServerIP: "10.0.0.5", Port: 80, Method: "GET", Stem: "/health", Client: "203.0.113.7",
			Status: 200}, fields)
	}
	return log
}

// sites are how many stored requests say of which site they are, decoded again.
func (b *bench) sites() string {
	b.t.Helper()
	count, ids := map[string]int{}, []int64(nil)
	err := b.store.Scan(b.t.Context(), eventstore.Query{}, func(c *eventstore.Chunk) (func() error, error) {
		var mine []int64
		for _, row := range c.Rows {
			mine = append(mine, c.Number(row))
		}
		return func() error { ids = append(ids, mine...); return nil }, nil
	})
	for _, id := range ids {
		seen, e := b.store.Sightings(b.t.Context(), id)
		if e != nil {
			b.t.Fatal(e)
		}
		ev, e := importer.Decoder{}.Merge(seen)
		if e != nil {
			b.t.Fatal(e)
		}
		site, _ := ev.Get("site")
		count[site]++
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(count), "map["), "]")
}

// TestSites: two sites of one host log the same lines at the same seconds, each in a folder
// of its own. All of them are kept, and come in no other file again.
func TestSites(t *testing.T) {
	b := newBench(t)
	web01 := intake.Import{Computer: "web01"}
	log, ncsa := siteLog(20, logwriter.W3CFields), []byte(strings.Repeat(
		"203.0.113.7 - - [14/Mar/2026:10:00:00 +0000] \"GET / HTTP/1.0\" 200 3401\r\n", 3))
	named := siteLog(5, logwriter.W3CAllFields)
	first := b.add("triage.zip", zipped(t, file{"C/inetpub/logs/LogFiles/W3SVC1/u_ex.log", log},
		file{`C\inetpub\logs\LogFiles\w3svc2\u_ex.log`, log}, file{"C/ftp/FTPSVC3/sub/u_ex.log", log},
		file{"W3SVC1/nc.log", ncsa}, file{"W3SVC2/nc.log", ncsa}, file{"W3SVC7/a.log", named},
		file{"W3SVC8/a.log", append([]byte("#Site: W3SVC9\r\n"), named...)},
		file{"W3SVC/u_ex.log", append(log, log...)}), web01)
	const want = ":40 FTPSVC3:20 W3SVC1:23 W3SVC2:23 W3SVC7:5"
	if got := b.sites(); got != want || first.Status != intake.Done || first.New != 111 || first.Duplicate != 5 {
		t.Errorf("%s, want %s; %+v", got, want, first.Counts)
	}
	again := b.add("again.zip", zipped(t, file{"W3SVC1/u_ex.log", append([]byte("#Remark: a\r\n"), log...)},
		file{"x.zip", zipped(t, file{"LogFiles/W3SVC2/u_ex.log", siteLog(19, logwriter.W3CFields)})},
		file{"W3SVC2/nc.log", ncsa[:len(ncsa)/3]}), web01)
	if got := b.sites(); got != want || again.New != 0 || again.Duplicate != 40 {
		t.Errorf("%s, want %s; again: %+v", got, want, again.Counts)
	}
	i, err := b.im.Again(t.Context(), first.ID, "UTC", "web02", "")
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.store.AddImport(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	if i, err = b.im.Run(t.Context(), id); err != nil || i.Read != first.Read || b.sites() != want {
		t.Errorf("with other answers: %v, %s, want %s; %+v", err, b.sites(), want, i.Counts)
	}
}

// TestSameFileOfSites: the same bytes are one file, but in the folders of two sites; of a
// copy of which nobody knows the site they are the file that is there.
func TestSameFileOfSites(t *testing.T) {
	web01, log := intake.Import{Computer: "web01"}, siteLog(4, logwriter.W3CFields)
	for _, c := range []struct{ names, want string }{
		{"W3SVC1/a.log W3SVC1/b.log W3SVC2/a.log W3SVC2/b.log a.log", "4 0 4 0 0 W3SVC1:4 W3SVC2:4"},
		{"a.log W3SVC1/a.log W3SVC2/a.log", "4 0 0 :4"},
	} {
		b, got := newBench(t), ""
		for name := range strings.FieldsSeq(c.names) {
			i := b.add(name, log, web01)
			got += fmt.Sprint(i.New, " ")
		}
		if got += b.sites(); got != c.want {
			t.Errorf("%s: %s, want %s", c.names, got, c.want)
		}
	}
}

// TestSiteResumed: an import that another process goes on with, in the middle of a log, has
// the site of the folder to the end; a line that names a site, above its own #Fields or
// after them, is none of ours.
func TestSiteResumed(t *testing.T) {
	b := newBench(t)
	log := bytes.ReplaceAll(siteLog(40, logwriter.W3CFields), []byte("#Fields:"), []byte("#Site: W3SVC9\r\n#Fields:"))
	log = append(log, "#Fields: date time c-ip cs-method\r#Site: W3SVC9\r\n"+
		"2026-03-14 11:00:00 1.2.3.4 GET x W3SVC9\r\n"...)
	kept, err := b.spool.Keep(t.Context(), bytes.NewReader(log), 0)
	if err != nil {
		t.Fatal(err)
	}
	cut := &tapped{DB: b.store}
	first, second := b.over(cut, 7), b.over(b.store, 7)
	id, err := first.Admit(t.Context(), intake.Import{Name: "logs/w3svc12/u_ex.log", Computer: "web01",
		Source: intake.Upload, Zone: "UTC", Path: kept.Path, SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		t.Fatal(err)
	}
	cut.then = func() {
		if i, err := second.Run(context.WithoutCancel(t.Context()), id); err != nil || i.New != 41 {
			t.Errorf("%v, %+v", err, i.Counts)
		}
	}
	if _, err := first.Run(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := b.sites(); got != "W3SVC12:41" {
		t.Error(got)
	}
}
