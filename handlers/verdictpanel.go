package handlers

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// otherModules is how many modules stand beside the gravest one.
const otherModules = 20

// verdictPanel is the verdict of a host as its page shows it.
func (h *Handlers) verdictPanel(ctx context.Context, host store.Host, f store.HostFilter, s scored, j judged) (
	p views.VerdictPanel, err error) {
	p = views.VerdictPanel{Gravity: j.Gravity.String(), Sentence: j.Sentence}
	for _, l := range j.chain {
		p.Chain = append(p.Chain, linkView(l, j.events))
	}
	for i, m := range j.Modules {
		if i == 0 {
			p.Said = []string{m.Name, m.By, m.Image}
			p.Facts = append(p.Facts, views.VerdictFact{Name: "Module", Text: judgement(m),
				Dim: rare(j.Rarity[0].Hosts, j.Of)})
			continue
		}
		if p.More = len(j.Modules) - i; i > otherModules {
			break
		}
		p.More = 0
		p.Modules = append(p.Modules, moduleView(m))
	}
	if len(j.Modules) == 0 && len(j.Off) > 0 {
		p.Said = []string{j.Off[0].By}
	}
	p.Facts = append(p.Facts, views.VerdictFact{Name: "Score", Big: views.Num(host.Score), Text: "in 7 days",
		Dim: views.Plural(host.RiskEvents, "risk event")})
	in, err := h.incidentFact(ctx, host.Dest, store.RiskOf{Rule: f.Rule, AsOf: f.AsOf, Now: f.Now}, s, j)
	if err != nil {
		return p, err
	}
	p.Facts = append(p.Facts, in)
	p.Incidents, err = h.shown(ctx, store.RiskFilter{Object: host.Dest, Rule: f.Rule}, s)
	p.Facts = append(p.Facts, coverageFact(j.Coverage))
	p.Actions = actions(host, j)
	return p, err
}

func linkView(l verdict.Link, events map[int64]store.EventRef) views.VerdictLink {
	v := views.VerdictLink{At: l.At, Text: l.Text, Log: l.Shared != "", By: l.By, Shared: l.Shared, Events: l.Events,
		Change: l.Shared == "" && !l.Logging}
	if l.Event != 0 {
		v.URL = views.EventURL(l.Event)
	}
	if e, ok := events[l.Event]; ok {
		v.Where = fmt.Sprintf("%s %d · record %d", channelWord(e.Channel), e.Code, e.Record)
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
	words := map[detection.Judgement]string{detection.Bad: "publicly known bad",
		detection.Masquerade: "not the image of IIS's own", detection.Unknown: "not one of IIS's own",
		detection.Known: "a known product's", detection.Own: "IIS's own"}[m.Judgement]
	if m.ByName {
		words += " by its name"
	}
	if !m.Removed.IsZero() {
		words += ", removed " + m.Removed.UTC().Format(verdict.Layout)
	} else if m.Action == verdict.Added {
		words += ", not removed in these logs"
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

// incidentFact says the incident of the gravest change, else the gravest.
func (h *Handlers) incidentFact(ctx context.Context, object string, of store.RiskOf, s scored, j judged) (
	f views.VerdictFact, err error) {
	f = views.VerdictFact{Name: "Incident", Text: "none: no sum of 24 hours crossed a threshold"}
	in, ok := incidentOf(s, j.When())
	if !ok {
		return f, nil
	}
	at, err := h.crossing(ctx, object, of, s, in)
	f.Text = in.Severity.String() + ", " + second(at).Format(verdict.Layout)
	f.Dim = fmt.Sprintf("peak %s; seen by the run of %s", views.Num(int64(in.Peak)), second(in.Crossed).Format("15:04"))
	if in.Kind == risk.ByTactics {
		f.Dim = fmt.Sprintf("%d tactics of %d rules in 7 days", in.Peak, in.Rules)
	}
	return f, err
}

// coverageFact says which logs a verdict rests on, and whether the one that would
// tell of modules is among them.
func coverageFact(c store.Coverage) views.VerdictFact {
	f := views.VerdictFact{Name: "Coverage", Text: "no event of this host in these logs"}
	var names, gaps []string
	iis, from, to := false, int64(math.MaxInt64), int64(math.MinInt64)
	for _, ch := range c.Channels {
		iis = iis || strings.EqualFold(ch.Channel, event.IISConfiguration)
		names = append(names, cmp.Or(channelWord(ch.Channel), "no channel named"))
		if ch.HasTime {
			from, to = min(from, ch.From), max(to, ch.To)
		}
	}
	for _, g := range c.Gaps {
		gaps = append(gaps, second(g.From).Format(gapLayout)+" to "+second(g.To).Format(gapLayout))
	}
	if len(names) > 0 {
		f.Text = few(names, mostChannels)
	}
	if from <= to {
		f.Text += ": " + second(from).Format(gapLayout) + " to " + second(to).Format(gapLayout) + " UTC"
	}
	switch {
	case len(gaps) > 0:
		f.Dim = "no events at all " + few(gaps, mostGaps) + ". "
	case len(names) > 0:
		f.Dim = "no gap of a day. "
	}
	if !iis {
		f.Dim += "IIS-Configuration, which tells of modules: none."
	}
	if c.Counting {
		f.Dim += " Some events are yet to be counted."
	}
	return f
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
	out := []views.Action{{Label: "Write this as a note", URL: note, Primary: true}}
	if host.Findings > 0 {
		out = append(out, views.Action{Label: "Show its " + views.Plural(host.Findings, "finding"),
			URL: views.WithQuery("/findings", "dest", host.Dest)})
	}
	if len(j.Modules) > 0 && j.Modules[0].Finding != "" {
		out = append(out, views.Action{Label: "Open the change", URL: views.FindingURL(j.Modules[0].Finding)})
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
