package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// TestCompleteApart: of what rules found, and of notes, their own fields and values are
// suggested.
func TestCompleteApart(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	type answer struct {
		Items []struct{ Kind, Text, Insert string }
	}
	for _, c := range [][2]string{
		{"index=risk risk_ob", "risk_object="},
		{"index=risk risk_object=we", "web01 "},
		{`index="notable" | stats count by statu`, "status"},
		{"index=notable risk_ob", ""},
		{"index=no", "notes "},
		{"risk_ob", ""},
	} {
		q, want := c[0], c[1]
		var got []string
		consoletest.Poll(t, func() bool { // it is looked at beside
			got = nil
			for _, i := range decodeJSON[answer](t, s.Do(t, "GET", searchURL("/search/complete", q), nil), 200).Items {
				got = append(got, i.Insert)
			}
			return len(got) > 0 || want == ""
		})
		if all := strings.Join(got, ","); want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
}

// TestLookups: the tables that rules brought are listed, and each leads to its rows.
func TestLookups(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	if err := s.Book.Load(t.Context(), []detection.SourceFile{{Path: "lookups/odd <b> name.csv", Kind: detection.TableFile,
		Content: []byte("sha256,<i>\n1,2\n3,4\n")}}); err != nil {
		t.Fatal(err)
	}
	type lookup struct {
		Name, URL string
		Columns   []string
		Rows      int
	}
	got := decodeJSON[struct{ Lookups []lookup }](t, s.Do(t, "GET", "/lookups", nil, "Accept", consoletest.JSON), 200)
	at := slices.IndexFunc(got.Lookups, func(l lookup) bool { return l.Name == "odd <b> name" })
	if at < 0 || got.Lookups[at].Rows != 2 || !slices.Equal(got.Lookups[at].Columns, []string{"sha256", "<i>"}) {
		t.Fatalf("%+v", got)
	}
	d := s.Doc(t, s.Do(t, "GET", "/lookups", nil).Header.Get("Location"))
	links := d.Find(".search-lookups tbody a")
	if links.Length() != len(got.Lookups) || !strings.Contains(consoletest.Words(d, ".search-lookups"),
		"odd <b> namesha256, <i>2Open in search") {
		t.Errorf("the page: %s", consoletest.Words(d, ".search-lookups"))
	}
	for i, l := range got.Lookups {
		href := links.Eq(i).AttrOr("href", "")
		if page := ranPage(t, s, href); href != l.URL || page.Find(".search-table tbody tr").Length() != l.Rows {
			t.Errorf("%s leads to %s: %s", l.Name, href, consoletest.Words(page, "#results"))
		}
	}
}
