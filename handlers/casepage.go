package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/store"
	"escutcheon/triage"
	"escutcheon/views"
	"escutcheon/views/report"
)

// Case is the page of a case.
func (h *Handlers) Case(c echo.Context) error {
	id, err := caseParam(c)
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return h.sendCase(c, id)
	}
	return h.casePage(c, http.StatusOK, id, views.CasePage{})
}

func (h *Handlers) casePage(c echo.Context, status int, id int64, p views.CasePage) error {
	ctx := c.Request().Context()
	w, err := h.Ask.Cases.WholeCase(ctx, id)
	if err != nil {
		return err
	}
	p.Case = caseRow(w.Case)
	p.Verdict = w.Verdict
	p.Exports = append(p.Exports, views.Export{Label: "case file (ZIP)", URL: views.CaseURL(id) + "/case.zip", Rows: -1})
	for _, kind := range []string{"html", "md", "json"} {
		p.Exports = append(p.Exports, views.Export{Label: "report." + kind, URL: views.CaseURL(id) + "/report." + kind,
			Rows: -1})
	}
	if p.Frame, err = h.frame(c, p.Case.Number+" "+w.Title); err != nil {
		return err
	}
	p.Form = views.TriageForm{Action: views.CaseURL(id), Owner: w.Owner, Author: p.Frame.Author, Revision: w.Revision}
	chooseTriage(&p.Form, w.Status.String(), w.Disposition.String(), w.Severity.String())
	if w.Severity == triage.Default {
		p.Form.Urgencies = append([]views.Option{{Label: "not said", Selected: true}}, p.Form.Urgencies...)
	}
	if p.Snippets, err = h.snippetOptions(ctx); err != nil {
		return err
	}
	from, err := h.toldOf(ctx, id)
	if err != nil {
		return err
	}
	p.Brought = from.view()
	if err := h.caseItems(ctx, &p, w, from); err != nil {
		return err
	}
	for _, q := range w.Questions {
		p.Questions = append(p.Questions, views.CaseQuestion{ID: q.ID, Question: q.Question, Answer: q.Answer,
			Items: q.Items, Revision: q.Revision, Editor: q.Editor, Edited: q.Edited})
	}
	for _, r := range w.Recommendations {
		p.Recommendations = append(p.Recommendations, views.CaseRecommendation{ID: r.ID, Text: r.Text, Done: r.Done,
			Author: r.Author, At: r.At})
	}
	for _, f := range w.Files {
		p.Files = append(p.Files, views.CaseFile{ID: f.ID, Name: f.Name, SHA256: f.SHA256, Size: f.Size, Why: f.Why,
			Author: f.Author, At: f.At})
	}
	if p.Timeline, err = h.caseTimeline(ctx, w, from); err != nil {
		return err
	}
	return render(c, status, views.Case(p))
}

// caseItems are the items as the page shows them: what they are now, where they are
// here, else what they were when they were added.
func (h *Handlers) caseItems(ctx context.Context, p *views.CasePage, w store.WholeCase, from toldCase) error {
	for _, i := range byTime(w) {
		v := views.CaseItem{ID: i.ID, Kind: i.Kind, Why: i.Why, Author: i.Author, Added: i.Added}
		switch i.Kind {
		case store.ItemFinding, store.ItemEvent, store.ItemFile, store.ItemModule:
			v.Pin = h.pinView(ctx, w.Pins[i.Pin])
			v.Title, v.URL = v.Pin.Title, v.Pin.URL
			if i.Kind == store.ItemFinding && v.URL != "" {
				t, err := h.Ask.Triage.TriageOf(ctx, store.OfFinding, i.Ref)
				if err != nil {
					return err
				}
				v.Status, v.Open = t.Status.String(), t.Status.Open()
			}
		case store.ItemHost:
			s := h.hostNow(ctx, i, from)
			v.Title, v.Text, v.Gravity, v.Dest, v.URL = s.Spelling, s.Verdict, s.Gravity, s.Dest, s.url
		case store.ItemNote:
			n, id := h.noteNow(ctx, i)
			v.Title, v.Text, v.Dest, v.At, v.By = "Note", n.Text, n.Dest, parseTime(n.Created), n.Author
			if id != 0 {
				v.URL = noteAnchor(n.Dest, id)
			}
		}
		p.Items = append(p.Items, v)
	}
	for _, dest := range w.Dests() {
		if !slices.ContainsFunc(w.Items, func(i store.CaseItem) bool { return i.Kind == store.ItemHost && i.Ref == dest }) {
			s := h.hostNow(ctx, store.CaseItem{Ref: dest}, from)
			p.Items = append(p.Items, views.CaseItem{Kind: store.ItemHost, Title: s.Spelling, Text: s.Verdict,
				Gravity: s.Gravity, Dest: dest, URL: s.url})
		}
	}
	return nil
}

// byTime are the items of a case by the time of what they are about.
func byTime(w store.WholeCase) []store.CaseItem {
	out := slices.Clone(w.Items)
	slices.SortStableFunc(out, func(a, b store.CaseItem) int { return timeOfItem(w, a).Compare(timeOfItem(w, b)) })
	return out
}

// noteThen is what a note was when it was added.
func noteThen(i store.CaseItem) (n store.NoteSnapshot) {
	_ = json.Unmarshal(i.Snapshot, &n) // a damaged one says nothing
	return n
}

type hostNow struct {
	store.HostSnapshot
	url string
}

// hostNow is what an item says of a host: its verdict now, when its logs are here.
func (h *Handlers) hostNow(ctx context.Context, i store.CaseItem, from toldCase) (s hostNow) {
	_ = json.Unmarshal(i.Snapshot, &s.HostSnapshot) // a damaged one says nothing
	if one, ok := from.host(i.Ref); ok {
		s.HostSnapshot = store.HostSnapshot{Dest: i.Ref, Spelling: one.Spelling, Gravity: one.Gravity, Verdict: one.Verdict}
	}
	now, err := h.hostItem(ctx, i.Ref)
	if err != nil || !now.here && s.Verdict != "" {
		return s
	}
	s.url = views.HostURL(i.Ref)
	_ = json.Unmarshal(now.Snapshot, &s.HostSnapshot)
	return s
}

// noteNow is what an item says of a note, and the note's number where it is here.
func (h *Handlers) noteNow(ctx context.Context, i store.CaseItem) (s store.NoteSnapshot, id int64) {
	s = noteThen(i)
	now, err := h.noteItem(ctx, i.Ref)
	if err != nil {
		return s, 0
	}
	var n store.NoteSnapshot
	if json.Unmarshal(now.Snapshot, &n) != nil || n.Created != s.Created || n.Dest != s.Dest {
		return s, 0 // another note has its number here
	}
	id, _ = store.ParseCaseNumber(i.Ref)
	return n, id
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// sendCase sends a case as JSON.
func (h *Handlers) sendCase(c echo.Context, id int64) error {
	w, err := h.Ask.Cases.WholeCase(c.Request().Context(), id)
	if err != nil {
		return err
	}
	type item struct {
		ID       int64           `json:"id"`
		Kind     string          `json:"kind"`
		Ref      string          `json:"ref"`
		Evidence int64           `json:"evidence,omitempty"`
		Why      string          `json:"why"`
		Snapshot json.RawMessage `json:"snapshot"`
		Author   string          `json:"author"`
		Added    string          `json:"added"`
	}
	type question struct {
		ID       int64   `json:"id"`
		Question string  `json:"question"`
		Answer   string  `json:"answer"`
		Items    []int64 `json:"items"`
		Revision int64   `json:"revision"`
		Author   string  `json:"author"`
		Editor   string  `json:"editor"`
		Edited   string  `json:"edited"`
	}
	type recommendation struct {
		ID     int64  `json:"id"`
		Text   string `json:"text"`
		Done   bool   `json:"done"`
		Author string `json:"author"`
		At     string `json:"at"`
	}
	type file struct {
		ID     int64  `json:"id"`
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
		Size   int64  `json:"size"`
		Why    string `json:"why"`
		Author string `json:"author"`
		At     string `json:"at"`
		URL    string `json:"url"`
	}
	items, questions, recommendations, files := []item{}, []question{}, []recommendation{}, []file{}
	for _, i := range w.Items {
		s := json.RawMessage(i.Snapshot)
		if !json.Valid(s) {
			s = nil
		}
		items = append(items, item{i.ID, i.Kind, i.Ref, i.Pin, i.Why, s, i.Author, i.Added.Format(time.RFC3339Nano)})
	}
	for _, q := range w.Questions {
		questions = append(questions, question{q.ID, q.Question, q.Answer, append([]int64{}, q.Items...), q.Revision,
			q.Author, q.Editor, q.Edited.Format(time.RFC3339Nano)})
	}
	for _, r := range w.Recommendations {
		recommendations = append(recommendations, recommendation{r.ID, r.Text, r.Done, r.Author,
			r.At.Format(time.RFC3339Nano)})
	}
	for _, f := range w.Files {
		files = append(files, file{f.ID, f.Name, f.SHA256, f.Size, f.Why, f.Author, f.At.Format(time.RFC3339Nano),
			views.CaseFileURL(id, f.ID)})
	}
	from, err := h.toldOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	evidence := []map[string]any{}
	for _, i := range w.Items {
		if i.Pin != 0 {
			evidence = append(evidence, pinJSON(w.Pins[i.Pin]))
		}
	}
	t, err := h.caseTimeline(c.Request().Context(), w, from)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		caseJSON
		Items           []item           `json:"items"`
		Asked           []question       `json:"asked"`
		Recommendations []recommendation `json:"recommendations"`
		Attached        []file           `json:"files"`
		Evidence        []map[string]any `json:"evidence"`
		Dests           []string         `json:"dests"`
		Timeline        []report.Moment  `json:"timeline"`
		Brought         *broughtJSON     `json:"brought,omitempty"`
	}{toCaseJSON(w.Case), items, questions, recommendations, files, evidence, append([]string{}, w.Dests()...),
		momentsOf(t), from.json()})
}

// attachment is the header that saves a file under its name, of which a header takes
// little: the name is whatever somebody's machine called it.
func attachment(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_' {
			return r
		}
		return '_'
	}, name)
	safe = strings.TrimLeft(safe, ".")
	if safe == "" {
		safe = "file"
	}
	return `attachment; filename="` + safe[max(0, len(safe)-100):] + `"`
}
