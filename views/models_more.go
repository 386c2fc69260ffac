package views

import "time"

// RuleShort is what an analyst needs of a rule beside a finding.
type RuleShort struct {
	ID, Name, Type, Status string
	Description            string
	HowToImplement         string
	FalsePositives         string
	References             []string
	ATTCK                  []ATTCK
	Stories                []string
}

// ATTCK is a technique.
type ATTCK struct {
	ID     string // "T1505.004"
	Tactic string // "persistence"; "" unknown
}

// RulePage is one rule.
type RulePage struct {
	Frame
	Rule       RuleShort
	Version    string
	Date       string
	Author     string
	Source     string // "built in", or a file
	Schedule   string // "every hour at :00, over -70m@m to -10m@m"
	Risk       []RiskObject
	Message    string // the risk message, with its $fields$
	SPL        string
	Expanded   string // with its macros filled in
	Macros     []Macro
	Drilldowns []Drilldown // not filled in
	YAML       string
	Findings   int64
}

// RiskObject is a field that a finding scores.
type RiskObject struct {
	Field, Type string
	Score       int64
}

// Macro is one macro that a rule's search uses.
type Macro struct{ Name, Definition, Source string }

// RulesPage lists the rules.
type RulesPage struct {
	Frame
	Rows []RuleRow
}

// RuleRow is one rule of the list.
type RuleRow struct {
	RuleShort
	Score    int64
	Findings int64
	Hosts    int64
	Last     time.Time
}

// ErrorPage says what did not work and what to do.
type ErrorPage struct {
	Frame
	Status   int
	Sentence string // what happened, and what to do
	Link     string // where to go on; "" to the hosts
	LinkText string
}
