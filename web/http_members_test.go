package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
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
	return b.Bytes()
}

// locked is a zip with one file under the old encryption of PKWARE.
func locked(t testing.TB, password string, f file) []byte {
	t.Helper()
	k := [3]uint32{0x12345678, 0x23456789, 0x34567890}
	step := func(crc uint32, b byte) uint32 { return crc32.IEEETable[byte(crc)^b] ^ crc>>8 }
	update := func(b byte) {
		k[0] = step(k[0], b)
		k[1] = (k[1]+k[0]&0xff)*134775813 + 1
		k[2] = step(k[2], byte(k[1]>>24))
	}
	for _, b := range []byte(password) {
		update(b)
	}
	sum := crc32.ChecksumIEEE(f.data)
	var out []byte
	for _, b := range append([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, byte(sum >> 24)}, f.data...) {
		v := k[2] | 2
		out = append(out, b^byte(v*(v^1)>>8))
		update(b)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: f.name, Method: zip.Store, Flags: 1, CRC32: sum, CompressedSize64: uint64(len(out)), UncompressedSize64: uint64(len(f.data))})
	if err == nil {
		_, err = w.Write(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArchive uploads a collection: one import, one row a member, one id for
// each uploaded part.
func TestArchive(t *testing.T) {
	s := newServer(t)
	const hostile = "../../<b>x</b>\x01\u202egnp.exe"
	data := zipped(t, file{"C/logs/a.json", append(change("web01", 1, noon, "/a"), change("web01", 2, noon, "/b")...)},
		file{hostile, []byte("MZ\x90\x00" + strings.Repeat("\x00", 100))},
		file{"C/logs/b.json", append(change("web01", 2, noon, "/b"), "{\"EventTime\":\"x\n"...)})
	id := s.upload(t, nil, file{"case.zip", data})[0]
	if i := s.until(t, id, ended); i.Status != "done" || i.Read != 3 || i.New != 2 || i.Duplicate != 1 || i.Rejected != 1 || i.Format != "zip" {
		t.Fatalf("%+v", i)
	}
	a := s.asked(t, id)
	var got []string
	for _, m := range a.Members {
		got = append(got, fmt.Sprintf("%s %s %d %d %d %d %t %t", m.Name, m.Status, m.Read, m.New, m.Duplicate, m.Rejected, m.Reason != "", m.URL == "/imports/"+m.ID.String()))
	}
	want := []string{"C/logs/a.json done 2 2 0 0 false true", hostile + " failed 0 0 0 0 true true", "C/logs/b.json done 1 0 1 1 false true"}
	if !slices.Equal(got, want) {
		t.Errorf("members\n%q\nwant\n%q", got, want)
	}
	if none := s.get(t, "/imports/"+id+"?members=0", "Accept", asJSON).body; strings.Contains(none, "members") {
		t.Errorf("without members: %s", none)
	}
	d := s.doc(t, "/imports/"+id)
	if n := d.Find("table.members tbody tr").Length(); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	row := d.Find("table.members tbody tr").Eq(1)
	if row.Find("b").Length() > 0 || row.Find(".ctrl").Length() != 2 || !strings.Contains(row.Text(), "Windows program") {
		t.Errorf("a hostile name: %s", row.Text())
	}
	if got := words(d, "[data-members] .panel-do"); got != "2 done 1 failed" {
		t.Errorf("counts %q", got)
	}
	for status, want := range map[string]int{"failed": 1, "done": 2, "nonsense": 0} {
		d := s.doc(t, "/imports/"+id+"?status="+status)
		if n := d.Find("table.members tbody tr").Length(); n != want || d.Find("[data-members] a[href='/imports/"+id+"']").Length() != 1 {
			t.Errorf("%s: %d rows, want %d and the way back to all", status, n, want)
		}
	}
	m := a.Members[2]
	d = s.doc(t, m.URL)
	if d.Find(".crumbs a[href='/imports/"+id+"']").Length() != 1 || d.Find("a[href$='/delete'], form[action$='/again']").Length() > 0 {
		t.Error("a member leads to its archive, and is neither deleted nor imported again by itself")
	}
	if a := s.do(t, "GET", m.URL+"/delete", nil); a.status != http.StatusConflict {
		t.Errorf("delete a member: status %d", a.status)
	}
	if n := s.doc(t, "/imports").Find("table.imports tbody tr").Length(); n != 1 {
		t.Errorf("%d rows in the list, want the archive alone", n)
	}
}

// TestManyMembers: more than a page of members are paged by their place.
func TestManyMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("imports a thousand files; run without -short")
	}
	s := newServer(t)
	var files []file
	for n := range 1003 {
		files = append(files, file{fmt.Sprintf("f%04d", n), []byte("no log")})
	}
	id := s.upload(t, nil, file{"many.zip", zipped(t, files...)})[0]
	s.until(t, id, ended)
	d := s.doc(t, "/imports/"+id)
	next := d.Find("a[rel=next]").AttrOr("href", "")
	if n := d.Find("table.members tbody tr").Length(); n != 1000 || next == "" {
		t.Fatalf("%d rows, next %q", n, next)
	}
	d = s.doc(t, next)
	if n := d.Find("table.members tbody tr").Length(); n != 3 || !strings.Contains(words(d, "table.members"), "f1002") || d.Find("a[rel=prev]").Length() != 1 || d.Find("a[rel=next]").Length() > 0 {
		t.Errorf("the second page has %d rows", n)
	}
	if a := s.asked(t, id); len(a.Members) != 1003 {
		t.Errorf("a program gets %d members", len(a.Members))
	}
}

// TestArchiveAsks: members that leave something open ask, the rest is imported,
// and the archive is done when they are.
func TestArchiveAsks(t *testing.T) {
	s := newServer(t)
	id := s.upload(t, []string{"ask", "1"}, file{"case.zip", zipped(t, file{"a.log", splunkText("web01", 2, noon)}, file{"b.log", splunkText("web02", 3, noon)},
		file{"c.xml", eventXML("web03", 1)})})[0]
	if i := s.until(t, id, ended); i.Status != "asking" || i.New != 1 {
		t.Fatalf("%+v", i)
	}
	if d := s.doc(t, "/imports/"+id); d.Find("table.members a.st-asking").Length() != 2 || d.Find("form[action$='/answer']").Length() > 0 {
		t.Error("the archive's page does not say which members ask")
	}
	a := s.asked(t, id)
	m := a.Members[0]
	if got := s.asked(t, m.ID.String()).Asks; !slices.Equal(got, []string{"zone"}) {
		t.Errorf("the member asks %q", got)
	}
	if a := s.do(t, "GET", "/imports/"+id+"/delete", nil); a.status != http.StatusOK {
		t.Errorf("delete an archive that asks: status %d", a.status)
	}
	s.post(t, m.URL+"/answer", url.Values{"zone": {"UTC"}, "others": {"1"}})
	if i := s.until(t, id, func(i imported) bool { return i.Status == "done" }); i.New != 6 {
		t.Errorf("%+v", i)
	}
}

// TestPassword: an encrypted archive asks until the password is right.
func TestPassword(t *testing.T) {
	s := newServer(t)
	data := locked(t, "infected", file{"a.log", splunkText("web01", 2, noon)})
	ids := s.upload(t, []string{"ask", "1"}, file{"evidence.zip", data})
	id, page := ids[0], "/imports/"+ids[0]
	if i := s.until(t, id, ended); i.Status != "asking" {
		t.Fatalf("%+v", i)
	}
	if got := s.asked(t, id).Asks; !slices.Equal(got, []string{"password"}) {
		t.Errorf("it asks %q", got)
	}
	d := s.doc(t, page)
	if d.Find("input[name=password][value=infected]").Length() != 1 || d.Find(".asking .problem").Length() > 0 {
		t.Error("no field for the password, or a complaint before one was given")
	}
	if a := s.post(t, page+"/answer", url.Values{}); a.status != http.StatusBadRequest {
		t.Errorf("no password: status %d", a.status)
	}
	s.post(t, page+"/answer", url.Values{"password": {"wrong"}})
	s.until(t, id, ended)
	if d := s.doc(t, page); !strings.Contains(words(d, ".asking"), "does not open it") {
		t.Errorf("after a wrong password: %s", words(d, ".asking"))
	}
	s.post(t, page+"/answer", url.Values{"password": {"infected"}})
	poll(t, func() bool { a := s.asked(t, id); return len(a.Members) == 1 && a.Status == "asking" }) // now for the zone
	s.post(t, s.asked(t, id).Members[0].URL+"/answer", url.Values{"zone": {"UTC"}})
	if i := s.until(t, id, func(i imported) bool { return i.Status == "done" }); i.New != 2 {
		t.Errorf("%+v", i)
	}
	if i := s.until(t, s.upload(t, []string{"password", "infected"}, file{"other.zip", locked(t, "infected", file{"b.json", change("web09", 1, noon, "/a")})})[0], ended); i.Status != "done" || i.New != 1 {
		t.Errorf("with the password in the upload: %+v", i)
	}
	if i := s.until(t, s.upload(t, nil, file{"third.zip", locked(t, "infected", file{"b.json", change("web10", 1, noon, "/a")})})[0], ended); i.Status != "failed" || i.Failure == "" {
		t.Errorf("nobody is asked, and there is no password: %+v", i)
	}
}
