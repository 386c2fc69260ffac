package handlers

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/store"
	"escutcheon/views"
)

// SearchStore is what the search asks, beside what the lists of hosts and of
// findings ask.
type SearchStore interface {
	// NotesWith returns the newest notes that contain a text, and how many do.
	NotesWith(ctx context.Context, text string, limit int) (list []store.Note, n int64, err error)
}

// searchShows is how many of each kind a search gives programs, pageShows how many the
// page has above the events.
const (
	searchShows = 20
	pageShows   = 5
)

// found is what a text was found in.
type found struct {
	text              string
	hosts             []store.Host
	findings          []store.Finding
	notes             []store.Note
	nHosts, nFindings int64 // of all; of findings those that are not suppressed
	suppressed        int64
	nNotes            int64
}

// lookFor looks for a text in the names of hosts, in every column of the findings
// of all rules, and in notes.
func (h *Handlers) lookFor(ctx context.Context, text string) (f found, err error) {
	f.text = text
	by := store.HostFilter{Text: text, Now: h.Now().Unix()}
	first := store.Page{Limit: searchShows, Sort: "gravity"}
	if f.hosts, _, err = h.Ask.Hosts.Hosts(ctx, by, first); err != nil {
		return f, err
	}
	if f.nHosts = int64(len(f.hosts)); len(f.hosts) == searchShows {
		sum, err := h.Ask.Hosts.SummarizeHosts(ctx, by)
		if err != nil {
			return f, err
		}
		f.nHosts = sum.Hosts
	}
	f.findings, _, f.nFindings, f.suppressed, err = h.Ask.Findings.FindingPage(ctx, store.FindingFilter{Text: text},
		store.Page{Limit: searchShows})
	if f.nFindings -= f.suppressed; err == nil {
		f.notes, f.nNotes, err = h.Ask.Search.NotesWith(ctx, text, searchShows)
	}
	return f, err
}

// oneHost says whether a text was found in a host's name and nowhere else: every
// finding that has it is of that host.
func (h *Handlers) oneHost(ctx context.Context, f found) (bool, error) {
	if len(f.hosts) != 1 || f.nNotes > 0 {
		return false, nil
	}
	_, _, n, suppressed, err := h.Ask.Findings.FindingPage(ctx,
		store.FindingFilter{Text: f.text, Dest: f.hosts[0].Dest}, store.Page{Limit: 1})
	return n-suppressed == f.nFindings && suppressed == f.suppressed, err
}

// Search is what was typed into the search box, wherever it stands: hosts, findings
// and notes with the text, and the events or rows that it finds as a search. From the
// box a host's name that stands in no finding of another leads to the host.
func (h *Handlers) Search(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := h.asked(c, pageRows)
	if err != nil {
		return err
	}
	own := !c.QueryParams().Has("q") || c.QueryParam("on") == "page" || c.QueryParam("job") != ""
	if a.text == "" && !own { // the box was left empty
		return c.Redirect(http.StatusSeeOther, "/")
	}
	f := found{text: a.text}
	if looked := lookedFor(a.text); looked != "" {
		if f, err = h.lookFor(ctx, looked); err != nil {
			return err
		}
	}
	if WantsJSON(c) {
		if c.QueryParam("limit") == "" {
			a.limit = usualRows
		}
		rows, err := h.rowsOf(c, a)
		if err != nil {
			return err
		}
		f.text = a.text
		return c.JSON(http.StatusOK, struct {
			foundJSON
			rowsJSON
		}{h.searchJSON(f), rows})
	}
	if one, err := h.oneHost(ctx, f); one && !own || err != nil {
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.HostURL(f.hosts[0].Dest))
	}
	p, err := h.searchPage(c, f)
	if err != nil {
		return err
	}
	p.Text = a.text
	if p.Run, err = h.eventsFound(c, a); err != nil {
		return err
	}
	if p.Saved, err = h.savedSearches(c, a); err != nil {
		return err
	}
	if p.Run.Gone {
		p.Run.Past = h.pastJob(c)
	}
	if a.text == "" {
		if p.Jobs, err = h.newestJobs(c); err != nil {
			return err
		}
		p.Lookups = h.lookups()
	}
	if p.Saved != nil && p.Saved.Open != nil {
		p.Run.Saved = c.QueryParam("saved")
	}
	if p.Run.Ran && !p.Run.Ended {
		if c.QueryParam("job") == "" { // what is loaded again is to be this one
			l, err := lookOf(c, a.limit)
			if err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, searchAt(a.text, a.time, append(l.params(c), "job", p.Run.Job)...))
		}
		p.Refresh = 2
	}
	return render(c, http.StatusOK, views.Search(p))
}

// lookedFor is what of a search hosts, findings and notes are looked through for: all
// of it, where it is no more than terms; the value of a single field=value.
func lookedFor(text string) string {
	if len(text) > maxText || strings.Contains(text, "|") {
		return ""
	}
	if m := oneField.FindStringSubmatch(text); m != nil {
		if v := strings.Trim(m[1]+m[2], "*"); strings.Trim(v, "0123456789") != "" {
			return v
		}
		return "" // a number stands everywhere
	}
	return text
}

var oneField = regexp.MustCompile(`^[A-Za-z_]\w*=(?:"([^"]*)"|([^\s"]+))$`)

func (h *Handlers) searchPage(c echo.Context, f found) (p views.SearchPage, err error) {
	ctx := c.Request().Context()
	p = views.SearchPage{Text: f.text, NHosts: f.nHosts, NFindings: f.nFindings, NNotes: f.nNotes,
		Suppressed: f.suppressed, HostsURL: echoQuery("/", "q", f.text), FindingsURL: foundURL(f.text)}
	if f.suppressed > 0 {
		p.SuppressedURL = views.WithQuery(p.FindingsURL, "suppressed", "1")
	}
	if p.Frame, err = h.frame(c, "Search: "+cut(c.QueryParam("q"), 80)); err != nil {
		return p, err
	}
	f.hosts, f.findings = f.hosts[:min(len(f.hosts), pageShows)], f.findings[:min(len(f.findings), pageShows)]
	f.notes = f.notes[:min(len(f.notes), pageShows)]
	briefs, err := h.Ask.Verdicts.Briefs(ctx, f.hosts, nil)
	if err != nil {
		return p, err
	}
	for i, host := range f.hosts {
		p.Hosts = append(p.Hosts, views.HostRow{Dest: host.Dest, Spelling: host.Spelling, Score: host.Score,
			Gravity: briefs[i].Gravity.String(), Verdict: briefs[i].Sentence, Findings: host.Findings, Notes: host.Notes})
	}
	for _, one := range f.findings {
		row := h.findingRow(one)
		p.Findings = append(p.Findings, views.FoundFinding{ID: one.Key, Dest: one.Dest, RuleName: row.RuleName,
			What: h.labelOf(one), In: h.foundIn(one, f.text), Count: one.Count, Last: second(one.Last)})
	}
	for _, n := range f.notes {
		url, err := h.noteURL(ctx, n)
		if err != nil {
			return p, err
		}
		p.Notes = append(p.Notes, views.FoundNote{URL: url, Dest: n.Dest, Author: n.Author, At: n.Edited,
			Text: around(n.Text, f.text)})
	}
	return p, nil
}

// foundURL is the list of all findings in which a text stands.
func foundURL(text string) string {
	return echoQuery("/findings", "rule", "all", "status", "all", "q", text)
}

// foundIn is the column of a finding in which a text stands, and the words around
// it.
func (h *Handlers) foundIn(f store.Finding, text string) string {
	r := h.Book.Find(f.RuleID)
	if r == nil {
		return ""
	}
	columns := r.Plan().Columns()
	for i, cell := range f.Row {
		if i < len(columns) && strings.Contains(strings.ToLower(cell), strings.ToLower(text)) {
			return columns[i] + ": " + around(cell, text)
		}
	}
	return ""
}

// aroundBytes are shown on either side of what was found.
const aroundBytes = 120

// around is what stands around a text within another.
func around(whole, text string) string {
	lower := strings.ToLower(whole)
	at := max(0, strings.Index(lower, strings.ToLower(text)))
	if len(lower) != len(whole) { // the places differ
		at = 0
	}
	from := max(0, at-aroundBytes)
	for from > 0 && whole[from]&0xc0 == 0x80 { // not at a rune's edge
		from--
	}
	out := cut(whole[from:], at-from+len(text)+aroundBytes)
	if from > 0 {
		out = "…" + out
	}
	return out
}
