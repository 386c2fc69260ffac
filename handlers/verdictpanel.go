package handlers

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// otherModules is how many modules stand beside the gravest one.
const otherModules = 20

// verdictPanel is the verdict of a host as its page shows it. The marks say what
// stands beside the change.
func (h *Handlers) verdictPanel(ctx context.Context, host store.Host, rule string, s scored, j judged,
	marks []views.RiskMark) (
	p views.VerdictPanel, err error) {
	p = views.VerdictPanel{Gravity: j.Gravity.String(), Sentence: j.Sentence,
		Settled: verdict.Settled(j.Gravity, j.Sentence)}
	found, err := h.shown(ctx, store.RiskFilter{Object: host.Dest, Rule: rule}, s)
	if err != nil {
		return p, err
	}
	p.Incidents = s.changeFirst(found, j.When())
	p.Chain = chainView(j)
	if len(j.Modules) > 0 {
		m := j.Modules[0]
		p.Said = []string{m.Name, m.By, m.Image}
		p.Facts = append(p.Facts, views.VerdictFact{Name: "Module", Text: judgement(m),
			Dim: rare(j.Rarity[0].Hosts, j.Of)})
		if k := j.mark(0); k != nil {
			p.Facts = append(p.Facts, views.VerdictFact{Name: "Marked", Text: k.Says(),
				Dim: "the verdict is as it would be without"})
		}
		rest := j.Modules[1:]
		p.More = max(0, len(rest)-otherModules)
		for i, m := range rest[:len(rest)-p.More] {
			v := moduleView(m)
			v.Marked = markWords(j.mark(i + 1))
			p.Modules = append(p.Modules, v)
		}
	} else if len(j.Off) > 0 {
		p.Said = []string{j.Off[0].By}
	}
	beside, sum := besideFact(marks)
	if n := len(j.Failed); n > 0 {
		text, at := h.failure(&j.Failed[0].Finding, nil)
		p.Facts = append(p.Facts, views.VerdictFact{Name: "Beside it", Text: text,
			Dim: "last " + at.Format(verdict.Layout) + "; whether it was configured before these logs, they do not say"})
	} else if beside.Text != "" {
		p.Facts = append(p.Facts, beside)
	}
	score := views.VerdictFact{Name: "Score", Big: views.Num(host.Score), Text: "in 7 days",
		Dim: views.Plural(host.RiskEvents, "risk event")}
	if sum > 0 && sum < host.Score && !s.Settings().CapPerRule {
		score.Dim += "; " + views.Num(sum) + " of it from the other changes above"
	}
	p.Facts = append(p.Facts, score)
	p.After = []views.VerdictFact{coverageFact(j.Coverage)}
	if len(j.Coverage.Lost) > 0 {
		p.Damage = lostWords(j.Coverage.Lost) + " What they say of this host is missing here."
	}
	p.Actions = actions(host, j)
	return p, err
}

// besideFact says what else was changed in the period, to neither modules nor
// logging, and what that adds to the score; nothing where marks stand for many.
func besideFact(marks []views.RiskMark) (f views.VerdictFact, sum int64) {
	var first, last time.Time
	n := int64(0)
	for _, m := range marks {
		switch {
		case m.All > 1:
			return views.VerdictFact{}, 0
		case m.Lane != views.LaneOther || m.RuleID != detection.SeedID:
			continue
		case n == 0:
			first = m.Time
		}
		n, sum, last = n+1, sum+m.Score, m.Time
	}
	if n == 0 {
		return f, 0
	}
	f = views.VerdictFact{Name: "Beside it", Text: views.Plural(n, "other change") + " to IIS's configuration",
		Dim: first.Format(gapLayout) + " to " + last.Format(gapLayout) + " UTC: no module, no logging"}
	return f, sum
}

// chainView is the chain with what is known of its events.
func chainView(j judged) (out []views.VerdictLink) {
	for _, l := range j.chain {
		v := linkView(l, j.events)
		if j.both[l.Event] {
			v.Rules = j.rules[l.Event]
		}
		out = append(out, v)
	}
	return out
}

func linkView(l verdict.Link, events map[int64]store.EventRef) views.VerdictLink {
	v := views.VerdictLink{At: l.At, Text: l.Text, Log: l.Shared != "", By: l.By, Shared: l.Shared, Events: l.Events,
		Change: l.Shared == "" && !l.Logging && !l.Beside}
	if l.Beside {
		v.Log, v.URL, v.Where = true, views.FindingURL(l.Finding), "finding"
		return v
	}
	if l.Event != 0 {
		v.URL = views.EventURL(l.Event)
	}
	if l.Artifact != 0 {
		v.URL, v.Where = views.ArtifactURL(l.Artifact), "file"
		return v
	}
	if e, ok := events[l.Event]; ok && e.Lost.Any() {
		v.Where = "damaged"
	} else if ok {
		v.Where = fmt.Sprintf("%s %d", channelWord(e.Channel), e.Code)
		if e.Record != event.None {
			v.Where += fmt.Sprintf(" · record %d", e.Record)
		}
	} else if l.Shared == "" {
		v.Where = "IIS-Configuration 29"
	}
	return v
}

// channelWord is the short name of a channel.
func channelWord(channel string) string {
	channel = strings.TrimSuffix(strings.TrimPrefix(channel, "Microsoft-"), "/Operational")
	return strings.TrimPrefix(channel, "Windows-")
}

func judgement(m verdict.Module) string {
	if m.List {
		return "the list as a whole: the log does not say which"
	}
	words := map[detection.Judgement]string{detection.Bad: "publicly known bad",
		detection.Masquerade: "not the image of IIS's own", detection.Unknown: "not one of IIS's own",
		detection.Known: "a known product's", detection.Own: "IIS's own"}[m.Judgement]
	if m.File != nil {
		words += " by its " + m.Report.Hash
	}
	if m.ByName {
		words += " by its name"
	}
	if !m.Gone.IsZero() {
		words += ", removed " + m.Gone.UTC().Format(verdict.Layout)
		if m.Again != nil {
			words += ", its name added again " + m.Again.At.UTC().Format(verdict.Layout)
		}
	} else if m.Action == verdict.Added {
		words += ", not removed in these logs"
	}
	if m.Said {
		words += "; from a command line only"
	}
	return words
}

func rare(hosts, of int64) string {
	return fmt.Sprintf("on %s of %s", views.Num(hosts), views.Plural(max(of, hosts), "host"))
}

func moduleView(m verdict.Module) views.VerdictModule {
	v := views.VerdictModule{Name: m.Name, Image: m.Image, Judgement: string(m.Judgement), Action: string(m.Action),
		By: m.By, Gravity: m.Gravity.String(), At: m.At, Closed: m.Closed}
	if m.Finding != "" {
		v.URL = views.FindingURL(m.Finding)
	}
	return v
}

// changeFirst puts the incident of the change at a time before the others.
func (s scored) changeFirst(list []views.Incident, at time.Time) []views.Incident {
	of, ok := incidentOf(s, at)
	if !ok || at.IsZero() {
		return list
	}
	i := slices.Index(s.Ranked(), of)
	if i < 0 || i >= len(list) {
		return list
	}
	first := list[i]
	first.OfChange = true
	return slices.Insert(slices.Delete(slices.Clone(list), i, i+1), 0, first)
}

// coverageFact says which logs a verdict rests on, and whether the one that would
// tell of modules is among them.
func coverageFact(c store.Coverage) views.VerdictFact {
	f := views.VerdictFact{Name: "Coverage", Text: "no event of this host in these logs"}
	var names, gaps []string
	iis, requests, from, to := false, false, int64(math.MaxInt64), int64(math.MinInt64)
	for _, ch := range c.Channels {
		iis = iis || strings.EqualFold(ch.Channel, event.IISConfiguration)
		if ch.Channel == event.RequestLog || ch.Channel == event.RequestError {
			requests = true // their times say nothing of what events there are
			continue
		}
		names = append(names, cmp.Or(channelWord(ch.Channel), "no channel named"))
		if ch.HasTime {
			from, to = min(from, ch.From), max(to, ch.To)
		}
	}
	for _, g := range c.Gaps {
		gaps = append(gaps, second(g.From).Format(gapLayout)+" to "+second(g.To).Format(gapLayout))
	}
	switch {
	case len(names) > 0:
		f.Text = few(names, mostChannels)
	case requests:
		f.Text = "requests alone"
	}
	if from <= to {
		f.Text += ": " + second(from).Format(gapLayout) + " to " + second(to).Format(gapLayout) + " UTC"
	}
	switch {
	case len(c.Lost) > 0:
		f.Dim = "Not all: some events cannot be read. "
	case len(gaps) > 0:
		f.Dim = "no events at all " + few(gaps, mostGaps) + ". "
	case len(names) > 0:
		f.Dim = "no gap of a day. "
	}
	if !iis && len(c.Lost) == 0 {
		f.Dim += "IIS-Configuration, which tells of modules: none."
	}
	if requests && len(names) > 0 {
		f.Dim += " Requests, too."
	}
	if c.Counting {
		f.Dim += " Some events are yet to be counted."
	}
	return f
}

// lostWords say which damaged blocks hold what is missing.
func lostWords(list []store.Lost) string {
	words := list[0].String()
	if len(list) > 1 {
		words += " So are " + views.Plural(int64(len(list)-1), "more block", "more blocks") + "."
	}
	return words
}

// few are the first of a list in words.
func few(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

const (
	gapLayout    = "2006-01-02 15:04"
	mostChannels = 8
	mostGaps     = 3
)

// actions are what can be done next.
func actions(host store.Host, j judged) []views.Action {
	note := views.WithQuery(views.HostURL(host.Dest), "note", noteOf(j)) + "#note"
	out := []views.Action{{Label: "Write this as a note", URL: note, Primary: true, Writes: true},
		{Label: "Set the status", URL: "#triage", Writes: true}}
	if host.Findings > 0 {
		out = append(out, views.Action{Label: "Show its " + views.Plural(host.Findings, "finding"),
			URL: views.WithQuery("/findings", "dest", host.Dest)})
	}
	if len(j.Failed) > 0 {
		out = append(out, views.Action{Label: "Open what failed to load", URL: views.FindingURL(j.Failed[0].Finding.Key)})
	}
	if len(j.Modules) == 0 {
		return out
	}
	m := j.Modules[0]
	if m.Finding != "" {
		out = append(out, views.Action{Label: "Open the change", URL: views.FindingURL(m.Finding)})
	}
	if others := max(j.Of, j.Rarity[0].Hosts) - 1; others > 0 && m.Name != "" {
		had := "none"
		if n := j.Rarity[0].Hosts - 1; n > 0 {
			had = views.Num(n)
		}
		out = append(out, views.Action{Label: "Same module on other hosts: " + had + " of " + views.Num(others),
			URL: views.WithQuery("/search", "q", m.Name)})
	}
	return out
}

// mostNote is how long a note is that is begun from the verdict: it is in a URL.
const mostNote = 3000

// noteOf is the verdict as the text of a note.
func noteOf(j judged) string {
	var b strings.Builder
	b.WriteString(views.Visible(j.Sentence)) // what turns text is no evidence to anybody
	for _, l := range j.chain {
		line := "\n- " + l.At.UTC().Format(time.RFC3339) + " " + cut(views.Visible(l.Text), 300)
		if l.By != "" {
			line += " (" + views.Visible(l.By) + ")"
		}
		if b.Len()+len(line) > mostNote {
			break
		}
		b.WriteString(line)
	}
	return cut(b.String(), mostNote)
}
