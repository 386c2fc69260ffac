package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/demo/logwriter"
)

// splunkText is n events 29 of a host as classic Splunk text, which names no zone.
func splunkText(host string, n int, at time.Time) (out []byte) {
	for i := range n {
		r := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf("/p%d", i), Edit: logwriter.EditAdd, After: "x"})
		r.Computer, r.RecordNumber, r.Time = host, int64(i+1), at.Add(time.Duration(i)*time.Minute)
		out = logwriter.AppendText(out, &r, nil)
	}
	return out
}

// viewerCSV is events as Event Viewer exports them: no zone, no computer, and
// dates that may be read in two ways.
func viewerCSV(dates ...string) []byte {
	out := "Level,Date and Time,Source,Event ID,Task Category\r\n"
	for i, d := range dates {
		out += fmt.Sprintf("Information,%s,Microsoft-Windows-IIS-Configuration,29,None,\"Changes to '/v%d' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.\"\r\n", d, i)
	}
	return []byte(out)
}

// asked is an import as a program sees it that asks.
type asked struct {
	imported
	Asks                        []string
	Zone, Computer, Dates, Note string
	SameAs                      json.Number `json:"same_as"`
	Replaces                    json.Number
	Members                     []struct {
		imported
		ID          json.Number
		URL, Reason string
	}
}

func (s *server) asked(t testing.TB, id string) (a asked) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.get(t, "/imports/"+id, "Accept", asJSON).body), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// doc is a page to look for selectors in.
func (s *server) doc(t testing.TB, path string) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(s.get(t, path).body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// words is the text of what a selector finds, with single spaces.
func words(d *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(d.Find(selector).Text()), " ")
}

// times are those that a page shows.
func times(d *goquery.Document) (out []string) {
	d.Find("main time").Each(func(_ int, t *goquery.Selection) { out = append(out, t.AttrOr("datetime", "")) })
	return out
}

// TestAskFlow uploads a file that leaves everything open, and answers.
func TestAskFlow(t *testing.T) {
	s := newServer(t)
	ids := s.upload(t, []string{"ask", "1", "zone", "", "computer", ""},
		file{"viewer.csv", viewerCSV("10/12/2025 10:00:00 AM", "11/12/2025 10:00:00 AM")}, file{"sure.xml", eventXML("web01", 1)})
	a := s.asked(t, ids[0])
	if a.Status != "asking" || !slices.Equal(a.Asks, []string{"zone", "computer", "dates"}) {
		t.Fatalf("%+v", a)
	}
	page := "/imports/" + ids[0]
	d := s.doc(t, page)
	for _, q := range []string{"form[action='" + page + "/answer'] input[name=zone][required]", "input[name=computer]", "input[type=radio][name=dates][value=dmy][required]",
		"button[formmethod=get][formaction='" + page + "']", "form[action='" + page + "/cancel']"} {
		if d.Find("main "+q).Length() != 1 {
			t.Errorf("the page that asks has no %s", q)
		}
	}
	if d.Find("meta[http-equiv]").Length()+d.Find("[data-live]").Length() > 0 {
		t.Error("a page with a form reloads by itself")
	}
	if got := words(d, "[data-orders]"); !strings.Contains(got, "→ 10 December 2025") || !strings.Contains(got, "→ 12 October 2025") {
		t.Errorf("the orders are %q", got)
	}
	if got := d.Find("[data-examples] tbody tr").Length(); got != 2 {
		t.Errorf("%d examples, want 2", got)
	}
	for query, want := range map[string]string{
		"": "2025-10-12T10:00:00Z", "?dates=dmy": "2025-12-10T10:00:00Z", "?dates=mdy&zone=Asia/Kolkata": "2025-10-12T04:30:00Z",
	} {
		d := s.doc(t, page+query)
		if got := d.Find("[data-examples] time").First().AttrOr("datetime", ""); got != want {
			t.Errorf("%q shows %s, want %s", query, got, want)
		}
		if s.asked(t, ids[0]).Status != "asking" {
			t.Fatal("looking at it answered")
		}
	}
	if got := words(s.doc(t, page+"?zone=Mars/X&computer=w%3Cb%3E"), "[data-problem]"); !strings.Contains(got, "no time zone") {
		t.Errorf("an unknown zone: %q", got)
	}
	for _, c := range []struct {
		form url.Values
		says string
	}{{url.Values{}, "Say the zone"}, {url.Values{"zone": {"x/y"}, "dates": {"dmy"}}, "no time zone"},
		{url.Values{"zone": {"UTC"}}, "which number"}, {url.Values{"zone": {"UTC"}, "dates": {"ymd"}}, "no order"}} {
		if a := s.post(t, page+"/answer", c.form); a.status != http.StatusBadRequest || !strings.Contains(a.body, c.says) || !strings.Contains(a.body, `name="zone"`) {
			t.Errorf("%v: status %d, want 400, %q and the form", c.form, a.status, c.says)
		}
		if a := s.post(t, page+"/answer", c.form, "Accept", asJSON); a.status != http.StatusBadRequest || !strings.Contains(a.body, c.says) {
			t.Errorf("%v: %d %s", c.form, a.status, a.body)
		}
	}
	s.until(t, ids[1], ended)
	answer := url.Values{"zone": {"Asia/Kolkata"}, "computer": {"web07"}, "dates": {"dmy"}}
	if a := s.post(t, page+"/answer", answer); a.status != http.StatusSeeOther || a.header.Get("Location") != page {
		t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
	}
	if i := s.until(t, ids[0], ended); i.Status != "done" || i.New != 2 {
		t.Errorf("%+v", i)
	}
	if got := times(s.doc(t, "/events/2")); !slices.Contains(got, "2025-12-10T04:30:00Z") {
		t.Errorf("events at %q", got)
	}
	facts := words(s.doc(t, page), "aside")
	for _, want := range []string{"Asia/Kolkata for the times that have none", "web07 for records without one", "day first in 2 records"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the facts do not say %q: %s", want, facts)
		}
	}
	for _, path := range []string{page + "/answer", "/imports/" + ids[1] + "/answer"} {
		if a := s.post(t, path, answer); a.status != http.StatusConflict {
			t.Errorf("%s: status %d, want 409", path, a.status)
		}
	}
	if left := s.spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

// TestProgramsAreNotAsked: without ask=1 the zone is UTC, and what the dates
// leave open is said.
func TestProgramsAreNotAsked(t *testing.T) {
	s := newServer(t)
	for n, c := range []struct {
		fields     []string
		host, time string
		note       bool
	}{{nil, "web01", "2025-10-12T10:00:00Z", true}, {[]string{"dates", "dmy", "ask", "0"}, "web02", "2025-12-10T11:00:00Z", false}} {
		id := s.upload(t, append([]string{"computer", c.host}, c.fields...), file{"v.csv", viewerCSV(fmt.Sprintf("10/12/2025 %d:00:00 AM", 10+n))})[0]
		if i := s.until(t, id, ended); i.Status != "done" {
			t.Fatalf("%+v", i)
		}
		a := s.asked(t, id)
		if a.Zone != "UTC" || (a.Note != "") != c.note {
			t.Errorf("%v: zone %q, note %q", c.fields, a.Zone, a.Note)
		}
		if got := words(s.doc(t, "/imports/"+id), ".told"); c.note && !strings.Contains(got, "month-first") {
			t.Errorf("the page does not say how the dates were read: %q", got)
		}
		if got := times(s.doc(t, fmt.Sprintf("/events/%d", 1+n))); !slices.Contains(got, c.time) {
			t.Errorf("%v: events at %q", c.fields, got)
		}
	}
	body, kind := multi(t, []string{"dates", "ymd"}, file{"v.csv", viewerCSV("10/12/2025 10:00:00 AM")})
	if a := s.do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", asJSON); a.status != http.StatusBadRequest || !strings.Contains(a.body, "no order") {
		t.Errorf("dates=ymd: %d %s", a.status, a.body)
	}
}

// TestAnswerForAll: files that leave the same open are listed together, and
// one answer serves them all. Others still ask.
func TestAnswerForAll(t *testing.T) {
	s := newServer(t)
	ids := s.upload(t, []string{"ask", "1"}, file{"a.log", splunkText("web01", 2, noon)}, file{"c.csv", viewerCSV("10/12/2025 10:00:00 AM")},
		file{"b.log", splunkText("web02", 2, noon)}, file{`<i>d.log`, splunkText("web03", 2, noon)}, file{"known.xml", eventXML("web01", 9)})
	d := s.doc(t, "/imports")
	if got := words(d, "section.asking"); !strings.Contains(got, "3 files leave the zone open") || !strings.Contains(got, "1 file leaves the zone, the computer and the order of day and month open") {
		t.Errorf("the list says %q", got)
	}
	all := d.Find("section.asking a.button").First().AttrOr("href", "")
	if all != "/imports/"+ids[0]+"?others=1" {
		t.Fatalf("to answer for all: %q", all)
	}
	d = s.doc(t, all)
	if d.Find("input[name=others][checked]").Length() != 1 || !strings.Contains(words(d, "form[data-ask]"), "2 other files that leave the same open") {
		t.Errorf("the form: %s", words(d, "form[data-ask]"))
	}
	if a := s.post(t, "/imports/"+ids[0]+"/answer", url.Values{"zone": {"Asia/Kolkata"}, "others": {"1"}}); a.status != http.StatusSeeOther || a.header.Get("Location") != "/imports" {
		t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
	}
	for _, id := range []string{ids[0], ids[2], ids[3]} {
		if i := s.until(t, id, ended); i.Status != "done" || i.New != 2 || s.asked(t, id).Zone != "Asia/Kolkata" {
			t.Errorf("import %s: %+v", id, i)
		}
	}
	if a := s.asked(t, ids[1]); a.Status != "asking" {
		t.Errorf("the file that leaves more open: %+v", a)
	}
	d = s.doc(t, "/imports/"+ids[0])
	if got := words(d, ".bar a.asks"); got != "1 file waits for your answer" {
		t.Errorf("the bar says %q", got)
	}
	if d.Find(".lead a[href='/imports/"+ids[1]+"']").Length() != 1 {
		t.Error("no way to the next file that waits")
	}
}

// TestAskedAgainAfterRestart: what waits, waits after a restart too; cancelled,
// it gives its file back.
func TestAskedAgainAfterRestart(t *testing.T) {
	path := t.TempDir() + "/test.db"
	first := start(t, path, 64<<20)
	ids := first.upload(t, []string{"ask", "1"}, file{"a.log", splunkText("web01", 2, noon)}, file{"b.log", splunkText("web02", 2, noon)})
	first.stop()
	s := start(t, path, 64<<20)
	if a := s.asked(t, ids[0]); a.Status != "asking" || len(s.spooled(t)) != 2 {
		t.Fatalf("%+v, spool %q", a, s.spooled(t))
	}
	if a := s.post(t, "/imports/"+ids[0]+"/cancel", nil); a.status != http.StatusSeeOther {
		t.Errorf("cancel: status %d", a.status)
	}
	if a := s.asked(t, ids[0]); a.Status != "cancelled" || len(s.spooled(t)) != 1 {
		t.Errorf("cancelled: %+v, spool %q", a, s.spooled(t))
	}
	if a := s.post(t, "/imports/"+ids[1]+"/answer", url.Values{"zone": {"UTC"}}, "Accept", asJSON); a.status != http.StatusAccepted || !strings.Contains(a.body, `"status":"queued"`) {
		t.Errorf("answer: %d %s", a.status, a.body)
	}
	if i := s.until(t, ids[1], ended); i.Status != "done" || i.New != 2 {
		t.Errorf("%+v", i)
	}
}
