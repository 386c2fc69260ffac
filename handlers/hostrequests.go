package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
	"escutcheon/detection/ledger"
	"escutcheon/detection/requests"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/store"
	"escutcheon/views"
)

// mostChanges is how many changes a page offers to look beside.
const mostChanges = 30

// besideHours are the times before and after a change that a page offers.
var besideHours = []int{1, 6, 24}

// requestsAsked is what is asked of a host's requests.
type requestsAsked struct {
	dest    string
	names   []string // normalised
	asOf    *int64
	at      time.Time // zero: no change is known
	hours   int
	changes []views.RequestsChange
}

// HostRequests is what the requests of a host tell beside a change of it.
func (h *Handlers) HostRequests(c echo.Context) error {
	dest := destParam(c)
	if dest == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	aliases, main, err := h.Ask.Hosts.HostAliases(c.Request().Context(), dest)
	if err != nil {
		return err
	}
	if main != "" {
		return c.Redirect(http.StatusSeeOther, views.WithQuery(views.HostRequestsURL(main), "as-of", c.QueryParam("as-of"),
			"at", c.QueryParam("at"), "hours", c.QueryParam("hours")))
	}
	l, err := h.ledgerOf(c, dest)
	if err != nil {
		return err
	}
	a := requestsAsked{dest: l.Dest, names: []string{dest}, changes: besideChanges(l)}
	for _, n := range aliases {
		a.names = append(a.names, n.Dest)
	}
	if err := a.read(c); err != nil {
		return err
	}
	p := views.RequestsPage{Dest: l.Dest, Spelling: l.Spelling, AsOfText: c.QueryParam("as-of"), At: a.at, Hours: a.hours,
		Changes: a.changes, Caution: requests.Caution, OfHours: besideHours}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	to, err := h.besideChange(c, a, &p)
	switch {
	case err != nil:
		return err
	case to != "":
		return c.Redirect(http.StatusSeeOther, to)
	case WantsJSON(c):
		return c.JSON(http.StatusOK, requestsAsJSON(&p))
	}
	if p.Frame, err = h.frame(c, "Requests of "+l.Spelling); err != nil {
		return err
	}
	if p.Run != nil {
		p.Refresh = 2
	}
	return render(c, http.StatusOK, views.HostRequests(p))
}

// read reads the time that is asked for; without one it is that of the gravest change.
func (a *requestsAsked) read(c echo.Context) (err error) {
	if a.asOf, err = asOfParam(c); err != nil {
		return err
	}
	at, err := asof.Parse(c.QueryParam("at"))
	switch {
	case err != nil:
		return err
	case at != nil:
		a.at = time.Unix(*at, 0).UTC()
	case len(a.changes) > 0:
		a.at = a.changes[0].At
	}
	a.hours = int(requests.Around / time.Hour)
	if text := c.QueryParam("hours"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > a.hours {
			return fault.New(fault.Invalid, "hours is %q; it is a number from 1 to %d.", text, a.hours)
		}
		a.hours = n
	}
	return nil
}

// besideChanges are when modules came that are not IIS's own, the gravest first.
func besideChanges(l store.Ledger) (out []views.RequestsChange) {
	for _, m := range l.Modules {
		if m.First.IsZero() || m.Judged == ledger.Own || len(out) == mostChanges {
			continue
		}
		at := m.First.UTC().Truncate(time.Second)
		out = append(out, views.RequestsChange{At: at, Name: cmp.Or(m.Name, m.Image), Judgement: m.Judged,
			URL: views.RequestsBesideURL(l.Dest, at)})
	}
	return out
}

// besideChange fills a page with what the requests tell, or says where it is to be found
// when that is known: of a program all is looked at first.
func (h *Handlers) besideChange(c echo.Context, a requestsAsked, p *views.RequestsPage) (to string, err error) {
	p.Complete = true
	switch {
	case h.Searches == nil:
		p.Why = "Events are not searched here."
		return "", nil
	case a.at.IsZero():
		p.Why = "These logs speak of no module that came to this host. Name a time."
		p.Collected, err = h.Searches.Engine().HasRequests(c.Request().Context(), a.names)
		return "", err
	}
	link := besideLinks{host: hostIs(a.names)}
	of := search.RequestsOf{Hosts: a.names, At: a.at, Around: time.Duration(a.hours) * time.Hour, States: link.states()}
	if a.asOf != nil {
		of.Until = time.Unix(*a.asOf+1, 0).UTC()
	}
	var r search.RequestsBeside
	if WantsJSON(c) {
		r, err = h.Searches.Requests(c.Request().Context(), of)
	} else {
		r, to, err = h.lookBeside(c, of, p)
	}
	if err == nil && to == "" {
		fillBeside(&r, link, p)
	}
	return to, err
}

// lookBeside is what a look at requests has come to: the one that the address names, or a
// new one, which has some time before its page has an address of its own.
func (h *Handlers) lookBeside(c echo.Context, of search.RequestsOf, p *views.RequestsPage) (r search.RequestsBeside,
	to string, err error) {
	page := views.WithQuery(views.HostRequestsURL(p.Dest), "as-of", p.AsOfText, "at", c.QueryParam("at"),
		"hours", c.QueryParam("hours"))
	l := h.Searches.Look(c.QueryParam("look"))
	if l == nil || l.Page != page {
		if l, err = h.Searches.StartRequests(of, page); err != nil {
			return r, "", err
		}
		if l.Wait(c.Request().Context(), h.Searches.First); !l.Ended() { // what is loaded again is to be this one
			return r, lookURL(l), nil
		}
	}
	if ahead := l.Ahead(); !l.Ended() {
		p.Run = &views.RequestsRun{ID: l.ID, Found: l.Found.Load(), Done: l.Progress.Done.Load(), Of: l.Progress.Of.Load(),
			Ahead: max(ahead, 0), Waits: ahead >= 0}
	}
	r, err = l.Answer()
	return r, "", err
}

func lookURL(l *search.Look) string { return views.WithQuery(l.Page, "look", l.ID) }

// fillBeside fills a page with what was found.
func fillBeside(r *search.RequestsBeside, link besideLinks, p *views.RequestsPage) {
	p.From, p.To, p.Before, p.After, p.Refused = r.From, r.To, r.Before, r.After, r.Refused
	p.Collected, p.Damaged, p.Why, p.Complete = r.Collected, r.Damaged, r.Why, r.Complete
	link.at = search.Asked{Earliest: r.From.Format(time.RFC3339), Latest: r.To.Format(time.RFC3339)}
	p.SearchURL = openSearch(link.all(), link.at)
	for _, l := range r.Lists {
		list := views.RequestsList{Kind: string(l.Kind), More: l.More}
		for _, i := range l.Items {
			row := views.RequestsRow{Path: i.Path, Client: i.Client, Agent: i.Agent, Count: i.Count, Posts: i.Posts,
				Failed: i.Failed, First: i.First, Last: i.Last, Search: link.to(&i)}
			row.URL = openSearch(row.Search, link.at)
			list.Rows = append(list.Rows, row)
		}
		p.Lists = append(p.Lists, list)
	}
	p.ViewStates = views.ViewStates{Count: r.States.Count, First: r.States.First, Last: r.States.Last,
		Search: link.states(), URL: openSearch(link.states(), link.at)}
}

// hostIs is the condition of a search that an event is of one of some names.
func hostIs(names []string) string {
	if len(names) == 1 {
		return "host=" + quotedValue(names[0])
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = quotedValue(n)
	}
	return "host IN (" + strings.Join(list, ", ") + ")"
}

// besideLinks are the searches that open what is told.
type besideLinks struct {
	host string
	at   search.Asked
}

// states are the view states that ASP.NET could not read, or whose seal was wrong.
func (b besideLinks) states() string {
	return "LogName=Application EventCode=1316 " + b.host + " (50203 OR 50204)"
}

func (b besideLinks) all() string { return "sourcetype=" + event.RequestLog + " " + b.host }

func (b besideLinks) to(i *requests.Item) string {
	text := []string{b.all()}
	for _, f := range []struct{ name, value string }{{"cs_uri_stem", i.Path}, {"c_ip", i.Client},
		{"cs_User_Agent", i.Agent}} {
		if f.value == "" {
			continue
		}
		v := quotedValue(f.value)
		if len(f.value) >= requests.Longest-len("\uFFFD") { // it may be the beginning of a longer one
			v = strings.TrimSuffix(v, `"`) + `*"`
		}
		text = append(text, f.name+"="+v)
	}
	if i.Kind == requests.Burst {
		text = slices.Insert(text, 1, "cs_method=POST")
	}
	return strings.Join(text, " ")
}
