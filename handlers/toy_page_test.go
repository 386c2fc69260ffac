package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// The toy page is the worked example of CONTRIBUTING.md: what a page asks, what
// it shows, and how it is tested without a database or a server. A real one has
// the first two parts in handlers/toys.go, the third in views/toys.templ, a
// field of Ask, and a line of routes in web.

// ToyStore is what the page asks.
type ToyStore interface {
	// Toys are the names of the toys that contain a text, in order.
	Toys(ctx context.Context, text string) ([]string, error)
}

// toys is the page. (Real pages are methods of Handlers, and ask h.Ask.)
type toys struct {
	*Handlers
	ask ToyStore
}

// Toys lists the toys.
func (h toys) Toys(c echo.Context) error {
	text, err := textParam(c)
	if err != nil {
		return err
	}
	names, err := h.ask.Toys(c.Request().Context(), text)
	if err != nil {
		return err // web makes the page of it
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string][]string{"toys": names})
	}
	p := toysPage{Names: names}
	if p.Frame, err = h.frame(c, "Toys"); err != nil {
		return err
	}
	return render(c, http.StatusOK, toysView(p))
}

// toysPage is the view model, toysView the template.
type toysPage struct {
	views.Frame
	Names []string
}

func toysView(p toysPage) templ.Component {
	rows := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, n := range p.Names {
			fmt.Fprintf(&b, "<li>%s</li>", templ.EscapeString(n))
		}
		_, err := fmt.Fprintf(w, `<h1>Toys</h1><ul class="toys">%s</ul>`, b.String())
		return err
	})
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return views.Layout(p.Frame, "Toys").Render(templ.WithChildren(ctx, rows), w)
	})
}

// toyBox answers as a store would.
type toyBox struct {
	names  []string
	err    error
	asked  string
	frames error
}

func (b *toyBox) Toys(_ context.Context, text string) ([]string, error) {
	b.asked = text
	return b.names, b.err
}
func (b *toyBox) Active(context.Context) (n int, done, all int64, err error) {
	return 1, 25, 100, b.frames
}
func (b *toyBox) Uploads(context.Context, int) ([]intake.Import, error) { return nil, nil }
func (b *toyBox) CountWaiting(context.Context) (int64, error)           { return 2, nil }
func (b *toyBox) Ping(context.Context) error                            { return nil }
func (b *toyBox) LastScrub() store.Scrub                                { return store.Scrub{} }

// get asks the page and returns what came back.
func (b *toyBox) get(t *testing.T, target string, header ...string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	h := &Handlers{Ask: Ask{Frame: b}, Now: func() time.Time { return time.Unix(1_770_000_000, 0) }}
	req, rec := httptest.NewRequest(http.MethodGet, target, nil), httptest.NewRecorder()
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return rec, toys{h, b}.Toys(echo.New().NewContext(req, rec))
}

// TestToyPage: the names stand in the page as they are, whatever they hold, and
// around them what every page has.
func TestToyPage(t *testing.T) {
	t.Parallel()
	box := &toyBox{names: []string{"bear", "<script>alert(1)</script>"}}
	rec, err := box.get(t, "/toys?q=+b+")
	if err != nil || rec.Code != http.StatusOK || box.asked != "b" {
		t.Fatalf("%v, %d, asked for %q", err, rec.Code, box.asked)
	}
	doc, err := goquery.NewDocumentFromReader(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Find("ul.toys li").Map(func(_ int, s *goquery.Selection) string { return s.Text() }); strings.Join(got,
		"|") != strings.Join(box.names, "|") {
		t.Errorf("the page shows %q, want %q", got, box.names)
	}
	if n := doc.Find("ul.toys script").Length(); n != 0 {
		t.Errorf("a toy's name became %d elements", n)
	}
	if doc.Find("title").Length() != 1 || !strings.Contains(doc.Find("title").Text(), "Toys") ||
		doc.Find("nav").Length() == 0 {
		t.Errorf("the frame is missing: title %q", doc.Find("title").Text())
	}
}

// TestToyPageJSON: a program gets the same as JSON.
func TestToyPageJSON(t *testing.T) {
	t.Parallel()
	box := &toyBox{names: []string{"bear"}}
	rec, err := box.get(t, "/toys", "Accept", "application/json")
	if got := strings.TrimSpace(rec.Body.String()); err != nil || got != `{"toys":["bear"]}` {
		t.Errorf("%s, %v", got, err)
	}
}

// TestToyPageFails: where something goes wrong, nothing of the page is sent.
func TestToyPageFails(t *testing.T) {
	t.Parallel()
	wrong := errors.New("the box is shut")
	for name, tt := range map[string]struct {
		box    toyBox
		target string
	}{
		"the store":      {toyBox{err: wrong}, "/toys"},
		"the frame":      {toyBox{frames: wrong}, "/toys"},
		"a long request": {toyBox{}, "/toys?q=" + strings.Repeat("x", maxText+1)},
	} {
		rec, err := tt.box.get(t, tt.target)
		if err == nil || rec.Body.Len() != 0 {
			t.Errorf("%s: %v, and %d bytes were sent", name, err, rec.Body.Len())
		}
	}
}
