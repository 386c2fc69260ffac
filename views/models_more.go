package views

import (
	"encoding/json"
	"time"
)

// Status is the state of an import.
type Status string

// The five states of the contract.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// ImportRow is one file that was brought in.
type ImportRow struct {
	ID        string
	Name      string
	SHA256    string
	Size      int64  // bytes as uploaded
	Format    string // in words; "" not known yet
	Encoding  string // "UTF-16, gzip"; "" nothing to say
	Zone      string // for times without one
	ZoneUsed  bool   // some times had none
	Computer  string // for records without one
	Status    Status
	Failure   string // the sentence of a failed import
	Read      int64  // New + Duplicate
	New       int64
	Duplicate int64
	Rejected  int64
	NoTime    int64 // of Read
	Bytes     int64 // done of Total
	Total     int64
	Created   time.Time
	Started   time.Time // zero before
	Ended     time.Time // zero before
	Rate      float64   // bytes a second, now or over the whole
	Events    float64   // events a second
	Left      time.Duration
	By        string // who; "" unknown
}

// ImportsPage lists the imports, newest first.
type ImportsPage struct {
	Frame
	Any   bool
	Total int64
	Rows  []ImportRow
	Pager Pager
}

// ImportPage is one import.
type ImportPage struct {
	Frame
	Import     ImportRow
	Rejections []Rejection // the first 100
	Hosts      []HostRef   // whose events it brought
}

// HostRef names a host and how many things it is said of.
type HostRef struct {
	Dest, Spelling string
	Count          int64
}

// Rejection is one record that could not be read.
type Rejection struct {
	Offset int64
	Reason string
	Sample []byte // the first 200 bytes
}

// ImportJSON is an import as GET /imports/{id} answers it to a program; the
// live page reads it too.
type ImportJSON struct {
	ID        json.Number `json:"id"`
	Name      string      `json:"name"`
	SHA256    string      `json:"sha256"`
	Size      int64       `json:"size"`
	Format    string      `json:"format"`
	Status    Status      `json:"status"`
	Read      int64       `json:"read"`
	New       int64       `json:"new"`
	Duplicate int64       `json:"duplicate"`
	Rejected  int64       `json:"rejected"`
	Bytes     int64       `json:"bytes"`             // done
	Total     int64       `json:"total"`             // 0 when not known
	Rate      float64     `json:"bytes_per_second"`  // 0 when not known
	Events    float64     `json:"events_per_second"` // 0 when not known
	Left      float64     `json:"seconds_left"`      // 0 when not known
	Failure   string      `json:"failure,omitempty"`
}

// JSON is the row as a program gets it.
func (r ImportRow) JSON() ImportJSON {
	return ImportJSON{ID: json.Number(r.ID), Name: r.Name, SHA256: r.SHA256, Size: r.Size, Format: r.Format, Status: r.Status,
		Read: r.Read, New: r.New, Duplicate: r.Duplicate, Rejected: r.Rejected,
		Bytes: r.Bytes, Total: r.Total, Rate: r.Rate, Events: r.Events, Left: r.Left.Seconds(), Failure: r.Failure}
}

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
}
