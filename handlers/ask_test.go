package handlers_test

import (
	"escutcheon/internal/consoletest"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestAskFlow uploads a file that leaves everything open, and answers.
func TestAskFlow(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	ids := s.Upload(t, []string{"ask", "1", "zone", "", "computer", ""},
		consoletest.Log("viewer.csv", consoletest.ViewerCSV("10/12/2025 10:00:00 AM", "11/12/2025 10:00:00 AM")),
		consoletest.Log("sure.xml", consoletest.EventXML("web01", 1)))
	a := s.Asked(t, ids[0])
	if a.Status != "asking" || !slices.Equal(a.Asks, []string{"zone", "computer", "dates"}) {
		t.Fatalf("%+v", a)
	}
	page := "/imports/" + ids[0]
	d := s.Doc(t, page)
	for _, q := range []string{"form[action='" + page + "/answer'] input[name=zone][required]", "input[name=computer]",
		"input[type=radio][name=dates][value=dmy][required]",
		"button[formmethod=get][formaction='" + page + "']", "form[action='" + page + "/cancel']"} {
		if d.Find("main "+q).Length() != 1 {
			t.Errorf("the page that asks has no %s", q)
		}
	}
	if d.Find("meta[http-equiv]").Length()+d.Find("[data-live]").Length() > 0 {
		t.Error("a page with a form reloads by itself")
	}
	if got := consoletest.Words(d, "[data-orders]"); !strings.Contains(got, "→ 10 December 2025") ||
		!strings.Contains(got, "→ 12 October 2025") {
		t.Errorf("the orders are %q", got)
	}
	if got := d.Find("[data-examples] tbody tr").Length(); got != 2 {
		t.Errorf("%d examples, want 2", got)
	}
	for query, want := range map[string]string{
		"": "2025-10-12T10:00:00Z", "?dates=dmy": "2025-12-10T10:00:00Z",
		"?dates=mdy&zone=Asia/Kolkata": "2025-10-12T04:30:00Z",
	} {
		d := s.Doc(t, page+query)
		if got := d.Find("[data-examples] time").First().AttrOr("datetime", ""); got != want {
			t.Errorf("%q shows %s, want %s", query, got, want)
		}
		if s.Asked(t, ids[0]).Status != "asking" {
			t.Fatal("looking at it answered")
		}
	}
	if got := consoletest.Words(s.Doc(t, page+"?zone=Mars/X&computer=w%3Cb%3E"),
		"[data-problem]"); !strings.Contains(got, "no time zone") {
		t.Errorf("an unknown zone: %q", got)
	}
	for _, c := range []struct {
		form url.Values
		says string
	}{{url.Values{}, "Say the zone"}, {url.Values{"zone": {"x/y"}, "dates": {"dmy"}}, "no time zone"},
		{url.Values{"zone": {"UTC"}}, "which number"}, {url.Values{"zone": {"UTC"}, "dates": {"ymd"}}, "no order"}} {
		if a := s.Post(t, page+"/answer", c.form); a.Status != http.StatusBadRequest || !strings.Contains(a.Body,
			c.says) || !strings.Contains(a.Body, `name="zone"`) {
			t.Errorf("%v: status %d, want 400, %q and the form", c.form, a.Status, c.says)
		}
		if a := s.Post(t, page+"/answer", c.form, "Accept", consoletest.JSON); a.Status != http.StatusBadRequest ||
			!strings.Contains(a.Body, c.says) {
			t.Errorf("%v: %d %s", c.form, a.Status, a.Body)
		}
	}
	s.Until(t, ids[1], consoletest.Ended)
	answer := url.Values{"zone": {"Asia/Kolkata"}, "computer": {"web07"}, "dates": {"dmy"}}
	if a := s.Post(t, page+"/answer", answer); a.Status != http.StatusSeeOther || a.Header.Get("Location") != page {
		t.Errorf("status %d to %q", a.Status, a.Header.Get("Location"))
	}
	if i := s.Until(t, ids[0], consoletest.Ended); i.Status != "done" || i.New != 2 {
		t.Errorf("%+v", i)
	}
	if got := consoletest.Times(s.Doc(t, "/events/2")); !slices.Contains(got, "2025-12-10T04:30:00Z") {
		t.Errorf("events at %q", got)
	}
	facts := consoletest.Words(s.Doc(t, page), "aside")
	for _, want := range []string{"Asia/Kolkata for the times that have none", "web07 for records without one",
		"day first in 2 records"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the facts do not say %q: %s", want, facts)
		}
	}
	for _, path := range []string{page + "/answer", "/imports/" + ids[1] + "/answer"} {
		if a := s.Post(t, path, answer); a.Status != http.StatusConflict {
			t.Errorf("%s: status %d, want 409", path, a.Status)
		}
	}
	if left := s.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

// TestProgramsAreNotAsked: without ask=1 the zone is UTC, and what the dates
// leave open is said.
func TestProgramsAreNotAsked(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for n, c := range []struct {
		fields     []string
		host, time string
		note       bool
	}{{nil, "web01", "2025-10-12T10:00:00Z", true}, {[]string{"dates", "dmy", "ask", "0"}, "web02",
		"2025-12-10T11:00:00Z", false}} {
		id := s.Upload(t, append([]string{"computer", c.host}, c.fields...), consoletest.Log("v.csv",
			consoletest.ViewerCSV(fmt.Sprintf("10/12/2025 %d:00:00 AM", 10+n))))[0]
		if i := s.Until(t, id, consoletest.Ended); i.Status != "done" {
			t.Fatalf("%+v", i)
		}
		a := s.Asked(t, id)
		if a.Zone != "UTC" || (a.Note != "") != c.note {
			t.Errorf("%v: zone %q, note %q", c.fields, a.Zone, a.Note)
		}
		if got := consoletest.Words(s.Doc(t, "/imports/"+id), ".told"); c.note && !strings.Contains(got, "month-first") {
			t.Errorf("the page does not say how the dates were read: %q", got)
		}
		if got := consoletest.Times(s.Doc(t, fmt.Sprintf("/events/%d", 1+n))); !slices.Contains(got, c.time) {
			t.Errorf("%v: events at %q", c.fields, got)
		}
	}
	body, kind := consoletest.Multi(t, []string{"dates", "ymd"}, consoletest.Log("v.csv",
		consoletest.ViewerCSV("10/12/2025 10:00:00 AM")))
	if a := s.Do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept",
		consoletest.JSON); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "no order") {
		t.Errorf("dates=ymd: %d %s", a.Status, a.Body)
	}
}

// TestAnswerForAll: files that leave the same open are listed together, and
// one answer serves them all. Others still ask.
func TestAnswerForAll(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	ids := s.Upload(t, []string{"ask", "1"}, consoletest.Log("a.log", consoletest.SplunkText("web01", 2,
		consoletest.Noon)), consoletest.Log("c.csv", consoletest.ViewerCSV("10/12/2025 10:00:00 AM")),
		consoletest.Log("b.log", consoletest.SplunkText("web02", 2, consoletest.Noon)), consoletest.Log(`<i>d.log`,
			consoletest.SplunkText("web03", 2, consoletest.Noon)), consoletest.Log("known.xml", consoletest.EventXML("web01",
			9)))
	d := s.Doc(t, "/imports")
	if got := consoletest.Words(d, "section.asking"); !strings.Contains(got, "3 files leave the zone open") ||
		!strings.Contains(got, "1 file leaves the zone, the computer and the order of day and month open") {
		t.Errorf("the list says %q", got)
	}
	all := d.Find("section.asking a.button").First().AttrOr("href", "")
	if all != "/imports/"+ids[0]+"?others=1" {
		t.Fatalf("to answer for all: %q", all)
	}
	d = s.Doc(t, all)
	if d.Find("input[name=others][checked]").Length() != 1 || !strings.Contains(consoletest.Words(d, "form[data-ask]"),
		"2 other files that leave the same open") {
		t.Errorf("the form: %s", consoletest.Words(d, "form[data-ask]"))
	}
	if a := s.Post(t, "/imports/"+ids[0]+"/answer", url.Values{"zone": {"Asia/Kolkata"},
		"others": {"1"}}); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/imports" {
		t.Errorf("status %d to %q", a.Status, a.Header.Get("Location"))
	}
	for _, id := range []string{ids[0], ids[2], ids[3]} {
		if i := s.Until(t, id, consoletest.Ended); i.Status != "done" || i.New != 2 || s.Asked(t, id).Zone != "Asia/Kolkata" {
			t.Errorf("import %s: %+v", id, i)
		}
	}
	if a := s.Asked(t, ids[1]); a.Status != "asking" {
		t.Errorf("the file that leaves more open: %+v", a)
	}
	d = s.Doc(t, "/imports/"+ids[0])
	if got := consoletest.Words(d, ".bar a.asks"); got != "1 file waits for your answer" {
		t.Errorf("the bar says %q", got)
	}
	if d.Find(".lead a[href='/imports/"+ids[1]+"']").Length() != 1 {
		t.Error("no way to the next file that waits")
	}
}

// TestAskedAgainAfterRestart: what waits, waits after a restart too; cancelled,
// it gives its file back.
func TestAskedAgainAfterRestart(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/test.db"
	first := consoletest.Start(t, path, 64<<20)
	ids := first.Upload(t, []string{"ask", "1"}, consoletest.Log("a.log", consoletest.SplunkText("web01", 2,
		consoletest.Noon)), consoletest.Log("b.log", consoletest.SplunkText("web02", 2, consoletest.Noon)))
	first.Stop()
	s := consoletest.Start(t, path, 64<<20)
	if a := s.Asked(t, ids[0]); a.Status != "asking" || len(s.Spooled(t)) != 2 {
		t.Fatalf("%+v, spool %q", a, s.Spooled(t))
	}
	if a := s.Post(t, "/imports/"+ids[0]+"/cancel", nil); a.Status != http.StatusSeeOther {
		t.Errorf("cancel: status %d", a.Status)
	}
	if a := s.Asked(t, ids[0]); a.Status != "cancelled" || len(s.Spooled(t)) != 1 {
		t.Errorf("cancelled: %+v, spool %q", a, s.Spooled(t))
	}
	if a := s.Post(t, "/imports/"+ids[1]+"/answer", url.Values{"zone": {"UTC"}}, "Accept",
		consoletest.JSON); a.Status != http.StatusAccepted || !strings.Contains(a.Body, `"status":"queued"`) {
		t.Errorf("answer: %d %s", a.Status, a.Body)
	}
	if i := s.Until(t, ids[1], consoletest.Ended); i.Status != "done" || i.New != 2 {
		t.Errorf("%+v", i)
	}
}
