// Package report is what an investigation leaves behind: of a host or a case, all
// that was found, what it rests on and what was not seen, as one HTML file that
// stands alone, as Markdown and as JSON. It asks nothing and knows no server.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"escutcheon/unseen"
	"escutcheon/views"
	"escutcheon/views/picture"
)

// Report is a report, of a host or of a case with several.
type Report struct {
	Kind    string    `json:"kind"`  // "host" or "case"
	Title   string    `json:"title"` // what it is of
	Number  string    `json:"number,omitempty"`
	Made    time.Time `json:"made"`
	Zone    string    `json:"zone"` // of all times
	From    time.Time `json:"from"` // the range that it tells of; zero: nothing has a time
	To      time.Time `json:"to"`
	Version string    `json:"version"`
	Signed  string    `json:"signed_with,omitempty"` // the key's number
	Logo    string    `json:"-"`                     // an address of data, "" for none

	Case            *Case            `json:"case,omitempty"`
	Moments         []Moment         `json:"timeline,omitempty"` // of a case
	Picture         string           `json:"-"`                  // SVG
	Hosts           []Host           `json:"hosts"`
	Questions       []Question       `json:"questions,omitempty"`
	Recommendations []Recommendation `json:"recommendations,omitempty"`
	Evidence        []Evidence       `json:"evidence,omitempty"`
	Attached        []Attached       `json:"files,omitempty"`
	Verified        *Verified        `json:"verified,omitempty"`
}

// Case is the head of a case.
type Case struct {
	Status      string    `json:"status"`
	Disposition string    `json:"disposition"`
	Severity    string    `json:"severity"`
	Owner       string    `json:"owner"`
	Verdict     string    `json:"verdict"` // Markdown
	Author      string    `json:"author"`
	Created     time.Time `json:"created"`
	Editor      string    `json:"editor"`
	Edited      time.Time `json:"edited"`
	Origin      string    `json:"origin,omitempty"`
}

// Moment is a moment of a case on one of its hosts.
type Moment struct {
	At       time.Time `json:"at"`
	Dest     string    `json:"dest"`
	Kind     string    `json:"kind"`
	Text     string    `json:"text"`
	By       string    `json:"by"`
	Where    string    `json:"where"`
	Evidence int64     `json:"evidence,omitempty"`
}

// Host is one host.
type Host struct {
	Dest     string    `json:"dest"`
	Spelling string    `json:"spelling"`
	Gone     bool      `json:"gone,omitempty"` // no log of it is here: what the case says of it is all
	Told     string    `json:"told,omitempty"` // who says all this, where a case file brought it
	AsOf     time.Time `json:"as_of"`
	AsOfKind string    `json:"as_of_kind"` // how the moment was chosen
	Gravity  string    `json:"gravity"`
	Verdict  string    `json:"verdict"`
	Score    int64     `json:"score"`
	Status   string    `json:"status"`
	Judged   string    `json:"disposition"`
	Owner    string    `json:"owner"`
	Why      string    `json:"why,omitempty"` // it is in the case

	Chain     []Link     `json:"chain"`
	Modules   []Module   `json:"modules"` // the gravest first
	Incidents []Incident `json:"incidents"`

	MoreModules int64 `json:"modules_not_listed,omitempty"`

	Ledger       []LedgerRow    `json:"module_ledger,omitempty"` // the gravest first, without IIS's own
	MoreLedger   int64          `json:"module_ledger_not_listed,omitempty"`
	Config       []ConfigChange `json:"configuration,omitempty"` // that no event says, the newest first
	MoreConfig   int64          `json:"configuration_not_listed,omitempty"`
	MachineKeys  []MachineKey   `json:"machine_keys,omitempty"`
	MoreKeys     int64          `json:"machine_keys_not_listed,omitempty"`
	NotCollected []string       `json:"not_collected,omitempty"` // of the server's own files

	Findings  []Finding `json:"findings"`
	More      int64     `json:"findings_not_listed,omitempty"`
	Notes     []Note    `json:"notes"`
	Coverage  []Channel `json:"coverage"`
	NotSeen   []string  `json:"not_seen"`
	Files     []File    `json:"files"`
	MoreFiles int64     `json:"files_not_listed,omitempty"`
	Picture   string    `json:"-"`
	Drawn     string    `json:"drawn,omitempty"` // the range of the picture, in words
	Raster    string    `json:"-"`               // of what was told: an address of data
	// Scene is what Picture draws.
	Scene picture.Scene `json:"-"`
}

// Link is one step of what led to the gravest change.
type Link struct {
	At     *time.Time `json:"at"`
	Text   string     `json:"text"`
	By     string     `json:"by"`
	Where  string     `json:"where"`
	Shared string     `json:"shared,omitempty"`
	Change bool       `json:"change,omitempty"`
	Rules  []string   `json:"rules,omitempty"` // in whose findings the event is
}

// Module is a module that was changed.
type Module struct {
	Name      string     `json:"name"`
	Image     string     `json:"image"`
	Judgement string     `json:"judgement"`
	Action    string     `json:"action"`
	By        string     `json:"by"`
	At        *time.Time `json:"at"`
	Gravity   string     `json:"gravity"`
	Hosts     int64      `json:"hosts"`
	HostsOf   int64      `json:"hosts_of"`
	Hash      string     `json:"hash,omitempty"`
	Marked    string     `json:"marked,omitempty"` // as known, in words
}

// Incident is a risk incident of the period.
type Incident struct {
	Severity string    `json:"severity"`
	Peak     int64     `json:"peak"`
	At       time.Time `json:"at"`
	Words    string    `json:"words"`
}

// Finding is a finding.
type Finding struct {
	Key        string    `json:"finding_id"`
	Rule       string    `json:"rule"`
	What       string    `json:"what"`
	Count      int64     `json:"count"`
	First      time.Time `json:"first_time"`
	Last       time.Time `json:"last_time"`
	Status     string    `json:"status"`
	Suppressed bool      `json:"suppressed,omitempty"`
	InCase     bool      `json:"in_case,omitempty"`
}

// Note is a note as it stands.
type Note struct {
	Author   string    `json:"author"`
	Created  time.Time `json:"created"`
	Editor   string    `json:"editor"`
	Edited   time.Time `json:"edited"`
	Revision int64     `json:"revision"`
	Of       string    `json:"finding,omitempty"` // the finding it is about, in words
	Text     string    `json:"text"`
}

// Channel is what was seen of one log.
type Channel struct {
	Channel string     `json:"channel"`
	Events  int64      `json:"events"`
	From    *time.Time `json:"from"`
	To      *time.Time `json:"to"`
	Gaps    int        `json:"gaps"`
}

// File is a file that brought events of a host.
type File struct {
	Name   string    `json:"name"`
	SHA256 string    `json:"sha256"`
	Size   int64     `json:"size"`
	Events int64     `json:"new_events"`
	At     time.Time `json:"imported"`
}

// Question is a question of a case.
type Question struct {
	Question string   `json:"question"`
	Answer   string   `json:"answer"`
	Carried  []string `json:"carried_by"` // in words
	Evidence []int64  `json:"evidence"`
	Editor   string   `json:"editor"`
}

// Recommendation is what should be done.
type Recommendation struct {
	Text string `json:"text"`
	Done bool   `json:"done"`
}

// Evidence is a pinned event, finding, file of a server or module.
type Evidence struct {
	ID     int64     `json:"id"`
	Kind   string    `json:"kind"`
	Of     int64     `json:"of,omitempty"` // the finding's or module's, of what is kept with it
	Title  string    `json:"title"`
	Dest   string    `json:"dest"`
	Where  string    `json:"where"`
	At     time.Time `json:"at"`
	Record *int64    `json:"record_number"`
	Code   *int64    `json:"event_code"`
	Why    string    `json:"why"`
	Seal   string    `json:"seal"`
	Author string    `json:"author"`
	Pinned time.Time `json:"pinned"`
	Copies []Copy    `json:"copies"`
	Said   []Said    `json:"said,omitempty"` // by a file or of a module
}

// Said is one thing that evidence says.
type Said struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Copy is where a pinned event stood.
type Copy struct {
	File       string `json:"file"`
	FileSHA256 string `json:"file_sha256"`
	Archive    string `json:"archive_sha256,omitempty"`
	Offset     int64  `json:"offset"`
	SHA256     string `json:"sha256"`
}

// Attached is a file that was attached to a case.
type Attached struct {
	Name   string    `json:"name"`
	SHA256 string    `json:"sha256"`
	Size   int64     `json:"size"`
	Why    string    `json:"why"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// Verified says what a verification of the evidence came to as the report was made.
type Verified struct {
	Whole       bool     `json:"verified"`
	Differences []string `json:"differences"`
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	for i := range r.Hosts {
		h := &r.Hosts[i]
		empty(&h.Chain)
		empty(&h.Modules)
		empty(&h.Incidents)
		empty(&h.Findings)
		empty(&h.Notes)
		empty(&h.Coverage)
		empty(&h.NotSeen)
		empty(&h.Files)
	}
	e := json.NewEncoder(unseen.Writer{W: w})
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// empty makes a list that is not there one without entries, as programs read it.
func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// stamp is a time as a report prints it: the head says the zone.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func stampOf(t *time.Time) string {
	if t == nil {
		return "no time"
	}
	return stamp(*t)
}

// of is what the report is of, for the head of every page.
func (r *Report) of() string {
	if r.Kind == "case" {
		return "Case " + r.Number + ": " + r.Title
	}
	return "Host " + r.Title
}

// span is the range that it tells of.
func (r *Report) span() string {
	if r.From.IsZero() {
		return "no events with a time"
	}
	return stamp(r.From) + " to " + stamp(r.To)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + many
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// heading is what a piece of evidence is called.
func (e Evidence) heading() string {
	if e.Of != 0 {
		return fmt.Sprintf("Evidence %d, %s of %d", e.ID, aKind(e.Kind), e.Of)
	}
	return fmt.Sprintf("Evidence %d", e.ID)
}

func aKind(kind string) string {
	if kind == "event" {
		return "an event"
	}
	return "a " + kind
}

// whereWord is what Where is of a kind of evidence.
func (e Evidence) whereWord() string {
	switch e.Kind {
	case "finding":
		return "Rule"
	case "file", "module":
		return "Kind"
	}
	return "Log"
}

// sumWord is what the SHA-256 of a copy is of.
func (e Evidence) sumWord() string {
	if e.Kind == "file" {
		return "SHA-256, text with secrets masked"
	}
	return "SHA-256, record"
}

// numbers are those of an event: its code and its record.
func (e Evidence) numbers() (out string) {
	if e.Code != nil {
		out += fmt.Sprintf(", event %d", *e.Code)
	}
	if e.Record != nil {
		out += fmt.Sprintf(", record %d", *e.Record)
	}
	return out
}

// anchor is where evidence stands in a report.
func anchor(id int64) string { return "evidence-" + strconv.FormatInt(id, 10) }

// hostsWords are the hosts of a case, for the head of every page.
func (r *Report) hostsWords() string {
	if r.Case == nil || len(r.Hosts) == 0 {
		return ""
	}
	words := " · "
	for i, h := range r.Hosts {
		switch {
		case i == mostNamed:
			return words + " and " + strconv.Itoa(len(r.Hosts)-mostNamed) + " more hosts"
		case i > 0:
			words += ", "
		}
		words += views.VisibleShort(or(h.Spelling, h.Dest), 60)
	}
	return words
}

// mostNamed is how many hosts the head of a page names.
const mostNamed = 6
