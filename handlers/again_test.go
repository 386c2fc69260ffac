package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// TestAgain corrects the zone of an import: the new one takes its place.
func TestAgain(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	id := s.Upload(t, []string{"zone", "UTC"}, consoletest.Log("a.log", consoletest.SplunkText("web01", 3,
		consoletest.Noon)))[0]
	s.Until(t, id, consoletest.Ended)
	d := s.Doc(t, "/imports/"+id)
	form := d.Find("form[action='/imports/" + id + "/again']")
	if form.Find("input[name=zone][value=UTC]").Length() != 1 ||
		form.Find("form details input[name=computer]").Length() != 1 ||
		form.Find("form details input[name=zone]").Length() > 0 {
		t.Error("the form does not show first what matters for this file")
	}
	if a := s.Post(t, "/imports/"+id+"/again", url.Values{"zone": {"Mars/X"}}); a.Status != http.StatusBadRequest {
		t.Errorf("an unknown zone: status %d", a.Status)
	}
	a := s.Post(t, "/imports/"+id+"/again", url.Values{"zone": {"Asia/Kolkata"}})
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") == "/imports/"+id {
		t.Fatalf("status %d to %q", a.Status, a.Header.Get("Location"))
	}
	fresh := strings.TrimPrefix(a.Header.Get("Location"), "/imports/")
	if i := s.Until(t, fresh, consoletest.Ended); i.Status != "done" || i.Read != 3 {
		t.Fatalf("%+v", i)
	}
	if got := s.Get(t, "/findings.csv").Body; !strings.Contains(got, "2026-03-02T06:30:00") || strings.Contains(got,
		"2026-03-02T12:00:00") {
		t.Errorf("findings\n%s", got)
	}
	old := s.Do(t, "GET", "/imports/"+id, nil)
	if old.Status != http.StatusNotFound || !strings.Contains(old.Body, "Import "+fresh+" took its place") ||
		!strings.Contains(old.Body, `href="/imports/`+fresh+`"`) {
		t.Errorf("the old import: %d\n%s", old.Status, old.Body)
	}
	if old := s.Do(t, "GET", "/imports/"+id, nil, "Accept", consoletest.JSON); old.Status != http.StatusNotFound ||
		!strings.Contains(old.Body, "took its place") {
		t.Errorf("the old import for a program: %d %s", old.Status, old.Body)
	}
	if a := s.Asked(t, fresh); a.Replaces.String() != id || a.Zone != "Asia/Kolkata" {
		t.Errorf("%+v", a)
	}
	if a := s.Post(t, "/imports/"+id+"/again", url.Values{"zone": {"UTC"}}); a.Status != http.StatusNotFound {
		t.Errorf("again of what is replaced: status %d", a.Status)
	}
}

// TestSameFile: the same file again is recognised, and says as which.
func TestSameFile(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	data := consoletest.EventXML("web01", 3)
	ids := []string{}
	for range 2 {
		id := s.Upload(t, nil, consoletest.Log("a.xml", data))[0]
		s.Until(t, id, consoletest.Ended)
		ids = append(ids, id)
	}
	a := s.Asked(t, ids[1])
	if a.Status != "done" || a.New != 0 || a.Duplicate != 3 || a.SameAs.String() != ids[0] {
		t.Errorf("%+v", a)
	}
	if d := s.Doc(t, "/imports/"+ids[1]); d.Find(".told a[href='/imports/"+ids[0]+"']").Length() != 1 {
		t.Error("no link to the import before")
	}
	if got := consoletest.Words(s.Doc(t, "/imports/"+ids[0]+"/delete"), ".consequences"); !strings.Contains(got,
		"import "+ids[1]+" is of the same file") {
		t.Errorf("deleting the first: %s", got)
	}
}

// TestDelete: what rests on an import alone goes, after a question; notes stay,
// and so does the page of their host.
func TestDelete(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "keep.xml", consoletest.EventXML("web02", 2))
	id := s.Upload(t, nil, consoletest.Log("gone.xml", append(consoletest.EventXML("web01", 3),
		consoletest.EventXML("web02", 1)...)))[0]
	s.Until(t, id, consoletest.Ended)
	if a := s.Post(t, "/hosts/web01/notes", url.Values{"author": {"First shift"},
		"text": {"planted on *Monday*"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if s.Doc(t, "/imports/"+id).Find("a[href='/imports/"+id+"/delete']").Length() != 1 {
		t.Error("the import's page does not lead to its deletion")
	}
	d := s.Doc(t, "/imports/"+id+"/delete")
	if got := consoletest.Words(d, ".consequences"); !strings.Contains(got, "3 events that rest on it alone go") ||
		!strings.Contains(got, "3 findings and 1 host") || !strings.Contains(got, "Notes stay") {
		t.Errorf("the question says %q", got)
	}
	if d.Find("form[method=post][action='/imports/"+id+"/delete'] button").Length() != 1 {
		t.Error("no form")
	}
	a := s.Post(t, "/imports/"+id+"/delete", nil)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if got := consoletest.Words(s.Doc(t, a.Header.Get("Location")), ".told[role=status]"); !strings.Contains(got,
		"Import "+id+" was deleted") {
		t.Errorf("the list says %q", got)
	}
	if n := s.Doc(t, "/imports?deleted=1").Find(".told").Length(); n > 0 {
		t.Error("an import that is there is said to be deleted")
	}
	if a := s.Do(t, "GET", "/imports/"+id, nil); a.Status != http.StatusNotFound {
		t.Errorf("the import: status %d", a.Status)
	}
	if got := s.Get(t, "/findings.csv").Body; strings.Contains(got, "web01") || strings.Count(got, `"web02"`) != 2 {
		t.Errorf("findings\n%s", got)
	}
	host := s.Doc(t, "/hosts/web01")
	if !strings.Contains(consoletest.Words(host, ".note"), "planted on Monday") {
		t.Error("the note is gone")
	}
	if s.Doc(t, "/").Find("a[href='/hosts/web01']").Length() == 0 {
		t.Error("a host with notes is not listed any more")
	}
	for id, want := range map[string]int{id: 404, "99": 404, "x": 404} {
		for _, method := range []string{"GET", "POST"} {
			if a := s.Do(t, method, "/imports/"+id+"/delete", nil); a.Status != want {
				t.Errorf("%s delete %s: status %d, want %d", method, id, a.Status, want)
			}
		}
	}
}

// TestDeleteWaiting: what waits for an answer can be deleted; its file goes too.
func TestDeleteWaiting(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	ids := s.Upload(t, []string{"ask", "1"}, consoletest.Log("a.log", consoletest.SplunkText("web01", 2,
		consoletest.Noon)), consoletest.Log("b.zip", consoletest.Zipped(t, consoletest.Log("b.log",
		consoletest.SplunkText("web02", 2, consoletest.Noon)))))
	consoletest.Poll(t, func() bool { return s.Asked(t, ids[1]).Status == "asking" })
	for _, id := range ids {
		if a := s.Post(t, "/imports/"+id+"/delete", nil, "Accept", consoletest.JSON); a.Status != http.StatusNoContent {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if left := s.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
	if n := s.Doc(t, "/imports").Find("table.imports, section.asking").Length(); n > 0 {
		t.Error("something is left in the list")
	}
}

// TestRejectedDownload: the rejected records as they were, and why.
func TestRejectedDownload(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	good := consoletest.Change("web01", 1, consoletest.Noon, "/a")
	bad := []string{"{\"EventTime\":\"=cmd\n", "junk \x00\xff bytes\n"}
	id := s.Upload(t, nil, consoletest.Log("a.json", []byte(string(good)+bad[0]+string(consoletest.Change("web01", 2,
		consoletest.Noon, "/b"))+bad[1]+string(consoletest.Change("web01", 3, consoletest.Noon, "/c")))))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Rejected == 0 {
		t.Fatalf("%+v", i)
	}
	link := s.Doc(t, "/imports/"+id).Find("a[download][href$='/rejected']").AttrOr("href", "")
	a := s.Get(t, link)
	if a.Header.Get("Content-Type") != "application/zip" || !strings.Contains(a.Header.Get("Content-Disposition"),
		`filename="rejected-`+id+`.zip"`) {
		t.Errorf("headers %v", a.Header)
	}
	z, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	table, err := csv.NewReader(bytes.NewReader([]byte(files["rejections.csv"]))).ReadAll()
	if err != nil || len(table) != 1+int(s.Status(t, id).Rejected) || strings.Join(table[0],
		",") != "n,offset,length,bytes_kept,file,reason,line" {
		t.Fatalf("%v\n%s", err, files["rejections.csv"])
	}
	whole := ""
	for _, row := range table[1:] {
		if data, ok := files[row[4]]; !ok || fmt.Sprint(len(data)) != row[3] || row[5] == "" ||
			row[6] == "" || !strings.HasSuffix(row[4],
			"-at-"+row[1]+".bin") {
			t.Errorf("row %q, file %q", row, data)
		}
		whole += files[row[4]]
	}
	for _, b := range bad {
		if !strings.Contains(whole, strings.TrimSpace(b)) {
			t.Errorf("%q is not in it: %q", b, whole)
		}
	}
	s.Load(t, "fine.json", good)
	for path, want := range map[string]int{"/imports/2/rejected": 404, "/imports/9/rejected": 404} {
		if a := s.Do(t, "GET", path, nil); a.Status != want {
			t.Errorf("%s: status %d, want %d", path, a.Status, want)
		}
	}
}

// TestSightings: an event that several files have names them all, with the
// bytes that each has.
func TestSightings(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	r := logwriter.IISChange(logwriter.Change{Path: "/a", Edit: logwriter.EditAdd, After: "x"})
	r.Computer, r.RecordNumber, r.Time = "web01", 7, consoletest.Noon
	s.Load(t, "a.json", append(logwriter.AppendNXLog(nil, &r, nil), '\n'))
	s.Load(t, "b.xml", logwriter.AppendXML(nil, &r, true))
	d := s.Doc(t, "/events/1")
	if n := d.Find(".sources > li").Length(); n != 2 {
		t.Fatalf("%d sources", n)
	}
	show := d.Find(".sources > li").Eq(1).Find("a:not([download])").Last().AttrOr("href", "")
	d = s.Doc(t, show)
	if got := consoletest.Words(d, "pre.raw"); !strings.HasPrefix(got, "<Event") {
		t.Errorf("%s shows %q", show, got)
	}
	if d.Find(".sources > li").Eq(1).Find("[aria-current]").Length() != 1 {
		t.Error("the page does not say which bytes it shows")
	}
	hex := d.Find(".tabs a").Eq(2).AttrOr("href", "")
	if got := consoletest.Words(s.Doc(t, hex), "pre.hex"); !strings.Contains(got, "<Event") {
		t.Errorf("%s shows %.80q", hex, got)
	}
	raw := d.Find(".sources > li").Eq(1).Find("a[download]").AttrOr("href", "")
	if got := s.Get(t, raw).Body; !strings.HasPrefix(got, "<Event") {
		t.Errorf("%s is %.80q", raw, got)
	}
}

// dosZipped is a zip of files whose times say no zone, as DOS wrote them.
func dosZipped(t testing.TB, at time.Time, files ...consoletest.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name,
			//lint:ignore SA1019 a time as zip has it, without a zone, can be written in no other way
			ModifiedDate: uint16((at.Year()-1980)<<9 | int(at.Month())<<5 | at.Day()),
			//lint:ignore SA1019 a time as zip has it, without a zone, can be written in no other way
			ModifiedTime: uint16(at.Hour()<<11 | at.Minute()<<5 | at.Second()/2)})
		if err == nil {
			_, err = w.Write(f.Data)
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

// TestAgainOfFiles: the zone that is answered anew is that of the times of a server's own
// files too, of an archive that holds no log as well, and what follows from them is so.
func TestAgainOfFiles(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	config := func(module string) []byte {
		return []byte("<configuration><system.applicationHost/><system.webServer><globalModules><add name=\"" + module +
			"\" image=\"D:\\x.dll\"/></globalModules></system.webServer></configuration>")
	}
	const path = "C/Windows/System32/inetsrv/config/applicationHost.config"
	for _, c := range []struct {
		dest  string
		files []consoletest.File
	}{
		{"web01", []consoletest.File{consoletest.Log("a.xml", consoletest.EventXML("web01", 1)),
			consoletest.Log(path, config("One"))}},
		{"web02", []consoletest.File{consoletest.Log(path, config("Two"))}},
	} {
		id := s.Upload(t, []string{"zone", "UTC", "computer", c.dest}, consoletest.Log("triage.zip",
			dosZipped(t, consoletest.Noon, c.files...)))[0]
		s.Until(t, id, consoletest.Ended)
		for n, zone := range []struct{ name, first string }{{"UTC", "2026-03-02T12:00:00"},
			{"Asia/Tokyo", "2026-03-02T03:00:00"}, {"America/New_York", "2026-03-02T17:00:00"}} {
			if n > 0 {
				if s.Doc(t, "/imports/"+id).Find("form[action$='/again'] > .fields input[name=zone]").Length() != 1 {
					t.Errorf("%s: the page does not ask for the zone first", c.dest)
				}
				a := s.Post(t, "/imports/"+id+"/again", url.Values{"zone": {zone.name}, "computer": {c.dest}})
				if a.Status != http.StatusSeeOther {
					t.Fatalf("%s again: status %d", c.dest, a.Status)
				}
				id = strings.TrimPrefix(a.Header.Get("Location"), "/imports/")
				if i := s.Until(t, id, consoletest.Ended); i.Status != "done" {
					t.Fatalf("%+v", i)
				}
			}
			for _, page := range []string{"/config", "/modules"} {
				if got := s.Get(t, "/hosts/"+c.dest+page, "Accept", consoletest.JSON).Body; !strings.Contains(got, zone.first) {
					t.Errorf("%s%s in %s:\n%s", c.dest, page, zone.name, got)
				}
			}
		}
	}
}
