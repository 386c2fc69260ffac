package detection

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is a detection as its YAML has it. Authors write one text where a
// list stands, numbers in quotes, dates without: what has another shape than
// the schema's is read as well as it can be, and otherwise left out.
type document struct {
	Name                text     `yaml:"name"`
	ID                  text     `yaml:"id"`
	Version             number   `yaml:"version"`
	Date                text     `yaml:"date"`
	Author              text     `yaml:"author"`
	Status              text     `yaml:"status"`
	Type                text     `yaml:"type"`
	Description         text     `yaml:"description"`
	DataSource          texts    `yaml:"data_source"`
	DataModel           texts    `yaml:"datamodel"`
	Search              text     `yaml:"search"`
	HowToImplement      text     `yaml:"how_to_implement"`
	KnownFalsePositives text     `yaml:"known_false_positives"`
	References          texts    `yaml:"references"`
	Drilldowns          drills   `yaml:"drilldown_searches"`
	RBA                 *rbaDoc  `yaml:"rba"`
	Tags                *tagsDoc `yaml:"tags"`

	// The schema of 2026 has the tags at the top level, and findings for rba.
	Modified      text          `yaml:"modification_date"`
	AnalyticStory texts         `yaml:"analytic_story"`
	AssetType     text          `yaml:"asset_type"`
	MitreAttackID texts         `yaml:"mitre_attack_id"`
	Product       texts         `yaml:"product"`
	Domain        text          `yaml:"security_domain"`
	Finding       list[finding] `yaml:"finding"`
	Intermediate  list[finding] `yaml:"intermediate_findings"`
	Threats       list[threat]  `yaml:"threat_objects"`
}

// finding is what the schema of 2026 makes of a row.
type finding struct {
	Title    text         `yaml:"title"`
	Entity   list[entity] `yaml:"entity"`
	Entities list[entity] `yaml:"entities"`
}

// entity is a risk object.
type entity struct {
	Field   text   `yaml:"field"`
	Type    text   `yaml:"type"`
	Score   number `yaml:"score"`
	Message text   `yaml:"message"`
}

// threat is a threat object.
type threat struct {
	Field text `yaml:"field"`
	Type  text `yaml:"type"`
}

// rbaDoc is the risk of the new schema.
type rbaDoc struct {
	Message       text         `yaml:"message"`
	RiskObjects   list[entity] `yaml:"risk_objects"`
	ThreatObjects list[threat] `yaml:"threat_objects"`
}

// tagsDoc are the tags of both schemas; the old one has the risk in them.
type tagsDoc struct {
	AnalyticStory  texts            `yaml:"analytic_story"`
	AssetType      text             `yaml:"asset_type"`
	MitreAttackID  texts            `yaml:"mitre_attack_id"`
	Product        texts            `yaml:"product"`
	SecurityDomain text             `yaml:"security_domain"`
	Confidence     number           `yaml:"confidence"`
	Impact         number           `yaml:"impact"`
	RiskScore      number           `yaml:"risk_score"`
	Message        text             `yaml:"message"`
	Observable     list[observable] `yaml:"observable"`
}

// observable is a column of the old schema that holds whom the risk is about,
// or what the threat came by.
type observable struct {
	Name text  `yaml:"name"`
	Type text  `yaml:"type"`
	Role texts `yaml:"role"`
}

type drills = list[struct {
	Name           text `yaml:"name"`
	Search         text `yaml:"search"`
	EarliestOffset text `yaml:"earliest_offset"`
	LatestOffset   text `yaml:"latest_offset"`
}]

// text is a scalar as it is written: a date or a number too.
type text string

func (t *text) UnmarshalYAML(n *yaml.Node) error {
	*t = text(scalar(n))
	return nil
}

// number is a whole number, also in quotes or with a fraction; set says that
// there was one.
type number struct {
	value int
	set   bool
}

func (v *number) UnmarshalYAML(n *yaml.Node) error {
	f, err := strconv.ParseFloat(strings.TrimSpace(scalar(n)), 64)
	if err == nil && math.Abs(f) < 1e9 {
		*v = number{int(math.Round(f)), true}
	}
	return nil
}

// texts is a list of scalars, or one that stands for itself.
type texts []string

func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	*t = nil
	for _, item := range items {
		if s := strings.TrimSpace(scalar(item)); s != "" {
			*t = append(*t, s)
		}
	}
	return nil
}

// list is a list of mappings, or one that stands for itself; what is no
// mapping is left out.
type list[T any] []T

func (l *list[T]) UnmarshalYAML(n *yaml.Node) error {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	*l = nil
	for _, item := range items {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		var v T
		if item.Kind != yaml.MappingNode || item.Decode(&v) != nil {
			continue
		}
		*l = append(*l, v)
	}
	return nil
}

func (d *rbaDoc) UnmarshalYAML(n *yaml.Node) error {
	type plain rbaDoc
	if n.Kind != yaml.MappingNode {
		return nil
	}
	return n.Decode((*plain)(d))
}

func (d *tagsDoc) UnmarshalYAML(n *yaml.Node) error {
	type plain tagsDoc
	if n.Kind != yaml.MappingNode {
		return nil
	}
	return n.Decode((*plain)(d))
}

// scalar is the text of a scalar that is not null; "" of anything else.
func scalar(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return ""
	}
	return n.Value
}

// maxKeys bounds the keys of one mapping, as the YAML library compares each
// with each.
const maxKeys = 1000

// readYAML is yaml.Unmarshal for text that may be hostile.
func readYAML(data []byte, v any) error {
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		return err
	}
	if n.IsZero() {
		return nil
	}
	if err := checkKeys(&n); err != nil {
		return err
	}
	return n.Decode(v)
}

// checkKeys refuses mappings of very many keys.
func checkKeys(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode && len(n.Content) > 2*maxKeys {
		return fmt.Errorf("the mapping at line %d has more than %d keys", n.Line, maxKeys)
	}
	for _, c := range n.Content {
		if err := checkKeys(c); err != nil {
			return err
		}
	}
	return nil
}
