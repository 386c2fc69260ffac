package handlers_test

import (
	"net/url"
	"strconv"
	"testing"

	"escutcheon/internal/consoletest"
)

// BenchmarkCase opens a case of 200 findings and events of 20 hosts, verifies it, and
// makes its report.
func BenchmarkCase(b *testing.B) {
	s := consoletest.New(b)
	s.Load(b, "a.json", consoletest.Many(150, 20))
	post := func(path string, form url.Values) {
		b.Helper()
		if a := s.Post(b, path, form, "Accept", consoletest.JSON); a.Status > 201 {
			b.Fatal(a.Status, a.Body)
		}
	}
	post("/cases", url.Values{"title": {"x"}, "author": {"anna"}})
	var ids []string
	for at := "/findings?rule=all"; at != ""; {
		page := decodeJSON[struct {
			Next     string
			Findings []struct {
				ID string `json:"finding_id"`
			}
		}](b, s.Get(b, at, "Accept", consoletest.JSON), 200)
		for _, f := range page.Findings {
			ids = append(ids, f.ID)
		}
		at = page.Next
	}
	for _, id := range ids[:150] {
		post("/cases/1/items", url.Values{"finding": {id}})
	}
	for i := range 50 {
		post("/cases/1/items", url.Values{"event": {strconv.Itoa(i + 1)}})
	}
	for _, path := range []string{"/cases/1", "/cases/1/timeline.svg", "/cases/1/report.html", "/findings/" + ids[0],
		"/cases"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Get(b, path)
			}
		})
	}
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			post("/cases/1/verify", nil)
		}
	})
}
