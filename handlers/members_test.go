package handlers_test

import (
	"escutcheon/internal/consoletest"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestArchive uploads a collection: one import, one row a member, one id for
// each uploaded part.
func TestArchive(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	const hostile = "../../<b>x</b>\x01\u202egnp.exe"
	data := consoletest.Zipped(t, consoletest.Log("C/logs/a.json", append(consoletest.Change("web01", 1,
		consoletest.Noon, "/a"), consoletest.Change("web01", 2, consoletest.Noon, "/b")...)),
		consoletest.Log(hostile, []byte("MZ\x90\x00"+strings.Repeat("\x00", 100))),
		consoletest.Log("C/logs/b.json", append(consoletest.Change("web01", 2, consoletest.Noon, "/b"),
			"{\"EventTime\":\"x\n"...)))
	id := s.Upload(t, nil, consoletest.Log("case.zip", data))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Status != "done" || i.Read != 3 || i.New != 2 || i.Duplicate != 1 ||
		i.Rejected != 1 || i.Format != "zip" {
		t.Fatalf("%+v", i)
	}
	a := s.Asked(t, id)
	var got []string
	for _, m := range a.Members {
		got = append(got, fmt.Sprintf("%s %s %d %d %d %d %t %t", m.Name, m.Status, m.Read, m.New, m.Duplicate, m.Rejected,
			m.Reason != "", m.URL == "/imports/"+m.ID.String()))
	}
	want := []string{"C/logs/a.json done 2 2 0 0 false true", hostile + " failed 0 0 0 0 true true",
		"C/logs/b.json done 1 0 1 1 false true"}
	if !slices.Equal(got, want) {
		t.Errorf("members\n%q\nwant\n%q", got, want)
	}
	if none := s.Get(t, "/imports/"+id+"?members=0", "Accept", consoletest.JSON).Body; strings.Contains(none, "members") {
		t.Errorf("without members: %s", none)
	}
	d := s.Doc(t, "/imports/"+id)
	if n := d.Find("table.members tbody tr").Length(); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	row := d.Find("table.members tbody tr").Eq(1)
	if row.Find("b").Length() > 0 || row.Find(".ctrl").Length() != 2 || !strings.Contains(row.Text(), "Windows program") {
		t.Errorf("a hostile name: %s", row.Text())
	}
	if got := consoletest.Words(d, "[data-members] .panel-do"); got != "2 done 1 failed" {
		t.Errorf("counts %q", got)
	}
	for status, want := range map[string]int{"failed": 1, "done": 2, "nonsense": 0} {
		d := s.Doc(t, "/imports/"+id+"?status="+status)
		if n := d.Find("table.members tbody tr").Length(); n != want ||
			d.Find("[data-members] a[href='/imports/"+id+"']").Length() != 1 {
			t.Errorf("%s: %d rows, want %d and the way back to all", status, n, want)
		}
	}
	m := a.Members[2]
	d = s.Doc(t, m.URL)
	if d.Find(".crumbs a[href='/imports/"+id+"']").Length() != 1 ||
		d.Find("a[href$='/delete'], form[action$='/again']").Length() > 0 {
		t.Error("a member leads to its archive, and is neither deleted nor imported again by itself")
	}
	if a := s.Do(t, "GET", m.URL+"/delete", nil); a.Status != http.StatusConflict {
		t.Errorf("delete a member: status %d", a.Status)
	}
	if n := s.Doc(t, "/imports").Find("table.imports tbody tr").Length(); n != 1 {
		t.Errorf("%d rows in the list, want the archive alone", n)
	}
}

// TestManyMembers: more than a page of members are paged by their place.
func TestManyMembers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("imports hundreds of files; run without -short")
	}
	s := consoletest.New(t)
	var files []consoletest.File
	for n := range 303 {
		files = append(files, consoletest.Log(fmt.Sprintf("f%04d", n), []byte("no log")))
	}
	id := s.Upload(t, nil, consoletest.Log("many.zip", consoletest.Zipped(t, files...)))[0]
	s.Until(t, id, consoletest.Ended)
	d, next := (*goquery.Document)(nil), "/imports/"+id
	for range 2 {
		d = s.Doc(t, next)
		next = d.Find("a[rel=next]").AttrOr("href", "")
		if n := d.Find("table.members tbody tr").Length(); n != 150 || next == "" {
			t.Fatalf("%d rows, next %q", n, next)
		}
	}
	d = s.Doc(t, next)
	if n := d.Find("table.members tbody tr").Length(); n != 3 || !strings.Contains(consoletest.Words(d,
		"table.members"), "f0302") || d.Find("a[rel=prev]").Length() != 1 || d.Find("a[rel=next]").Length() > 0 {
		t.Errorf("the last page has %d rows", n)
	}
	if a := s.Asked(t, id); len(a.Members) != 303 {
		t.Errorf("a program gets %d members", len(a.Members))
	}
}

// TestArchiveAsks: members that leave something open ask, the rest is imported,
// and the archive is done when they are.
func TestArchiveAsks(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	id := s.Upload(t, []string{"ask", "1"}, consoletest.Log("case.zip", consoletest.Zipped(t, consoletest.Log("a.log",
		consoletest.SplunkText("web01", 2, consoletest.Noon)), consoletest.Log("b.log", consoletest.SplunkText("web02", 3,
		consoletest.Noon)),
		consoletest.Log("c.xml", consoletest.EventXML("web03", 1)))))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Status != "asking" || i.New != 1 {
		t.Fatalf("%+v", i)
	}
	if d := s.Doc(t, "/imports/"+id); d.Find("table.members a.st-asking").Length() != 2 ||
		d.Find("form[action$='/answer']").Length() > 0 {
		t.Error("the archive's page does not say which members ask")
	}
	a := s.Asked(t, id)
	m := a.Members[0]
	if got := s.Asked(t, m.ID.String()).Asks; !slices.Equal(got, []string{"zone"}) {
		t.Errorf("the member asks %q", got)
	}
	if a := s.Do(t, "GET", "/imports/"+id+"/delete", nil); a.Status != http.StatusOK {
		t.Errorf("delete an archive that asks: status %d", a.Status)
	}
	s.Post(t, m.URL+"/answer", url.Values{"zone": {"UTC"}, "others": {"1"}})
	if i := s.Until(t, id, func(i consoletest.Imported) bool { return i.Status == "done" }); i.New != 6 {
		t.Errorf("%+v", i)
	}
}

// TestPassword: an encrypted archive asks until the password is right.
func TestPassword(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	data := consoletest.Locked(t, "infected", consoletest.Log("a.log", consoletest.SplunkText("web01", 2,
		consoletest.Noon)))
	ids := s.Upload(t, []string{"ask", "1"}, consoletest.Log("evidence.zip", data))
	id, page := ids[0], "/imports/"+ids[0]
	if i := s.Until(t, id, consoletest.Ended); i.Status != "asking" {
		t.Fatalf("%+v", i)
	}
	if got := s.Asked(t, id).Asks; !slices.Equal(got, []string{"password"}) {
		t.Errorf("it asks %q", got)
	}
	d := s.Doc(t, page)
	if d.Find("input[name=password][value=infected]").Length() != 1 || d.Find(".asking .problem").Length() > 0 {
		t.Error("no field for the password, or a complaint before one was given")
	}
	if a := s.Post(t, page+"/answer", url.Values{}); a.Status != http.StatusBadRequest {
		t.Errorf("no password: status %d", a.Status)
	}
	s.Post(t, page+"/answer", url.Values{"password": {"wrong"}})
	s.Until(t, id, consoletest.Ended)
	if d := s.Doc(t, page); !strings.Contains(consoletest.Words(d, ".asking"), "does not open it") {
		t.Errorf("after a wrong password: %s", consoletest.Words(d, ".asking"))
	} else if d.Find("input[name=password][value=wrong][autofocus][data-select]").Length() != 1 {
		t.Error("what was typed does not stand in its field")
	}
	if a := s.Get(t, page, "Accept", consoletest.JSON); strings.Contains(a.Body, "wrong") {
		t.Errorf("the password is told to programs: %s", a.Body)
	}
	s.Post(t, page+"/answer", url.Values{"password": {"infected"}})
	consoletest.Poll(t, func() bool {
		a := s.Asked(t, id)
		return len(a.Members) == 1 &&
			a.Status == "asking"
	}) // now for the zone
	s.Post(t, s.Asked(t, id).Members[0].URL+"/answer", url.Values{"zone": {"UTC"}})
	if i := s.Until(t, id, func(i consoletest.Imported) bool { return i.Status == "done" }); i.New != 2 {
		t.Errorf("%+v", i)
	}
	if i := s.Until(t, s.Upload(t, []string{"password", "infected"}, consoletest.Log("other.zip", consoletest.Locked(t,
		"infected", consoletest.Log("b.json", consoletest.Change("web09", 1, consoletest.Noon, "/a")))))[0],
		consoletest.Ended); i.Status != "done" || i.New != 1 {
		t.Errorf("with the password in the upload: %+v", i)
	}
	if i := s.Until(t, s.Upload(t, nil, consoletest.Log("third.zip", consoletest.Locked(t, "infected",
		consoletest.Log("b.json", consoletest.Change("web10", 1, consoletest.Noon, "/a")))))[0],
		consoletest.Ended); i.Status != "failed" || i.Failure == "" {
		t.Errorf("nobody is asked, and there is no password: %+v", i)
	}
}
