package handlers_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// searched is the page of a search that has ended, and its address.
func searched(t *testing.T, s *consoletest.Server, path string) (*goquery.Document, string) {
	t.Helper()
	for range 100 {
		a := s.Do(t, "GET", path, nil)
		if a.Status == 303 {
			path = a.Header.Get("Location")
			continue
		}
		if a.Status != 200 {
			t.Fatalf("%s: %d %.300s", path, a.Status, a.Body)
		}
		d := goquery.NewDocumentFromNode(consoletest.Page(t, a.Body))
		if d.Find("[data-search-running]").Length() == 0 {
			return d, path
		}
	}
	t.Fatalf("%s does not end", path)
	return nil, ""
}

func texts(d *goquery.Document, selector string) (out []string) {
	d.Find(selector).Each(func(_ int, e *goquery.Selection) { out = append(out, oneLine(e.Text())) })
	return out
}

// TestEventOpens: a row of a search leads to its event with what each field can do to
// the search, and to the events of its host around it, in which it is marked.
func TestEventOpens(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	log := consoletest.Change("web01", 1, consoletest.Noon.Add(-10*time.Minute), `/a`)
	for i := range 200 { // more than a page, before it and after
		at := consoletest.Noon.Add(time.Duration(i-100) * time.Second)
		log = append(log, consoletest.Change("web01", int64(i+2), at, `/a`)...)
	}
	log = append(log, consoletest.Change("web01", 900, consoletest.Noon, "/\u202e<script>|\"x\"")...)
	s.Load(t, "a.json", append(log, consoletest.Change("web02", 1, consoletest.Noon, `/a`)...))
	d, _ := searched(t, s, searchURL("/search", "RecordNumber=900 | eval x=1", "columns", "user,EventCode"))
	link, _ := d.Find(".search-events a[data-open]").Attr("href")
	if link == "" {
		t.Fatal("the row leads nowhere")
	}
	open := s.Get(t, link+"&part=open")
	part := goquery.NewDocumentFromNode(consoletest.Page(t, open.Body))
	foot := oneLine(part.Find(".event-foot").First().Text())
	if part.Find("#main").Length() > 0 || part.Find("[role=tabpanel]").Length() != 2 ||
		strings.Contains(part.Text(), "\u202e") || !strings.Contains(foot, "record 900") ||
		!strings.Contains(foot, "a.json at byte") {
		t.Errorf("%.600s", oneLine(part.Text()))
	}
	for _, of := range []*goquery.Document{part, goquery.NewDocumentFromNode(consoletest.Page(t, s.Get(t, link).Body))} {
		form := of.Find(`form[action="/search/with"]`)
		with := func(name, field string) string {
			v := url.Values{}
			form.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) {
				v.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
			})
			form.Find("button[name=" + name + "]").EachWithBreak(func(_ int, b *goquery.Selection) bool {
				v.Set(name, b.AttrOr("value", ""))
				return !strings.HasPrefix(v.Get(name), field)
			})
			u, err := url.Parse(s.Do(t, "GET", "/search/with?"+v.Encode(), nil).Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			return u.Query().Get("q") + " # " + u.Query().Get("columns")
		}
		for _, c := range [][3]string{
			{"add", "ComputerName", "RecordNumber=900 ComputerName=web01 | eval x=1 # user,EventCode"},
			{"not", "ComputerName", "RecordNumber=900 NOT ComputerName=web01 | eval x=1 # user,EventCode"},
			{"column", "EventCode", "RecordNumber=900 | eval x=1 # user"},
			{"column", "ComputerName", "RecordNumber=900 | eval x=1 # user,EventCode,ComputerName"},
		} {
			if got := with(c[0], c[1]); got != c[2] {
				t.Errorf("%s %s leads to %s", c[0], c[1], got)
			}
		}
		around := of.Find(`a:contains("5 minutes around")`).AttrOr("href", "")
		list, _ := searched(t, s, around)
		rows := texts(list, ".search-events tbody tr")
		marked := slices.IndexFunc(rows, func(r string) bool { return strings.Contains(r, "the event asked about") })
		if len(rows) != 50 || marked != 25 || !strings.Contains(list.Find("#results h2").Text(), "201 events") ||
			list.Find("tr.marked").Length() != 1 {
			t.Errorf("%d rows around, the %d. is it: %s", len(rows), marked, list.Find("#results h2").Text())
		}
	}
}

// TestEventPages: the pages of a search are all its events, by "older" and back by
// "newer", with the columns that are chosen.
func TestEventPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 120 {
		at := consoletest.Noon.Add(time.Duration(i/3) * time.Second)
		log = append(log, consoletest.Change("web01", int64(i+1), at, `/a`)...)
	}
	s.Load(t, "a.json", log)
	path := searchURL("/search", "EventCode=29", "columns", "RecordNumber, nosuch,RecordNumber")
	var seen []string
	for turn := range 3 {
		d, _ := searched(t, s, path)
		heads := []string{"Compare", "_time", "dest", "RecordNumber ×", "nosuch ×"}
		if got := texts(d, ".search-events th"); !slices.Equal(got, heads) {
			t.Fatalf("%q", got)
		}
		seen = append(seen, texts(d, ".search-events tbody td:nth-child(4)")...)
		want := fmt.Sprintf("%d to %d of 120 events", 50*turn+1, min(50*turn+50, 120))
		if !strings.Contains(d.Find(".pager").Text(), want) {
			t.Errorf("%q, want %q", oneLine(d.Find(".pager").Text()), want)
		}
		path = d.Find(".pager a[rel=next]").AttrOr("href", "")
		if back := d.Find(".pager a[rel=prev]").AttrOr("href", ""); turn > 0 {
			before, _ := searched(t, s, back)
			if got := texts(before, ".search-events tbody td:nth-child(4)"); !slices.Equal(got, seen[50*turn-50:50*turn]) {
				t.Errorf("the page before %d is %q", turn, got)
			}
		}
	}
	slices.Sort(seen)
	if path != "" || len(slices.Compact(seen)) != 120 {
		t.Errorf("%d events, and then %q", len(slices.Compact(seen)), path)
	}
	for _, q := range []string{"after=x", "before=1", "from=-1",
		"columns=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u"} {
		if got := s.Do(t, "GET", "/search?on=page&q=x&"+q, nil); got.Status != 400 {
			t.Errorf("%s: %d", q, got.Status)
		}
	}
}
