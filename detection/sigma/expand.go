package sigma

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Values are the values that stand for placeholders, by the placeholders' names.
type Values map[string][]string

// ParseValues reads values from YAML: a mapping of names to a value or a list.
func ParseValues(data []byte) (Values, error) {
	if len(data) > maxFile {
		return nil, &Error{0, 0, "the file of values is longer than 1 MiB"}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, syntaxError(err)
	}
	out := Values{}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return out, nil
	}
	n, seen := doc.Content[0], 0
	if err := check(n, 0, &seen); err != nil {
		return nil, err
	}
	if n.Kind != yaml.MappingNode {
		return nil, fault(n, "values are a mapping of placeholders to lists")
	}
	for i := 0; i < len(n.Content); i += 2 {
		name := strings.Trim(aliased(n.Content[i]).Value, "%")
		for _, item := range itemsOf(n.Content[i+1]) {
			if item.Kind != yaml.ScalarNode || isNull(item) {
				return nil, fault(item, "a value of %q is a text", name)
			}
			out[name] = append(out[name], item.Value)
		}
	}
	return out, nil
}

// modifyExpand puts values in the place of %name%. A \% is one that is meant.
func modifyExpand(m *item, name string) error {
	return m.eachText(name, func(v itemValue) ([]itemValue, error) {
		ps := []pattern{nil}
		for _, t := range placeholders(v.p) {
			var next []pattern
			for _, p := range ps {
				more, err := m.expanded(v, p, t)
				if err != nil {
					return nil, err
				}
				if next = append(next, more...); len(next) > maxTests {
					return nil, fault(v.node, "the value comes to more than %d", maxTests)
				}
			}
			ps = next
		}
		return v.with(ps), nil
	})
}

// expanded is a pattern with a token behind it, in all the ways there are.
func (m *item) expanded(v itemValue, p pattern, t token) (out []pattern, err error) {
	if t.kind != valueList {
		if t.kind == textToken {
			return []pattern{p.addText(t.text)}, nil
		}
		return []pattern{append(p[:len(p):len(p)], t)}, nil
	}
	values := m.d.env.Values[t.text]
	if len(values) == 0 {
		return nil, fault(v.node, "the placeholder %%%s%% has no values (--sigma-values FILE gives them)", t.text)
	}
	for _, value := range values {
		q := p
		for _, t := range readPattern(value) {
			if t.kind == textToken {
				q = q.addText(t.text)
			} else {
				q = append(q[:len(q):len(q)], t)
			}
		}
		out = append(out, q)
	}
	return out, nil
}

// placeholders cuts %name% out of the texts of a pattern.
func placeholders(p pattern) (out pattern) {
	for _, t := range p {
		if t.kind != textToken {
			out = append(out, t)
			continue
		}
		s := strings.ReplaceAll(t.text, `\%`, "\x00")
		for s != "" {
			before, rest, _ := strings.Cut(s, "%")
			name, after, closed := strings.Cut(rest, "%")
			if !closed || name == "" {
				out = out.addText(strings.ReplaceAll(s, "\x00", "%"))
				break
			}
			out = out.addText(strings.ReplaceAll(before, "\x00", "%"))
			out = append(out, token{valueList, name})
			s = after
		}
	}
	return out
}
