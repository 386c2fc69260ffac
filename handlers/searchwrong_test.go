package handlers_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// TestSearchWrong: what is wrong in a search is marked where it is, and what would be
// right is one click away; a field that is nearly one of the events is told.
func TestSearchWrong(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/a`),
		consoletest.Change("web01", 2, consoletest.Noon, `/b`)))
	for text, want := range map[string]string{
		"* | stast count":                          "* | stats count",
		"* | count by host":                        "* | stats count by host",
		"* | eval x=lwer(host)":                    "* | eval x=lower(host)",
		"* | stats vales(host)":                    "* | stats values(host)",
		"x [ search y | haed 1 ] | foo":            "x [ search y | head 1 ] | foo",
		"* | eval x=count(host)":                   "",
		"(a":                                       "",
		"* | <b>":                                  "",
		"Eventcode=29":                             "EventCode=29",
		"* | stats count by Eventcod":              "* | stats count by EventCode",
		"* | where Eventcode=29":                   "* | where EventCode=29",
		"* | eval Eventcode=1 | where Eventcode=1": "",
		"EventCode=29":                             "",
		"process_name=x":                           "",
		"index=risk Eventcode=1":                   "",
	} {
		a := decodeJSON[struct {
			Messages []struct{ Level, Text, Mended string }
		}](t, s.Do(t, "GET", searchURL("/search", text), nil, "Accept", consoletest.JSON), 200)
		got := ""
		for _, m := range a.Messages {
			got += m.Mended
		}
		if got != want {
			t.Errorf("%s: %q, want %q: %+v", text, got, want, a.Messages)
		}
		d := goquery.NewDocumentFromNode(consoletest.Page(t, s.Get(t, searchURL("/search", text, "on", "page")).Body))
		link, _ := d.Find("a[data-mended]").Attr("href")
		if u, err := url.Parse(link); err != nil || u.Query().Get("q") != want {
			t.Errorf("%s leads to %q", text, link)
		}
	}
	d := goquery.NewDocumentFromNode(consoletest.Page(t, s.Get(t, searchURL("/search", "ü <b>\n| stast count", "on",
		"page")).Body))
	at, _ := d.Find("[data-ask]").Attr("data-wrong")
	if got := oneLine(d.Find(".wrong-line").Text()); got != "2:3 | stast count" || at != "8 13" ||
		d.Find(".wrong-line mark").Text() != "stast" {
		t.Errorf("%q is marked at %q", got, at)
	}
	a := s.Get(t, searchURL("/search", "Eventcode=29", "on", "page")).Body
	if !strings.Contains(a, "No event here carries Eventcode; EventCode is in 2.") {
		t.Error("the near miss is not told")
	}
}
