// Package triage says what analysts decide about findings and hosts: statuses,
// dispositions and urgencies in the words of Splunk ES, and how these are read.
// It keeps nothing: store and db do.
package triage

import (
	"strings"
	"unicode"
)

// Status says how far the work on something is. The numbers are stored.
type Status int

// The statuses. Everything is new until somebody says otherwise.
const (
	New Status = iota
	InProgress
	Pending
	Resolved
	Closed
)

var statuses = []string{"New", "In Progress", "Pending", "Resolved", "Closed"}

// Open says that there is work left.
func (s Status) Open() bool { return s < Resolved }

// String is the status as it is written: "In Progress".
func (s Status) String() string { return word(statuses, int(s)) }

// Disposition says what it turned out to be. The numbers are stored.
type Disposition int

// Undetermined is the disposition of what nobody has judged.
const Undetermined Disposition = 0

var dispositions = []string{"Undetermined", "True Positive – Suspicious Activity",
	"Benign Positive – Suspicious But Expected", "False Positive – Incorrect Analytic Logic",
	"False Positive – Inaccurate Data", "Other"}

// String is the disposition as it is written.
func (d Disposition) String() string { return word(dispositions, int(d)) }

// Urgency says how soon somebody should look. The numbers are stored.
type Urgency int

// The urgencies; Default is that of the finding's rule, or of a host Medium.
const (
	Default Urgency = iota
	Informational
	Low
	Medium
	High
	Critical
)

var urgencies = []string{"default", "informational", "low", "medium", "high", "critical"}

// String is the urgency as it is written.
func (u Urgency) String() string { return word(urgencies, int(u)) }

// OfScore is the urgency of a rule's findings by the greatest score of its risk
// objects, as contentctl makes a severity of it.
func OfScore(score int) Urgency {
	return Informational + Urgency(min(4, max(0, (score-1)/20)))
}

func word(of []string, n int) string {
	if n < 0 || n >= len(of) {
		return ""
	}
	return of[n]
}

// Statuses, Dispositions and Urgencies are all of them in their order.
func Statuses() []Status { return numbers[Status](len(statuses)) }

// Dispositions are as Statuses.
func Dispositions() []Disposition { return numbers[Disposition](len(dispositions)) }

// Urgencies are as Statuses, without Default.
func Urgencies() []Urgency { return numbers[Urgency](len(urgencies))[1:] }

func numbers[T ~int](n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(i)
	}
	return out
}

// ParseStatus reads a status. As for all of these, only letters and digits
// count, and not their case: "in-progress" is In Progress.
func ParseStatus(text string) (Status, bool) { return parse[Status](statuses, text) }

// ParseDisposition reads a disposition.
func ParseDisposition(text string) (Disposition, bool) { return parse[Disposition](dispositions, text) }

// ParseUrgency reads an urgency.
func ParseUrgency(text string) (Urgency, bool) { return parse[Urgency](urgencies, text) }

func parse[T ~int](words []string, text string) (T, bool) {
	text = bare(text)
	for i, w := range words {
		if bare(w) == text {
			return T(i), true
		}
	}
	return 0, false
}

// bare is a text's letters and digits in lower case.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// Set is some statuses; the empty one chooses all.
type Set uint8

// The sets that have names: those with work left, and the others.
const (
	All  Set = 0
	Open Set = 1<<New | 1<<InProgress | 1<<Pending
	Done Set = 1<<Resolved | 1<<Closed
)

// Has says whether the set chooses a status.
func (s Set) Has(of Status) bool { return s == All || s&(1<<of) != 0 }

// ParseSet reads statuses that are separated by commas; "open" and "all" are
// several. wrong is the first word that is none of them.
func ParseSet(text string) (s Set, wrong string) {
	for one := range strings.SplitSeq(text, ",") {
		switch b := bare(one); {
		case b == "":
		case b == "all":
			return All, ""
		case b == "open":
			s |= Open
		default:
			of, ok := ParseStatus(one)
			if !ok {
				return All, strings.TrimSpace(one)
			}
			s |= 1 << of
		}
	}
	if s == Open|Done {
		return All, ""
	}
	return s, ""
}

// String is the set as ParseSet reads it.
func (s Set) String() string {
	switch s {
	case All:
		return "all"
	case Open:
		return "open"
	}
	var out []string
	for _, of := range Statuses() {
		if s.Has(of) {
			out = append(out, of.String())
		}
	}
	return strings.Join(out, ",")
}
