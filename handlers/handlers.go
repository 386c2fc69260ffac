// Package handlers answers the console's requests: each reads its request,
// asks the store, the rules or the import queue, and fills the view model of
// one page, or streams CSV. One file a page. Routes and errors are web's,
// looks are views', SQL is db's.
package handlers

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/asof"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/rulebook"
	"escutcheon/search"
	"escutcheon/signin"
	"escutcheon/signing"
	"escutcheon/store"
	"escutcheon/views"
)

// FrameStore is what every page has around its content, and what says that the
// database answers.
type FrameStore interface {
	// Active counts the imports under way and how many of their bytes are done.
	Active(ctx context.Context) (n int, done, all int64, err error)
	// Uploads are the first of these imports, up to limit.
	Uploads(ctx context.Context, limit int) ([]intake.Import, error)
	// CountWaiting counts the imports that wait for an answer.
	CountWaiting(ctx context.Context) (int64, error)
	Ping(ctx context.Context) error
	// LastScrub is what was found when the rows that carry checksums were gone over.
	LastScrub() store.Scrub
}

// Rulebook keeps the rules in force, and changes them.
type Rulebook interface {
	// Rules are those in force; Content has also those switched off or refused.
	Rules() *detection.Rules
	Content() *detection.Content
	// Find is a rule by its id or name, nil when there is none.
	Find(id string) *detection.Rule
	Disabled(id string) bool
	// Switched says whether somebody switched a rule on or off.
	Switched(id string) bool
	// Filter is the filter of a rule that is in force, if it has one.
	Filter(id string) (store.RuleFilter, bool)
	// Behind says how far the rules are that run over stored events.
	Behind() store.Behind
	Enable(ctx context.Context, id string, on bool, author string) error
	// Reload reads the rules anew, with what settings say of them.
	Reload(ctx context.Context) error
	SetFilter(ctx context.Context, f store.RuleFilter) error
	// Post loads a rule in YAML, or several in Sigma; Remove takes a loaded one away.
	Post(ctx context.Context, yaml []byte, author string) (rules []*detection.Rule, known bool, err error)
	Remove(ctx context.Context, id string) error
	// Preview says what a filter would do.
	Preview(ctx context.Context, id, expression string) (rulebook.Preview, error)
	// Silence says why a rule cannot fire on the stored events, where that is known
	// within some time.
	Silence(ctx context.Context, r *detection.Rule, most time.Duration) (reasons []string, known bool, err error)
	// Retry makes a call of the store, again when another process changed the
	// rules meanwhile.
	Retry(ctx context.Context, call func() error) error
}

// Queue runs imports in the background.
type Queue interface {
	// Add queues a file that the spool holds, Submit settles it first: it may
	// have to wait for an answer.
	Add(ctx context.Context, i intake.Import) (int64, error)
	Submit(ctx context.Context, i intake.Import, password string) (intake.Import, error)
	// Again queues an import that takes an old one's place.
	Again(ctx context.Context, old int64, zone, computer, dates string) (int64, error)
	Unlock(ctx context.Context, id int64, password string) error
	Cancel(ctx context.Context, id int64) error
	// Delete deletes an import that has ended. It is not done when it takes long:
	// then it goes on by itself.
	Delete(ctx context.Context, id int64) (done bool, err error)
	// Live is what an import counts that the store does not show yet.
	Live(id int64) (intake.Counts, bool)
	// Stalled says why an import stands still, or "".
	Stalled(id int64) string
	// Password is what was given to open an archive, or "".
	Password(id int64) string
	// Members is how many members of an archive that is read have ended, and how
	// many there are, 0 where that is not known.
	Members(id int64) (done, all int64, ok bool)
}

// Spool keeps the files of imports while they run.
type Spool interface {
	// Keep stores a stream under a name of its own; a limit of 0 is none.
	Keep(ctx context.Context, r io.Reader, limit int64) (importer.File, error)
	Drop(path string) error
}

// Handlers has a method for each route.
type Handlers struct {
	Ask       Ask
	Book      Rulebook
	Queue     Queue
	Questions Questions
	Spool     Spool
	Originals Originals                    // nil: no file is kept
	Searches  *search.Jobs                 // nil: events are not searched
	MaxUpload int64                        // bytes of one upload request
	Safe      bool                         // no rule runs: rulebook.OpenSafe
	ReadOnly  bool                         // nothing can be changed
	Version   string                       // of the program, for reports
	Gate      *signin.Gate                 // nil: accounts are off
	Key       func() (*signing.Key, error) // signs reports and case files, as it is now; nil: nothing does
	Stopping  func() bool                  // nil: it never does
	Rates     FeedRates                    // nil: no feed comes
	FeedsAt   []string                     // what takes feeds, in sentences
	Inbox     FeedInbox                    // nil: no ingester feeds this console
	Log       *slog.Logger
	Now       func() time.Time
}

// pageSize is how many rows a page of a list has.
const pageSize = 50

// render sends a page. It is rendered whole before anything is sent: a failure
// half-way must not go out as 200 with half a page.
func render(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	ctx := c.Request().Context()
	if zone := ownZone(c); zone != nil {
		ctx = views.WithZone(ctx, zone)
	}
	if err := page.Render(ctx, &b); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

// WantsJSON says whether a program asks.
func WantsJSON(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMEApplicationJSON)
}

// frame fills what every page has around its content.
func (h *Handlers) frame(c echo.Context, title string) (views.Frame, error) {
	f := views.Frame{Title: title, Now: h.Now().UTC(), Here: c.Request().URL.RequestURI(), Author: author(c),
		Search: c.QueryParam("q"), Zone: timesZone(c), Safe: h.Safe, ReadOnly: h.ReadOnly,
		Upload: views.ImportForm{Zones: zones, MaxUpload: h.MaxUpload, Reads: sniff.Reads()}}
	n, done, all, err := h.Ask.Frame.Active(c.Request().Context())
	if err != nil {
		return f, err
	}
	f.Running = n
	waiting, err := h.Ask.Frame.CountWaiting(c.Request().Context())
	if err != nil {
		return f, err
	}
	f.Waiting, f.Damaged = int(waiting), len(h.Ask.Frame.LastScrub().Found) > 0
	if all > 0 {
		f.RunningPercent = int(min(100, 100*done/all))
	}
	if n > 0 {
		f.UnderWay, err = h.underWay(c.Request().Context())
	}
	return f, err
}

// mostUnderWay is how many running imports the bar of a page lists.
const mostUnderWay = 8

func (h *Handlers) underWay(ctx context.Context) (out []views.UnderWay, err error) {
	list, err := h.Ask.Frame.Uploads(ctx, mostUnderWay)
	for _, i := range list {
		u := views.UnderWay{ID: strconv.FormatInt(i.ID, 10), Name: i.Name, Queued: i.Status == intake.Queued}
		if i.Size > 0 {
			u.Percent = int(min(100, 100*i.Bytes/i.Size))
		}
		out = append(out, u)
	}
	return out, err
}

// zones are offered where a time zone is asked for; any other name may be
// typed.
var zones = []string{"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome",
	"Europe/Warsaw", "Europe/Athens",
	"Europe/Kyiv", "Europe/Istanbul", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
	"Asia/Shanghai", "Asia/Tokyo",
	"Asia/Seoul", "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "America/New_York", "America/Chicago",
	"America/Denver", "America/Los_Angeles"}

// destParam is the host a path names. echo leaves a parameter escaped when the
// path as sent differs from its usual escaping.
func destParam(c echo.Context) string {
	d := c.Param("dest")
	if c.Request().URL.RawPath != "" {
		if plain, err := url.PathUnescape(d); err == nil {
			d = plain
		}
	}
	if d == "" {
		d = c.QueryParam("dest")
	}
	return event.NormalizeHost(d)
}

func idParam(c echo.Context, what string) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.NotFound, "There is no %s %q.", what, c.Param("id"))
	}
	return id, nil
}

// asOfParam is the moment asked for, nil when none is.
func asOfParam(c echo.Context) (*int64, error) { return asof.Parse(c.QueryParam("as-of")) }

// maxText is the longest text that is searched for, in bytes.
const maxText = 1000

// textParam is the text that a list is filtered by.
func textParam(c echo.Context) (string, error) { return plainSearch(c.QueryParam("q")) }

func plainSearch(text string) (string, error) {
	q := strings.TrimSpace(text)
	if len(q) > maxText {
		return "", fault.New(fault.Invalid, "The text to search for is longer than %d bytes. Search for a part of it.",
			maxText)
	}
	return q, nil
}

// rule is the rule that rule= names, switched off or not; nil when it names
// none. The rule's id or name will do.
func (h *Handlers) rule(name string) (*detection.Rule, error) {
	if name == "" {
		return nil, nil
	}
	if r := h.Book.Find(name); r != nil {
		return r, nil
	}
	return nil, fault.New(fault.NotFound, "There is no rule %q.", name)
}

// hostFilter reads what all views of risk share: q, rule, as-of.
func (h *Handlers) hostFilter(c echo.Context) (f store.HostFilter, err error) {
	f = store.HostFilter{Now: h.Now().Unix()}
	if f.Text, err = textParam(c); err != nil {
		return f, err
	}
	if f.AsOf, err = asOfParam(c); err != nil {
		return f, err
	}
	if f.Among, err = h.destsOfImport(c); err != nil {
		return f, err
	}
	r, err := h.rule(c.QueryParam("rule"))
	if r != nil {
		f.Rule = r.ID
	}
	return f, err
}

// page reads where in a list the request is.
func page(c echo.Context) store.Page {
	p := store.Page{Sort: strings.TrimPrefix(c.QueryParam("sort"), "-"), After: c.QueryParam("after"),
		Before: c.QueryParam("before"), Limit: pageSize}
	p.Asc = p.Sort != "" && !strings.HasPrefix(c.QueryParam("sort"), "-")
	return p
}

// with is the request's address with other query values; "" removes one. What is of
// one moment goes unless it is given.
func with(c echo.Context, pairs ...string) string {
	q := anew(c.Request().URL.Query())
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return address(c.Request().URL.EscapedPath(), q)
}

func address(path string, q url.Values) string {
	for k, v := range q {
		if len(v) == 0 || len(v) == 1 && v[0] == "" {
			q.Del(k)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// pager makes the links beside a page.
func pager(c echo.Context, cur store.Cursors, shown int, total int64) views.Pager {
	p := views.Pager{Shown: shown, Total: total}
	if cur.Before != "" {
		p.PrevURL = with(c, "before", cur.Before)
	}
	if cur.After != "" {
		p.NextURL = with(c, "after", cur.After)
	}
	if s := c.QueryParam("sort"); s != "" && s != "-last" {
		p.Prev, p.Next = "previous", "next"
	}
	return p
}

// sorts makes the links that sort a list. A column that sorts the list now
// turns it round; def is the list's sort when none is asked for.
func sorts(c echo.Context, def string, columns ...string) map[string]views.Sort {
	now := c.QueryParam("sort")
	if now == "" {
		now = def
	}
	out := map[string]views.Sort{}
	for _, col := range columns {
		s := views.Sort{URL: with(c, "sort", "-"+col)}
		switch now {
		case "-" + col:
			s = views.Sort{URL: with(c, "sort", col), Dir: "descending"}
		case col:
			s = views.Sort{URL: with(c, "sort", "-"+col), Dir: "ascending"}
		}
		out[col] = s
	}
	return out
}

// options makes a select's entries from value, label pairs.
func options(chosen string, pairs ...string) []views.Option {
	out := make([]views.Option, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, views.Option{Value: pairs[i], Label: pairs[i+1], Selected: pairs[i] == chosen})
	}
	return out
}

// chips lists the filters in force.
func chips(c echo.Context, pairs ...string) []views.Chip {
	var out []views.Chip
	for i := 0; i < len(pairs); i += 2 {
		if v := c.QueryParam(pairs[i]); v != "" {
			out = append(out, views.Chip{Label: pairs[i+1], Value: v, RemoveURL: with(c, pairs[i], "")})
		}
	}
	return out
}

func second(s int64) time.Time { return time.Unix(s, 0).UTC() }

// ErrorPage is the page of an error: a sentence that says what to do.
func (h *Handlers) ErrorPage(c echo.Context, status int, sentence string) error {
	if i, _ := access.Of(c.Request().Context()); h.Gate != nil && i.Role == access.None {
		return render(c, status, views.Refused(http.StatusText(status), sentence))
	}
	f, err := h.frame(c, http.StatusText(status))
	if err != nil {
		h.Log.ErrorContext(c.Request().Context(), "frame of an error page", "err", err)
	}
	return render(c, status, views.Error(views.ErrorPage{Frame: f, Status: status, Sentence: sentence}))
}

// Came is a request that says when it came: those that came first are served first.
func Came(r *http.Request, at time.Time) *http.Request {
	return r.WithContext(store.WithCame(r.Context(), at))
}
