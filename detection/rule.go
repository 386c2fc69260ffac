package detection

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"escutcheon/detection/spl"
)

// SeedID is the id of the rule that everything starts from: Windows IIS
// Components New Module Added.
const SeedID = "55f22929-cfd3-4388-ba5c-4d01fac7ee7e"

// maxRuleSize bounds a rule's YAML, in bytes.
const maxRuleSize = 1 << 20

// Rule is one detection in the contentctl schema. Members that the schema has
// and that nothing here needs are in Raw only.
type Rule struct {
	Name                string      `yaml:"name"`
	ID                  string      `yaml:"id"`
	Version             int         `yaml:"version"`
	Date                string      `yaml:"date"`
	Author              string      `yaml:"author"`
	Status              string      `yaml:"status"`
	Type                string      `yaml:"type"` // TTP, Anomaly, Hunting …
	Description         string      `yaml:"description"`
	DataSource          []string    `yaml:"data_source"`
	Search              string      `yaml:"search"`
	HowToImplement      string      `yaml:"how_to_implement"`
	KnownFalsePositives string      `yaml:"known_false_positives"`
	References          []string    `yaml:"references"`
	Drilldowns          []Drilldown `yaml:"drilldown_searches"`
	RBA                 RBA         `yaml:"rba"`
	Tags                Tags        `yaml:"tags"`

	// Raw is the YAML as it was given.
	Raw []byte `yaml:"-"`
	// Plan is the compiled search.
	Plan *spl.Plan `yaml:"-"`
}

// Drilldown is a search that an analyst starts from a finding.
type Drilldown struct {
	Name           string `yaml:"name"`
	Search         string `yaml:"search"`
	EarliestOffset string `yaml:"earliest_offset"`
	LatestOffset   string `yaml:"latest_offset"`
}

// RBA is the rule's risk: one risk event for each risk object of a row.
type RBA struct {
	Message       string         `yaml:"message"`
	RiskObjects   []RiskObject   `yaml:"risk_objects"`
	ThreatObjects []ThreatObject `yaml:"threat_objects"`
}

// RiskObject names the column that holds whom the risk is about.
type RiskObject struct {
	Field string `yaml:"field"`
	Type  string `yaml:"type"` // system, user, other
	Score int    `yaml:"score"`
}

// ThreatObject names a column that holds what the threat came by.
type ThreatObject struct {
	Field string `yaml:"field"`
	Type  string `yaml:"type"`
}

// Tags classify a rule.
type Tags struct {
	AnalyticStory  []string `yaml:"analytic_story"`
	AssetType      string   `yaml:"asset_type"`
	MitreAttackID  []string `yaml:"mitre_attack_id"`
	Product        []string `yaml:"product"`
	SecurityDomain string   `yaml:"security_domain"`
}

// Load reads a rule, compiles its search with the macros given and checks what
// the rest of the program relies on. The search's fault is an *spl.Error.
func Load(data []byte, macros spl.Macros) (*Rule, error) {
	if len(data) > maxRuleSize {
		return nil, fmt.Errorf("the rule is longer than %d bytes", maxRuleSize)
	}
	r := &Rule{Raw: slices.Clone(data)}
	if err := yaml.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("the rule is not as the contentctl schema has it: %w", err)
	}
	if r.ID == "" || r.Name == "" {
		return nil, errors.New("the rule has no id or no name")
	}
	plan, err := spl.Compile(r.Search, macros)
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w", r.Name, err)
	}
	r.Plan = plan
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Rule) check() error {
	columns := r.Plan.Columns()
	for _, o := range r.RBA.RiskObjects {
		if !slices.Contains(columns, o.Field) {
			return fmt.Errorf("rule %q: the risk object's field %q is no column of the search (%s)",
				r.Name, o.Field, strings.Join(columns, ", "))
		}
		if o.Score < 0 || o.Score > 100 {
			return fmt.Errorf("rule %q: the score %d is not between 0 and 100", r.Name, o.Score)
		}
	}
	for _, o := range r.RBA.ThreatObjects {
		if !slices.Contains(columns, o.Field) {
			return fmt.Errorf("rule %q: the threat object's field %q is no column of the search (%s)",
				r.Name, o.Field, strings.Join(columns, ", "))
		}
	}
	return nil
}

// SearchName is the name under which Splunk runs the rule.
func (r *Rule) SearchName() string { return "ESCU - " + r.Name + " - Rule" }

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

// Unfiltered names the search without its filter: rules that differ in their
// filters alone have equal ones.
func (r *Rule) Unfiltered() string { return r.Plan.Fingerprint() }
