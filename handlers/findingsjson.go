package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/export"
	"escutcheon/store"
)

// findingJSON is a finding as a program gets it.
type findingJSON struct {
	ID          string          `json:"finding_id"`
	Rule        string          `json:"rule"`
	RuleName    string          `json:"rule_name"`
	Dest        string          `json:"dest"`
	What        string          `json:"what"`
	Count       int64           `json:"count"`
	First       string          `json:"firstTime"`
	Last        string          `json:"lastTime"`
	Suppressed  bool            `json:"suppressed"`
	Pending     bool            `json:"pending,omitempty"`   // its rule's filter is yet to be run over it
	Damaged     bool            `json:"damaged,omitempty"`   // row is not what was written
	Undecided   bool            `json:"undecided,omitempty"` // its rule's filter takes more for it than it may
	Status      string          `json:"status"`
	Disposition string          `json:"disposition"`
	Owner       string          `json:"owner"`
	Urgency     string          `json:"urgency"`
	Revision    int64           `json:"revision"`
	Triage      triageJSON      `json:"triage"`
	URL         string          `json:"url"`
	Row         json.RawMessage `json:"row"`
	History     []stepJSON      `json:"history,omitempty"`
	Cases       []string        `json:"cases,omitempty"`  // the numbers of those that have it
	Events      []eventJSON     `json:"events,omitempty"` // a page of them, the newest first
	Next        string          `json:"next,omitempty"`   // where the next ones are
	Language    string          `json:"language"`         // in which its rule is written
}

// eventJSON is an event of a finding.
type eventJSON struct {
	ID     int64   `json:"id"`
	Time   *string `json:"time"`
	Record *int64  `json:"record_number"`
}

// stepJSON is one change of a field of triage.
type stepJSON struct {
	At     string `json:"at"`
	Author string `json:"author"`
	Field  string `json:"field"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Why    string `json:"why,omitempty"`
	// Damaged says that it is not what was written.
	Damaged bool `json:"damaged,omitempty"`
}

func findingView(f store.Finding, r *detection.Rule) findingJSON {
	t := triageView(f.Triage, urgencyOf(r))
	return findingJSON{ID: f.Key, Rule: r.ID, RuleName: r.Name, Language: r.Language(),
		Dest: f.Dest, What: r.Label(f.Row, f.Change),
		Count: f.Count, First: second(f.First).Format(time.RFC3339), Last: second(f.Last).Format(time.RFC3339),
		Suppressed: f.Suppressed, Pending: f.Pending, Undecided: f.Undecided,
		Damaged: f.Damaged,
		Status:  t.Status, Disposition: t.Disposition, Owner: t.Owner, Urgency: t.Urgency,
		Revision: t.Revision, Triage: t, URL: "/findings/" + f.Key,
		Row: export.RowJSON(export.Found{Rule: r, Finding: f})}
}

// findingJSON answers a program that asks for a finding.
func (h *Handlers) findingJSON(c echo.Context, f store.Finding, r *detection.Rule) error {
	v := findingView(f, r)
	steps, err := h.Ask.Triage.TriageHistory(c.Request().Context(), store.OfFinding, f.Key, mostDecisions)
	if err != nil {
		return err
	}
	for _, s := range steps {
		v.History = append(v.History, stepJSON{s.At.UTC().Format(time.RFC3339Nano), s.Author, s.Field, s.Old, s.New, s.Why,
			s.Damaged})
	}
	if v.Cases, err = h.caseNumbers(c, "finding", f.Key); err != nil {
		return err
	}
	refs, cursors, err := h.Ask.Findings.Events(c.Request().Context(), store.EventFilter{Finding: f.Key}, page(c))
	if err != nil {
		return err
	}
	v.Next = pager(c, cursors, len(refs), f.Count).NextURL
	for _, r := range refs {
		e := eventJSON{ID: r.ID}
		if r.HasTime {
			at := time.Unix(r.Second, r.Nanos).UTC().Format(time.RFC3339Nano)
			e.Time = &at
		}
		if r.Record != event.None {
			e.Record = &r.Record
		}
		v.Events = append(v.Events, e)
	}
	return c.JSON(http.StatusOK, v)
}

// findingsJSON is a page of findings for a program: without a rule the seed's,
// without a status every one.
func (h *Handlers) findingsJSON(c echo.Context) error {
	filter, _, err := h.findingFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	found, cursors, total, suppressed, err := h.findings(c.Request().Context(), filter, page(c))
	if err != nil {
		return err
	}
	if !filter.Suppressed {
		total -= suppressed
	}
	out := struct {
		Findings []findingJSON `json:"findings"`
		Total    int64         `json:"total"`
		Next     string        `json:"next,omitempty"`
	}{Findings: []findingJSON{}, Total: total, Next: pager(c, cursors, len(found), total).NextURL}
	for _, f := range found {
		if r := h.Book.Find(f.RuleID); r != nil {
			out.Findings = append(out.Findings, findingView(f, r))
		}
	}
	return c.JSON(http.StatusOK, out)
}
