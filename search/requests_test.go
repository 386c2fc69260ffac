package search_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/search"
)

// TestRequests: requests are found by their sourcetype and fields, and fill the data
// model Web, alone.
func TestRequests(t *testing.T) {
	h := demoHouse(t)
	for text, want := range map[string]string{
		`sourcetype=ms:iis:auto sc_status=500 | stats count by cs_uri_stem`:               `/pa 3 /pb 3 /pc 3 /pd 3 /pe 3`,
		`| tstats count from datamodel=Web by Web.status | sort Web.status`:               `200 15 300 15 400 15 500 15`,
		`| tstats count from datamodel=Web where Web.url="/pa?x=1" by Web.dest Web.site`:  `web01.corp.example W3SVC1 12`,
		`sourcetype=ms:iis:auto | stats count dc(EventCode) as codes dc(LogName) as logs`: `60 0 0`,
		`LogName=ms:iis:auto | stats count`:                                               `0`,
	} {
		s, err := h.Prepare(text, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Run(ctx, search.Range{}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range a.Rows {
			for _, c := range a.Columns {
				v, _ := f.Row.Get(c)
				got = append(got, v)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
