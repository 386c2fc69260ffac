package views_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/views"
)

// TestEveryRowLeadsToItsFinding: whatever columns a rule's rows have, one cell of each
// leads to its finding; its words are those that say most.
func TestEveryRowLeadsToItsFinding(t *testing.T) {
	for columns, want := range map[string]string{
		"dest count firstTime lastTime":      "open",
		"count dest":                         "open",
		"dest":                               "open",
		"firstTime lastTime dest":            "open",
		"dest count user firstTime lastTime": "mallory",
		"count dest process user":            "cmd.exe",
	} {
		row := views.FindingRow{ID: "f1", Dest: "web02", Count: 3}
		for _, c := range strings.Fields(columns) {
			row.Cells = append(row.Cells, map[string]string{"dest": "web02", "user": "mallory", "process": "cmd.exe"}[c])
		}
		html := render(t, views.Findings(views.FindingsPage{Frame: frame("Findings"), Total: 1,
			Table: views.FindingsTable{Columns: strings.Fields(columns), Rows: []views.FindingRow{row}}}))
		d, err := goquery.NewDocumentFromReader(strings.NewReader(html))
		if err != nil {
			t.Fatal(err)
		}
		link := d.Find("[data-rows] tbody tr a[data-open]")
		if link.Length() != 1 || link.AttrOr("href", "") != views.FindingURL("f1") || strings.TrimSpace(link.Text()) != want {
			t.Errorf("%s: %d links, %q", columns, link.Length(), link.Text())
		}
	}
}
