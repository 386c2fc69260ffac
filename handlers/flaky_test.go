package handlers_test

import (
	"context"
	"errors"
	"iter"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/handlers"
	"escutcheon/intake"
	"escutcheon/store"
)

// flaky is a store of which one call fails: the one that at counts down to.
type flaky struct {
	handlers.Store
	at int
}

var errFlaky = errors.New("the disk is gone")

func (f *flaky) fail() error {
	if f.at--; f.at == 0 {
		return errFlaky
	}
	return nil
}

func try[T any](f *flaky, call func() (T, error)) (v T, err error) {
	if err = f.fail(); err == nil {
		v, err = call()
	}
	return v, err
}

func each[T any](f *flaky, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := f.fail(); err != nil {
			yield(none, err)
			return
		}
		all(yield)
	}
}

func (f *flaky) NoteRows(ctx context.Context, dest string) iter.Seq2[store.NoteRow, error] {
	return each(f, f.Store.NoteRows(ctx, dest))
}

func (f *flaky) AllFindings(ctx context.Context, by store.FindingFilter) iter.Seq2[store.Finding, error] {
	return each(f, f.Store.AllFindings(ctx, by))
}

func (f *flaky) AllHosts(ctx context.Context, by store.HostFilter) iter.Seq2[store.Host, error] {
	return each(f, f.Store.AllHosts(ctx, by))
}

func (f *flaky) Active(ctx context.Context) (n int, done, all int64, err error) {
	if err = f.fail(); err == nil {
		n, done, all, err = f.Store.Active(ctx)
	}
	return n, done, all, err
}

func (f *flaky) CountFindings(ctx context.Context, by store.FindingFilter) (n, suppressed int64, err error) {
	if err = f.fail(); err == nil {
		n, suppressed, err = f.Store.CountFindings(ctx, by)
	}
	return n, suppressed, err
}

func (f *flaky) FindingPage(ctx context.Context, by store.FindingFilter, p store.Page) (v []store.Finding,
	c store.Cursors, n, suppressed int64, err error) {
	if err = f.fail(); err == nil {
		v, c, n, suppressed, err = f.Store.FindingPage(ctx, by, p)
	}
	return v, c, n, suppressed, err
}

func (f *flaky) RiskEventPage(ctx context.Context, by store.RiskFilter, p store.Page) (v []store.RiskEvent,
	c store.Cursors, err error) {
	if err = f.fail(); err == nil {
		v, c, err = f.Store.RiskEventPage(ctx, by, p)
	}
	return v, c, err
}

func (f *flaky) RisksOf(ctx context.Context, of store.RiskOf, names []string) ([]store.Risk, error) {
	return try(f, func() ([]store.Risk, error) { return f.Store.RisksOf(ctx, of, names) })
}

func (f *flaky) CountWaiting(ctx context.Context) (int64, error) {
	return try(f, func() (int64, error) { return f.Store.CountWaiting(ctx) })
}

func (f *flaky) Events(ctx context.Context, by store.EventFilter, p store.Page) (v []store.EventRef,
	c store.Cursors, err error) {
	if err = f.fail(); err == nil {
		v, c, err = f.Store.Events(ctx, by, p)
	}
	return v, c, err
}

func (f *flaky) FiltersOf(ctx context.Context, rule string) ([]store.RuleFilter, error) {
	return try(f, func() ([]store.RuleFilter, error) { return f.Store.FiltersOf(ctx, rule) })
}

func (f *flaky) FindingByKey(ctx context.Context, key string) (store.Finding, error) {
	return try(f, func() (store.Finding, error) { return f.Store.FindingByKey(ctx, key) })
}

func (f *flaky) Findings(ctx context.Context, by store.FindingFilter, p store.Page) (v []store.Finding,
	c store.Cursors, err error) {
	if err = f.fail(); err == nil {
		v, c, err = f.Store.Findings(ctx, by, p)
	}
	return v, c, err
}

func (f *flaky) FindingsOfEvent(ctx context.Context, id int64) ([]store.Finding, error) {
	return try(f, func() ([]store.Finding, error) { return f.Store.FindingsOfEvent(ctx, id) })
}

func (f *flaky) FindingsOfObject(ctx context.Context, o store.ObjectName, after, upTo int64,
	p store.Page) (found []store.Finding, c store.Cursors, err error) {
	found, err = try(f, func() (v []store.Finding, err error) {
		v, c, err = f.Store.FindingsOfObject(ctx, o, after, upTo, p)
		return v, err
	})
	return found, c, err
}

func (f *flaky) FindingsOfThreat(ctx context.Context, t detection.Threat, p store.Page) (found []store.Finding,
	c store.Cursors, n int64, err error) {
	found, err = try(f, func() (v []store.Finding, err error) {
		v, c, n, err = f.Store.FindingsOfThreat(ctx, t, p)
		return v, err
	})
	return found, c, n, err
}

func (f *flaky) Heir(ctx context.Context, id int64) (int64, error) {
	return try(f, func() (int64, error) { return f.Store.Heir(ctx, id) })
}

func (f *flaky) HostByDest(ctx context.Context, by store.HostFilter) (store.Host, error) {
	return try(f, func() (store.Host, error) { return f.Store.HostByDest(ctx, by) })
}

func (f *flaky) ListHosts(ctx context.Context, by store.HostFilter, p store.Page, most int,
	all string) (store.HostList, error) {
	return try(f, func() (store.HostList, error) { return f.Store.ListHosts(ctx, by, p, most, all) })
}

func (f *flaky) SavedViews(ctx context.Context, list string) ([]store.SavedView, error) {
	return try(f, func() ([]store.SavedView, error) { return f.Store.SavedViews(ctx, list) })
}

func (f *flaky) FindingFacets(ctx context.Context, by store.FindingFilter, most int,
	all string) ([]store.Facet, error) {
	return try(f, func() ([]store.Facet, error) { return f.Store.FindingFacets(ctx, by, most, all) })
}

func (f *flaky) Hosts(ctx context.Context, by store.HostFilter, p store.Page) (v []store.Host, c store.Cursors,
	err error) {
	if err = f.fail(); err == nil {
		v, c, err = f.Store.Hosts(ctx, by, p)
	}
	return v, c, err
}

func (f *flaky) HostsOfImport(ctx context.Context, id int64, limit int) ([]store.Host, error) {
	return try(f, func() ([]store.Host, error) { return f.Store.HostsOfImport(ctx, id, limit) })
}

func (f *flaky) ImportByID(ctx context.Context, id int64) (intake.Import, error) {
	return try(f, func() (intake.Import, error) { return f.Store.ImportByID(ctx, id) })
}

func (f *flaky) ListImports(ctx context.Context, by store.ImportFilter, p store.Page) (v []intake.Import,
	c store.Cursors, s store.ImportSummary, err error) {
	if err = f.fail(); err == nil {
		v, c, s, err = f.Store.ListImports(ctx, by, p)
	}
	return v, c, s, err
}

func (f *flaky) MemberCounts(ctx context.Context, parent int64) (map[intake.Status]int64, error) {
	return try(f, func() (map[intake.Status]int64, error) { return f.Store.MemberCounts(ctx, parent) })
}

func (f *flaky) Members(ctx context.Context, parent int64) ([]intake.Import, error) {
	return try(f, func() ([]intake.Import, error) { return f.Store.Members(ctx, parent) })
}

func (f *flaky) MembersAfter(ctx context.Context, parent int64, status intake.Status, after int64,
	limit int) ([]intake.Import, error) {
	return try(f, func() ([]intake.Import, error) { return f.Store.MembersAfter(ctx, parent, status, after, limit) })
}

func (f *flaky) NoteByID(ctx context.Context, id int64) (store.Note, error) {
	return try(f, func() (store.Note, error) { return f.Store.NoteByID(ctx, id) })
}

func (f *flaky) NoteTemplates(ctx context.Context) ([]store.NoteTemplate, error) {
	return try(f, func() ([]store.NoteTemplate, error) { return f.Store.NoteTemplates(ctx) })
}

func (f *flaky) NotesOf(ctx context.Context, dest string) ([]store.Note, error) {
	return try(f, func() ([]store.Note, error) { return f.Store.NotesOf(ctx, dest) })
}

func (f *flaky) ObjectByName(ctx context.Context, by store.ObjectFilter) (store.Object, error) {
	return try(f, func() (store.Object, error) { return f.Store.ObjectByName(ctx, by) })
}

func (f *flaky) Objects(ctx context.Context, by store.ObjectFilter, p store.Page) (v []store.Object,
	c store.Cursors, err error) {
	if err = f.fail(); err == nil {
		v, c, err = f.Store.Objects(ctx, by, p)
	}
	return v, c, err
}

func (f *flaky) ObjectsOf(ctx context.Context, finding string) ([]store.ObjectName, error) {
	return try(f, func() ([]store.ObjectName, error) { return f.Store.ObjectsOf(ctx, finding) })
}

func (f *flaky) ObjectsOfRule(ctx context.Context, rule string) ([]store.RiskedObject, error) {
	return try(f, func() ([]store.RiskedObject, error) { return f.Store.ObjectsOfRule(ctx, rule) })
}

func (f *flaky) Rejections(ctx context.Context, id int64) ([]intake.Rejection, error) {
	return try(f, func() ([]intake.Rejection, error) { return f.Store.Rejections(ctx, id) })
}

func (f *flaky) ReplacedBy(ctx context.Context, id int64) (int64, error) {
	return try(f, func() (int64, error) { return f.Store.ReplacedBy(ctx, id) })
}

func (f *flaky) RestsOn(ctx context.Context, id int64) (store.Alone, error) {
	return try(f, func() (store.Alone, error) { return f.Store.RestsOn(ctx, id) })
}

func (f *flaky) Revisions(ctx context.Context, dest string) (map[int64][]store.NoteRevision, error) {
	return try(f, func() (map[int64][]store.NoteRevision, error) { return f.Store.Revisions(ctx, dest) })
}

func (f *flaky) RiskHours(ctx context.Context, system string) ([]risk.Hour, error) {
	return try(f, func() ([]risk.Hour, error) { return f.Store.RiskHours(ctx, system) })
}

func (f *flaky) Runs(ctx context.Context, system, rule string, of []detection.Window, most int) ([]store.Run, error) {
	return try(f, func() ([]store.Run, error) { return f.Store.Runs(ctx, system, rule, of, most) })
}

func (f *flaky) RuleStats(ctx context.Context) (map[string]store.RuleStats, error) {
	return try(f, func() (map[string]store.RuleStats, error) { return f.Store.RuleStats(ctx) })
}

func (f *flaky) RulesOf(ctx context.Context, dest string) ([]store.RuleCount, error) {
	return try(f, func() ([]store.RuleCount, error) { return f.Store.RulesOf(ctx, dest) })
}

func (f *flaky) RulesWithFindings(ctx context.Context) (map[string]bool, error) {
	return try(f, func() (map[string]bool, error) { return f.Store.RulesWithFindings(ctx) })
}

func (f *flaky) Settings(ctx context.Context) (risk.Settings, error) {
	return try(f, func() (risk.Settings, error) { return f.Store.Settings(ctx) })
}

func (f *flaky) Sightings(ctx context.Context, id int64) ([]intake.Sighting, error) {
	return try(f, func() ([]intake.Sighting, error) { return f.Store.Sightings(ctx, id) })
}

func (f *flaky) SummarizeHosts(ctx context.Context, by store.HostFilter) (store.HostSummary, error) {
	return try(f, func() (store.HostSummary, error) { return f.Store.SummarizeHosts(ctx, by) })
}

func (f *flaky) ObjectFacets(ctx context.Context, by store.ObjectFilter) ([]store.Facet, error) {
	return try(f, func() ([]store.Facet, error) { return f.Store.ObjectFacets(ctx, by) })
}

func (f *flaky) SummarizeObjects(ctx context.Context, by store.ObjectFilter) (store.ObjectSummary, error) {
	return try(f, func() (store.ObjectSummary, error) { return f.Store.SummarizeObjects(ctx, by) })
}

func (f *flaky) Threats(ctx context.Context, by store.ThreatFilter) ([]store.Threat, error) {
	return try(f, func() ([]store.Threat, error) { return f.Store.Threats(ctx, by) })
}

func (f *flaky) HoldsAnything(ctx context.Context) (bool, error) {
	return try(f, func() (bool, error) { return f.Store.HoldsAnything(ctx) })
}

func (f *flaky) Totals(ctx context.Context) (store.Totals, error) {
	return try(f, func() (store.Totals, error) { return f.Store.Totals(ctx) })
}

func (f *flaky) UnattributedOf(ctx context.Context, rule, dest string) ([]store.Unattributed, error) {
	return try(f, func() ([]store.Unattributed, error) { return f.Store.UnattributedOf(ctx, rule, dest) })
}

func (f *flaky) Waiting(ctx context.Context, limit int) ([]intake.Import, error) {
	return try(f, func() ([]intake.Import, error) { return f.Store.Waiting(ctx, limit) })
}

func (f *flaky) NotesWith(ctx context.Context, text string, limit int) (v []store.Note, n int64, err error) {
	if err = f.fail(); err == nil {
		v, n, err = f.Store.NotesWith(ctx, text, limit)
	}
	return v, n, err
}
