package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/blind"
	"escutcheon/detection/risk"
	"escutcheon/detection/spl"
	"escutcheon/detection/verdict"
	"escutcheon/store"
)

// VerdictStore is what verdicts come from.
type VerdictStore interface {
	VerdictOf(ctx context.Context, of store.VerdictOf) (store.Verdict, error)
	// Briefs are the verdicts of some hosts, in their order.
	Briefs(ctx context.Context, hosts []store.Host, asOf *int64) ([]store.Brief, error)
	// Around are the events of findings of a dest between two moments, changes of
	// note apart; of many those nearest to near.
	Around(ctx context.Context, dest string, from, to, near time.Time) ([]store.ChainEvent, error)
	// EventRefs are some events, in the order of their numbers; those that are not
	// there are not among them.
	EventRefs(ctx context.Context, ids []int64) ([]store.EventRef, error)
	// RulesOfEvents are the rules in whose findings some events are, by their ids.
	RulesOfEvents(ctx context.Context, ids []int64) (map[int64][]string, error)
	// Coverage is which logs of a dest were seen, up to a second.
	Coverage(ctx context.Context, dest string, asOf *int64) (store.Coverage, error)
}

// judged is a host's verdict with what led to it.
type judged struct {
	store.Verdict
	store.Coverage
	chain  []verdict.Link
	events map[int64]store.EventRef // those of the chain that are known
	rules  map[int64][]string       // in whose findings the events of the chain are, by name
	both   map[int64]bool           // of them, those that rules of several languages saw
	blind  []blind.Span             // when its logs saw less
}

// verdictOf is the verdict of a host up to its as-of.
func (h *Handlers) verdictOf(ctx context.Context, dest string, asOf *int64) (j judged, err error) {
	if j.Verdict, err = h.Ask.Verdicts.VerdictOf(ctx, store.VerdictOf{Dest: dest, AsOf: asOf}); err != nil {
		return j, err
	}
	if j.Coverage, err = h.Ask.Verdicts.Coverage(ctx, dest, asOf); err != nil {
		return j, err
	}
	changes, err := h.Ask.Blind.Blinded(ctx, store.VerdictOf{Dest: dest, AsOf: asOf})
	if err != nil {
		return j, err
	}
	j.blind = blind.Make(blind.Input{Channels: channelsOf(j.Coverage), Changes: changes, OnFile: j.OnFile, Gone: j.Gone})
	from, to, ok := j.Around()
	if !ok {
		j.chain = h.failures(j.Failed, asOf)
		return j, h.chainEvents(ctx, &j)
	}
	if asOf != nil {
		if end := second(*asOf + 1); to.After(end) {
			to = end
		}
	}
	found, err := h.Ask.Verdicts.Around(ctx, dest, from, to, from.Add(verdict.Before))
	if err != nil {
		return j, err
	}
	j.events = make(map[int64]store.EventRef, len(found))
	var beside []verdict.Beside
	for _, e := range found {
		if e.Lost.Any() {
			j.lose(e.Lost)
			continue
		}
		j.events[e.ID] = e.EventRef
		beside = append(beside, h.beside(e))
	}
	j.chain = j.Chain(beside)
	return j, h.chainEvents(ctx, &j)
}

// chainEvents looks the events of the chain up that are not known, and notes what of
// them is lost; and which rules saw each.
func (h *Handlers) chainEvents(ctx context.Context, j *judged) error {
	if err := h.chainRules(ctx, j); err != nil {
		return err
	}
	var ids []int64
	for _, l := range j.chain {
		if _, known := j.events[l.Event]; !known && l.Event != 0 {
			ids = append(ids, l.Event)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	refs, err := h.Ask.Verdicts.EventRefs(ctx, ids)
	if j.events == nil {
		j.events = map[int64]store.EventRef{}
	}
	for _, e := range refs {
		j.events[e.ID] = e
		j.lose(e.Lost)
	}
	return err
}

// chainRules names the rules that saw the events of the chain: one event may be in
// findings of several, and is one link.
func (h *Handlers) chainRules(ctx context.Context, j *judged) error {
	var ids []int64
	for _, l := range j.chain {
		if l.Event != 0 {
			ids = append(ids, l.Event)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := h.Ask.Verdicts.RulesOfEvents(ctx, ids)
	j.rules, j.both = make(map[int64][]string, len(found)), map[int64]bool{}
	for id, rules := range found {
		first := ""
		for _, rule := range rules {
			if r := h.Book.Find(rule); r != nil {
				j.rules[id] = append(j.rules[id], r.Name)
				first = cmp.Or(first, r.Language())
				j.both[id] = j.both[id] || first != r.Language()
			}
		}
		slices.Sort(j.rules[id])
		j.rules[id] = slices.Compact(j.rules[id])
	}
	return err
}

// lose notes a block that cannot be read.
func (j *judged) lose(l store.Lost) {
	if l.Any() && !slices.Contains(j.Lost, l) {
		j.Lost = append(j.Lost, l)
	}
}

// failures are modules that failed to load as a chain has them where nothing was
// changed, by time.
func (h *Handlers) failures(list []store.LoadFailure, asOf *int64) (out []verdict.Link) {
	for _, f := range slices.Backward(list) {
		text, at := h.failure(&f.Finding, asOf)
		out = append(out, verdict.Link{At: at, Text: text, Event: f.Event, Finding: f.Finding.Key, Beside: true})
	}
	return out
}

// failure says which module failed to load, and when that was last; where that is
// behind the as-of, when it was first.
func (h *Handlers) failure(f *store.Finding, asOf *int64) (text string, at time.Time) {
	text = "A module failed to load"
	if r := h.Book.Find(f.RuleID); r != nil {
		row := r.NewRow(f.Row)
		text += ": " + cut(cmp.Or(get(row, "ModuleDll"), detection.Telling(row)), listValue)
	}
	if at = second(f.Last); asOf != nil && f.Last > *asOf {
		at = second(f.First)
	}
	return text, at
}

// ofWhom are the columns that say where and who: what they name is no module.
var ofWhom = []string{"dest", "ComputerName", "Computer", "host", "user", "user_id", "UserID", "Sid"}

// beside is an event of a finding as a chain takes it.
func (h *Handlers) beside(e store.ChainEvent) verdict.Beside {
	b := verdict.Beside{At: time.Unix(e.Second, e.Nanos).UTC(), Event: e.ID, Finding: e.Finding.Key}
	r := h.Book.Find(e.Finding.RuleID)
	if r == nil {
		return b
	}
	row := r.NewRow(e.Finding.Row)
	for _, f := range row {
		if !slices.Contains(ofWhom, f.Name) {
			b.Says, b.Names = append(b.Says, f.Value), append(b.Names, detection.CommandModules(f.Value)...)
		}
	}
	b.By, b.Text = get(row, "user"), cut(detection.Telling(row), listValue)
	if parent := get(row, "parent_process_name"); parent != "" && get(row, "process") != "" {
		b.Text = cut(parent+" › "+get(row, "process"), listValue)
	}
	b.Text = cmp.Or(b.Text, r.Name)
	return b
}

func get(row spl.Row, name string) string {
	v, _ := row.Get(name)
	return v
}

// incidentOf is the incident of the gravest change, which was at that time, else the
// gravest; ok is false when there is none.
func incidentOf(s scored, at time.Time) (in risk.Incident, ok bool) {
	if !at.IsZero() {
		for _, i := range s.Ranked() {
			if i.Kind == risk.ByScore && at.Unix() > i.From-risk.Day && at.Unix() <= i.To {
				return i, true
			}
		}
	}
	return s.Worst()
}
