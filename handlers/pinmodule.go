package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/ledger"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// mostModuleParts is how many events and files of a module are copied with it, and scopes
// told.
const mostModuleParts = 50

// moduleRef is what a row of a host's ledger is called by: a hash of its type, name and
// image, and the host.
func moduleRef(dest string, m *ledger.Module) string {
	name, image := m.Key()
	return store.Sum("module", string(m.Type), name, image)[:32] + "@" + dest
}

// moduleByRef is the row of a ledger that is called so; ledgers are those at hand, by host.
func (h *Handlers) moduleByRef(ctx context.Context, ref string, ledgers map[string]store.Ledger) (l store.Ledger,
	m *store.LedgerModule, err error) {
	_, dest, ok := strings.Cut(ref, "@")
	if !ok {
		return l, nil, fault.New(fault.Invalid, "There is no module %q: a row of /hosts/{dest}/modules has what it is "+
			"called by as ref.", cut(ref, 80))
	}
	if l, ok = ledgers[dest]; !ok {
		if l, err = h.Ask.Modules.Ledger(ctx, store.VerdictOf{Dest: dest}); err != nil {
			return l, nil, err
		}
		ledgers[dest] = l
	}
	for i := range l.Modules {
		if moduleRef(l.Dest, &l.Modules[i].Module) == ref {
			return l, &l.Modules[i], nil
		}
	}
	return l, nil, fault.New(fault.NotFound, "The ledger of %q has no such module.", l.Dest)
}

// pinOfModule makes a pin of a row of a ledger, and those of the events and files that it
// rests on.
func (h *Handlers) pinOfModule(ctx context.Context, ref string) (p store.Pin, parts []store.Pin, err error) {
	l, m, err := h.moduleByRef(ctx, ref, map[string]store.Ledger{})
	if err != nil {
		return p, nil, err
	}
	s := store.ModuleSnapshot{Dest: l.Dest, Spelling: l.Spelling, Name: m.Name, Image: m.Image, Type: string(m.Type),
		Scope: m.Scope, First: stampText(m.First), Last: stampText(m.Last), Present: string(m.Present), AddedBy: m.AddedBy,
		RemovedBy: m.RemovedBy, Judgement: m.Judged, Reason: m.Reason, Strength: string(m.Strength), Hosts: m.Hosts,
		SHA256: m.Hash}
	if n := len(s.Scope) - mostModuleParts; n > 0 {
		s.Scope = append(slices.Clone(s.Scope[:mostModuleParts]), fmt.Sprintf("and %d more", n))
	}
	left, bytes := mostPinnedInAll, 0
	have, confs := map[string]bool{}, map[string]store.Configuration{}
	for i := range m.Evidence {
		e := &m.Evidence[i]
		text := cut(e.Text, mostPinnedText)
		if left -= len(text) + len(e.Scope) + len(e.By); len(s.Evidence) == mostModuleParts || left < 0 {
			s.More = len(m.Evidence) - i
			break
		}
		s.Evidence = append(s.Evidence, store.ModuleEvidence{Source: string(e.Source), At: stampText(e.At), Text: text,
			Scope: e.Scope, By: e.By})
		part, size, err := h.partOfModule(ctx, e, confs)
		if fault.CodeOf(err) == fault.NotFound || err == nil && (part.UID == "" || have[part.UID]) {
			continue // it is being deleted, or copied already
		}
		if err != nil {
			return p, nil, err
		}
		if bytes += size; bytes > mostCopied && len(parts) > 0 {
			continue
		}
		have[part.UID] = true
		parts = append(parts, part)
	}
	if p.Snapshot, err = json.Marshal(s); err != nil {
		return p, nil, err
	}
	p.Kind, p.Ref, p.Dest, p.At = store.PinModule, ref, l.Dest, m.First
	p.UID = store.Sum("module", ref, string(p.Snapshot))
	return p, parts, nil
}

// partOfModule is the pin of what says something of a module, with the bytes of its copies.
func (h *Handlers) partOfModule(ctx context.Context, e *ledger.Evidence,
	confs map[string]store.Configuration) (p store.Pin, size int, err error) {
	switch {
	case e.Artifact != 0:
		p, err = h.pinOfFile(ctx, e.Artifact, confs)
		for _, c := range p.Copies {
			size += len(c.Data)
		}
	case e.Event != 0:
		p, size, err = h.pinOfEvent(ctx, e.Event)
	}
	return p, size, err
}

func (h *Handlers) moduleItem(ctx context.Context, ref string) (i newItem, err error) {
	p, parts, err := h.pinOfModule(ctx, ref)
	if err != nil {
		return i, missing(err)
	}
	i = newItem{pin: &p, events: parts, title: titleOf(p) + " on " + p.Module().Spelling}
	i.Kind, i.Ref, i.Snapshot = store.ItemModule, p.Ref, p.Snapshot
	return i, nil
}

// moduleTitle is a module in words.
func moduleTitle(m *store.ModuleSnapshot) string {
	return joined(" · ", joined(" · ", m.Name, m.Image), m.Judgement)
}

// moduleFields are what a pinned row of a ledger says, for a page and a report.
func moduleFields(m *store.ModuleSnapshot) (out []store.Field) {
	add := func(name, value string) {
		if value != "" {
			out = append(out, store.Field{Name: name, Value: value})
		}
	}
	add("Module", m.Name)
	add("Image", m.Image)
	add("SHA-256", m.SHA256)
	add("Judged", m.Judgement)
	add("Because", m.Reason)
	add("Where", strings.Join(m.Scope, "; "))
	add("First", m.First)
	add("Last", m.Last)
	add("There", m.Present)
	add("Added by", m.AddedBy)
	add("Removed by", m.RemovedBy)
	add("Hosts", strconv.FormatInt(m.Hosts, 10))
	for _, e := range m.Evidence {
		s := joined(", ", e.At, e.Text)
		if e.Scope != "" {
			s += " at " + e.Scope
		}
		add("By "+e.Source, s+by(e.By))
	}
	if m.More > 0 {
		add("More", fmt.Sprintf("%s not copied", views.Plural(int64(m.More), "thing that speaks of it is",
			"things that speak of it are")))
	}
	return out
}

// moduleSince says what a host's ledger says of a pinned module now, where that is
// something else.
func (h *Handlers) moduleSince(ctx context.Context, p store.Pin, ledgers map[string]store.Ledger) (string, error) {
	_, m, err := h.moduleByRef(ctx, p.Ref, ledgers)
	if fault.CodeOf(err) == fault.NotFound {
		return "the module" + notHere, nil
	}
	if err != nil {
		return "", err
	}
	was := p.Module()
	var now []string
	for _, x := range []struct{ what, is, was string }{{"judged", m.Judged, was.Judgement},
		{"there", string(m.Present), was.Present}, {"added by", m.AddedBy, was.AddedBy},
		{"removed by", m.RemovedBy, was.RemovedBy}} {
		if x.is != x.was {
			now = append(now, fmt.Sprintf("%s: %s, not %s", x.what, x.is, x.was))
		}
	}
	if now == nil {
		return "", nil
	}
	return "now " + strings.Join(now, ", "), nil
}
