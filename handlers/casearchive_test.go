package handlers_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/casefile"
	"escutcheon/internal/consoletest"
)

// broughtCase is a case with all that a case can hold, on a machine of its own. One test
// makes it at a time: they are larger than others.
func broughtCase(t *testing.T) (*consoletest.Server, []byte) {
	t.Helper()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	s.Load(t, "c.json", consoletest.Appcmd("web000", "eve", 900, time.Date(2026, 3, 2, 12, 5, 0, 0, time.UTC), "Planted"))
	keys := s.FindingIDs(t)
	post := func(path string, form ...string) {
		t.Helper()
		v := url.Values{"author": {"anna"}}
		for i := 0; i < len(form); i += 2 {
			v.Add(form[i], form[i+1])
		}
		if a := s.Post(t, path, v, "Accept", consoletest.JSON); a.Status > 201 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	post("/cases", "title", "An older one")
	post("/cases", "title", "=Planted\u202e <b>", "finding", keys[0])
	post("/cases/2/items", "event", "2", "why", "the `first`")
	for _, dest := range []string{"web000", "web001"} {
		post("/hosts/"+dest+"/notes", "text", "=seen on "+dest+"\n'=1")
	}
	post("/cases/2/items", "dest", "web001")
	post("/cases/2/items", "note", "1")
	post("/cases/2/questions", "question", "What file?")
	post("/cases/2/questions/1", "answer", "**This** one", "items", "1", "item", "2")
	post("/cases/2/questions", "question", "Since when?")
	post("/cases/2/recommendations", "snippet", "Isolate the server")
	post("/cases/2", "status", "in progress", "severity", "high", "verdict", "<script>x</script>")
	body, kind := consoletest.Multi(t, []string{"author", "anna", "why", "memory"},
		consoletest.Log("../<b>\xff\"x\".dmp", []byte("MDMP")))
	if a := s.Do(t, "POST", "/cases/2/files", body, "Content-Type", kind); a.Status != 303 {
		t.Fatalf("attach: %d %s", a.Status, a.Body)
	}
	a := s.Get(t, "/cases/ESC-2/case.zip")
	if a.Status != 200 || a.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("export: %d %s", a.Status, a.Body)
	}
	return s, []byte(a.Body)
}

type verifyAnswer struct {
	Verified    bool
	Differences []struct{ Object, What string }
	Since       []struct{ Object, What string }
}

func bringCase(t *testing.T, s *consoletest.Server, data []byte, fields ...string) consoletest.Answer {
	t.Helper()
	body, kind := consoletest.Multi(t, append([]string{"author", "ben"}, fields...), consoletest.Log("ESC-2.zip", data))
	return s.Do(t, http.MethodPost, "/cases/import", body, "Content-Type", kind, "Accept", consoletest.JSON)
}

// sameJSON compares answers but for what a machine says of itself.
func sameJSON(t *testing.T, what string, a, b consoletest.Answer, but ...string) {
	t.Helper()
	var x, y map[string]any
	if err := json.Unmarshal([]byte(a.Body), &x); err != nil {
		t.Fatal(what, err, a.Body)
	}
	if err := json.Unmarshal([]byte(b.Body), &y); err != nil {
		t.Fatal(what, err, b.Body)
	}
	for _, m := range []map[string]any{x, y} {
		for _, name := range but {
			drop(m, strings.Split(name, "."))
		}
	}
	one, _ := json.MarshalIndent(x, "", " ")
	two, _ := json.MarshalIndent(y, "", " ")
	if !bytes.Equal(one, two) {
		for i := range one {
			if i >= len(two) || one[i] != two[i] {
				t.Errorf("%s differs:\n%s\n---\n%s", what, one[max(0, i-300):min(len(one), i+200)],
					two[max(0, i-300):min(len(two), i+200)])
				return
			}
		}
	}
}

func drop(v any, path []string) {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			delete(v, path[0])
			return
		}
		drop(v[path[0]], path[1:])
	case []any:
		for _, one := range v {
			drop(one, path)
		}
	}
}

// TestCaseFile: what a case file brings to a machine without any log is the case as it
// was: page, answers, evidence, files, notes and report; also beside other cases, and
// once more from there.
func TestCaseFile(t *testing.T) {
	from, data := broughtCase(t)
	empty := consoletest.New(t)
	made := decodeJSON[caseAnswer](t, bringCase(t, empty, data), 201)
	if made.Number != "ESC-2" || made.Hosts != 2 {
		t.Errorf("on an empty machine: %+v", made)
	}
	ask := func(s *consoletest.Server, path string) consoletest.Answer {
		t.Helper()
		return s.Get(t, path, "Accept", consoletest.JSON)
	}
	sameJSON(t, "the case", ask(from, "/cases/2"), ask(empty, "/cases/2"), "origin", "brought")
	sameJSON(t, "the report", ask(from, "/cases/2/report.json"), ask(empty, "/cases/2/report.json"), "made", "case.origin",
		"hosts.gone", "hosts.told", "hosts.findings.status")
	if a, b := from.Get(t, "/evidence/3/copy"), empty.Get(t, "/evidence/3/copy"); a.Status != 200 || a.Body != b.Body {
		t.Errorf("the copy: %d %q, %d %q", a.Status, a.Body, b.Status, b.Body)
	}
	if a, b := from.Get(t, "/cases/2/files/1"), empty.Get(t, "/cases/2/files/1"); a.Body != b.Body ||
		a.Header.Get("Content-Disposition") != b.Header.Get("Content-Disposition") {
		t.Errorf("the file: %q, %q", a.Body, b.Body)
	}
	if a, b := from.Get(t, "/notes.csv"), empty.Get(t, "/notes.csv"); a.Body != b.Body {
		t.Errorf("the notes:\n%s\n%s", a.Body, b.Body)
	}
	whole := func(s *consoletest.Server, id string) {
		t.Helper()
		a := s.Post(t, "/cases/"+id+"/verify", nil, "Accept", consoletest.JSON)
		if v := decodeJSON[verifyAnswer](t, a, 200); !v.Verified || len(v.Since) > 0 {
			t.Errorf("%s: %+v, since %+v", id, v.Differences, v.Since)
		}
	}
	whole(empty, "2")
	d := empty.Doc(t, "/cases/2")
	if words := consoletest.Words(d, "main"); !strings.Contains(words, "ESC-2 there") ||
		!strings.Contains(words, "What file?") || d.Find("#brought ol li").Length() < 10 {
		t.Errorf("the page: %s", words)
	}
	html := empty.Get(t, "/cases/2/report.html").Body
	consoletest.CheckPage(t, "/cases/2/report.html", html)
	if !strings.Contains(html, `src="data:image/png;base64,`) || !strings.Contains(html, "No log of this host") {
		t.Error("the report shows no timeline of a host that is elsewhere")
	}
	if a := bringCase(t, empty, data); a.Status != 200 || !strings.Contains(a.Body, `"known":true`) {
		t.Errorf("once more: %d %s", a.Status, a.Body)
	}
	if a := empty.Post(t, "/cases/2", url.Values{"author": {"ben"}, "title": {"Mine"}}); a.Status != 303 {
		t.Error("it cannot be changed")
	}
	if a := bringCase(t, empty, data); a.Status != 409 || !strings.Contains(a.Body, "ben") {
		t.Errorf("over a changed one: %d %s", a.Status, a.Body)
	}
	if n := decodeJSON[caseAnswer](t, bringCase(t, empty, data, "new", "1"), 201); n.Number != "ESC-3" {
		t.Errorf("as a new one: %+v", n)
	}
	whole(empty, "3")

	// A machine with the same numbers of other things, and from there to a third one.
	full := consoletest.New(t)
	full.Load(t, "b.json", consoletest.Many(9, 3))
	for range 2 {
		if a := full.Post(t, "/cases", url.Values{"author": {"cleo"}, "title": {"Other"}, "event": {"3"}}); a.Status != 303 {
			t.Fatal(a.Body)
		}
	}
	there := decodeJSON[caseAnswer](t, bringCase(t, full, data), 201)
	if there.Number != "ESC-3" {
		t.Errorf("on a full machine: %+v", there)
	}
	whole(full, "3")
	if d := full.Doc(t, "/cases/3"); !strings.Contains(consoletest.Words(d, "#questions"), "What file?") ||
		d.Find("#questions .carried-by a").Length() != 1 {
		t.Error("its answer lost what carries it")
	}
	again := full.Get(t, "/cases/3/case.zip")
	third := consoletest.New(t)
	if n := decodeJSON[caseAnswer](t, bringCase(t, third, []byte(again.Body)), 201); n.Hosts != 2 {
		t.Errorf("from there: %+v", n)
	}
	whole(third, "3")
	if !strings.Contains(consoletest.Words(third.Doc(t, "/cases/3"), "main"), "ESC-2 there") {
		t.Error("the third machine does not know where it was made")
	}
	sameJSON(t, "the report of a third machine", ask(full, "/cases/3/report.json"), ask(third, "/cases/3/report.json"), "made",
		"hosts.told", "hosts.gone")
}

// TestCaseFileDamaged: a case file of which a byte is other than it was written is
// refused, with a sentence, and leaves nothing.
func TestCaseFileDamaged(t *testing.T) {
	_, data := broughtCase(t)
	s := consoletest.New(t)
	for at := 10; at < len(data); at += len(data)/150 + 1 {
		bad := bytes.Clone(data)
		bad[at] ^= 0x15
		f, err := casefile.Read(bytes.NewReader(bad), int64(len(bad)))
		if err == nil { // a byte that says nothing: a time of the archive
			sum := func(d []byte) (out string) {
				f, err := casefile.Read(bytes.NewReader(d), int64(len(d)))
				if err != nil {
					t.Fatal(err)
				}
				return f.Case.File
			}
			if f.Case.File != sum(data) {
				t.Errorf("byte %d: another case file was read", at)
			}
			continue
		}
		if a := bringCase(t, s, bad); a.Status != 400 || !strings.Contains(a.Body, "case file") {
			t.Errorf("byte %d: %d %s", at, a.Status, a.Body)
		}
	}
	for name, change := range map[string]func(name string, data []byte) []byte{
		"no case":     func(n string, d []byte) []byte { return without(n == "case.json", d) },
		"no manifest": func(n string, d []byte) []byte { return without(n == "manifest.json", d) },
		"no evidence": func(n string, d []byte) []byte { return without(strings.HasPrefix(n, "kept/"), d) },
	} {
		if a := bringCase(t, s, rezip(t, data, change)); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := bringCase(t, s, []byte("PK no zip")); a.Status != 400 || !strings.Contains(a.Body, "no ZIP") {
		t.Errorf("no archive: %d %s", a.Status, a.Body)
	}
	a := s.Get(t, "/cases?status=all", "Accept", consoletest.JSON)
	if n := decodeJSON[struct{ Total int }](t, a, 200); n.Total != 0 {
		t.Errorf("%d cases came", n.Total)
	}
	if len(s.Spooled(t)) != 0 {
		t.Error("files stay in the spool")
	}
}

func without(yes bool, d []byte) []byte {
	if yes {
		return nil
	}
	return d
}

// rezip writes an archive with other members; nil leaves one out.
func rezip(t *testing.T, data []byte, change func(string, []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if d = change(f.Name, d); d == nil {
			continue
		}
		to, err := w.Create(f.Name)
		if err == nil {
			_, err = to.Write(d)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCaseBroughtVerify: a change of what a case came with is named.
func TestCaseBroughtVerify(t *testing.T) {
	_, data := broughtCase(t)
	for name, change := range map[string]string{
		"an audit row":      `UPDATE case_audit SET person = 'eve' WHERE n = 2`,
		"a missing row":     `DELETE FROM case_audit WHERE n = 3`,
		"the report":        `UPDATE case_brought SET told = replace(told, 'module', 'moduli')`,
		"no JSON":           `UPDATE case_brought SET pictures = '{'`,
		"where it is from":  `UPDATE case_brought SET file = 'x'`,
		"a picture":         `UPDATE kept_piece SET data = x'00' WHERE sha256 IN (SELECT value FROM case_brought, json_each(pictures))`,
		"a brought seal":    `UPDATE pin SET seal = 'x' WHERE id = 1`,
		"a brought picture": `DELETE FROM kept_piece WHERE sha256 IN (SELECT value FROM case_brought, json_each(pictures))`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			s := consoletest.Start(t, path, 0)
			if a := bringCase(t, s, data); a.Status != 201 {
				t.Fatal(a.Body)
			}
			raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)")
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Exec(change); err != nil {
				t.Fatal(err)
			}
			v := decodeJSON[verifyAnswer](t, s.Post(t, "/cases/2/verify", nil, "Accept", consoletest.JSON), 200)
			if v.Verified || len(v.Differences) == 0 {
				t.Error("it verifies")
			}
		})
	}
}
