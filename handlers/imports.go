package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/artifact"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// ImportStore is what the pages of imports ask.
type ImportStore interface {
	// ListImports returns one page of imports, without members, by created, name,
	// size, format, zone, status, read, taken, rate or result, with their facets.
	ListImports(ctx context.Context, f store.ImportFilter, p store.Page) ([]intake.Import, store.Cursors,
		store.ImportSummary, error)
	ImportByID(ctx context.Context, id int64) (intake.Import, error)
	// ReplacedBy is the import that took another one's place, or 0.
	ReplacedBy(ctx context.Context, id int64) (int64, error)
	Totals(ctx context.Context) (store.Totals, error)
	// Waiting returns up to limit imports that wait for an answer.
	Waiting(ctx context.Context, limit int) ([]intake.Import, error)
	// ArtifactsOfImport are the files of servers that an import or its members brought.
	ArtifactsOfImport(ctx context.Context, id int64, limit int) ([]artifact.File, error)
	// HostsOfImport returns the hosts whose new events an import brought.
	HostsOfImport(ctx context.Context, id int64, limit int) ([]store.Host, error)
	// RisksOfImports says which hosts of imports have risk, the first of each.
	RisksOfImports(ctx context.Context, ids []int64, now int64, first int) ([]store.ImportRisk, error)
	// DestsOfImport are the hosts whose new events an import brought.
	DestsOfImport(ctx context.Context, id int64) ([]string, error)
	// Rejections returns the first rejections, those with a Sample.
	Rejections(ctx context.Context, id int64) ([]intake.Rejection, error)
	MemberCounts(ctx context.Context, parent int64) (map[intake.Status]int64, error)
	// MembersAfter returns up to limit members of a status ("" any) with an
	// ordinal above after.
	MembersAfter(ctx context.Context, parent int64, status intake.Status, after int64, limit int) ([]intake.Import, error)
	// MembersRejecting is MembersAfter of those with rejected records.
	MembersRejecting(ctx context.Context, parent, after int64, limit int) ([]intake.Import, error)
	CountRejecting(ctx context.Context, parent int64) (int64, error)
}

// importProps are the properties that a list of imports is filtered by.
var importProps = []string{store.ByStatus, store.ByFormat}

// importFilter reads the filter of a list of imports. A number as its place is where
// older versions had their pages end.
func (h *Handlers) importFilter(c echo.Context) (f store.ImportFilter, p store.Page, err error) {
	if f.Text, err = textParam(c); err != nil {
		return f, p, err
	}
	if f.By, err = h.importChoices(c.QueryParams()); err != nil {
		return f, p, err
	}
	p = page(c)
	if p.Sort == "" {
		p.Sort = "created"
	}
	if n, err := strconv.ParseInt(p.After, 10, 64); err == nil {
		f.Older, p.After = n, ""
	}
	return f, p, nil
}

// importChoices are choices of statuses and formats: an import's status is none of
// triage's.
func (h *Handlers) importChoices(q url.Values) (out map[string]store.Choice, err error) {
	out = map[string]store.Choice{}
	for _, name := range importProps {
		var c store.Choice
		if c.Only, err = h.chosen("import's "+name, q[name]); err != nil {
			return nil, err
		}
		if c.Not, err = h.chosen("import's "+name, q[not+name]); err != nil {
			return nil, err
		}
		out[name] = c
	}
	return out, nil
}

// Imports lists the imports, newest first.
func (h *Handlers) Imports(c echo.Context) error {
	ctx := c.Request().Context()
	saved, to, err := h.savedViews(c, "imports")
	if err != nil || to != "" {
		return leadTo(c, to, err)
	}
	filter, place, err := h.importFilter(c)
	if err != nil {
		return err
	}
	list, cursors, sum, err := h.Ask.Imports.ListImports(ctx, filter, place)
	if fault.CodeOf(err) == fault.Invalid { // a place that is none is the list's start
		place.After, place.Before = "", ""
		list, cursors, sum, err = h.Ask.Imports.ListImports(ctx, filter, place)
	}
	if err != nil {
		return err
	}
	totals, err := h.Ask.Imports.Totals(ctx)
	if err != nil {
		return err
	}
	p := views.ImportsPage{Any: totals.Imports > 0, Total: sum.Total, Views: saved, Text: filter.Text,
		Sorts: sorts(c, "-created", "created", "name", "size", "format", "zone", "status", "read", "taken", "rate", "result"),
		Chips: append(chips(c, "q", "file", "status", "status", "format", "format"), notChips(c, importProps...)...),
		Kept:  keptAll(c, append(importProps, "sort")...), Pager: pager(c, cursors, len(list), sum.Total),
		Facets: views.Facets{Groups: h.facetGroups(c, sum.Facets, "")}}
	if c.QueryParam("sort") == "" && (filter.Older > 0 || place.After != "") { // the newest first
		p.Pager.PrevURL, p.Pager.Prev = with(c), "newest"
	}
	if p.Frame, err = h.frame(c, "Imports"); err != nil {
		return err
	}
	for _, i := range list {
		p.Rows = append(p.Rows, h.importRow(i))
		if going(i) {
			p.Refresh = 2
		}
	}
	if err := h.risks(ctx, p.Rows, list); err != nil {
		return err
	}
	if p.Waits, err = h.waitGroups(ctx); err != nil {
		return err
	}
	if p.Deleted, err = h.deleted(c); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Imports(p))
}

// going says whether an import changes by itself.
func going(i intake.Import) bool {
	return i.Status == intake.Queued || i.Status == intake.Running || i.Status == intake.Deleting
}

// Import is one import, as a page or as JSON.
func (h *Handlers) Import(c echo.Context) error {
	i, err := h.importParam(c)
	if r := (*replaced)(nil); errors.As(err, &r) && !WantsJSON(c) {
		return h.replacedPage(c, r)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return h.importJSON(c, i)
	}
	return h.importPage(c, http.StatusOK, i, "")
}

// importParam is the import that a path names.
func (h *Handlers) importParam(c echo.Context) (intake.Import, error) {
	id, err := idParam(c, "import")
	if err != nil {
		return intake.Import{}, err
	}
	return h.importOf(c.Request().Context(), id)
}

func (h *Handlers) replacedPage(c echo.Context, r *replaced) error {
	f, err := h.frame(c, "Replaced")
	if err != nil {
		return err
	}
	return render(c, http.StatusNotFound, views.Error(views.ErrorPage{Frame: f, Status: http.StatusNotFound,
		Sentence: r.Error(),
		Link:     views.ImportURL(number(r.by)), LinkText: fmt.Sprintf("Open import %d", r.by)}))
}

// importPage is one import's page. problem is what is wrong with the answers
// that were sent for it.
func (h *Handlers) importPage(c echo.Context, status int, i intake.Import, problem string) (err error) {
	ctx := c.Request().Context()
	p := views.ImportPage{Import: h.importRow(i)}
	if p.Frame, err = h.frame(c, "Import of "+i.Name); err != nil {
		return err
	}
	if going(i) {
		p.Refresh = 2
	}
	if i.Status == intake.Asking {
		err = h.asking(c, &p, i, problem)
	} else {
		err = h.settled(ctx, &p, i)
	}
	if err != nil {
		return err
	}
	if err := h.family(c, &p, i); err != nil {
		return err
	}
	if err := h.risk(ctx, &p.Import, i); err != nil {
		return err
	}
	if err := h.artifactsIn(ctx, &p, i); err != nil {
		return err
	}
	hosts, err := h.Ask.Imports.HostsOfImport(ctx, i.ID, 20)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		p.Hosts = append(p.Hosts, views.HostRef{Dest: host.Dest, Spelling: host.Spelling, Count: host.Events})
	}
	return render(c, status, views.Import(p))
}

// settled fills in what an import's page has that does not ask.
func (h *Handlers) settled(ctx context.Context, p *views.ImportPage, i intake.Import) error {
	if h.Originals != nil && h.Originals.Has(i.SHA256) {
		p.OriginalURL = views.ImportURL(p.Import.ID) + "/original"
	}
	if i.Status == intake.Queued || i.Status == intake.Running {
		p.CancelURL = views.ImportURL(p.Import.ID) + "/cancel"
	}
	stored, err := h.Ask.Imports.Rejections(ctx, i.ID)
	if err != nil {
		return err
	}
	for _, r := range stored {
		p.Rejections = append(p.Rejections, views.Rejection{Offset: r.Offset, Length: r.Length, Line: r.Line,
			Reason: r.Reason, Sample: r.Sample})
	}
	if len(stored) > 0 && (i.Status.Ended() || i.Status == intake.Feeding) {
		p.RejectedURL = views.ImportURL(p.Import.ID) + "/rejected"
	}
	if !i.Status.Ended() && i.Status != intake.Feeding || i.Parent != 0 {
		return nil
	}
	p.DeleteURL = views.ImportURL(p.Import.ID) + "/delete"
	if i.Read > 0 && i.Source != intake.Live {
		p.Again = &views.AgainForm{Zone: i.Zone, Computer: i.Computer, Dates: i.Dates,
			ZoneMatters: i.Zoneless > 0, ComMatters: i.Nameless > 0 || i.Computer != "", DMatters: i.Undated > 0 ||
				i.Dates != ""}
	}
	return nil
}

// shownFiles is how many files of a server the page of an import lists.
const shownFiles = 30

// artifactsIn fills in the files of servers that an import brought.
func (h *Handlers) artifactsIn(ctx context.Context, p *views.ImportPage, i intake.Import) error {
	files, err := h.Ask.Imports.ArtifactsOfImport(ctx, cmp.Or(i.SameAs, i.ID), shownFiles+1)
	if err != nil {
		return err
	}
	p.MoreFiles = len(files) > shownFiles
	hostless, zoneless := false, false // whoever knows can say it
	for _, f := range files[:min(len(files), shownFiles)] {
		p.Artifacts = append(p.Artifacts, views.ImportArtifact{ID: f.ID, Kind: string(f.Kind), Path: f.Path, Dest: f.Dest})
		hostless, zoneless = hostless || f.Dest == "", zoneless || f.Zoneless
	}
	if !hostless && !zoneless || p.DeleteURL == "" || i.SameAs != 0 {
		return nil
	}
	if p.Again == nil {
		p.Again = &views.AgainForm{Zone: i.Zone, Computer: i.Computer, Dates: i.Dates}
	}
	p.Again.ComMatters, p.Again.ZoneMatters = p.Again.ComMatters || hostless, p.Again.ZoneMatters || zoneless
	return nil
}

// family fills in the archive that an import is a member of, or the members
// that it has, and what else waits.
func (h *Handlers) family(c echo.Context, p *views.ImportPage, i intake.Import) (err error) {
	ctx := c.Request().Context()
	if i.Parent != 0 {
		a, err := h.Ask.Imports.ImportByID(ctx, i.Parent)
		if err != nil {
			return err
		}
		p.Archive = &views.ImportRef{ID: number(a.ID), Name: a.Name}
	}
	if isArchive(i) && i.SameAs == 0 {
		if p.Members, err = h.members(c, i); err != nil {
			return err
		}
	}
	if p.Waiting == 0 {
		return nil
	}
	waiting, err := h.Ask.Imports.Waiting(ctx, 2)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.ID != i.ID {
			p.Next = &views.ImportRef{ID: number(w.ID), Name: w.Name}
			break
		}
	}
	return nil
}

// CancelImport ends an import; what it stored stays.
func (h *Handlers) CancelImport(c echo.Context) error {
	id, err := idParam(c, "import")
	if err != nil {
		return err
	}
	if err := h.Queue.Cancel(c.Request().Context(), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/imports/%d", id))
}
