// Package blind says when a host's logs saw less than they should: what was switched off or
// cleared, what is missing, and what was never collected. It is pure; it knows no store and
// no clock. What was not collected is not collected, never absent.
package blind

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
	"escutcheon/event"
)

// Kind is what a span is of.
type Kind string

// The kinds.
const (
	ChannelOff   Kind = "channel off"
	Cleared      Kind = "log cleared"
	RecordGap    Kind = "record gap"
	NoEvents     Kind = "no events"
	LoggingOff   Kind = "http logging off"
	ETWRemoved   Kind = "etw target removed"
	RequestsStop Kind = "requests stop"
	HistoryReset Kind = "history reset"
	NotCollected Kind = "not collected"
	Removed      Kind = "removed by retention"
)

// Evidence is what a span rests on.
type Evidence struct {
	Event    int64 // 0: none
	Artifact int64 // a file of the server; 0: none
	Line     int
	Text     string
}

// Span is a time in which less was seen. From is zero where it began before all that was
// collected, To where it lasts.
type Span struct {
	Kind     Kind
	From, To time.Time
	Text     string
	Evidence []Evidence
}

// Channel is what was seen of a channel.
type Channel struct {
	Name     string
	Events   int64
	From, To time.Time // zero: no event has a time
	Gaps     [][2]time.Time
}

// Gap is records of a channel that are missing between two that are there.
type Gap struct {
	Channel     string
	First, Last int64 // the records around it
	From, To    time.Time
	Missing     int64
	Held, Of    int64 // of a log that holds a part of its records only: how many of how many
}

// Input is all that is known of a host.
type Input struct {
	Channels []Channel
	Changes  []verdict.Change // of detection.Blinding
	Verdict  verdict.Verdict
	Gaps     []Gap
	Sites    []Site          // of its requests
	OnFile   *onfile.History // nil: no file was collected
	Files    []artifact.File
	// Gone: events that are older were removed, but those on which something rests; zero:
	// none were.
	Gone time.Time
}

// quiet is how long a channel is silent at least, while others go on, to be told.
const quiet = 24 * time.Hour

// Make makes the spans of a host, by when they began; what was not collected comes last.
func Make(in Input) (out []Span) {
	out = append(out, switches(in.Changes)...)
	out = append(out, cleared(in.Changes)...)
	for _, g := range in.Gaps {
		out = append(out, gap(&g))
	}
	out = append(out, logging(&in.Verdict)...)
	out = append(out, silent(in.Channels, in.Gone)...)
	out = append(out, stops(in.Sites)...)
	if !in.Gone.IsZero() {
		out = append(out, Span{Removed, time.Time{}, in.Gone, "Events of this time were removed by retention, but for " +
			"those that findings or evidence rest on: what else was logged then is not known any more.", nil})
	}
	out = append(out, history(&in)...)
	slices.SortStableFunc(out, func(a, b Span) int {
		return cmp.Or(a.From.Compare(b.From), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return append(out, missing(&in)...)
}

// switches are the times between a channel's going off and on again.
func switches(changes []verdict.Change) (out []Span) {
	open := map[string]int{}
	for _, c := range changes {
		name := strings.ToLower(c.Module)
		says := Evidence{Event: c.Event, Text: who(&c)}
		switch {
		case c.Kind&detection.ChannelOff != 0 && open[name] == 0:
			out = append(out, Span{ChannelOff, c.At, time.Time{}, c.Module + " was switched off" + who(&c) +
				": what happened until it was on again is in no event of it.", []Evidence{says}})
			open[name] = len(out)
		case c.Kind&detection.ChannelOn != 0 && open[name] != 0:
			s := &out[open[name]-1]
			s.To, s.Evidence = c.At, append(s.Evidence, says)
			delete(open, name)
		}
	}
	return out
}

func who(c *verdict.Change) string {
	s := ""
	if c.By != "" {
		s = " by " + c.By
	}
	if c.Kind&detection.FromCommand != 0 {
		s += ", a command line says"
	}
	return s
}

// cleared are the moments at which logs were cleared.
func cleared(changes []verdict.Change) (out []Span) {
	for _, c := range changes {
		if c.Kind&detection.LogCleared != 0 {
			out = append(out, Span{Cleared, c.At, c.At, "The log " + c.Module + " was cleared" + who(&c) +
				": what it held before is not in the log any more.", []Evidence{{Event: c.Event, Text: who(&c)}}})
		}
	}
	return out
}

func gap(g *Gap) Span {
	if g.Of > 0 {
		return Span{RecordGap, g.From, g.To, fmt.Sprintf("%s: %d of %d records are here: an export that chose some, or a "+
			"log of which others were lost.", g.Channel, g.Held, g.Of), nil}
	}
	return Span{RecordGap, g.From, g.To, fmt.Sprintf("%s: %d records are missing between record %d and record %d.",
		g.Channel, g.Missing, g.First, g.Last), nil}
}

// logging are the times without the log of requests, as far as changes say.
func logging(v *verdict.Verdict) (out []Span) {
	for _, o := range v.Off {
		s := Span{Kind: LoggingOff, From: o.From, To: o.To, Text: "HTTP logging was off for " + o.Scope + "."}
		if o.Found != nil {
			s.Text = "HTTP logging is off for " + o.Scope + " in " + o.Found.File + ". " + o.Found.Why
			s.Evidence = []Evidence{{Artifact: o.Found.Artifact, Text: o.Found.File}}
		} else {
			s.Evidence = []Evidence{{Event: o.Event, Text: "switched off" + by(o.By)}}
		}
		out = append(out, s)
	}
	for _, c := range v.ETW {
		out = append(out, Span{ETWRemoved, c.At, time.Time{}, "The log of requests is no longer sent to ETW.",
			[]Evidence{{Event: c.Event, Artifact: c.Artifact, Text: "removed" + by(c.By)}}})
	}
	return out
}

func by(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

// silent are the times in which a channel has no event while the host goes on: all
// channels, and those of requests and of the configuration.
func silent(channels []Channel, gone time.Time) (out []Span) {
	var first, last time.Time
	for _, c := range channels {
		if c.From.IsZero() {
			continue
		}
		if first.IsZero() || c.From.Before(first) {
			first = c.From
		}
		if c.To.After(last) {
			last = c.To
		}
	}
	for _, c := range channels {
		requests := c.Name == event.RequestLog || c.Name == event.RequestError
		if c.From.IsZero() || !requests && !strings.EqualFold(c.Name, event.IISConfiguration) {
			continue
		}
		kind, name := NoEvents, c.Name
		if requests {
			kind, name = RequestsStop, "The log of requests"
			if c.Name == event.RequestError {
				name = "HTTPERR"
			}
		}
		for _, g := range c.Gaps {
			out = append(out, Span{kind, g[0], g[1], fmt.Sprintf("%s has no line for %s.", name, verdict.Span(g[1].Sub(g[0]))),
				nil})
		}
		to := c.To
		if gone.After(to) {
			to = gone
		}
		if last.Sub(to) >= quiet {
			out = append(out, Span{kind, to, last, fmt.Sprintf("%s ends %s before the host's other logs do.", name,
				verdict.Span(last.Sub(to))), nil})
		}
	}
	return out
}

// trouble says what an event of the Application Host Helper Service means.
func trouble(which string) string {
	if which < "APPHOSTSVC 9006" {
		return which + ": the service that keeps versions of the configuration had trouble with names of application pools."
	}
	return which + ": the server could not keep a version of its configuration, or not delete an old one."
}

// history is what is odd about the versions of the configuration that the server kept.
func history(in *Input) (out []Span) {
	for _, c := range in.Changes {
		if c.Kind&detection.HistoryTrouble != 0 {
			out = append(out, Span{HistoryReset, c.At, time.Time{}, trouble(c.Module), []Evidence{{Event: c.Event,
				Text: c.Module}}})
		}
	}
	if in.OnFile == nil {
		return out
	}
	for _, t := range in.OnFile.Told {
		if t.History {
			out = append(out, Span{HistoryReset, t.From, t.To, t.Text, []Evidence{{Artifact: t.File.ID, Line: t.Line,
				Text: t.File.Path}}})
		}
	}
	return out
}

// missing are the sources of which nothing was collected.
func missing(in *Input) (out []Span) {
	has := map[string]bool{}
	for _, c := range in.Channels {
		has[strings.ToLower(c.Name)] = c.Events > 0
	}
	for i := range in.Files {
		has[string(in.Files[i].Kind)] = true
	}
	events := map[string]bool{strings.ToLower(event.IISConfiguration): true, "system": true, "security": true,
		event.RequestLog: true, event.RequestError: true}
	for _, s := range []struct{ name, key string }{{event.IISConfiguration, strings.ToLower(event.IISConfiguration)},
		{"System", "system"}, {"Security", "security"}, {"logs of requests", event.RequestLog},
		{"HTTPERR", event.RequestError}, {"applicationHost.config", string(artifact.ApplicationHost)},
		{"web.config", string(artifact.Web)}, {"history of the configuration", string(artifact.History)},
		{"files of modules", string(artifact.Module)}} {
		if !has[s.key] {
			text := ": not collected. That says nothing of what it holds."
			if !in.Gone.IsZero() && events[s.key] {
				text = ": nothing of it is here. It was not collected, or what it held is older than " +
					in.Gone.UTC().Format(time.RFC3339) + " and was removed by retention."
			}
			out = append(out, Span{Kind: NotCollected, Text: s.name + text})
		}
	}
	return out
}
