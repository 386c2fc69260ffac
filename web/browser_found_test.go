package web_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// TestBrowserFound: what a search found is worked with: a row opens in place, a column is
// added, two events are compared, the host's events around one are shown; a table is
// sorted, paged and leads to its events, beneath its chart. With and without script.
func TestBrowserFound(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	var log []byte
	for i := range 70 {
		at := consoletest.Noon.Add(time.Duration(i) * time.Minute)
		log = append(log, consoletest.Change(fmt.Sprintf("web%d", i%2), int64(i+1), at, `/a`)...)
	}
	s.Load(t, "a.json", slices.Clone(log))
	const rows = `document.querySelectorAll(".search-events tbody tr[data-event]").length`
	found := func(words string) string {
		return fmt.Sprintf(`document.querySelector("#results h2").textContent === %q`, words)
	}
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%t", script), func(t *testing.T) {
			p := b.newTab(t, s)
			if !script {
				p.noScript()
			}
			p.open("/search?on=page&q=EventCode%3D29")
			p.click(".search-events tbody tr:nth-child(3) a[data-open]")
			if script {
				p.until(`document.querySelector("tr[data-opened] .fields-of")`)
				p.click(`tr[data-opened] [role=tab]:nth-child(2)`)
				p.until(`document.querySelector("tr[data-opened] pre").getClientRects().length > 0`)
				p.click(`tr[data-opened] [role=tab]:nth-child(1)`)
			} else {
				p.until(`location.pathname.startsWith("/events/") && document.querySelector(".fields-of.with-do")`)
			}
			p.click(`button[name=column][value=RecordNumber]`)
			p.until(`document.querySelector(".search-events th:nth-child(4)")?.textContent.includes("RecordNumber")`)
			p.until(rows + ` === 50`)
			p.click(`.pager a[rel=next]`)
			p.until(rows + ` === 20 && document.querySelector(".search-events th:nth-child(4)")`)
			p.click(`.search-events tbody tr:nth-child(1) input`)
			p.click(`.search-events tbody tr:nth-child(2) input`)
			p.click(`button[data-compare]`)
			p.until(`location.pathname === "/search/compare" && document.querySelectorAll(".compare tr.differ").length > 2`)
			p.click(`.compare thead th:nth-child(2) a`)
			p.until(`location.pathname.startsWith("/events/") && document.querySelector(".event-links a")`)
			p.click(`.event-links a`)
			p.until(`document.querySelector("tr.marked") && ` + found("5 events"))

			p.open("/search?on=page&q=" + `*+|+timechart+span=10m+count+by+ComputerName`)
			p.until(`document.querySelector("figure.chart svg .line")`)
			p.click(`#table button[value="-web1"]`)
			p.until(`document.querySelector("th[aria-sort=descending]")?.textContent.includes("web1")`)
			p.click(`#table button[name=row]`)
			p.until(found("10 events"))
			p.open("/search?on=page&q=" + `*+|+stats+count+by+RecordNumber+|+sort+-RecordNumber`)
			p.click(`.pager a[rel=next]`)
			p.until(`document.querySelector(".search-table tbody tr td")?.textContent.trim() === "20"`)
			p.click(`#table button[name=row]`)
			p.until(found("1 event"))
		})
	}
}
