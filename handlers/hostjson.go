package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/risk"
	"escutcheon/store"
)

// hostJSON is a host as programs see it.
type hostJSON struct {
	Dest     string        `json:"dest"`
	Spelling string        `json:"spelling"`
	AsOf     string        `json:"as_of"`
	Score    int64         `json:"score"`
	Triage   triageJSON    `json:"triage"`
	Incident *incidentJSON `json:"incident"`
	Verdict  verdictJSON   `json:"verdict"`
	Coverage []channelJSON `json:"coverage"`
	Damaged  []string      `json:"damaged,omitempty"` // what of the stored events cannot be read, and is missing
	Findings countsJSON    `json:"findings"`
	Also     []string      `json:"also"`  // names merged with it
	Cases    []string      `json:"cases"` // the numbers of those that have it, or a finding or an event of it
}

type incidentJSON struct {
	Severity string `json:"severity"`
	Peak     int64  `json:"peak"`
	Crossed  string `json:"crossed"` // the risk event that reached the severity's threshold
	Run      string `json:"run"`     // that saw it
}

type verdictJSON struct {
	Sentence   string       `json:"sentence"`
	Gravity    string       `json:"gravity"`
	Modules    []moduleJSON `json:"modules"`
	LoggingOff []offJSON    `json:"logging_off"`
	Chain      []linkJSON   `json:"chain"`
}

type moduleJSON struct {
	Name      string  `json:"name"`
	Image     string  `json:"image"`
	Judgement string  `json:"judgement"` // bad, masquerade, unknown, known, own
	Action    string  `json:"action"`    // added, removed, changed, unsure
	By        string  `json:"by"`
	At        *string `json:"at"`
	Finding   string  `json:"finding"`
	Gravity   string  `json:"gravity"`
	Event     int64   `json:"event"`
	Scope     string  `json:"scope"`
	Removed   *string `json:"removed"`
	Closed    bool    `json:"closed"`
	Hosts     int64   `json:"hosts"`    // with this name and image
	HostsOf   int64   `json:"hosts_of"` // with any event 29

	FromCommand bool   `json:"from_command,omitempty"` // known from command lines alone
	Hash        string `json:"hash,omitempty"`         // SHA-256 or SHA-1 of the image, where that is publicly known bad

	Marked *markJSON `json:"marked,omitempty"` // as known, by somebody, which changes no verdict
}

type offJSON struct {
	From    *string `json:"from"`
	To      *string `json:"to"`
	Scope   string  `json:"scope"`
	By      string  `json:"by"`
	Finding string  `json:"finding"`
	Event   int64   `json:"event"`
}

type linkJSON struct {
	At      *string `json:"at"`
	Text    string  `json:"text"`
	Finding string  `json:"finding"`
	Event   int64   `json:"event"`
	By      string  `json:"by"`
	Shared  string  `json:"shared,omitempty"` // what joins it to the change
	// Rules are the names of the rules in whose findings the event is.
	Rules []string `json:"rules"`
}

// channelJSON is what was seen of one channel. A gap is 24 hours or longer without
// any event of it.
type channelJSON struct {
	Channel string     `json:"channel"`
	From    *string    `json:"from"` // null: none of its events has a time
	To      *string    `json:"to"`
	Events  int64      `json:"events"`
	Gaps    []spanJSON `json:"gaps"`
}

type spanJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type countsJSON struct {
	All  int64 `json:"all"`
	Open int64 `json:"open"`
}

// instant is a time in JSON; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339Nano)
	return &s
}

// atSecond is a second in JSON.
func atSecond(second int64) string { return time.Unix(second, 0).UTC().Format(time.RFC3339) }

// sendHost sends a host to a program.
func (h *Handlers) sendHost(c echo.Context, host store.Host, filter store.HostFilter) error {
	ctx := c.Request().Context()
	of := store.RiskOf{Rule: filter.Rule, AsOf: filter.AsOf, Now: filter.Now}
	found, err := h.Ask.Risk.RisksOf(ctx, of, []string{host.Dest})
	if err != nil {
		return err
	}
	r := scored{Risk: found[0]}
	j, err := h.verdictOf(ctx, host.Dest, filter.AsOf)
	if err != nil {
		return err
	}
	out := hostJSON{Dest: host.Dest, Spelling: host.Spelling, AsOf: atSecond(host.AsOf), Score: host.Score,
		Verdict: verdictOut(j), Coverage: coverageOut(j.Coverage),
		Also:     append([]string{}, host.Also...),
		Findings: countsJSON{host.Findings, host.Findings - host.Suppressed - host.Closed}}
	for _, l := range j.Lost {
		out.Damaged = append(out.Damaged, l.String())
	}
	if out.Triage, err = h.hostTriage(ctx, host.Dest); err != nil {
		return err
	}
	if out.Cases, err = h.caseNumbers(c, "dest", host.Dest); err != nil {
		return err
	}
	if in, ok := incidentOf(r, j.When()); ok {
		at, err := h.crossing(ctx, host.Dest, of, r, in)
		if err != nil {
			return err
		}
		out.Incident = &incidentJSON{Severity: in.Severity.String(), Peak: int64(in.Peak), Crossed: atSecond(at),
			Run: atSecond(in.Crossed)}
		if in.Kind == risk.ByTactics {
			out.Incident.Peak = 0
		}
	}
	return c.JSON(http.StatusOK, out)
}

func coverageOut(c store.Coverage) []channelJSON {
	out := []channelJSON{}
	for _, ch := range c.Channels {
		one := channelJSON{Channel: ch.Channel, Events: ch.Events, Gaps: []spanJSON{}}
		if ch.HasTime {
			from, to := atSecond(ch.From), atSecond(ch.To)
			one.From, one.To = &from, &to
		}
		for _, g := range ch.Gaps {
			one.Gaps = append(one.Gaps, spanJSON{atSecond(g.From), atSecond(g.To)})
		}
		out = append(out, one)
	}
	return out
}

func verdictOut(j judged) verdictJSON {
	v := verdictJSON{Sentence: j.Sentence, Gravity: j.Gravity.String(), Modules: []moduleJSON{}, LoggingOff: []offJSON{},
		Chain: []linkJSON{}}
	for i, m := range j.Modules {
		hash := ""
		if m.File != nil {
			hash = m.File.Hash
		}
		v.Modules = append(v.Modules, moduleJSON{Name: m.Name, Image: m.Image, Judgement: string(m.Judgement),
			Action: string(m.Action), By: m.By, At: instant(m.At), Finding: m.Finding, Gravity: m.Gravity.String(),
			Event: m.Event, Scope: m.Scope, Removed: instant(m.Removed), Closed: m.Closed, Hosts: j.Rarity[i].Hosts,
			HostsOf: j.Of, FromCommand: m.Said, Hash: hash, Marked: markAsJSON(j.mark(i), false)})
	}
	for _, o := range j.Off {
		v.LoggingOff = append(v.LoggingOff, offJSON{From: instant(o.From), To: instant(o.To), Scope: o.Scope, By: o.By,
			Finding: o.Finding, Event: o.Event})
	}
	for _, l := range j.chain {
		v.Chain = append(v.Chain, linkJSON{At: instant(l.At), Text: l.Text, Finding: l.Finding, Event: l.Event, By: l.By,
			Shared: l.Shared, Rules: append([]string{}, j.rules[l.Event]...)})
	}
	return v
}
