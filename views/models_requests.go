package views

import (
	"net/url"
	"strconv"
	"time"
)

// RequestsPage is what the requests of a host tell beside a change.
type RequestsPage struct {
	Frame
	Dest, Spelling string
	AsOfText       string
	At             time.Time // of the change; zero: none is known
	Hours          int       // before and after it
	OfHours        []int     // that are offered
	Changes        []RequestsChange
	From, To       time.Time
	Collected      bool // there are requests of the host
	Before, After  int
	Refused        int // addresses that were new, and never answered
	Damaged        int // records that cannot be read
	Why            string
	Complete       bool         // all were looked at
	Run            *RequestsRun // nil: nothing is being looked at any more
	Caution        string
	SearchURL      string
	ViewStates     ViewStates
	Lists          []RequestsList
}

// RequestsRun is a look at requests that runs.
type RequestsRun struct {
	ID              string
	Found, Done, Of int64 // requests; parts of the store that were looked at, of those that may hold some
	Waits           bool  // for its turn
	Ahead           int   // others that wait before it
}

// words say how far it is.
func (r *RequestsRun) words() string {
	w := SearchRun{Waits: r.Waits, Ahead: r.Ahead, Done: r.Done, Of: r.Of}.progress()
	if r.Found > 0 {
		w += ", " + Plural(r.Found, "request") + " so far"
	}
	return w
}

func (r *RequestsRun) percent() string { return SearchRun{Done: r.Done, Of: r.Of}.percent() }

// RequestsChange is a change beside which one may look.
type RequestsChange struct {
	At              time.Time
	Name, Judgement string
	URL             string
}

// ViewStates are the view states that ASP.NET did not take.
type ViewStates struct {
	Count       int
	First, Last time.Time
	Search, URL string
}

// RequestsList is what there is of a kind.
type RequestsList struct {
	Kind string
	Rows []RequestsRow
	More int // that are left out
}

// RequestsRow is one thing that the requests tell.
type RequestsRow struct {
	Path, Client, Agent  string
	Count, Posts, Failed int
	First, Last          time.Time
	Search, URL          string
}

// HostRequestsURL is what the requests of a dest tell beside a change.
func HostRequestsURL(dest string) string {
	if oddElement(dest) {
		return "/requests?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/requests"
}

// RequestsBesideURL is that beside a moment.
func RequestsBesideURL(dest string, at time.Time) string {
	return WithQuery(HostRequestsURL(dest), "at", at.UTC().Format(time.RFC3339))
}

// atText is the moment as the form has it.
func (p RequestsPage) atText() string {
	if p.At.IsZero() {
		return ""
	}
	return p.At.UTC().Format(time.RFC3339)
}

// hoursWords is a time before and after a change.
func hoursWords(n int) string { return Plural(int64(n), "hour") + " before and after" }

// hours are those that the form offers, with the one that is asked for.
func (p RequestsPage) hours() (out []Option) {
	asked := false
	for _, n := range p.OfHours {
		asked = asked || n == p.Hours
		out = append(out, Option{Value: strconv.Itoa(n), Label: hoursWords(n), Selected: n == p.Hours})
	}
	if !asked {
		out = append(out, Option{Value: strconv.Itoa(p.Hours), Label: hoursWords(p.Hours), Selected: true})
	}
	return out
}

// requestsHeading is the heading of a kind, and what it says when there is none.
func requestsHeading(kind string) (heading, none string) {
	switch kind {
	case "first-seen address":
		return "First-seen addresses that were answered", "Each address that was answered had been asked for before."
	case "POST burst":
		return "Bursts of POSTs", "No client sent many POSTs to an address that had none like it before."
	case "error turned to answer":
		return "Errors that turned to answers", "Nothing that only failed before was answered after."
	case "client seen only after":
		return "Clients seen only after", "Each client had been there before."
	}
	return "User agents seen only after", "Each user agent had been there before."
}
