package detection

import (
	"strings"
)

// SeedID is the id of the rule that everything starts from: Windows IIS
// Components New Module Added.
const SeedID = "55f22929-cfd3-4388-ba5c-4d01fac7ee7e"

// LoadFailureID is the id of the rule that finds modules which failed to load.
const LoadFailureID = "40c2ba5b-dd6a-496b-9e6e-c9524d0be167"

// maxRuleSize bounds a rule's YAML, in bytes.
const maxRuleSize = 1 << 20

// Rule is one detection in the contentctl schema, old or new, or in Sigma. Members
// that nothing here needs are in Raw only.
type Rule struct {
	Name                string
	ID                  string
	Version             int
	Date                string
	Author              string
	Status              string
	Type                string // TTP, Anomaly, Hunting …
	Description         string
	DataSource          []string
	DataModel           []string
	Search              string
	HowToImplement      string
	KnownFalsePositives string
	References          []string
	Drilldowns          []Drilldown
	RBA                 RBA
	Tags                Tags

	Sigma *SigmaRule // of a rule in Sigma; else nil
	// Off says why it is loaded switched off; "" where it is not.
	Off string

	// Raw is the YAML as it was given; it shares its memory.
	Raw      []byte
	messages []string // of each risk object, where it has its own; else nil
	riskRead string   // see RiskRead

	compiled *compiled
	// Warnings are sentences about what is odd in the rule and does not keep
	// it from running.
	Warnings []string

	// File is the path that the rule was loaded from, or "" of a built-in one.
	File string
	// SentBy is who sent it to the console; "" where it was read from a file.
	SentBy string
	// Replaces is the name of the built-in rule with this id, in whose place
	// this one runs; "" when there is none.
	Replaces string
}

// TopScore is the greatest score of the rule's risk objects.
func (r *Rule) TopScore() (score int) {
	for _, o := range r.RBA.RiskObjects {
		score = max(score, o.Score)
	}
	return score
}

// RiskRead names the risk of a rule whose YAML is not in the schema that has it as
// it is (rba): how such a one is read may change, and what was made of it then.
func (r *Rule) RiskRead() string { return r.riskRead }

// Drilldown is a search that an analyst starts from a finding.
type Drilldown struct {
	Name           string
	Search         string
	EarliestOffset string
	LatestOffset   string
}

// RBA is the rule's risk: one risk event for each risk object of a row.
type RBA struct {
	Message       string
	RiskObjects   []RiskObject
	ThreatObjects []ThreatObject
}

// RiskObject names the column that holds whom the risk is about.
type RiskObject struct {
	Field string
	Type  string // system, user, other
	Score int
}

// ThreatObject names a column that holds what the threat came by.
type ThreatObject struct {
	Field string
	Type  string
}

// Tags classify a rule.
type Tags struct {
	AnalyticStory  []string
	AssetType      string
	MitreAttackID  []string
	Product        []string
	SecurityDomain string
	Tactics        []string // where the rule names them beside its techniques
	Confidence     int      // in percent; 0 when the rule does not say
	Impact         int
}

// SearchName is the name under which Splunk runs the rule.
func (r *Rule) SearchName() string {
	if r.Sigma != nil {
		return "Sigma - " + r.Name + " - Rule"
	}
	return "ESCU - " + r.Name + " - Rule"
}

// Find returns the rule with that id, or that name (case does not matter), or
// nil.
func Find(rules []*Rule, idOrName string) *Rule {
	for _, r := range rules {
		if strings.EqualFold(r.ID, idOrName) {
			return r
		}
	}
	for _, r := range rules {
		if strings.EqualFold(r.Name, idOrName) || strings.EqualFold(r.SearchName(), idOrName) {
			return r
		}
	}
	return nil
}
