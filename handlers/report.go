package handlers

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/signing"
	"escutcheon/store"
	"escutcheon/views"
	"escutcheon/views/report"
)

// How much of a host a report lists; what is left out it counts.
const (
	mostReported      = 500 // findings
	mostFilesReported = 500
	mostModulesOf     = 200 // that were changed
)

// HostReport is the report of a host as HTML, Markdown or JSON, by the end of the
// path.
func (h *Handlers) HostReport(c echo.Context) error {
	if t, err := typedOf(c); err != nil || t.bad() {
		return cmp.Or(err, fault.New(fault.Invalid, "%s", t.asOfWrong+t.wrong))
	}
	filter, err := h.hostFilter(c)
	if err != nil {
		return err
	}
	filter.Text, filter.Dest = "", destParam(c)
	host, err := h.Ask.Hosts.HostByDest(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	one, err := h.reportedHost(c, host, filter, nil)
	if err != nil {
		return err
	}
	r, err := h.newReport(c.Request().Context(), "host", one.Spelling)
	if err != nil {
		return err
	}
	r.Hosts = []report.Host{one}
	spanOfHosts(r)
	return h.sendReport(c, r, fileName("report", host.Dest))
}

// newReport begins a report, with the logo of the settings.
func (h *Handlers) newReport(ctx context.Context, kind, title string) (*report.Report, error) {
	r := &report.Report{Kind: kind, Title: title, Made: h.Now().UTC(), Zone: "UTC", Version: h.Version}
	key, err := h.key()
	if err != nil {
		return nil, err
	}
	if key != nil {
		r.Signed = key.ID()
	}
	logo, err := h.logo(ctx)
	if len(logo) > 0 {
		r.Logo = "data:" + http.DetectContentType(logo) + ";base64," + base64.StdEncoding.EncodeToString(logo)
	}
	return r, err
}

// key is the key of this installation; nil where it has none.
func (h *Handlers) key() (*signing.Key, error) {
	if h.Key == nil {
		return nil, nil
	}
	return h.Key()
}

// signer is the key of a report that says it is signed.
func (h *Handlers) signer(r *report.Report) (*signing.Key, error) {
	if r.Signed == "" {
		return nil, nil
	}
	return h.key()
}

// spanOfHosts is from the first event of any host to the last.
func spanOfHosts(r *report.Report) {
	for _, one := range r.Hosts {
		for _, c := range one.Coverage {
			if c.From == nil {
				continue
			}
			if r.From.IsZero() || c.From.Before(r.From) {
				r.From = *c.From
			}
			if c.To.After(r.To) {
				r.To = *c.To
			}
		}
	}
}

// sendReport sends a report as what the end of the path asks for. HTML is under a
// policy of its own: it brings its style, and nothing else counts.
func (h *Handlers) sendReport(c echo.Context, r *report.Report, name string) error {
	ext := path.Ext(c.Path())
	object := exportOf(c)
	if r.Kind == "case" {
		object = "case " + r.Number + " report" + ext
	}
	if err := h.exported(c, object); err != nil {
		return err
	}
	var b bytes.Buffer
	var err error
	kind := "text/html; charset=utf-8"
	switch ext {
	case ".md":
		kind, err = "text/markdown; charset=utf-8", r.Markdown(&b)
	case ".json":
		kind, err = echo.MIMEApplicationJSON, r.JSON(&b)
	default:
		c.Response().Header().Set("Content-Security-Policy", report.Policy()+"; frame-ancestors 'none'")
		err = report.HTML(r).Render(c.Request().Context(), &b)
	}
	if err != nil {
		return err
	}
	key, err := h.signer(r)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`inline; filename="%s%s"`, name, ext))
	out := b.Bytes()
	if key != nil {
		out = signing.Embed(out, key, "report of "+strings.TrimSpace(r.Kind+" "+r.Number+" "+r.Title), h.Now())
	}
	return c.Blob(http.StatusOK, kind, out)
}

// reportedHost is what a report tells of a host; the findings of a case are marked.
func (h *Handlers) reportedHost(c echo.Context, host store.Host, filter store.HostFilter,
	inCase map[string]bool) (out report.Host, err error) {
	ctx := c.Request().Context()
	out = report.Host{Dest: host.Dest, Spelling: host.Spelling, AsOf: second(host.AsOf),
		AsOfKind: views.AsOfKind(host.AsOfKind).Words(), Score: host.Score}
	t, err := h.Ask.Triage.TriageOf(ctx, store.OfHost, host.Dest)
	if err != nil {
		return out, err
	}
	out.Status, out.Judged, out.Owner = t.Status.String(), t.Disposition.String(), t.Owner
	risk, err := h.objectRisk(ctx, store.RiskOf{Rule: filter.Rule, AsOf: filter.AsOf, Now: filter.Now}, host.Dest)
	if err != nil {
		return out, err
	}
	j, err := h.verdictOf(ctx, host.Dest, filter.AsOf)
	if err != nil {
		return out, err
	}
	out.Gravity, out.Verdict = j.Gravity.String(), j.Sentence
	reportedVerdict(&out, j)
	if err := h.reportedFiles(ctx, &out, filter.AsOf); err != nil {
		return out, err
	}
	out.NotSeen = notSeen(j, out.NotCollected)
	found, err := h.shown(ctx, store.RiskFilter{Object: host.Dest, Rule: filter.Rule}, risk)
	if err != nil {
		return out, err
	}
	for _, i := range risk.changeFirst(found, j.When()) {
		out.Incidents = append(out.Incidents, report.Incident{Severity: string(i.Severity), Peak: i.Sum, At: i.At,
			Words: i.Words()})
	}
	drawn, err := h.timelineOf(c, hostPictured(host, filter, risk, j, typed{}))
	if err != nil {
		return out, err
	}
	var svg strings.Builder
	out.Scene = drawn.Scene()
	if err := out.Scene.SVG(&svg); err != nil {
		return out, err
	}
	out.Picture, out.Drawn = svg.String(), drawn.From.UTC().Format(verdict.Layout)+" to "+
		drawn.To.UTC().Format(verdict.Layout)
	return out, h.reportedLists(ctx, &out, host, filter, j, inCase)
}

func reportedVerdict(out *report.Host, j judged) {
	for _, l := range chainView(j) {
		out.Chain = append(out.Chain, report.Link{At: timeOf(l.At), Text: l.Text, By: l.By, Where: l.Where, Shared: l.Shared,
			Change: l.Change, Rules: l.Rules})
	}
	out.MoreModules = int64(max(0, len(j.Modules)-mostModulesOf))
	for i, m := range j.Modules[:len(j.Modules)-int(out.MoreModules)] {
		one := report.Module{Name: m.Name, Image: m.Image, Judgement: judgement(m), Action: string(m.Action), By: m.By,
			At: timeOf(m.At), Gravity: m.Gravity.String(), Hosts: j.Rarity[i].Hosts, HostsOf: max(j.Of, j.Rarity[i].Hosts),
			Marked: markWords(j.mark(i))}
		if m.File != nil {
			one.Hash = m.File.Hash
		}
		out.Modules = append(out.Modules, one)
	}
	for _, ch := range j.Channels {
		one := report.Channel{Channel: ch.Channel, Events: ch.Events, Gaps: len(ch.Gaps)}
		if ch.HasTime {
			one.From, one.To = timeOf(second(ch.From)), timeOf(second(ch.To))
		}
		out.Coverage = append(out.Coverage, one)
	}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// tellingLogs are the logs that tell of a planted module, and what each would say.
var tellingLogs = []struct{ channel, would string }{
	{event.IISConfiguration, "modules added and logging switched off through the configuration system"},
	{"Security", "programs that were started, with their command lines where that is audited"},
	{"Microsoft-Windows-Sysmon/Operational", "programs, images with their hashes, and connections"},
	{"Microsoft-Windows-PowerShell/Operational", "script blocks"},
	{"Application", "modules that failed to load"},
}

// notSeen says what the logs of a host do not hold.
func notSeen(j judged, notCollected []string) (out []string) {
	if !j.Gone.IsZero() {
		out = append(out, "Events before "+j.Gone.Format(gapLayout)+" were removed by retention, but for those that "+
			"findings or evidence rest on.")
	}
	for _, l := range tellingLogs {
		if !slices.ContainsFunc(j.Channels, func(ch store.ChannelCoverage) bool {
			return strings.EqualFold(ch.Channel, l.channel)
		}) {
			out = append(out, "No event of "+l.channel+": it would tell of "+l.would+".")
		}
	}
	gaps := j.Gaps
	if len(j.Lost) > 0 {
		out = append(out, lostWords(j.Lost)+" What they say of this host is missing here.")
		gaps = nil // there may be events in them
	}
	for i, g := range gaps {
		if i == mostGaps {
			out = append(out, fmt.Sprintf("And %d more gaps of a day or longer without any event.", len(j.Gaps)-i))
			break
		}
		out = append(out, "No event of any log from "+second(g.From).Format(gapLayout)+" to "+
			second(g.To).Format(gapLayout)+".")
	}
	for _, o := range j.Off {
		to := "the end of these logs"
		if !o.To.IsZero() {
			to = o.To.UTC().Format(verdict.Layout)
		}
		from := "a moment that the log does not say"
		if !o.From.IsZero() {
			from = o.From.UTC().Format(verdict.Layout)
		}
		out = append(out, "HTTP logging was off from "+from+" to "+to+scopeWords(o.Scope)+
			": requests of that time were not logged.")
	}
	if j.Counting {
		out = append(out, "Not all stored events are counted yet: make the report again later.")
	}
	if len(notCollected) == 0 {
		return out
	}
	return append(out, "Of the server's own files these were not collected, which says nothing of them: "+
		strings.Join(notCollected, ", ")+". An edit of a configuration file itself is in no event: its versions alone tell.")
}

func scopeWords(scope string) string {
	if scope == "" {
		return ""
	}
	return " for " + scope
}

// reportedLists are the findings, notes and files of a host.
func (h *Handlers) reportedLists(ctx context.Context, out *report.Host, host store.Host, filter store.HostFilter,
	j judged, inCase map[string]bool) error {
	of := store.FindingFilter{Rule: filter.Rule, Dest: host.Dest, Suppressed: true}
	if filter.AsOf != nil {
		end := *filter.AsOf
		of.To = &end
	}
	all, _, err := h.Ask.Hosts.CountFindings(ctx, of)
	if err != nil {
		return err
	}
	at := store.Page{Sort: "last", Limit: pageSize}
	for len(out.Findings) < mostReported {
		list, next, err := h.Ask.Hosts.Findings(ctx, of, at)
		if err != nil {
			return err
		}
		for _, f := range list {
			row := h.findingRow(f)
			out.Findings = append(out.Findings, report.Finding{Key: f.Key, Rule: row.RuleName, What: whatOf(row),
				Count: f.Count, First: row.First, Last: row.Last, Status: row.Status, Suppressed: row.Suppressed,
				InCase: inCase[f.Key]})
		}
		if at.After = next.After; next.After == "" {
			break
		}
	}
	out.More = max(0, all-int64(len(out.Findings)))
	if err := h.reportedNotes(ctx, out); err != nil {
		return err
	}
	files, inAll, err := h.Ask.Hosts.FilesOfHost(ctx, host.Dest, mostFilesReported)
	for _, f := range files {
		out.Files = append(out.Files, report.File{Name: f.Name, SHA256: f.SHA256, Size: f.Size, Events: f.Events,
			At: f.Created})
	}
	out.MoreFiles = max(0, inAll-int64(len(files)))
	return err
}

// whatOf is what a finding is, in words of ours where the change is known.
func whatOf(row views.FindingRow) string { return cmp.Or(row.Change, row.What, row.RuleName) }

// reportedNotes are the notes of a host, the first written first.
func (h *Handlers) reportedNotes(ctx context.Context, out *report.Host) error {
	notes, err := h.Ask.Notes.NotesOf(ctx, out.Dest)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(notes) {
		if n.Deleted {
			continue
		}
		one := report.Note{Author: n.Author, Created: n.Created, Editor: n.Editor, Edited: n.Edited, Revision: n.Revision,
			Text: n.Text}
		if n.Finding != "" {
			one.Of = h.findingLabel(ctx, n.Finding)
		}
		out.Notes = append(out.Notes, one)
	}
	return nil
}
