package views

import (
	"strings"
)

// SearchRulePage makes a rule of a search.
type SearchRulePage struct {
	Frame
	Search                                      string
	Name, Description, Type, Message, Technique string
	Score                                       string
	Objects                                     []RiskField
	Columns                                     []string // that the search's rows have
	Counted                                     bool     // the search lists events: the rule counts them
	Author                                      string
	Problem                                     string // why there is no rule yet
	Line, Column                                int    // of it, in the search
	YAML                                        string // the rule; "" while there is none
	Refused                                     string // why it was not taken as it was sent
}

// RiskField is a column that names whom the risk is about.
type RiskField struct{ Field, Type string }

// marked are the lines of the search with a mark beneath the place of the problem.
func (p SearchRulePage) marked() string {
	lines := strings.Split(p.Search, "\n")
	if p.Line < 1 || p.Line > len(lines) || len(lines[p.Line-1]) > 2000 {
		return ""
	}
	return VisibleShort(lines[p.Line-1], 2000) + "\n" + strings.Repeat(" ", max(0, p.Column-1)) + "^"
}

var ruleTypeWords = [][2]string{
	{"TTP", "TTP: what it finds is itself an attack, and raises risk"},
	{"Anomaly", "Anomaly: unusual, and raises risk"},
	{"Hunting", "Hunting: to be looked through, raises no risk"},
}

var riskTypes = []string{"system", "user", "other"}
