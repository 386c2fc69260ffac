package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/internal/consoletest"
	"escutcheon/signin"
	"escutcheon/store"
	"escutcheon/web"
)

// TestOffered: pages offer nobody a form that they would be refused, and leave out none
// that they would not.
func TestOffered(t *testing.T) {
	s := withAccounts(t, time.Now)
	tokens := map[access.Role]string{}
	for _, r := range access.Roles() {
		a, err := s.Store.AccountByName(t.Context(), r.String())
		if err != nil {
			t.Fatal(err)
		}
		if tokens[r], _, err = signin.NewToken(t.Context(), s.Store, store.Token{Account: a.ID, Name: "x", Role: r,
			Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	e := echo.New()
	for _, r := range web.Routes() {
		e.Add(r.Method, r.Path, func(echo.Context) error { return nil })
	}
	route := func(method, address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		c := e.NewContext(nil, nil)
		e.Router().Find(method, u.EscapedPath(), c)
		return c.Path()
	}
	s.Token = tokens[access.Admin]
	consoletest.LoadHostile(t, s)
	consoletest.WriteHostile(t, s)
	s.Upload(t, nil, consoletest.Log("locked.zip", consoletest.Locked(t, "secret", consoletest.Log("a", []byte("x")))))
	pages := pagesByRoute(t, s, func(path string) string { return route(http.MethodGet, path) })
	all := offeredOn(t, s, pages, route)
	if len(all) < 40 {
		t.Fatalf("an admin is offered %d forms on %d pages: %v", len(all), len(pages), slices.Sorted(maps.Keys(all)))
	}
	for _, role := range []access.Role{access.Viewer, access.Analyst} {
		s.Token = tokens[role]
		got := offeredOn(t, s, pages, route)
		for r, on := range all {
			if may := web.Needs(http.MethodPost, r) <= role; may != (got[r] != "") {
				t.Errorf("%s, who may use %s: %v; offered on %q (an admin: %q)", role, r, may, got[r], on)
			}
		}
	}
}

// pagesByRoute are addresses that pages link, the first few of each route.
func pagesByRoute(t *testing.T, s *consoletest.Server, route func(string) string) (pages []string) {
	t.Helper()
	kinds, seen := map[string]int{}, map[string]bool{}
	queue := []string{"/", "/users", "/settings", "/findings", "/imports", "/rules", "/events", "/search?on=page",
		"/search?q=web", "/account", "/accounts", "/cases", "/cases/1", "/rules/" + consoletest.HostileRule,
		"/cases/items?finding=" + s.FindingIDs(t)[0], "/notes/1/edit", "/hosts/a%20b"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if r := route(path); seen[path] || r == "" || kinds[r] >= 3 {
			continue
		} else if kinds[r]++; strings.HasPrefix(r, "/static") {
			continue
		}
		seen[path] = true
		a := s.Do(t, http.MethodGet, path, nil, "Accept", "text/html")
		if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Content-Type"), "html") {
			continue
		}
		pages = append(pages, path)
		d, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		d.Find("a[href]").Each(func(_ int, x *goquery.Selection) {
			if to, _, _ := strings.Cut(x.AttrOr("href", ""), "#"); strings.HasPrefix(to, "/") {
				queue = append(queue, to)
			}
		})
	}
	return pages
}

// offeredOn are the routes that forms of pages post to, each with a page.
func offeredOn(t *testing.T, s *consoletest.Server, pages []string,
	route func(method, address string) string) map[string]string {
	t.Helper()
	on := map[string]string{}
	for _, path := range pages {
		a := s.Do(t, http.MethodGet, path, nil, "Accept", "text/html")
		if a.Status == http.StatusForbidden {
			continue
		}
		d, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		if err != nil || a.Status != http.StatusOK {
			t.Fatal(path, a.Status, err)
		}
		d.Find(`form[method=post], [formmethod=post]`).Each(func(_ int, x *goquery.Selection) {
			on[route(http.MethodPost, x.AttrOr("formaction", x.AttrOr("action", path)))] = path
		})
	}
	return on
}
