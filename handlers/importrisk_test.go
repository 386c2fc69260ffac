package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestImportsLeadOn: an import's row and page say which hosts have risk now and
// lead to the list of them, rejected counts lead to the files that have them, and
// the list says why one failed.
func TestImportsLeadOn(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var files []consoletest.File
	for n := range 12 {
		host := fmt.Sprintf("web%02d", n)
		log := consoletest.Change(host, 1, consoletest.Noon, `/system.webServer/globalModules/add[@name="Odd"]`)
		if n%4 == 0 {
			log = append(log, "{\"EventTime\":\"x\n"...)
		}
		files = append(files, consoletest.Log(host+".json", log))
	}
	ids := s.Upload(t, nil, consoletest.Log("case.zip", consoletest.Zipped(t, files...)),
		consoletest.Log("<b>.png", []byte("\x89PNG\r\n\x1a\nx")), consoletest.Log("quiet.json",
			consoletest.Change("quiet", 1, consoletest.Noon, "/a")[:40]))
	for _, id := range ids {
		s.Until(t, id, consoletest.Ended)
	}
	d := s.Doc(t, "/imports")
	row := d.Find("table.imports tbody tr").Eq(2)
	if got := oneLine(row.Find("td.came").Text()); row.Find("td.came a[href^='/hosts/']").Length() != 2 ||
		!strings.HasSuffix(got, "and 10 more") {
		t.Errorf("the row says %q", got)
	}
	more, _ := row.Find("td.came a[href^='/?']").Attr("href")
	if got := s.Doc(t, more); more != "/?import="+ids[0] || got.Find("table.hosts tbody tr").Length() != 12 ||
		got.Find("form.filter input[name=import]").Length() != 1 {
		t.Errorf("%s lists %d hosts", more, got.Find("table.hosts tbody tr").Length())
	}
	if a := s.Do(t, http.MethodGet, "/?import=<b>", nil); a.Status != http.StatusBadRequest {
		t.Errorf("an import that is no number: %d", a.Status)
	}
	if csv := consoletest.Rows(t, s.Get(t, "/risk.csv?import="+ids[0])); len(csv) != 13 {
		t.Errorf("risk.csv has %d lines", len(csv))
	}
	why := oneLine(d.Find("table.imports tbody tr").Eq(1).Find("td.came").Text())
	if !strings.HasPrefix(why, "This is a PNG image. A Windows event log was expected. Import the log itself") {
		t.Errorf("why it failed: %q", why)
	}
	rejected, _ := row.Find("a.rejected").Attr("href")
	path, _, _ := strings.Cut(rejected, "#")
	if got := s.Doc(t, path); got.Find("table.members tbody tr").Length() != 3 || got.Find("#members").Length() != 1 {
		t.Errorf("%s shows %d files", rejected, got.Find("table.members tbody tr").Length())
	}
	page := s.Doc(t, "/imports/"+ids[0])
	if got := page.Find("#risk-title").Text(); got != "12 hosts of it have risk now" ||
		page.Find(".risky a[href^='/hosts/']").Length() != 8 {
		t.Errorf("the page says %q", got)
	}
	var j struct {
		Risk struct {
			Hosts int
			First []struct{ Dest, Gravity string }
			URL   string
		}
	}
	if err := json.Unmarshal([]byte(s.Get(t, "/imports/"+ids[0], "Accept", consoletest.JSON).Body), &j); err != nil ||
		j.Risk.Hosts != 12 || len(j.Risk.First) != 8 || j.Risk.First[0].Gravity != "high" || j.Risk.URL != more {
		t.Errorf("JSON %+v: %v", j, err)
	}
}

// TestCarrier: a log that was found in a packet capture says so on its page, in the
// list and in JSON.
func TestCarrier(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	data := append([]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"), consoletest.EventXML("web01", 2)...)
	id := s.Upload(t, []string{"zone", "UTC"}, consoletest.Log("x.pcap", data))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Read != 2 {
		t.Fatalf("%+v", i)
	}
	const what = "a packet capture (pcap)"
	if got := oneLine(s.Doc(t, "/imports").Find("td[data-show=format]").Text()); got != "event XML in "+what {
		t.Errorf("the list says %q", got)
	}
	if got := consoletest.Words(s.Doc(t, "/imports/"+id), "p.told"); !strings.Contains(got, "This file is "+what) {
		t.Errorf("the page says %q", got)
	}
	if got := s.Get(t, "/imports/"+id, "Accept", consoletest.JSON).Body; !strings.Contains(got, `"carrier":"`+what) {
		t.Errorf("JSON %s", got)
	}
	if again := s.Upload(t, []string{"zone", "UTC"}, consoletest.Log("y.pcap", data))[0]; again == id {
		t.Error("the same import")
	} else if s.Until(t, again, consoletest.Ended); !strings.Contains(s.Get(t, "/imports/"+again, "Accept",
		consoletest.JSON).Body, what) {
		t.Error("the same file again forgets it")
	}
}
