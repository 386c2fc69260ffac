package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

// kindSearches ask for events in all the ways by which a scan may pass over some.
var kindSearches = []string{
	"EventCode=29", "EventID=4688", "signature_id IN (29, 104)", "LogName=Security", "Channel=system EventCode=104",
	"LogName=Security OR EventCode=29", "EventCode!=29", "NOT LogName=Security", "*", "EventCode=29 LogName=Security",
	"EventCode=29 EventCode=104", `source="WinEventLog:Security"`, "source=planted", "eventtype=wineventlog_system",
	`sourcetype="IIS:Configuration:Operational"`, "LogName=\"\u212aelvin\"", "LogName=kelvin", "EventCode=77 OR _raw=*x*",
	"| tstats count from datamodel=Endpoint.Processes by Processes.dest",
}

// kindRules are rules of these searches.
func kindRules(t *testing.T) (out []*detection.Rule) {
	for n, s := range kindSearches {
		by := " | stats count min(_time) as firstTime values(RecordNumber) as messages by ComputerName | rename ComputerName as dest"
		if s[0] == '|' {
			by = " | `drop_dm_object_name(Processes)`"
		}
		out = append(out, mt.Rule(t, fmt.Sprintf("kind%02d", n), s+by, ""))
	}
	return out
}

// kindSet is all of them, in force.
func kindSet(t *testing.T) *detection.Rules { return detection.NewRules(kindRules(t)) }

// anyKind is a record of some channel and code, which may carry fields by which
// searches ask for these.
func anyKind(r *rand.Rand, n int64) logwriter.Record {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	rec := logwriter.Record{Time: base.Add(time.Duration(r.IntN(7200)) * time.Second), RecordNumber: n,
		Computer: pick("web01", "web02"), Provider: pick("p", event.IISProvider),
		EventCode: []int{29, 104, 4688, 77, 1}[r.IntN(5)],
		Channel:   pick("Security", "SECURITY", "System", event.IISConfiguration, event.Sysmon, "\u212aelvin", "Kelvin", "")}
	rec.Data = []event.Field{{Name: "NewProcessName", Value: `C:\x.exe`}}
	if r.IntN(12) == 0 {
		rec.Data = append(rec.Data, event.Field{Name: pick("EventID", "EventCode", "source", "Channel", "signature_id", "eventtype"),
			Value: pick("29", "104", "4688", "System", "planted", "wineventlog_system")})
	}
	return rec
}

// kindLogs are random logs, some records again at the end, saying more.
func kindLogs(r *rand.Rand) (logs [][]logwriter.Record) {
	for n := int64(1); n < 200; {
		var recs []logwriter.Record
		like := anyKind(r, n)
		for range 1 + r.IntN(30) {
			rec := anyKind(r, n)
			if r.IntN(4) > 0 { // blocks of few kinds are passed over
				rec.Channel, rec.EventCode = like.Channel, like.EventCode
			}
			recs = append(recs, rec)
			n++
		}
		logs = append(logs, recs)
	}
	for range 4 {
		recs := slices.Clone(logs[r.IntN(len(logs))])
		for i := range recs {
			recs[i].Data = append(recs[i].Data[:1:1], event.Field{
				Name: []string{"EventID", "signature_id", "more"}[r.IntN(3)], Value: []string{"29", "4688"}[r.IntN(2)]})
		}
		logs = append(logs, recs)
	}
	return logs
}

// TestSearch: rules that come late find what they find in force from the start,
// though the scan passes over what they cannot match: by whatever they ask for an
// event's kind, whatever fields it has, and in how many ways it was seen.
func TestSearch(t *testing.T) {
	rules := kindRules(t)
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 21))
		logs := kindLogs(r)
		late, start := newHouse(t), newHouse(t, rules...)
		for n, recs := range logs {
			if n == len(logs)/2 { // it is behind while others come
				late.use(rules[r.IntN(len(rules))])
			}
			late.add("a", recs...)
			start.add("a", recs...)
			if n%3 == 0 {
				late.catchUp(1 + r.IntN(30))
			}
		}
		for _, rule := range rules {
			late.use(rule)
			for late.catchUp(1+r.IntN(60)).Rules > 0 {
			}
			late.is(fmt.Sprint("seed ", seed, " ", rule.ID), late.rows(rule), start.rows(rule))
		}
	}
}

// catchUp does a step.
func (h *house) catchUp(most int) store.Behind {
	h.t.Helper()
	left, err := h.CatchUp(ctx, most)
	h.ok(err)
	return left
}

// rows are all findings of a rule with their values.
func (h *house) rows(r *detection.Rule) (out []string) {
	h.t.Helper()
	for f, err := range h.AllFindings(ctx, store.FindingFilter{Rule: r.ID, Suppressed: true}) {
		h.ok(err)
		out = append(out, fmt.Sprintf("\n%q %d %d %d", f.Row, f.Count, f.First, f.Last))
	}
	return out
}

// counting counts what is decoded.
type counting struct {
	importer.Decoder
	n atomic.Int64
}

func (c *counting) Merge(seen []intake.Sighting) (event.Event, error) {
	c.n.Add(1)
	return c.Decoder.Merge(seen)
}

func (c *counting) Redecode(e *event.Event, s intake.Sighting) error {
	c.n.Add(1)
	return c.Decoder.Redecode(e, s)
}

// TestSearchPassesOver: what a rule cannot match is not decoded, and a step takes
// it in with the next event that is.
func TestSearchPassesOver(t *testing.T) {
	h := newHouse(t)
	for n := range 30 {
		var recs []logwriter.Record
		for k := range 10 {
			recs = append(recs, logwriter.Record{Time: base, RecordNumber: int64(10*n + k), Computer: "web01",
				Channel: "Security", EventCode: 4688})
		}
		if n%10 == 0 {
			recs = append(recs, iis("web01", n, int64(n), "/x"))
		}
		h.add("a", recs...)
	}
	h.rules = detection.NewRules([]*detection.Rule{stats(t)})
	dec := &counting{}
	h.ok(h.UseRules(ctx, h.rules, dec))
	h.is("the first two", h.catchUp(2), store.Behind{Rules: 1, Done: 112, Events: 303})
	h.is("all", h.catchUp(2), store.Behind{Rules: 1, Done: 213, Events: 303})
	h.is("none is left", h.catchUp(2), store.Behind{Events: 303})
	h.is("decoded", dec.n.Load(), 3)
}
