package handlers

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/ledger"
	"escutcheon/export"
	"escutcheon/store"
	"escutcheon/views"
)

// ModuleStore is what the module ledger asks.
type ModuleStore interface {
	// Ledger is the modules of a host over its logs up to its as-of.
	Ledger(ctx context.Context, of store.VerdictOf) (store.Ledger, error)
	// Ledgers are those of all hosts that have a change of note.
	Ledgers(ctx context.Context) ([]store.Ledger, error)
	// KnownList is the list of modules that the user brought last.
	KnownList(ctx context.Context) (store.KnownList, error)
	// MarkKnown keeps that a module is known, on every host; UnmarkKnown takes that back.
	MarkKnown(ctx context.Context, m ledger.Mark) error
	UnmarkKnown(ctx context.Context, m ledger.Mark) error
}

// Modules is the module ledger of a host.
func (h *Handlers) Modules(c echo.Context) error {
	dest := destParam(c)
	if dest == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	filter, err := moduleFilterOf(c)
	if err != nil {
		return err
	}
	_, main, err := h.Ask.Hosts.HostAliases(c.Request().Context(), dest)
	if err != nil {
		return err
	}
	if main != "" {
		return c.Redirect(http.StatusSeeOther, filter.url(views.HostModulesURL(main), c.QueryParam("as-of")))
	}
	l, err := h.ledgerOf(c, dest)
	if err != nil {
		return err
	}
	of := len(l.Modules)
	l = filter.choose(l)
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, ledgerAsJSON(l))
	}
	p := views.ModulesPage{Dest: l.Dest, Spelling: l.Spelling, Cut: l.Cut, FilesCut: l.FilesCut,
		AsOfText: c.QueryParam("as-of"), Of: of, Sources: sourceViews(l),
		CSVURL: filter.url(views.HostModulesURL(dest, ".csv"), c.QueryParam("as-of"))}
	filter.show(&p)
	if p.Frame, err = h.frame(c, "Modules of "+l.Spelling); err != nil {
		return err
	}
	p.Frame.Search = "" // q is this page's own
	p.Author, p.MarkUntil = author(c), h.Now().UTC().AddDate(0, markMonths, 0).Format(time.DateOnly)
	p.More = max(0, len(l.Modules)-mostModules)
	var rows []views.ModuleRow
	for _, m := range l.Modules[:len(l.Modules)-p.More] {
		row := ledgerRow(m)
		if !m.First.IsZero() {
			row.RequestsURL = views.WithQuery(views.RequestsBesideURL(l.Dest, m.First), "as-of", p.AsOfText)
		}
		if h.Ask.Cases != nil && m.Judged != ledger.Own {
			row.AddURL = views.AddItemURL("module", moduleRef(l.Dest, &m.Module))
		}
		rows = append(rows, row)
	}
	p.Groups = moduleGroups(rows, !filter.all())
	return render(c, http.StatusOK, views.Modules(p))
}

// mostModules is how many modules a page lists: a file can name tens of thousands.
const mostModules = 1000

// ModulesCSV is the ledger of a host, or of all, as a table.
func (h *Handlers) ModulesCSV(c echo.Context) error {
	dest := destParam(c)
	filter, err := moduleFilterOf(c)
	if err != nil {
		return err
	}
	return h.csv(c, "modules", dest, func(w io.Writer) error {
		if dest == "" {
			all, err := h.Ask.Modules.Ledgers(c.Request().Context())
			for i := range all {
				all[i] = filter.choose(all[i])
			}
			if err != nil {
				return err
			}
			return export.ModulesCSV(w, all)
		}
		l, err := h.ledgerOf(c, dest)
		if err != nil {
			return err
		}
		return export.ModulesCSV(w, []store.Ledger{filter.choose(l)})
	})
}

func (h *Handlers) ledgerOf(c echo.Context, dest string) (l store.Ledger, err error) {
	at, err := asOfParam(c)
	if err != nil {
		return l, err
	}
	return h.Ask.Modules.Ledger(c.Request().Context(), store.VerdictOf{Dest: dest, AsOf: at})
}

// fileSources are what a server keeps beside its logs.
var fileSources = []struct {
	of   ledger.Source
	name string
}{{ledger.Configuration, "configuration"}, {ledger.OldVersion, "history of the configuration"},
	{ledger.ModuleFile, "files of modules"}, {ledger.Listing, "lists of modules"}}

// sourceViews say what a ledger rests on.
func sourceViews(l store.Ledger) (out []views.ModuleSource) {
	events := views.ModuleSource{Name: "events of the configuration", Says: ledger.NotCollected}
	if l.Log.There {
		events.Says, events.There = "in these logs", true
		events.From, events.To = l.Log.From, l.Log.To
	}
	out = append(out, events)
	for _, s := range fileSources {
		v := views.ModuleSource{Name: s.name, Says: ledger.NotCollected}
		if of, ok := l.Files[s.of]; ok {
			v.Says, v.There, v.From, v.To = views.Plural(int64(of.Files), "file"), true, of.From, of.To
		}
		out = append(out, v)
	}
	return out
}

// yours is the list that the user brought.
const yours = "yours"

func ledgerRow(m store.LedgerModule) views.ModuleRow {
	v := views.ModuleRow{Name: m.Name, Image: m.Image, Type: string(m.Type), Scope: m.Scope, First: m.First, Last: m.Last,
		Present: string(m.Present), AddedBy: m.AddedBy, RemovedBy: m.RemovedBy, Judgement: m.Judged, Reason: m.Reason,
		Strength: string(m.Strength),
		Hosts:    m.Hosts, FirstSeen: m.FirstSeen, Mark: markView(&m)}
	if m.FirstHost != "" {
		v.FirstHost, v.FirstURL = m.FirstHost, views.HostModulesURL(m.FirstHost)
	}
	for _, e := range m.Evidence {
		v.Evidence = append(v.Evidence, views.ModuleEvidence{Source: string(e.Source), At: e.At, Text: e.Text, By: e.By,
			Scope: e.Scope, URL: evidenceURL(&e), Finding: findingURL(e.Finding)})
	}
	if e := m.Yours; e != nil {
		listed := views.ListedModule{List: yours, Value: e.Value, Of: e.Note, About: cmp.Or(e.Source, "your list")}
		v.Entry = &listed
	} else if e := m.Entry; e != nil {
		listed := listedView(e)
		v.Entry = &listed
	}
	return v
}

// evidenceURL is where a thing stands that a source says.
func evidenceURL(e *ledger.Evidence) string {
	if e.Artifact != 0 {
		return views.ArtifactURL(e.Artifact, e.Line)
	}
	return views.EventURL(e.Event)
}

type ledgerJSON struct {
	Dest    string             `json:"dest"`
	Sources []sourceJSON       `json:"sources"`
	Modules []ledgerModuleJSON `json:"modules"`
	Cut     bool               `json:"cut,omitempty"` // only the newest changes were looked at

	FilesCut bool `json:"files_cut,omitempty"` // there are more files than were looked at
}

type sourceJSON struct {
	Source    string  `json:"source"`
	Collected bool    `json:"collected"`
	From      *string `json:"from"`
	To        *string `json:"to"`
}

type ledgerModuleJSON struct {
	Dest      string         `json:"dest"`
	Name      string         `json:"name"`
	Image     string         `json:"image"`
	Type      string         `json:"type"`
	Scope     string         `json:"scope"`
	First     *string        `json:"first"`
	Last      *string        `json:"last"`
	Present   string         `json:"present"`
	AddedBy   string         `json:"added_by"`
	RemovedBy string         `json:"removed_by"` // "" it is not known to be gone, or nothing ever registered it
	Judgement string         `json:"judgement"`
	Reason    string         `json:"reason"`
	Hosts     int64          `json:"hosts"`
	FirstHost string         `json:"first_host,omitempty"` // which had it first; of what is on several hosts
	FirstSeen *string        `json:"first_seen,omitempty"`
	Strength  string         `json:"strength,omitempty"`
	Entry     *listedJSON    `json:"entry"`
	Marked    *markJSON      `json:"marked"` // as known, by somebody; null: nobody did
	Evidence  []evidenceJSON `json:"evidence"`
	SHA256    string         `json:"sha256,omitempty"` // of its file, where that was collected
	Ref       string         `json:"ref"`              // what a case takes it by
}

type listedJSON struct {
	List     string `json:"list"`
	Kind     string `json:"kind"`
	Name     string `json:"name,omitempty"`
	Value    string `json:"value"`
	Of       string `json:"of,omitempty"`
	Strength string `json:"strength,omitempty"`
	Weak     bool   `json:"weak,omitempty"`
	Source   string `json:"source"`
	About    string `json:"about"`
	Date     string `json:"date,omitempty"`
}

type evidenceJSON struct {
	Source  string  `json:"source"`
	Event   int64   `json:"event"`
	At      *string `json:"at"`
	Text    string  `json:"text"`
	Scope   string  `json:"scope"`
	By      string  `json:"by"`
	Finding string  `json:"finding"`

	Artifact int64 `json:"artifact,omitempty"` // the file that says it
	Line     int   `json:"line,omitempty"`
}

func ledgerAsJSON(l store.Ledger) ledgerJSON {
	out := ledgerJSON{Dest: l.Dest, Cut: l.Cut, FilesCut: l.FilesCut, Sources: []sourceJSON{},
		Modules: []ledgerModuleJSON{}}
	for _, s := range sourceViews(l) {
		out.Sources = append(out.Sources, sourceJSON{s.Name, s.There, instant(s.From), instant(s.To)})
	}
	for _, m := range l.Modules {
		v := ledgerModuleJSON{Dest: l.Dest, Name: m.Name, Image: m.Image, Type: string(m.Type),
			Scope: strings.Join(m.Scope, "; "), First: instant(m.First), Last: instant(m.Last), Present: string(m.Present),
			AddedBy: m.AddedBy, RemovedBy: m.RemovedBy, Judgement: m.Judged, Reason: m.Reason, Hosts: m.Hosts,
			Strength: string(m.Strength), FirstHost: m.FirstHost, FirstSeen: instant(m.FirstSeen),
			Evidence: []evidenceJSON{}, SHA256: m.Hash, Marked: markAsJSON(m.Mark, m.Expired),
			Ref: moduleRef(l.Dest, &m.Module)}
		if e := m.Yours; e != nil {
			v.Entry = &listedJSON{List: yours, Kind: e.Kind, Value: e.Value, Of: e.Note, Source: e.Source,
				About: fmt.Sprintf("line %d of your list", e.Line)}
		} else if e := m.Entry; e != nil {
			listed := listedAsJSON(e)
			v.Entry = &listed
		}
		for _, e := range m.Evidence {
			v.Evidence = append(v.Evidence, evidenceJSON{string(e.Source), e.Event, instant(e.At), e.Text, e.Scope, e.By,
				e.Finding, e.Artifact, e.Line})
		}
		out.Modules = append(out.Modules, v)
	}
	return out
}
