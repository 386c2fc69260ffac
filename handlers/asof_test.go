package handlers_test

import (
	"escutcheon/internal/consoletest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAsOfInAddress(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", append(consoletest.Change("web01", 1, consoletest.Noon, "/a"), consoletest.Change("web01", 2,
		consoletest.Noon.Add(100*time.Hour), "/b")...))
	for _, c := range []struct{ asOf, want string }{
		{"", "100,2"}, {"2026-03-02T12:00:00Z", "50,1"}, {"2026-03-02T12:00:00", "50,1"}, {"2026-03-02T13:00:00%2B01:00",
			"50,1"},
		{"2026-03-02T13:00:00+01:00", "50,1"}, {"2026-03-02T07:00:00-05:00", "50,1"}, {"2026-03-02T11:59:59Z", ""},
		{"2026-03-09T12:00:00Z", "50,1"},
	} {
		for _, path := range []string{"/risk.csv?as-of=", "/hosts/web01/risk.csv?as-of="} {
			got := ""
			for _, row := range consoletest.Rows(t, s.Get(t, path+c.asOf)) {
				if row[0] == "web01" {
					got = row[1] + "," + row[2]
				}
			}
			if got != c.want {
				t.Errorf("%s%s: %q, want %q", path, c.asOf, got, c.want)
			}
		}
		for _, path := range []string{"/?as-of=", "/hosts/web01?as-of="} {
			links := consoletest.CheckPage(t, path, s.Get(t, path+c.asOf).Body)
			carried := slices.ContainsFunc(links, func(l string) bool {
				u, err := url.Parse(l)
				return err == nil && strings.HasSuffix(u.Path, "risk.csv") && u.Query().Get("as-of") != ""
			})
			if carried != (c.asOf != "") && !(path == "/?as-of=" && c.want == "") {
				t.Errorf("%s%s: the link to risk.csv carries the as-of: %v", path, c.asOf, carried)
			}
		}
	}
}
