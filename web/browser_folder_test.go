package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// folderOnDisk writes a folder of a name with files by their names in it.
func folderOnDisk(t testing.TB, name string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, consoletest.Noon, consoletest.Noon); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// configured is an applicationHost.config with a module.
func configured(module string) string {
	return "<configuration><system.applicationHost/><system.webServer><globalModules><add name=\"" + module +
		"\" image=\"D:\\x.dll\"/></globalModules></system.webServer></configuration>"
}

// namelessLog is a log of requests that says nothing of its computer.
const namelessLog = "#Fields: date time cs-method cs-uri-stem\n2026-03-02 12:00:00 GET /a\n"

const choosesFolder = "main form[data-upload] input[webkitdirectory]"

// choose has the page take a folder by its chooser.
func (p *tab) choose(dir string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS(choosesFolder), []string{dir}))
	p.until(fmt.Sprintf(`document.querySelector(%q).files.length > 0`, choosesFolder)) // it looks for them meanwhile
	p.click("main form[data-upload] button[type=submit]")
}

// configHost is the one host whose configuration has a module; "" where none has.
func configHost(t testing.TB, s *consoletest.Server, hosts ...string) string {
	t.Helper()
	var of []string
	for _, h := range hosts {
		if strings.Contains(s.Do(t, "GET", "/hosts/"+h+"/modules.csv", nil).Body, "Planted-"+h) {
			of = append(of, h)
		}
	}
	return strings.Join(of, ", ")
}

// TestBrowserFolder: a folder, chosen or dropped, is one import, whose files that name no
// host are of the host of the logs beside them; nothing is asked. The same again is known.
func TestBrowserFolder(t *testing.T) {
	b := openBrowser(t)
	long := strings.Repeat("länge/", 40) + "x.xml"
	dir := folderOnDisk(t, "case", map[string]string{
		"web01/events.xml":               string(consoletest.EventXML("web01", 1)),
		"web02/events.xml":               string(consoletest.EventXML("web02", 1)),
		"web01/C/applicationHost.config": configured("Planted-web01"), "web02/C/u_ex.log": namelessLog,
		"web02/applicationHost.config": configured("Planted-web02"),
		"web02/" + long:                string(consoletest.EventXML("web02", 2)),
		"web01/empty":                  "", "web01/readme.txt": "no log"})
	for name, choose := range map[string]func(p *tab){
		"chosen":  func(p *tab) { p.choose(dir) },
		"dropped": func(p *tab) { p.drop(400, 200, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			s := consoletest.New(t)
			p := b.newTab(t, s)
			p.open("/")
			choose(p)
			p.at("/imports/1")
			i := s.Until(t, "1", consoletest.Ended)
			var names []string
			for _, m := range s.Asked(t, "1").Members {
				names = append(names, m.Name+" "+m.Status)
			}
			slices.Sort(names)
			if want := []string{"web01/C/applicationHost.config done", "web01/empty failed", "web01/events.xml done",
				"web01/readme.txt failed", "web02/C/u_ex.log done", "web02/applicationHost.config done",
				"web02/events.xml done", "web02/" + long + " done"}; i.Status != "done" || i.Name != "case" ||
				!slices.Equal(names, want) {
				t.Fatalf("%+v\n%q\nwant\n%q", i, names, want)
			}
			if got := configHost(t, s, "web01", "web02"); got != "web01, web02" {
				t.Errorf("configurations are of %q", got)
			}
			if got := s.Get(t, "/hosts/web02/config", "Accept", consoletest.JSON).Body; !strings.Contains(got,
				consoletest.Noon.Format("2006-01-02T15:04")) {
				t.Errorf("the time of the file is lost:\n%s", got)
			}
			p.open("/")
			choose(p)
			p.until(`/^.imports.\d+$/.test(location.pathname)`)
			id := strings.TrimPrefix(eval[string](p, `location.pathname`), "/imports/")
			if again := s.Until(t, id, consoletest.Ended); again.Read != i.Read || again.New != 0 {
				t.Errorf("the same again: %+v", again)
			}
		})
	}
}

// TestBrowserFoldersApart: of two folders that are dropped at once each has its own hosts;
// what is asked of one is asked once, and answered for that one alone.
func TestBrowserFoldersApart(t *testing.T) {
	b := openBrowser(t)
	files := func(host string) map[string]string {
		return map[string]string{"a/applicationHost.config": configured("Planted-" + host), "u_ex1.log": namelessLog,
			"deep/u_ex2.log": strings.ReplaceAll(namelessLog, "/a", "/"+host)}
	}
	one := files("web01")
	one["events.xml"] = string(consoletest.EventXML("web01", 1))
	dirs := []string{folderOnDisk(t, "one", one), folderOnDisk(t, "two", files("web02")), folderOnDisk(t, "three",
		files("web03"))}
	s := consoletest.New(t)
	p := b.newTab(t, s)
	p.open("/rules")
	p.drop(300, 300, append(dirs, onDisk(t, "loose.xml", consoletest.EventXML("web04", 1)))...)
	p.do(chromedp.WaitVisible(chromedp.CSS("dialog#upload[open]")))
	p.click("dialog#upload button[type=submit]")
	p.at("/imports")
	status := map[string]string{}
	ids := map[string]string{}
	for _, id := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"} {
		if a := s.Do(t, "GET", "/imports/"+id, nil, "Accept", consoletest.JSON); a.Status == http.StatusOK {
			i := s.Until(t, id, consoletest.Ended)
			status[i.Name], ids[i.Name] = i.Status, id
		}
	}
	if status["one"] != "done" || status["two"] != "asking" || status["three"] != "asking" ||
		status["loose.xml"] != "done" {
		t.Fatalf("%v", status)
	}
	m := s.Asked(t, ids["two"]).Members[0]
	p.open(m.URL + "?others=1")
	p.do(chromedp.SendKeys(chromedp.CSS("#ask-computer"), "web02"))
	p.click("form[data-ask] button.primary")
	consoletest.Poll(t, func() bool { return s.Status(t, ids["two"]).Status == "done" })
	for _, m := range s.Asked(t, ids["three"]).Members {
		if m.Status != "asking" {
			t.Errorf("the answer for one folder was taken for another: %+v", m)
		}
	}
	if got := configHost(t, s, "web01", "web02", "web03"); got != "web01, web02" {
		t.Errorf("configurations are of %q", got)
	}
}

// TestBrowserFolderUnread: a file that the browser cannot read is named, nothing goes in,
// and the next try leaves it out.
func TestBrowserFolderUnread(t *testing.T) {
	b := openBrowser(t)
	dir := folderOnDisk(t, "case", map[string]string{"a.xml": string(consoletest.EventXML("web01", 1)),
		"b/open.evtx": strings.Repeat("x", 5000)})
	s := consoletest.New(t)
	p := b.newTab(t, s)
	p.open("/")
	p.do(chromedp.SetUploadFiles(chromedp.CSS(choosesFolder), []string{dir}))
	p.until(fmt.Sprintf(`document.querySelector(%q).files.length === 2`, choosesFolder))
	kept := filepath.Join(dir, "b", "open.evtx")
	if err := errors.Join(os.Remove(kept), os.Mkdir(kept, 0o700)); err != nil { // nobody can read that as a file
		t.Fatal(err)
	}
	p.click("main form[data-upload] button[type=submit]")
	p.until(`document.querySelector("main form[data-upload] [data-status]").textContent.includes("case/b/open.evtx cannot be read")`)
	p.expect("ERR_FILE_NOT_FOUND")
	if a := s.Do(t, "GET", "/imports/1", nil); a.Status != http.StatusNotFound || len(s.Spooled(t)) > 0 {
		t.Errorf("status %d, spooled %q", a.Status, s.Spooled(t))
	}
	p.click("main form[data-upload] button[type=submit]")
	p.at("/imports/1")
	if i := s.Until(t, "1", consoletest.Ended); i.Status != "done" || i.New != 1 || len(s.Asked(t, "1").Members) != 1 {
		t.Errorf("%+v", i)
	}
}

// TestBrowserFolderOfMany: while a folder of many files is read the page says how far that
// is, wherever it was dropped.
func TestBrowserFolderOfMany(t *testing.T) {
	b := openBrowser(t)
	files := map[string]string{"events.xml": string(consoletest.EventXML("web01", 1))}
	for n := range 600 {
		files[fmt.Sprintf("%d/%d.txt", n%10, n)] = fmt.Sprint(n)
	}
	dir := folderOnDisk(t, "case", files)
	s := consoletest.New(t)
	for path, form := range map[string]string{"/": "main form[data-upload]", "/rules": "dialog#upload"} {
		p := b.newTab(t, s)
		p.open(path)
		p.do(evaluated(fmt.Sprintf(`window.said = []; new MutationObserver(() => said.push(
			document.querySelector("%[1]s [data-status]").textContent)).observe(document.querySelector("%[1]s [data-status]"),
			{ childList: true, characterData: true, subtree: true }); addEventListener("beforeunload", () => {
			sessionStorage.said = said.join("|"); })`, form)))
		p.drop(400, 200, dir)
		if path != "/" {
			p.until(`document.querySelector("dialog#upload [data-files]").textContent.includes("and 551 more")`)
			p.click("dialog#upload button[type=submit]")
		}
		p.until(`/^.imports.\d+$/.test(location.pathname)`)
		if said := eval[string](p, `sessionStorage.said`); !strings.Contains(said, "Reading the folder: 500 files|") ||
			!strings.Contains(said, "Uploading 601 files") {
			t.Errorf("%s: %s", path, said)
		}
		id := strings.TrimPrefix(eval[string](p, `location.pathname`), "/imports/")
		s.Until(t, id, consoletest.Ended)
	}
}

// TestBrowserFolderTooLarge: a folder that is more than one upload takes goes file by file.
func TestBrowserFolderTooLarge(t *testing.T) {
	b := openBrowser(t)
	var log []byte
	for n := range 60 {
		r := logwriter.IISChange(logwriter.IISModuleAdded("M", `D:\m.dll`)[0])
		r.Computer, r.RecordNumber, r.Time = "web01", int64(n+1), consoletest.Noon.Add(time.Duration(n)*time.Second)
		log = append(logwriter.AppendXML(log, &r, false), '\n')
	}
	dir := folderOnDisk(t, "case", map[string]string{"a.xml": string(log), "b.xml": string(log) + "\n"})
	s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), int64(len(log))+5000)
	p := b.newTab(t, s)
	p.open("/")
	p.choose(dir)
	p.at("/imports")
	for id, name := range map[string]string{"1": "case/a.xml", "2": "case/b.xml"} {
		if i := s.Until(t, id, consoletest.Ended); i.Status != "done" || i.Name != name {
			t.Errorf("%+v", i)
		}
	}
}
