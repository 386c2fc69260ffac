package store

import "escutcheon/detection/risk"

// ObjectFilter chooses risk objects of one type and the moment their scores
// hold for.
type ObjectFilter struct {
	Type string // "user"
	Text string // occurs in the name, without case
	Name string // exactly this one, normalised
	AsOf *int64 // second; nil: each object's own
	Now  int64  // second
	// By are BySeverity, of incidents where AsOf is nil, and ByUser: names.
	By map[string]Choice
}

// Object is a risk object that is no host, and its risk over the period up to
// its as-of.
type Object struct {
	Name        string // normalised
	Score       int64
	RiskEvents  int64 // in the period
	Rules       int64 // that these are of
	Findings    int64 // that ever gave it risk
	Recent      int64 // those in the period; only of one that is asked for by name
	AsOf        int64 // second
	AsOfKind    risk.AsOfKind
	First, Last int64 // second of its first and newest risk event
}

// ObjectSummary is what a filter's risk objects come to.
type ObjectSummary struct {
	Objects int64
	Risky   int64 // with a score above 0
	Top     int64 // the greatest score
}

// ObjectName is a risk object that a finding gave risk to.
type ObjectName struct{ Type, Name string }

// RiskedObject is a risk object of a rule's.
type RiskedObject struct {
	Name        string
	Runs        int64 // scheduled runs of the rule that gave it risk
	First, Last int64 // second of the first and newest risk event
}
