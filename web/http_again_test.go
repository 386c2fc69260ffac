package web_test

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

	"escutcheon/demo/logwriter"
)

// eventXML is n events 29 of a host, which name everything.
func eventXML(host string, n int) (out []byte) {
	for i := range n {
		r := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf("/x%d", i), Edit: logwriter.EditAdd, After: "x"})
		r.Computer, r.RecordNumber, r.Time = host, int64(i+1), noon
		out = append(logwriter.AppendXML(out, &r, true), '\n')
	}
	return out
}

// TestAgain corrects the zone of an import: the new one takes its place.
func TestAgain(t *testing.T) {
	s := newServer(t)
	id := s.upload(t, []string{"zone", "UTC"}, file{"a.log", splunkText("web01", 3, noon)})[0]
	s.until(t, id, ended)
	d := s.doc(t, "/imports/"+id)
	form := d.Find("form[action='/imports/" + id + "/again']")
	if form.Find("input[name=zone][value=UTC]").Length() != 1 || form.Find("form details input[name=computer]").Length() != 1 || form.Find("form details input[name=zone]").Length() > 0 {
		t.Error("the form does not show first what matters for this file")
	}
	if a := s.post(t, "/imports/"+id+"/again", url.Values{"zone": {"Mars/X"}}); a.status != http.StatusBadRequest {
		t.Errorf("an unknown zone: status %d", a.status)
	}
	a := s.post(t, "/imports/"+id+"/again", url.Values{"zone": {"Asia/Kolkata"}})
	if a.status != http.StatusSeeOther || a.header.Get("Location") == "/imports/"+id {
		t.Fatalf("status %d to %q", a.status, a.header.Get("Location"))
	}
	fresh := strings.TrimPrefix(a.header.Get("Location"), "/imports/")
	if i := s.until(t, fresh, ended); i.Status != "done" || i.Read != 3 {
		t.Fatalf("%+v", i)
	}
	if got := s.get(t, "/findings.csv").body; !strings.Contains(got, "2026-03-02T06:30:00") || strings.Contains(got, "2026-03-02T12:00:00") {
		t.Errorf("findings\n%s", got)
	}
	old := s.do(t, "GET", "/imports/"+id, nil)
	if old.status != http.StatusNotFound || !strings.Contains(old.body, "Import "+fresh+" took its place") || !strings.Contains(old.body, `href="/imports/`+fresh+`"`) {
		t.Errorf("the old import: %d\n%s", old.status, old.body)
	}
	if old := s.do(t, "GET", "/imports/"+id, nil, "Accept", asJSON); old.status != http.StatusNotFound || !strings.Contains(old.body, "took its place") {
		t.Errorf("the old import for a program: %d %s", old.status, old.body)
	}
	if a := s.asked(t, fresh); a.Replaces.String() != id || a.Zone != "Asia/Kolkata" {
		t.Errorf("%+v", a)
	}
	if a := s.post(t, "/imports/"+id+"/again", url.Values{"zone": {"UTC"}}); a.status != http.StatusNotFound {
		t.Errorf("again of what is replaced: status %d", a.status)
	}
}

// TestSameFile: the same file again is recognised, and says as which.
func TestSameFile(t *testing.T) {
	s := newServer(t)
	data := eventXML("web01", 3)
	ids := []string{}
	for range 2 {
		id := s.upload(t, nil, file{"a.xml", data})[0]
		s.until(t, id, ended)
		ids = append(ids, id)
	}
	a := s.asked(t, ids[1])
	if a.Status != "done" || a.New != 0 || a.Duplicate != 3 || a.SameAs.String() != ids[0] {
		t.Errorf("%+v", a)
	}
	if d := s.doc(t, "/imports/"+ids[1]); d.Find(".told a[href='/imports/"+ids[0]+"']").Length() != 1 {
		t.Error("no link to the import before")
	}
	if got := words(s.doc(t, "/imports/"+ids[0]+"/delete"), ".consequences"); !strings.Contains(got, "import "+ids[1]+" is of the same file") {
		t.Errorf("deleting the first: %s", got)
	}
}

// TestDelete: what rests on an import alone goes, after a question; notes stay,
// and so does the page of their host.
func TestDelete(t *testing.T) {
	s := newServer(t)
	s.load(t, "keep.xml", eventXML("web02", 2))
	id := s.upload(t, nil, file{"gone.xml", append(eventXML("web01", 3), eventXML("web02", 1)...)})[0]
	s.until(t, id, ended)
	if a := s.post(t, "/hosts/web01/notes", url.Values{"author": {"First shift"}, "text": {"planted on *Monday*"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	if s.doc(t, "/imports/"+id).Find("a[href='/imports/"+id+"/delete']").Length() != 1 {
		t.Error("the import's page does not lead to its deletion")
	}
	d := s.doc(t, "/imports/"+id+"/delete")
	if got := words(d, ".consequences"); !strings.Contains(got, "3 events that rest on it alone go") || !strings.Contains(got, "3 findings and 1 host") || !strings.Contains(got, "Notes stay") {
		t.Errorf("the question says %q", got)
	}
	if d.Find("form[method=post][action='/imports/"+id+"/delete'] button").Length() != 1 {
		t.Error("no form")
	}
	a := s.post(t, "/imports/"+id+"/delete", nil)
	if a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := words(s.doc(t, a.header.Get("Location")), ".told[role=status]"); !strings.Contains(got, "Import "+id+" was deleted") {
		t.Errorf("the list says %q", got)
	}
	if n := s.doc(t, "/imports?deleted=1").Find(".told").Length(); n > 0 {
		t.Error("an import that is there is said to be deleted")
	}
	if a := s.do(t, "GET", "/imports/"+id, nil); a.status != http.StatusNotFound {
		t.Errorf("the import: status %d", a.status)
	}
	if got := s.get(t, "/findings.csv").body; strings.Contains(got, ",web01,") || strings.Count(got, ",web02,") != 2 {
		t.Errorf("findings\n%s", got)
	}
	host := s.doc(t, "/hosts/web01")
	if !strings.Contains(words(host, ".note"), "planted on Monday") {
		t.Error("the note is gone")
	}
	if s.doc(t, "/").Find("a[href='/hosts/web01']").Length() == 0 {
		t.Error("a host with notes is not listed any more")
	}
	for id, want := range map[string]int{id: 404, "99": 404, "x": 404} {
		for _, method := range []string{"GET", "POST"} {
			if a := s.do(t, method, "/imports/"+id+"/delete", nil); a.status != want {
				t.Errorf("%s delete %s: status %d, want %d", method, id, a.status, want)
			}
		}
	}
}

// TestDeleteWaiting: what waits for an answer can be deleted; its file goes too.
func TestDeleteWaiting(t *testing.T) {
	s := newServer(t)
	ids := s.upload(t, []string{"ask", "1"}, file{"a.log", splunkText("web01", 2, noon)}, file{"b.zip", zipped(t, file{"b.log", splunkText("web02", 2, noon)})})
	poll(t, func() bool { return s.asked(t, ids[1]).Status == "asking" })
	for _, id := range ids {
		if a := s.post(t, "/imports/"+id+"/delete", nil, "Accept", asJSON); a.status != http.StatusNoContent {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if left := s.spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
	if n := s.doc(t, "/imports").Find("table.imports, section.asking").Length(); n > 0 {
		t.Error("something is left in the list")
	}
}

// TestRejectedDownload: the rejected records as they were, and why.
func TestRejectedDownload(t *testing.T) {
	s := newServer(t)
	good := change("web01", 1, noon, "/a")
	bad := []string{"{\"EventTime\":\"=cmd\n", "junk \x00\xff bytes\n"}
	id := s.upload(t, nil, file{"a.json", []byte(string(good) + bad[0] + string(change("web01", 2, noon, "/b")) + bad[1] + string(change("web01", 3, noon, "/c")))})[0]
	if i := s.until(t, id, ended); i.Rejected == 0 {
		t.Fatalf("%+v", i)
	}
	link := s.doc(t, "/imports/"+id).Find("a[download][href$='/rejected']").AttrOr("href", "")
	a := s.get(t, link)
	if a.header.Get("Content-Type") != "application/zip" || !strings.Contains(a.header.Get("Content-Disposition"), `filename="rejected-`+id+`.zip"`) {
		t.Errorf("headers %v", a.header)
	}
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
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
	if err != nil || len(table) != 1+int(s.status(t, id).Rejected) || strings.Join(table[0], ",") != "n,offset,length,bytes_kept,file,reason" {
		t.Fatalf("%v\n%s", err, files["rejections.csv"])
	}
	whole := ""
	for _, row := range table[1:] {
		if data, ok := files[row[4]]; !ok || fmt.Sprint(len(data)) != row[3] || row[5] == "" || !strings.HasSuffix(row[4], "-at-"+row[1]+".bin") {
			t.Errorf("row %q, file %q", row, data)
		}
		whole += files[row[4]]
	}
	for _, b := range bad {
		if !strings.Contains(whole, strings.TrimSpace(b)) {
			t.Errorf("%q is not in it: %q", b, whole)
		}
	}
	s.load(t, "fine.json", good)
	for path, want := range map[string]int{"/imports/2/rejected": 404, "/imports/9/rejected": 404} {
		if a := s.do(t, "GET", path, nil); a.status != want {
			t.Errorf("%s: status %d, want %d", path, a.status, want)
		}
	}
}

// TestSightings: an event that several files have names them all, with the
// bytes that each has.
func TestSightings(t *testing.T) {
	s := newServer(t)
	r := logwriter.IISChange(logwriter.Change{Path: "/a", Edit: logwriter.EditAdd, After: "x"})
	r.Computer, r.RecordNumber, r.Time = "web01", 7, noon
	s.load(t, "a.json", append(logwriter.AppendNXLog(nil, &r, nil), '\n'))
	s.load(t, "b.xml", logwriter.AppendXML(nil, &r, true))
	d := s.doc(t, "/events/1")
	if n := d.Find(".sources > li").Length(); n != 2 {
		t.Fatalf("%d sources", n)
	}
	show := d.Find(".sources > li").Eq(1).Find("a:not([download])").Last().AttrOr("href", "")
	d = s.doc(t, show)
	if got := words(d, "pre.raw"); !strings.HasPrefix(got, "<Event") {
		t.Errorf("%s shows %q", show, got)
	}
	if d.Find(".sources > li").Eq(1).Find("[aria-current]").Length() != 1 {
		t.Error("the page does not say which bytes it shows")
	}
	hex := d.Find(".tabs a").Eq(2).AttrOr("href", "")
	if got := words(s.doc(t, hex), "pre.hex"); !strings.Contains(got, "<Event") {
		t.Errorf("%s shows %.80q", hex, got)
	}
	raw := d.Find(".sources > li").Eq(1).Find("a[download]").AttrOr("href", "")
	if got := s.get(t, raw).body; !strings.HasPrefix(got, "<Event") {
		t.Errorf("%s is %.80q", raw, got)
	}
}
