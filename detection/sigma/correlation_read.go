package sigma

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readCorrelation reads the correlation of a document.
func readCorrelation(doc, n *yaml.Node) (*Correlation, error) {
	if n.Kind != yaml.MappingNode {
		return nil, fault(n, "a correlation is a mapping, with a type, rules and a timespan")
	}
	c := &Correlation{Type: lower(n, "type"), node: n}
	c.Generate = isTrue(get(n, "generate")) || isTrue(get(doc, "generate"))
	if !slices.Contains(correlationTypes, c.Type) {
		at := get(n, "type")
		if at == nil {
			at = n
		}
		return nil, fault(at, "the type %q is none of %s", c.Type, strings.Join(correlationTypes, ", "))
	}
	c.Rules, c.GroupBy = textsOf(get(n, "rules")), textsOf(get(n, "group-by"))
	if len(c.Rules) == 0 || len(c.Rules) > maxRules {
		return nil, fault(n, "a correlation refers to between 1 and %d rules", maxRules)
	}
	span := get(n, "timespan")
	if span == nil {
		return nil, fault(n, "the correlation has no timespan")
	}
	var err error
	if c.Timespan, err = readTimespan(span); err != nil {
		return nil, err
	}
	if c.Aliases, err = readAliases(get(n, "aliases"), c.Rules); err != nil {
		return nil, err
	}
	if err := c.condition(get(n, "condition")); err != nil {
		return nil, err
	}
	return c, c.names()
}

// names refuses names of fields that a search cannot have.
func (c *Correlation) names() error {
	all := slices.Concat(c.GroupBy, c.Fields)
	for _, a := range c.Aliases {
		all = append(append(all, a.Name), slices.Collect(maps.Values(a.Fields))...)
	}
	for _, name := range all {
		if err := nameFault(c.node, name); err != nil {
			return err
		}
	}
	return nil
}

func isTrue(n *yaml.Node) bool { return strings.EqualFold(scalarOf(n), "true") }

func readAliases(n *yaml.Node, rules []string) (out []Alias, err error) {
	if n == nil || isNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, fault(n, "aliases are a mapping of names to the fields of each rule")
	}
	for i := 0; i < len(n.Content); i += 2 {
		of := aliased(n.Content[i+1])
		if of.Kind != yaml.MappingNode {
			return nil, fault(of, "an alias is a mapping of rules to fields")
		}
		a := Alias{Name: aliased(n.Content[i]).Value, Fields: map[string]string{}}
		for k := 0; k < len(of.Content); k += 2 {
			rule := aliased(of.Content[k]).Value
			if !slices.Contains(rules, rule) {
				return nil, fault(of.Content[k], "the correlation does not refer to a rule %q", rule)
			}
			a.Fields[rule] = scalarOf(of.Content[k+1])
		}
		out = append(out, a)
	}
	return out, nil
}

// condition reads how many there are to be: of a temporal correlation all rules,
// where it does not say.
func (c *Correlation) condition(n *yaml.Node) error {
	if n == nil && strings.HasPrefix(c.Type, "temporal") {
		c.Conditions = []Bound{{"gte", int64(len(c.Rules))}}
		return nil
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return fault(c.node, "the correlation has no condition, such as gte: 10")
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, v := aliased(n.Content[i]), aliased(n.Content[i+1])
		if key.Value == "field" {
			c.Fields = textsOf(v)
			continue
		}
		if _, ok := boundOperators[key.Value]; !ok {
			return fault(key, "%q is none of gt, gte, lt, lte, eq, neq and field", key.Value)
		}
		count, err := strconv.ParseInt(scalarOf(v), 10, 64)
		if err != nil || count < 0 || count > 1e9 {
			return fault(v, "a count is a whole number")
		}
		c.Conditions = append(c.Conditions, Bound{key.Value, count})
	}
	switch {
	case len(c.Conditions) == 0:
		return fault(n, "the condition has no count, such as gte: 10")
	case c.Type == "value_count" && len(c.Fields) == 0:
		return fault(n, "a value_count needs the field whose values it counts")
	case c.Type != "value_count" && len(c.Fields) > 0:
		return fault(n, "only a value_count counts the values of a field")
	}
	return nil
}

var boundOperators = map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "neq": "!="}
