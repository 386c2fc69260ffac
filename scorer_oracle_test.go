package main

import (
	"escutcheon/detection"
)

// Risk by its definition, slowly: nothing here is the scorer's.

const (
	hour   = int64(3600)
	period = 168 * hour
)

// limits are the settings as the form of the console takes them.
type limits struct {
	medium, high, critical, tactics, rules int
	capped                                 bool
}

// riskEvent is a risk event of the test.
type riskEvent struct {
	kind, object, rule string
	score              int
	at                 int64
	suppressed         bool
}

// assessed is what a page, a list or a table shows of one host or user.
type assessed struct {
	Score, Events int
	AsOf, Kind    string
	Severity      string
}

// by chooses the risk events of an object that count.
func by(all []riskEvent, kind, object, rule string) (out []riskEvent) {
	for _, e := range all {
		if e.kind == kind && e.object == object && !e.suppressed && (rule == "" || e.rule == rule) {
			out = append(out, e)
		}
	}
	return out
}

// during are the risk events with from < time ≤ to of runs up to run.
func during(events []riskEvent, from, to, run int64) (out []riskEvent) {
	for _, e := range events {
		if e.at > from && e.at <= to && detection.WindowOf(e.at).RunAt <= run {
			out = append(out, e)
		}
	}
	return out
}

const ever = int64(1) << 60

// sum adds scores up: of each rule all of them, or the greatest once.
func (l limits) sum(events []riskEvent) (sum int) {
	top := map[string]int{}
	for _, e := range events {
		sum += e.score
		top[e.rule] = max(top[e.rule], e.score)
	}
	if l.capped {
		sum = 0
		for _, s := range top {
			sum += s
		}
	}
	return sum
}

// step is the severity that a run sees, from 0.
func (l limits) step(events []riskEvent, run int64) int {
	switch sum := l.sum(during(events, run-24*hour, run, run)); {
	case sum >= l.critical:
		return 4
	case sum >= l.high:
		return 3
	case sum > l.medium:
		return 2
	}
	return 0
}

// wide says whether a run sees enough tactics and rules over 7 days.
func (l limits) wide(events []riskEvent, run int64, tactics map[string][]string) bool {
	rules, seen := map[string]bool{}, map[string]bool{}
	for _, e := range during(events, run-period, run, run) {
		rules[e.rule] = true
		for _, name := range tactics[e.rule] {
			seen[name] = true
		}
	}
	return len(seen) >= l.tactics && len(rules) >= l.rules
}

// assess scores the risk events of an object by the definition.
func (l limits) assess(events []riskEvent, asked *int64, now int64, tactics map[string][]string) assessed {
	asOf, kind := now, "now"
	if asked != nil {
		asOf, kind = *asked, "asked"
	} else if len(events) > 0 && len(during(events, now-period, now, ever)) == 0 {
		asOf, kind = 0, "newest risk"
		for _, e := range events {
			asOf = max(asOf, e.at)
		}
	}
	view := during(events, asOf-period, asOf, ever)
	out := assessed{Score: l.sum(view), Events: len(view), AsOf: moment(asOf), Kind: kind}
	if kind == "now" {
		out.AsOf = "now"
	}
	known := during(events, asOf-2*period, asOf, ever)
	worst, stretch := 0, 0
	for run := (asOf-2*period)/hour*hour - hour; run < asOf+26*hour; run += hour {
		if step := l.step(known, run); step == 0 {
			stretch = 0
		} else {
			stretch = max(stretch, step)
		}
		if run > asOf-period {
			worst = max(worst, stretch)
			if l.wide(known, run, tactics) {
				worst = max(worst, 2)
			}
		}
	}
	if worst == 0 && out.Score > 0 {
		worst = 1
	}
	out.Severity = []string{"none", "low", "medium", "high", "critical"}[worst]
	return out
}
