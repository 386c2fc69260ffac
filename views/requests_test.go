package views_test

import (
	"strings"
	"testing"

	"escutcheon/views"
)

// requestsPages are the states of the page of requests beside a change.
func requestsPages() map[string]views.RequestsPage {
	full := views.RequestsPage{Frame: frame("Requests"), Dest: "web01", At: at(9, 14, 2, 5), Hours: 2, Complete: true,
		OfHours: []int{1, 24},
		Changes: []views.RequestsChange{{At: at(9, 14, 2, 5), Name: "X", Judgement: "unknown", URL: "/hosts/web01/requests"}},
		From:    at(8, 14, 2, 5), To: at(10, 14, 2, 5), Collected: true, Before: 7, After: 1200, Refused: 3, Damaged: 2,
		Caution: "Careful.", SearchURL: "/search?q=x", ViewStates: views.ViewStates{Count: 2, URL: "/search?q=y"},
		Lists: []views.RequestsList{{Kind: "first-seen address", More: 4, Rows: []views.RequestsRow{{Path: "/new.aspx",
			Count: 12, Posts: 3, First: at(9, 14, 2, 6), Last: at(9, 15, 0, 0), URL: "/search?q=new"}}},
			{Kind: "POST burst"}, {Kind: "error turned to answer", Rows: []views.RequestsRow{{Path: "/old", Failed: 9}}}}}
	none := views.RequestsPage{Frame: frame("Requests"), Dest: "..", AsOfText: "2026-03-02", Hours: 24, OfHours: []int{24},
		Collected: true, Why: "Name a time."}
	absent := none
	absent.Collected, absent.At, absent.ViewStates = false, at(9, 14, 2, 5), views.ViewStates{Count: 2, URL: "/search?q=y"}
	runs := full
	runs.Complete, runs.Refresh = false, 2
	runs.Run = &views.RequestsRun{ID: "0123456789abcdef", Done: 3, Of: 12, Found: 4567}
	stopped := none
	stopped.At, stopped.From, stopped.To, stopped.Why = full.At, full.From, full.To, "It was stopped."
	return map[string]views.RequestsPage{"requests": full, "requests-none": none, "requests-absent": absent,
		"requests-runs": runs, "requests-stopped": stopped}
}

// TestRequests: the page says what there is and is not; a name that no path can hold goes
// with the form.
func TestRequests(t *testing.T) {
	all := requestsPages()
	d := document(t, render(t, views.HostRequests(all["requests"])))
	if d.Find("tbody tr").Length() != 2 || d.Find("option").Length() < 3 || d.Find("select[name=hours] option[selected]").
		AttrOr("value", "") != "2" || d.Find("p.problem").Length() != 2 || d.Find("p.told").Text() != "Careful." {
		t.Error(d.Find("main").Text())
	}
	d = document(t, render(t, views.HostRequests(all["requests-none"])))
	if d.Find("form.filter input[name=dest]").AttrOr("value", "") != ".." ||
		d.Find("p.told[role=status]").Text() != "Name a time." ||
		d.Find("form.filter input[name=as-of]").Length() != 1 || d.Find("table").Length() != 0 {
		t.Error(d.Find("main").Text())
	}
	d = document(t, render(t, views.HostRequests(all["requests-absent"])))
	if d.Find("p.problem a").Length() != 1 || d.Find(".empty").Length() != 1 {
		t.Error("view states are not told where no log of requests was collected: " + d.Find("main").Text())
	}
	d = document(t, render(t, views.HostRequests(all["requests-runs"])))
	if d.Find("progress").AttrOr("value", "") != "25" || d.Find("form[action='/search/jobs/0123456789abcdef/stop']").
		Length() != 1 || !strings.Contains(d.Find("[data-live=on]").Text(), "4,567 requests so far") ||
		d.Find("table").Length() != 0 || d.Find("noscript").Length() != 1 {
		t.Error("a look that runs: " + d.Find("main").Text())
	}
	d = document(t, render(t, views.HostRequests(all["requests-stopped"])))
	if text := d.Find("[data-live=off]").Text(); !strings.Contains(text, "It was stopped.") ||
		strings.Contains(text, "before the change") {
		t.Error("one that was stopped: " + text)
	}
}
