package handlers_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/artifact/peimage/petest"
	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
	"escutcheon/store"
	"escutcheon/views"
)

// secretKey is a key that must stand nowhere.
const secretKey = "F00DF00DF00DF00DF00DF00DF00DF00D"

// loadFiles imports the log of web01, two versions of its configuration of which the second
// has a module and a key that no event says, and the file of another module.
func loadFiles(t *testing.T, s *consoletest.Server) {
	t.Helper()
	config := func(modules string) []byte {
		return []byte("<configuration><system.applicationHost/><system.web><machineKey validationKey=\"" + secretKey +
			"\"/></system.web><system.webServer><globalModules>" + modules +
			"</globalModules></system.webServer></configuration>")
	}
	s.Load(t, "triage.zip", consoletest.ZippedAt(t, consoletest.Noon.Add(time.Hour),
		consoletest.Log("a.json", moduleLog("web01", "S-1-5-21-7",
			logwriter.IISModuleAdded("ShopTrace", `D:\shop\trace.dll`))),
		consoletest.Log("C/inetpub/history/CFGHISTORY_0000000001/applicationHost.config", config("")),
		consoletest.Log("C/inetpub/history/CFGHISTORY_0000000002/applicationHost.config",
			config("<add name=\"Up\u202eData&lt;b>\" image=\"C:\\u.dll\"/>")),
		consoletest.Log("uploads/auto/D%3A/shop/trace.dll",
			petest.DLL{Name: "inner.dll", Exports: []string{"RegisterModule"}}.Bytes())))
}

type heldFiles struct {
	Modules []struct {
		Name, Ref string
		Evidence  []struct{ Artifact int64 }
	}
	Files []struct {
		Artifact               int64
		Kind, Name, Path, Dest string
		SHA256                 string
	}
	Cases    []string
	Evidence []struct {
		ID       int64
		Kind     string
		Events   []int64
		Copies   []struct{ SHA256 string }
		Snapshot struct {
			Path, SHA256, Version, Judgement string
			Differences                      []struct{ Text, Why string }
			Evidence                         []struct{ Source, Text string }
		}
	}
}

// TestPinFile: a version of a configuration, a library and a row of the ledger are kept as
// evidence: what they said stands, and verifies, when their import is gone, travels in a
// case file, and is in the report; no secret of a file goes with it.
func TestPinFile(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadFiles(t, s)
	get := func(path string) heldFiles {
		t.Helper()
		return decodeJSON[heldFiles](t, s.Get(t, path, "Accept", consoletest.JSON), http.StatusOK)
	}
	add := func(to, field, ref string) {
		t.Helper()
		form := url.Values{"author": {"anna"}, "title": {"x"}, "why": {"by hand"}, field: {ref}}
		if a := s.Post(t, to, form, "Accept", consoletest.JSON); a.Status != http.StatusCreated {
			t.Fatalf("%s %s: %d %s", field, ref, a.Status, a.Body)
		}
	}
	var version, library string
	for _, f := range get("/hosts/web01/config").Files {
		if strings.Contains(f.Path, "0000000002") {
			version = strconv.FormatInt(f.Artifact, 10)
		} else if f.Kind == "module file" {
			library = strconv.FormatInt(f.Artifact, 10)
		}
	}
	add("/cases", "artifact", version)
	add("/cases/1/items", "artifact", library)
	for _, m := range get("/hosts/web01/modules").Modules {
		if m.Name == "ShopTrace" {
			add("/cases/1/items", "module", m.Ref)
			add("/cases/1/items", "module", m.Ref) // once more is nothing
		}
	}
	for _, wrong := range []string{"artifact=0", "artifact=x", "artifact=999", "module=x", "module=0123@web01",
		"module=0123@none"} {
		if a := s.Do(t, "GET", "/cases/items?"+wrong, nil); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, a.Status)
		}
	}
	for path, want := range map[string]string{"/artifacts/" + version: "form input[name=artifact]",
		"/hosts/web01/config":  "a[href='/cases/items?artifact=" + version + "']",
		"/hosts/web01/modules": "a[href*='/cases/items?module=']"} {
		if d := s.Doc(t, path); d.Find(want).Length() == 0 {
			t.Errorf("%s has no %s", path, want)
		}
	}
	if in := get("/artifacts/" + version).Cases; !slices.Equal(in, []string{"ESC-1"}) {
		t.Errorf("the version is in %q", in)
	}
	if c := get("/artifacts/" + library).Cases; len(c) != 1 {
		t.Errorf("the library is in %q", c)
	}

	whole := get("/cases/1")
	if len(whole.Evidence) != 3 {
		t.Fatalf("%+v", whole.Evidence)
	}
	conf, lib, mod := whole.Evidence[0], whole.Evidence[1], whole.Evidence[2]
	if conf.Kind != "file" || conf.Snapshot.Version != "CFGHISTORY_0000000002" || len(conf.Copies) != 1 ||
		len(conf.Snapshot.Differences) != 1 || !strings.Contains(conf.Snapshot.Differences[0].Text, "Up\u202eData<b>") ||
		!strings.HasPrefix(conf.Snapshot.Differences[0].Why, "No event") {
		t.Errorf("the version: %+v", conf)
	}
	if lib.Kind != "file" || lib.Snapshot.Path != `D:\shop\trace.dll` || len(lib.Snapshot.SHA256) != 64 ||
		len(lib.Copies) != 0 {
		t.Errorf("the library: %+v", lib)
	}
	if mod.Kind != "module" || mod.Snapshot.Judgement != "unknown" || len(mod.Snapshot.Evidence) < 2 ||
		len(mod.Events) < 2 || !slices.Contains(mod.Events, lib.ID) {
		t.Errorf("the module: %+v", mod)
	}
	copied := s.Get(t, fmt.Sprintf("/evidence/%d/copy", conf.ID)).Body
	if !strings.Contains(copied, "<machineKey") || store.SumOf([]byte(copied)) != conf.Copies[0].SHA256 {
		t.Errorf("the copy: %s", copied)
	}
	verify := func(s *consoletest.Server) verifyAnswer {
		return decodeJSON[verifyAnswer](t, s.Post(t, "/cases/1/verify", nil, "Accept", consoletest.JSON), http.StatusOK)
	}
	if v := verify(s); !v.Verified || len(v.Since) > 0 {
		t.Errorf("%+v", v)
	}
	file := s.Get(t, "/cases/1/case.zip")
	told := map[string]string{"case": s.Get(t, "/cases/1").Body, "html": s.Get(t, "/cases/1/report.html").Body,
		"md": s.Get(t, "/cases/1/report.md").Body, "json": s.Get(t, "/cases/1/report.json").Body, "copy": copied,
		"zip": unzippedText(t, []byte(file.Body))}
	for what, text := range told {
		if strings.Contains(text, secretKey) {
			t.Errorf("the key stands in %s", what)
		}
		if what != "copy" && what != "zip" && (!strings.Contains(text, lib.Snapshot.SHA256) && what != "case" ||
			!strings.Contains(text, "CFGHISTORY_0000000002") || strings.Contains(text, "\u202e") || !strings.Contains(text,
			"No event") && what != "case") {
			t.Errorf("%s does not tell of the files: %.3000s", what, text)
		}
	}

	other := consoletest.New(t)
	if a := bringCase(t, other, []byte(file.Body)); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	sameJSON(t, "the case", s.Get(t, "/cases/1", "Accept", consoletest.JSON),
		other.Get(t, "/cases/1", "Accept", consoletest.JSON), "origin", "brought")
	if v := verify(other); !v.Verified || len(v.Since) > 0 {
		t.Errorf("elsewhere: %+v", v)
	}

	s.Post(t, "/imports/1/delete", nil)
	consoletest.Poll(t, func() bool { return s.Do(t, "GET", "/hosts/web01/config", nil).Status != http.StatusOK })
	if v := verify(s); !v.Verified || len(v.Since) != 3 {
		t.Errorf("without the import: %+v", v)
	}
	for _, e := range whole.Evidence {
		d := s.Doc(t, fmt.Sprintf("/evidence/%d", e.ID))
		if words := consoletest.Words(d, "main"); !strings.Contains(words, "not in this database any more") ||
			!strings.Contains(words, "SHA-256") {
			t.Errorf("evidence %d: %s", e.ID, words)
		}
	}
	if a := s.Do(t, "GET", "/artifacts/"+version, nil); a.Status != http.StatusSeeOther ||
		a.Header.Get("Location") != views.EvidenceURL(conf.ID) {
		t.Errorf("the file that is gone: %d %s", a.Status, a.Header.Get("Location"))
	}
	if words := consoletest.Words(s.Doc(t, "/cases/1"), "main"); !strings.Contains(words, "Files of the servers 2") ||
		!strings.Contains(words, "Modules 1") {
		t.Errorf("the page: %s", words)
	}
}

// unzippedText is all that the members of an archive hold.
func unzippedText(t *testing.T, data []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, in); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}
