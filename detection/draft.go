package detection

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Draft is a rule as a form makes one of a search.
type Draft struct {
	ID, Name, Description string
	Type                  string // of RuleTypes
	Author                string
	Date                  string // 2026-03-10
	Search                string
	Message               string // of the risk, with $column$
	Objects               []RiskObject
	Technique             string // of ATT&CK, such as T1505.004; "" for none
}

// RuleTypes are those that a draft may have.
var RuleTypes = []string{"TTP", "Anomaly", "Hunting"}

var notInMacro = regexp.MustCompile(`[^a-z0-9]+`)

// FilterName is the macro by which a rule of a name is filtered.
func FilterName(name string) string {
	return strings.Trim(notInMacro.ReplaceAllString(strings.ToLower(name), "_"), "_") + "_filter"
}

// RuleSearch is a search as a rule has it. Where it lists events, these are counted by
// host and code, with the first and last time; and it calls the rule's own filter.
func RuleSearch(search, name string, lists bool) string {
	out := strings.TrimSpace(strings.ReplaceAll(search, "\r\n", "\n"))
	if lists {
		out += "\n| stats count min(_time) as firstTime max(_time) as lastTime by dest EventCode" +
			"\n| `security_content_ctime(firstTime)`\n| `security_content_ctime(lastTime)`"
	}
	if len(filterCall.FindAllString(out, -1)) == 0 {
		out += "\n| `" + FilterName(name) + "`"
	}
	return out
}

// yamlRule is a draft in ESCU's schema, in ESCU's order.
type yamlRule struct {
	Name        string    `yaml:"name"`
	ID          string    `yaml:"id"`
	Version     int       `yaml:"version"`
	Date        string    `yaml:"date"`
	Author      string    `yaml:"author"`
	Status      string    `yaml:"status"`
	Type        string    `yaml:"type"`
	Description string    `yaml:"description"`
	DataSource  []string  `yaml:"data_source"`
	Search      yaml.Node `yaml:"search"`
	How         string    `yaml:"how_to_implement"`
	False       string    `yaml:"known_false_positives"`
	References  []string  `yaml:"references"`
	RBA         *yamlRBA  `yaml:"rba,omitempty"`
	Tags        yamlTags  `yaml:"tags"`
}

type yamlRBA struct {
	Message string       `yaml:"message"`
	Objects []yamlObject `yaml:"risk_objects"`
	Threats []string     `yaml:"threat_objects"`
}

type yamlObject struct {
	Field string `yaml:"field"`
	Type  string `yaml:"type"`
	Score int    `yaml:"score"`
}

type yamlTags struct {
	Story     []string `yaml:"analytic_story"`
	Asset     string   `yaml:"asset_type"`
	Technique []string `yaml:"mitre_attack_id,omitempty"`
	Product   []string `yaml:"product"`
	Domain    string   `yaml:"security_domain"`
}

// YAML is the rule in ESCU's schema. A type that raises no risk has none.
func (d Draft) YAML() ([]byte, error) {
	out := yamlRule{Name: d.Name, ID: d.ID, Version: 1, Date: d.Date, Author: d.Author, Status: "experimental",
		Type: d.Type, Description: d.Description, DataSource: []string{}, References: []string{},
		Search: yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.LiteralStyle, Value: d.Search},
		How:    "Import the logs that the search names.", False: "None known yet.",
		Tags: yamlTags{Story: []string{}, Asset: "Endpoint", Domain: "endpoint", Product: []string{"Splunk Enterprise",
			"Splunk Enterprise Security", "Splunk Cloud"}}}
	if d.Technique != "" {
		out.Tags.Technique = []string{d.Technique}
	}
	if ScheduleOf(d.Type).Risk {
		out.RBA = &yamlRBA{Message: d.Message, Objects: []yamlObject{}, Threats: []string{}}
		for _, o := range d.Objects {
			out.RBA.Objects = append(out.RBA.Objects, yamlObject(o))
		}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(4)
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
