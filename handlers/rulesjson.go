package handlers

import (
	"time"

	"escutcheon/detection"
	"escutcheon/views"
)

// ruleJSON is a rule as a program gets it.
type ruleJSON struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Type       string      `json:"type"`
	State      string      `json:"state"`  // enabled, disabled
	Source     string      `json:"source"` // built in, loaded
	File       string      `json:"file,omitempty"`
	Replaces   string      `json:"replaces,omitempty"`  // the built-in rule in whose place it runs
	Running    *int        `json:"running,omitempty"`   // percent of the stored events, while it is run over them
	UnderWay   string      `json:"under_way,omitempty"` // what a change of it has left to do with its findings
	Silent     []string    `json:"silent,omitempty"`    // of one rule: why it cannot fire on the logs at hand
	Undecided  *openJSON   `json:"undecided,omitempty"`
	Failed     string      `json:"failed,omitempty"` // a fault of ours that it met since the start, as a sentence
	Score      int64       `json:"score"`
	Findings   int64       `json:"findings"`
	Suppressed int64       `json:"suppressed"`
	Hosts      int64       `json:"hosts"`
	RiskEvents int64       `json:"risk_events"`
	Last       string      `json:"last,omitempty"` // RFC 3339
	Filter     *filterJSON `json:"filter,omitempty"`
	Language   string      `json:"language"`        // escu, sigma
	Level      string      `json:"level,omitempty"` // of a rule in Sigma
}

// openJSON counts what is not decided; what is more than 10,000 is 10,001.
type openJSON struct {
	Events  int64 `json:"events"`  // of which it is not known whether the search matches
	Rows    int64 `json:"rows"`    // that the search could not finish
	Filter  int64 `json:"filter"`  // findings that the filter could not decide: they are shown
	Windows int64 `json:"windows"` // of which it is not known what a run over them tells
	Pending int64 `json:"pending"` // rows and windows that are yet to be made
	Cut     int64 `json:"cut"`     // windows of which what a run found is not all
	Damaged int64 `json:"damaged"` // records, at most, that could not be read when it was run over them
}

type filterJSON struct {
	Expression string `json:"expression"`
	Reason     string `json:"reason"`
	Author     string `json:"author"`
	Expires    string `json:"expires,omitempty"`
}

type refusedJSON struct {
	File    string `json:"file"`
	Name    string `json:"name"`
	ID      string `json:"id,omitempty"`
	Command string `json:"command,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Reason  string `json:"reason"`
}

type rulesJSON struct {
	Rules   []ruleJSON    `json:"rules"`
	Refused []refusedJSON `json:"refused"`
	Behind  struct {
		Rules   int64 `json:"rules"`
		Done    int64 `json:"done"`
		Events  int64 `json:"events"`
		Windows int64 `json:"windows,omitempty"` // that rules which need all events of one are yet to be run over
		Tidied  int64 `json:"tidied,omitempty"`  // rules whose findings are being forgotten or filtered
	} `json:"behind"`
}

func rulesJSONOf(rows []views.RuleRow, b views.Behind) rulesJSON {
	out := rulesJSON{Rules: []ruleJSON{}, Refused: []refusedJSON{}}
	for _, r := range rows {
		out.Rules = append(out.Rules, oneRuleJSON(r))
	}
	out.Behind.Rules, out.Behind.Done, out.Behind.Events, out.Behind.Tidied = b.Rules, b.Done, b.Events, b.Tidied
	out.Behind.Windows = b.Windows
	return out
}

// refusedJSONOf are the refused rules in which a text occurs.
func refusedJSONOf(content *detection.Content, text string) []refusedJSON {
	out := []refusedJSON{}
	for _, r := range content.Refused {
		if refusedFits(r, text) {
			out = append(out, refusedJSON{r.File, r.Name, r.ID, r.Command, r.Pos.Line, r.Pos.Column, r.Reason})
		}
	}
	return out
}

func oneRuleJSON(r views.RuleRow) ruleJSON {
	j := ruleJSON{ID: r.ID, Name: r.Name, Type: r.Type, State: "enabled", Source: "built in", File: r.Source.File,
		Replaces: r.Source.Replaces,
		Score:    r.Score, Findings: r.Findings, Suppressed: r.Suppressed, Hosts: r.Hosts, RiskEvents: r.RiskEvents,
		Last: rfc3339(r.Last), Language: r.Language, Level: r.Level}
	if r.Disabled {
		j.State = "disabled"
	}
	if r.Source.File != "" {
		j.Source = "loaded"
	}
	if j.UnderWay, j.Failed = r.UnderWay, r.Failed; r.Running >= 0 {
		j.Running = &r.Running
	}
	if u := r.Undecided; u.Events+u.Rows+u.Filter+u.Windows+u.Pending+u.Cut+u.Damaged > 0 {
		j.Undecided = &openJSON{u.Events, u.Rows, u.Filter, u.Windows, u.Pending, u.Cut, u.Damaged}
	}
	if f := r.Filter; f != nil {
		j.Filter = &filterJSON{f.Expression, f.Reason, f.Author, rfc3339(f.Expires)}
	}
	return j
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
