package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// detection is a rule's detection while it is made into a condition.
type detection struct {
	node   *yaml.Node
	source *source
	env    Env
	fields []string // that the rule names, in order
	tests  int
}

// maxTests bounds how many tests a condition comes to, with all values and encodings.
const maxTests = 20_000

// condition is all that the detection asks.
func (d *detection) condition() (cond, error) {
	var names []string
	for i := 0; i < len(d.node.Content); i += 2 {
		if name := d.node.Content[i].Value; name != "condition" && name != "timeframe" {
			names = append(names, name)
		}
	}
	var any []cond
	for _, n := range itemsOf(get(d.node, "condition")) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			return nil, fault(n, "a condition is a text")
		}
		p := &conditionParser{node: n, find: d.search, all: names}
		c, err := p.parse()
		if err != nil {
			return nil, err
		}
		any = append(any, c)
	}
	if len(any) == 0 {
		return nil, fault(d.node, "the detection has no condition")
	}
	return or(any...), nil
}

// search is the condition of a search identifier.
func (d *detection) search(name string) (cond, error) {
	n := get(d.node, name)
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 || n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		return nil, fault(n, "the search %q asks for nothing", name)
	}
	return d.item(n)
}

// item is a map of fields, a list of which one is asked, or a keyword.
func (d *detection) item(n *yaml.Node) (cond, error) {
	switch n = aliased(n); n.Kind {
	case yaml.SequenceNode:
		var parts []cond
		for _, c := range n.Content {
			part, err := d.item(c)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
		}
		if len(parts) == 0 {
			return nil, fault(n, "the list is empty")
		}
		return or(parts...), nil
	case yaml.MappingNode:
		return d.fieldsOf(n)
	}
	if isNull(n) {
		return nil, fault(n, "a keyword is a text")
	}
	return d.field(n, "", []*yaml.Node{n})
}

func (d *detection) fieldsOf(n *yaml.Node) (cond, error) {
	var parts []cond
	for i := 0; i < len(n.Content); i += 2 {
		key := aliased(n.Content[i])
		part, err := d.field(key, key.Value, itemsOf(n.Content[i+1]))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil, fault(n, "the map is empty")
	}
	return and(parts...), nil
}

// field is what a field, with the modifiers behind its name, is to be.
func (d *detection) field(at *yaml.Node, key string, values []*yaml.Node) (cond, error) {
	name, chain, _ := strings.Cut(key, "|")
	if name = strings.TrimSpace(name); name != "" && !slices.Contains(d.fields, name) {
		d.fields = append(d.fields, name)
	}
	if err := nameFault(at, name); err != nil {
		return nil, err
	}
	m := &item{d: d, key: at, field: name, many: len(values) > 1}
	for _, v := range values {
		if err := m.value(v); err != nil {
			return nil, err
		}
	}
	if len(m.values) == 0 {
		return nil, fault(at, "the list of values is empty")
	}
	if err := m.modify(chain, len(name)+1); err != nil {
		return nil, err
	}
	return m.cond()
}
