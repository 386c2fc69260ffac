package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"escutcheon/handlers"
	"escutcheon/store"
)

// TestSigned: who asks is known by the address and by the name of the form, or else
// by the one that was typed before.
func TestSigned(t *testing.T) {
	long := strings.Repeat("x", store.MaxAuthor+1)
	for _, one := range []struct{ remote, cookie, form, want string }{
		{"10.0.0.7:5000", "", "", " 10.0.0.7"},
		{"10.0.0.7:5000", "anna", "", "anna 10.0.0.7"},
		{"[::1]:5000", "anna", " bert ", "bert ::1"},
		{"@", "anna", " ", "anna @"},
		{"10.0.0.7:5000", long, long, " 10.0.0.7"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(url.Values{"author": {one.form}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = one.remote
		if one.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "author", Value: url.QueryEscape(one.cookie)})
		}
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		got := ""
		err := handlers.Signed(func(c echo.Context) error {
			who := store.ActorOf(c.Request().Context())
			got = who.Person + " " + who.Address
			return nil
		})(echo.New().NewContext(r, httptest.NewRecorder()))
		if err != nil || got != one.want {
			t.Errorf("%+v: %q, %v; want %q", one, got, err, one.want)
		}
	}
}
