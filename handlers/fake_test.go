package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/handlers"
	"escutcheon/intake"
	"escutcheon/internal/consoletest"
	"escutcheon/store"
)

// fakeFrame has what stands around every page.
type fakeFrame struct {
	running, done, all, waiting int64
}

func (f fakeFrame) Uploads(context.Context, int) (out []intake.Import, err error) {
	for i := range f.running {
		out = append(out, intake.Import{ID: i + 1, Name: "some.evtx", Status: intake.Running, Size: 200,
			Counts: intake.Counts{Bytes: 50}})
	}
	return out, nil
}

func (f fakeFrame) Active(context.Context) (int, int64, int64, error) {
	return int(f.running), f.done, f.all, nil
}
func (fakeFrame) LastScrub() store.Scrub { return store.Scrub{} }

func (f fakeFrame) CountWaiting(context.Context) (int64, error) { return f.waiting, nil }
func (fakeFrame) Ping(context.Context) error                    { return nil }

// noTemplates has no templates of notes.
type noTemplates struct{ handlers.TemplateStore }

func (noTemplates) NoteTemplates(context.Context) ([]store.NoteTemplate, error) { return nil, nil }

// fakeUsers is a store of two users, made by hand: it has the methods of the
// list of users and no other.
type fakeUsers struct {
	handlers.UserStore
	handlers.RiskStore
	filter store.ObjectFilter
	page   store.Page
	risk   store.RiskOf
	names  []string
}

func (f *fakeUsers) Objects(_ context.Context, by store.ObjectFilter, p store.Page) ([]store.Object, store.Cursors,
	error) {
	f.filter, f.page = by, p
	return []store.Object{
		{Name: "anna", Score: 300, RiskEvents: 1, Rules: 1, Findings: 7, AsOf: 1_000_000, AsOfKind: risk.Newest,
			First: 990_000, Last: 999_000},
		{Name: "b<b>", AsOf: 2_000_000, AsOfKind: risk.Now, First: 1, Last: 2},
	}, store.Cursors{Before: "first&", After: "last="}, nil
}

func (f *fakeUsers) SummarizeObjects(context.Context, store.ObjectFilter) (store.ObjectSummary, error) {
	return store.ObjectSummary{Objects: 52, Risky: 1, Top: 300}, nil
}

func (f *fakeUsers) RisksOf(_ context.Context, by store.RiskOf, names []string) ([]store.Risk, error) {
	f.risk, f.names = by, names
	out := make([]store.Risk, len(names))
	scorer := risk.Scorer{Settings: risk.Default()}
	for i, name := range names {
		var events []detection.RiskEvent
		if name == "anna" {
			events = []detection.RiskEvent{{RiskObject: "anna", ObjectType: "user", Score: 300,
				Time: 999_000, WindowStart: detection.WindowOf(999_000).Start}}
		}
		out[i] = store.Risk{View: scorer.View(events, 1_000_000)}
	}
	return out, nil
}

// noRules is a rulebook without rules.
type noRules struct{ handlers.Rulebook }

func (noRules) Find(string) *detection.Rule { return nil }

// TestUsersOfAHandMadeStore renders the list of users without a database: what
// it asks, what it shows, and where its links lead.
func TestUsersOfAHandMadeStore(t *testing.T) {
	t.Parallel()
	fake := &fakeUsers{}
	now := time.Unix(2_000_000, 0)
	h := &handlers.Handlers{Ask: handlers.Ask{Frame: fakeFrame{running: 2, done: 1, all: 4, waiting: 3}, Users: fake,
		Risk: fake},
		Book: noRules{}, Now: func() time.Time { return now }}
	d := docOf(t, visit(h, "/users?q=+An&as-of=1970-01-20&sort=-last&after=x"), http.StatusOK)
	asOf := int64(19 * 24 * 3600)
	if f := fake.filter; f.Type != "user" || f.Text != "An" || f.AsOf == nil || *f.AsOf != asOf || f.Now != now.Unix() {
		t.Errorf("asked for %+v", f)
	}
	if want := (store.Page{Sort: "last", After: "x", Limit: 50}); fake.page != want {
		t.Errorf("asked for the page %+v, want %+v", fake.page, want)
	}
	if f := fake.risk; f.Type != "user" || f.AsOf == nil || *f.AsOf != asOf || f.Now != now.Unix() ||
		!slices.Equal(fake.names, []string{"anna", "b<b>"}) {
		t.Errorf("asked for the risk %+v of %q", f, fake.names)
	}
	if rows := d.Find("table.users tbody tr"); rows.Length() != 2 || rows.Eq(0).Find("td.score").Text() != "300" ||
		!strings.Contains(rows.Eq(0).Text(), "high from 250") || strings.Contains(rows.Eq(1).Text(), "from") {
		t.Errorf("rows: %s", rows.Text())
	}
	checkLinks(t, d, map[string]string{
		"a[rel=prev]":                        "/users?as-of=1970-01-20&before=first%26&q=+An&sort=-last",
		"a[rel=next]":                        "/users?after=last%3D&as-of=1970-01-20&q=+An&sort=-last",
		"th[aria-sort=descending] a":         "/users?as-of=1970-01-20&q=+An&sort=last",
		"thead th:nth-child(2) a":            "/users?as-of=1970-01-20&q=+An&sort=-name",
		"ul.chips li:nth-child(1) a":         "/users?as-of=1970-01-20&sort=-last",
		"ul.chips li:nth-child(2) a":         "/users?q=+An&sort=-last",
		"tbody tr:nth-child(2) th a":         "/users/b%3Cb%3E",
		"form.filter input[name=sort]":       "-last",
		"form.filter input[name=q]":          "An",
		"form.filter input[name='as-of']":    "1970-01-20",
		"tbody tr:nth-child(1) time":         "1970-01-12T13:46:40Z",
		"header a[href='/imports'], .upload": "",
	})
	if got := oneLine(d.Find("nav.pager").Text()); !strings.Contains(got, "2 of 52 users") || !strings.Contains(got,
		"newer") {
		t.Errorf("pager %q", got)
	}
}

// TestFrame says what stands around a page while imports run.
func TestFrame(t *testing.T) {
	t.Parallel()
	fake := &fakeUsers{}
	h := &handlers.Handlers{Ask: handlers.Ask{Users: fake, Risk: fake}, Book: noRules{}, Now: time.Now, MaxUpload: 3 << 20}
	for _, c := range []struct {
		frame fakeFrame
		want  []string
		not   []string
	}{
		{fakeFrame{}, nil, []string{"running", "waiting", "%"}},
		{fakeFrame{running: 2, done: 1, all: 4}, []string{"2", "25 %", "some.evtx"}, nil},
		{fakeFrame{running: 1, done: 9, all: 4}, []string{"100 %"}, []string{"225"}},
		{fakeFrame{running: 1}, []string{"0 %"}, nil},
		{fakeFrame{waiting: 3}, []string{"3"}, []string{"%"}},
	} {
		h.Ask.Frame = c.frame
		r := visit(h, "/users", "Cookie", "author="+url.QueryEscape("Nächte; <b>"))
		head := oneLine(docOf(t, r, http.StatusOK).Find("header").Text())
		for _, w := range c.want {
			if !strings.Contains(head, w) {
				t.Errorf("%+v: no %q in %q", c.frame, w, head)
			}
		}
		for _, w := range c.not {
			if strings.Contains(head, w) {
				t.Errorf("%+v: %q in %q", c.frame, w, head)
			}
		}
	}
}

// docOf is the page that was answered with a status.
func docOf(t testing.TB, r *httptest.ResponseRecorder, status int) *goquery.Document {
	t.Helper()
	if r.Code != status {
		t.Fatalf("status %d, want %d: %s", r.Code, status, r.Body)
	}
	d, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// checkLinks compares, by selector, where the first element found leads, or
// what it holds; "" asks that there is none.
func checkLinks(t testing.TB, d *goquery.Document, want map[string]string) {
	t.Helper()
	for selector, address := range want {
		e := d.Find("main").Find(selector).First()
		got := ""
		for _, name := range []string{"datetime", "value", "href"} {
			got = e.AttrOr(name, got)
		}
		if got != address {
			t.Errorf("%s leads to %q, want %q", selector, got, address)
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// fakeSettings keeps settings and refuses what a database would.
type fakeSettings struct {
	now  risk.Settings
	kept []risk.Settings
}

func (f *fakeSettings) Settings(context.Context) (risk.Settings, error) { return f.now, nil }

func (f *fakeSettings) KeepSettings(_ context.Context, s risk.Settings) error {
	f.kept = append(f.kept, s)
	return nil
}

// TestSettingsForm says what of a form becomes the settings, under each name of
// its fields.
func TestSettingsForm(t *testing.T) {
	t.Parallel()
	five := func(more ...string) url.Values {
		v := url.Values{"medium": {"10"}, "high": {" 20 "}, "critical": {"1000000000"}, "tactics": {"4"}, "rules": {"5"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	plain := risk.Settings{Medium: 10, High: 20, Critical: 1_000_000_000, Tactics: 4, Rules: 5,
		Sigma: detection.DefaultScores()}
	capped := plain
	capped.CapPerRule = true
	for name, c := range map[string]struct {
		form   url.Values
		status int
		want   []risk.Settings
	}{
		"as the page sends it":            {five("cap", "1"), 303, []risk.Settings{capped}},
		"as docs/http.md says":            {five("cap_per_rule", "1"), 303, []risk.Settings{capped}},
		"as the settings are read":        {five("cap_per_rule", "true"), 303, []risk.Settings{capped}},
		"both: the documented one counts": {five("cap_per_rule", "false", "cap", "1"), 303, []risk.Settings{plain}},
		"0 caps nothing":                  {five("cap", "0"), 303, []risk.Settings{plain}},
		"neither":                         {five(), 303, []risk.Settings{plain}},
		"reset": {url.Values{"reset": {"1"}, "medium": {"x"}}, 303,
			[]risk.Settings{risk.Default()}},
		"a word":                {five("rules", "five", "cap", "1"), 400, nil},
		"a fraction":            {five("medium", "1.5"), 400, nil},
		"nothing":               {five("tactics", ""), 400, nil},
		"one past the greatest": {five("critical", "1000000001"), 400, nil},
	} {
		fake := &fakeSettings{now: risk.Default()}
		h := &handlers.Handlers{Ask: handlers.Ask{Frame: fakeFrame{}, Settings: fake, Templates: noTemplates{},
			Triage: fakeTriage{}}, Now: time.Now}
		for _, accept := range []string{"text/html", "application/json"} {
			fake.kept = nil
			r := send(h, "/settings", c.form, "Accept", accept)
			status := c.status
			if status == 303 && accept != "text/html" {
				status = 200
			}
			if r.Code != status || !slices.Equal(fake.kept, c.want) {
				t.Errorf("%s, %s: status %d, kept %+v", name, accept, r.Code, fake.kept)
			}
			if status == 400 && accept == "text/html" {
				d := docOf(t, r, 400)
				if d.Find(".problem").Length() != 1 || d.Find("input[name=rules]").AttrOr("value", "") != c.form.Get("rules") ||
					d.Find("input[name=cap][value='1'][checked]").Length() != len(c.form["cap"]) {
					t.Errorf("%s: the form came back without the reason or without what was chosen", name)
				}
			}
		}
	}
}

// send posts a form to the pages, without a connection.
func send(h *handlers.Handlers, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	return ask(h, httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode())),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// documentOf is a page that a server answered.
func documentOf(t testing.TB, a consoletest.Answer) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fakeTriage demands no note.
type fakeTriage struct{ handlers.TriageStore }

func (fakeTriage) NoteMandatory(context.Context) (bool, error) { return false, nil }
